"""A small folder of documents that tests index: five folders, four types, a text that stands in two files."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from reportlab.pdfgen import canvas

from assistant import library
from assistant.config import Config
from assistant.indexing.events import Event, Report
from assistant.indexing.run import Options, index_folder
from assistant.storage.catalog import Catalog
from assistant.types import Hit

TRAVEL = """---
title: Travel
date: 2026-01-12
---
# Travel

## Hotels

Hotel costs are refunded up to 140 euros per night.

## Approvals

Travel outside the EU is approved by the head of department.
"""
FILES = {
    "hr/leave-2026.md": """---
title: Leave policy
date: 2026-02-01
---
# Annual leave

From the third year of service the entitlement is 28 working days per calendar year.

## Carry-over

Up to five days may be carried over until 31 March of the following year.
""",
    "hr/leave-2023.md": """# Leave policy 2023

From the third year of service the entitlement is 26 working days.
""",
    "hr/urlaub.md": """---
title: Urlaubsregelung
---
# Urlaub

Der Urlaubsantrag wird mindestens vier Wochen vor dem ersten Urlaubstag bei der Leitung der Abteilung gestellt.
Über Anträge entscheidet die Leitung der Abteilung innerhalb einer Woche.
""",
    "finance/travel.md": TRAVEL,
    "archive/travel copy.md": TRAVEL,
    "it/printers.txt": "The printer on the second floor is called Gutenberg. Its toner lies in the cupboard.\n",
}
PAGES = (
    "Supplier agreement between Brennhus and Aquila.",
    "The notice period is three months to the end of a quarter.",
    "Deliveries are insured up to 50,000 euros.",
)
ROOMS = 64  # sections of the handbook, a passage each: four passages are under 5 % of all
PASSAGES = ROOMS + 16

QUESTIONS = (
    "How many days of annual leave do I get in my third year?",
    "Wann muss der Urlaubsantrag gestellt werden?",
    "What is the notice period of the supplier agreement?",
    "Where is the toner of the printer?",
    "Who has the key of room 17?",
)


@dataclass(frozen=True)
class Company:
    """A folder and the index made from it."""

    folder: Path
    config: Config
    events: tuple[Event, ...] = ()  # of the first run

    def run(self, folder: Path | None = None, options: Options = Options()) -> list[Event]:  # noqa: B008 - frozen
        """Index the folder and return everything that was said."""
        return list(index_folder(folder, self.config, options))

    def update(self, options: Options = Options()) -> Report:  # noqa: B008 - frozen
        """Index the folder again and return the report."""
        report = self.run(None, options)[-1]
        assert isinstance(report, Report)
        return report

    def hits(self, question: str, limit: int = 5) -> tuple[Hit, ...]:
        """What a freshly opened index finds."""
        with library.open(self.config.index) as index:
            return index.search(question, limit)

    def write(self, path: str, text: str) -> None:
        """Write a file of the folder."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text, encoding="utf-8")

    def passages(self) -> list[tuple[str, int | None, int, int, str]]:
        """Path, page, start, end and text of every passage of the index, sorted."""
        with Catalog.open(self.config.index) as catalog:
            rows = [(row.path, row.page, row.start, row.end, row.text) for row in catalog.all_chunks()]
        return sorted(rows, key=lambda row: (row[0], row[1] or 0, row[2]))


def made(root: Path) -> Company:
    """A company below `root` that is not indexed yet."""
    company = Company(root / "documents", Config(index=root / "index", workers=1))
    for path, text in FILES.items():
        company.write(path, text)
    company.write("hr/handbook.md", "# Rooms\n\n" + "\n".join(room(number) for number in range(1, ROOMS + 1)))
    (company.folder / "legal").mkdir()
    page = canvas.Canvas(str(company.folder / "legal/supplier agreement.pdf"), pageCompression=0, invariant=1)
    for number, text in enumerate(PAGES):
        page.addPageLabel(number, "ROMAN_LOWER", start=number + 1)
        page.drawString(72, 720, text)
        page.showPage()
    page.save()
    return company


def room(number: int) -> str:
    """The handbook's section about one room."""
    return f"## Room {number}\n\nRoom {number} seats {number + 3} people. Its key hangs in box {900 - number}.\n"


def copied(company: Company, root: Path) -> Company:
    """The same folder and index at another place, brought up to date there, without the log of what others asked."""
    shutil.copytree(company.folder, root / "documents")
    shutil.copytree(company.config.index, root / "index", ignore=shutil.ignore_patterns("log.sqlite*"))
    copy = Company(root / "documents", replace(company.config, index=root / "index"))
    copy.run(copy.folder, Options(replace=True))
    return copy
