"""Makes the PDFs of the invented company from their sources in `scripts/sample/`: the same bytes on every run.

    python scripts/sample_data.py [FOLDER]    writes below FOLDER, `data` by default

The markdown files in `data/` are written by hand; only PDFs are made here.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from sample.finish import cut, encrypted
from sample.paper import print_source
from sample.scan import print_scan
from sample.source import read_source

SOURCES = Path(__file__).parent / "sample"
SCANS = {"lease-1998.txt": "legal/scans/lease-1998.pdf"}


def made() -> Iterator[tuple[str, bytes]]:
    """Yield the path below the folder of documents and the bytes of each PDF."""
    for path in sorted(SOURCES.glob("*.md")):
        source = read_source(path)
        pdf = print_source(source)
        if source.encrypted:
            pdf = encrypted(pdf)
        yield source.file, cut(pdf, source.cut_at)
    for name, file in SCANS.items():
        yield file, print_scan((SOURCES / name).read_text(encoding="utf-8"))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "data")
    for file, pdf in made():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
        print(f"{len(pdf):>9,} bytes  {path}")


if __name__ == "__main__":
    main()
