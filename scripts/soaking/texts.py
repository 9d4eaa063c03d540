"""What the documents of the soak are made of: texts drawn from a few words, and how they are written as PDFs."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfgen import canvas

_VOCABULARY = """account agreement allowance annual answer approval archive audit balance basement board bonus box
branch budget building cabinet car carry ceiling certificate chair claim clause client color committee company complaint
contract copper copy cost council customer deadline delivery department deposit desk director discount door driver duty
employee engine entrance error estimate evening example expense factory fee figure file floor forecast form freight
garden gate glass guest harbor heating holiday hotel insurance interest invoice journey key kitchen label laptop lease
leave ledger letter license limit list loan lunch machine manager manual market meeting member message meter minute
month morning notice number office opinion order overtime owner packet panel paper parking partner password payment
pension period permit person phone plant policy premium price printer probation project proof proposal quarter question
rate receipt record refund region rent repair report request reserve result room rule salary sample schedule season
security seller server shelf shift ship signature site stamp station stock storage street supplier supply system table
tariff tax team tender ticket timber toner tool trainee transfer travel treasurer truck valve vehicle vendor visitor
voucher wage warehouse warranty water week weight window winter work yard year"""
WORDS = _VOCABULARY.split()
_LINE = 78  # characters of a line in a PDF
_PAGE_LINES = 45


@dataclass(slots=True)
class Writer:
    """Makes and changes the pages of documents; a text that is no PDF is one page."""

    random: random.Random

    def pages(self, path: str) -> tuple[str, ...]:
        """The pages of a new document; a text that is no PDF is one page."""
        if path.endswith(".pdf"):
            return tuple(self._paragraph(3, 12) for _ in range(self.random.randint(1, 4)))
        if path.endswith(".txt"):
            return ("\n\n".join(self._paragraph(2, 9) for _ in range(self.random.randint(1, 6))) + "\n",)
        head = f"---\ntitle: {self._title()}\ndate: 20{self.random.randint(10, 26)}-03-01\n---\n"
        sections = "\n".join(self._section() for _ in range(self.random.randint(1, 8)))
        return ((head if self.random.random() < 0.4 else "") + f"# {self._title()}\n\n{sections}",)

    def edited(self, pages: tuple[str, ...], path: str) -> tuple[str, ...]:
        """The pages with a sentence, a paragraph or a page more, less or otherwise; sometimes with nothing left."""
        if path.endswith(".pdf"):
            kept = list(pages)
            kept[self.random.randrange(len(kept))] = self._paragraph(3, 12)
            return tuple(kept + [self._paragraph(3, 6)] * (self.random.random() < 0.3))
        parts = pages[0].split("\n\n")
        at = self.random.randrange(len(parts))
        how = self.random.random()
        if how < 0.4:
            parts.insert(at + 1, self._paragraph(2, 6))
        elif how < 0.6 and len(parts) > 1:
            del parts[at]
        elif how < 0.95:
            parts[at] = self._paragraph(1, 6)
        else:
            return ("",)
        return ("\n\n".join(parts),)

    def _title(self) -> str:
        return " ".join(self.random.sample(WORDS, 2)).capitalize()

    def _section(self) -> str:
        return f"{'#' * self.random.randint(2, 3)} {self._title()}\n\n{self._paragraph(1, 5)}\n"

    def _paragraph(self, fewest: int, most: int) -> str:
        """Some sentences; now and then the same as in other documents."""
        if self.random.random() < 0.1:
            return f"This notice stands in many documents, for {self.random.choice(WORDS[:5])} and for winter."
        return " ".join(self._sentence() for _ in range(self.random.randint(fewest, most)))

    def _sentence(self) -> str:
        chosen = self.random.sample(WORDS, self.random.randint(6, 14))
        return f"The {' '.join(chosen[:3])} of the {' '.join(chosen[3:])} is {self.random.randint(2, 9_999)}."


def twins(word: str) -> Iterator[str]:
    """The words of the same length."""
    return (other for other in WORDS if len(other) == len(word) and other != word)


def write_pdf(path: Path, pages: tuple[str, ...]) -> None:
    page = canvas.Canvas(str(path), pageCompression=0, invariant=1)
    for text in pages:
        lines = re.findall(rf".{{1,{_LINE}}}(?:\s|$)", text)[:_PAGE_LINES]
        for number, line in enumerate(lines):
            page.drawString(60, 780 - 16 * number, line.strip())
        page.showPage()
    page.save()
