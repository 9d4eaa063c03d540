"""Measures the assistant against the stock stack on the same files, side by side in one run.

    .venv/bin/python scripts/bench.py FOLDER [--files N] [--parts ours,stock,mixed,bare,ask,start] [--json FILE]
    .venv/bin/python scripts/bench.py FOLDER --slice      three files, few repetitions: are the figures all there?

Each contender runs in a process of its own, whose whole tree is watched. The stock stack is LlamaIndex's reader with
pypdf, its SentenceSplitter, all-minilm on an `ollama serve` that this script starts, and Chroma; "mixed" is the same
with the assistant's embedder. It ends with 1 where a part failed; a target that is not reached is only said.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from measure import report
from measure.machine import machine
from measure.run import PARTS, Measurement, Plan
from measure.sample import all_files, copied, evenly
from measure.server import running


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as work, running() as server:
        measurement = Measurement(_plan(options, Path(work)), machine(), Path(work), server)
        measurement.run()
    results = measurement.results()
    print("\n".join(report.lines(results)))
    if options.json:
        options.json.write_text(json.dumps(report.record(results), indent=2, ensure_ascii=False), encoding="utf-8")
    return 1 if results.failures else 0


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
        parts=options.parts,
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
    parser.add_argument("folder", type=_folder, help="documents to index")
    parser.add_argument("--files", type=int, help="compare with the stock stack on so many files only (it is slow)")
    parser.add_argument("--parts", type=_parts, default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--slice", action="store_true", help="three files only, few repetitions")
    parser.add_argument("--runs", type=int, default=9, help="starts of which the median is taken [9]")
    parser.add_argument("--bare-texts", type=int, default=1500, help="texts for the bare model [1500]")
    parser.add_argument("--index", type=Path, help="for bare and ask: an index that is there, instead of a new one")
    parser.add_argument("--question", action="append", default=[], help="to ask, instead of the folder's own headings")
    parser.add_argument("--json", type=Path, help="also write the figures to this file, as one object")
    return parser.parse_args()


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder")
    return Path(text)


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(text.split(","))
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return parts


if __name__ == "__main__":
    sys.exit(main())
