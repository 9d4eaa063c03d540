"""Does to an index, again and again, what life does to it, and compares it with a freshly built one.

    .venv/bin/python scripts/soak.py [--part a,e] [--seed N] [--times N] [--slice] [--work FOLDER] [--json FILE]

    a  kills of `assistant index` at random moments           b  full disks and failing writes
    c  damaged files under the index                          d  eight processes at once
    e  a state machine of everything that happens to a folder

Everything is drawn from the seed. The same command after an interruption goes on where it stopped; parts may run side
by side. Each part prints one line of figures, and each failure the command that repeats its case. It ends with 1 where
a part failed, with 2 for a wrong option.
"""

import argparse
import importlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from soaking.frame import Part, Soak, line, reproduce, soak

MODULES = {"a": "kills", "b": "disk", "c": "mutations", "d": "crowd", "e": "machine"}


def main() -> int:
    options = _options()
    work = options.work or Path(tempfile.gettempdir()) / f"assistant-soak{'-slice' * options.slice}-{options.seed}"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    results, failed = {}, False
    for letter in options.part:
        part: Part = importlib.import_module(f"soaking.{MODULES[letter]}").PART
        try:
            standing = soak(part, Soak(options.seed, work.resolve(), options.slice, options.times, options.only))
        except KeyboardInterrupt:
            print("\nStopped. The same command goes on from here.", file=sys.stderr)
            return 130
        results[letter] = asdict(standing) | {"note": part.note, "line": line(part, standing)}
        failed = failed or bool(standing.failures)
        print(line(part, standing), flush=True)
        for failure in standing.failures:
            print(reproduce(part, options.seed, failure), flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2, ensure_ascii=False), encoding="utf-8")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    what, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        description=what, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", type=_letters, default=tuple(MODULES), help=f"some of {','.join(MODULES)} [all]")
    parser.add_argument("--seed", type=int, default=1, help="from which everything is drawn [1]")
    parser.add_argument("--times", type=int, help="kills, faults, mutations, runs or steps [each part's own]")
    parser.add_argument("--slice", action="store_true", help="few and small, for the tests")
    parser.add_argument("--only", type=int, metavar="CASE", help="run this case alone, to repeat a failure")
    parser.add_argument("--work", type=Path, help="where it works and keeps its state [a folder for temporary files]")
    parser.add_argument("--json", type=Path, help="also write the figures to this file, as one object")
    return parser.parse_args()


def _letters(text: str) -> tuple[str, ...]:
    letters = tuple(text.split(","))
    if unknown := set(letters) - MODULES.keys():
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    return letters


if __name__ == "__main__":
    sys.exit(main())
