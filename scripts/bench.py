"""Measures the assistant against the stock stack on the same files, or what re-indexing costs at scale.

    .venv/bin/python scripts/bench.py FOLDER [--files N] [--parts ours,stock,mixed,bare,ask,start] [--json FILE]
    .venv/bin/python scripts/bench.py FOLDER --slice      three files, few repetitions: are the figures all there?
    .venv/bin/python scripts/bench.py --scale [FILES] [--work PLACE] [--parts first,unchanged,...] [--json FILE]

Each contender runs in a process of its own, whose whole tree is watched. The stock stack is LlamaIndex's reader with
pypdf, its SentenceSplitter, all-minilm on an `ollama serve` that this script starts, and Chroma; "mixed" is the same
with the assistant's embedder. With --scale it is a generated folder of 10,000 files and 100,000 passages, and measured
is what a run costs when little has changed; PLACE keeps the folder and its index for the next measurement. It ends with
1 where a part failed; a target that is not reached is only said.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from measure import report, scale, scale_report
from measure.machine import machine
from measure.run import PARTS, Measurement, Plan
from measure.sample import all_files, copied, evenly
from measure.server import running


def main() -> int:
    options = _options()
    lines, record = _at_scale(options) if options.scale else _against_stock(options)
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps(record, indent=2, ensure_ascii=False), encoding="utf-8")
    return 1 if record["failures"] else 0


def _at_scale(options: argparse.Namespace) -> tuple[Iterable[str], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        results = scale.Scale(work.resolve(), options.scale, options.parts or scale.PARTS, machine()).run()
    return scale_report.lines(results), scale_report.record(results)


def _against_stock(options: argparse.Namespace) -> tuple[Iterable[str], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as work, running() as server:
        measurement = Measurement(_plan(options, Path(work)), machine(), Path(work), server)
        measurement.run()
    results = measurement.results()
    return report.lines(results), report.record(results)


def _plan(options: argparse.Namespace, work: Path) -> Plan:
    folder, files = options.folder.resolve(), all_files(options.folder)
    compared = evenly(files, options.files) if options.files else files
    if options.slice:
        files = compared = evenly(files, options.files or 3)
        folder = copied(folder, files, work / folder.name)
    return Plan(
        folder=folder,
        files=files,
        compared=compared,
        parts=options.parts or PARTS,
        runs=3 if options.slice else options.runs,
        bare_texts=100 if options.slice else options.bare_texts,
        index=str(options.index or ""),
        questions=tuple(options.question),
        judged=not options.slice,
    )


def _options() -> argparse.Namespace:
    what, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=what, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=_folder, nargs="?", help="documents to index")
    parser.add_argument("--scale", type=int, nargs="?", const=scale.FULL, metavar="FILES", help="re-indexing at scale")
    parser.add_argument("--work", type=Path, metavar="PLACE", help="for --scale: keep the folder and its index here")
    parser.add_argument("--files", type=int, help="compare with the stock stack on so many files only (it is slow)")
    parser.add_argument("--parts", type=_names, help=f"some of {','.join(PARTS)}; for --scale {','.join(scale.PARTS)}")
    parser.add_argument("--slice", action="store_true", help="three files only, few repetitions")
    parser.add_argument("--runs", type=int, default=9, help="starts of which the median is taken [9]")
    parser.add_argument("--bare-texts", type=int, default=1500, help="texts for the bare model [1500]")
    parser.add_argument("--index", type=Path, help="for bare and ask: an index that is there, instead of a new one")
    parser.add_argument("--question", action="append", default=[], help="to ask, instead of the folder's own headings")
    parser.add_argument("--json", type=Path, help="also write the figures to this file, as one object")
    options = parser.parse_args()
    if (options.folder is None) is (options.scale is None):
        parser.error("name either a FOLDER or --scale")
    known = PARTS if options.scale is None else scale.PARTS
    if unknown := set(options.parts or ()) - set(known):
        parser.error(f"unknown parts: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return options


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return Path(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


if __name__ == "__main__":
    sys.exit(main())
