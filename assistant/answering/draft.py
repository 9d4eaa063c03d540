"""An answer in the making: its sentences, its sources in order of first use, and the text that they make.

Knows nothing of where sentences come from.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from assistant.answering.passages import citation
from assistant.answering.quotes import Quote
from assistant.answering.verify import Checked, Support
from assistant.dates import written
from assistant.models.chat import ChatModel
from assistant.types import Answer, Citation, Difference, Evidence, Finding, Sentence, Status, Timings, Verdict

_Place = tuple[str, int | None, int, int]


@dataclass(slots=True)
class Draft:
    """What is known of an answer so far."""

    question: str
    index: str
    started: float  # time.perf_counter()
    searched: float | None
    notices: list[str]
    strict: bool = False  # whether what is supported in part is left out
    confidence: float | None = None
    sent: Callable[[ChatModel, Sequence[Evidence]], None] | None = None  # told what goes to a model
    findings: list[Finding] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    left_open: tuple[str, ...] = ()
    differences: list[Difference] = field(default_factory=list)
    first_token: float | None = None
    refused: bool = False
    supports: list[Support] = field(default_factory=list)  # of what is shown
    _citations: dict[_Place, Citation] = field(default_factory=dict)
    _beside: dict[int, tuple[Support, ...]] = field(default_factory=dict)  # of removed sentences, by their number

    @property
    def supported(self) -> bool:
        """Whether any sentence so far may be shown as the documents' own."""
        return any(sentence.shown for sentence in self.sentences)

    def add(self, checked: Checked) -> Sentence:
        """Take a checked sentence in. The sources of one that is not shown get their numbers last, by `finish`."""
        shown = checked.verdict is Verdict.SUPPORTED or (checked.verdict is Verdict.PARTLY and not self.strict)
        if not shown:
            self._beside[len(self.sentences)] = checked.support
        else:
            self.supports += checked.support
        numbers = self.cite(checked.support) if shown else ()
        sentence = Sentence(
            checked.text, numbers, checked.verdict, checked.reason, shown, checked.score, checked.findings
        )
        self.sentences.append(sentence)
        return sentence

    def quote(self, quote: Quote, text: str = "") -> Sentence:
        """Take a quote in, word for word, or as `text` shows it."""
        self.supports.append(quote.support)
        sentence = Sentence(text or quote.text, self.cite([quote.support]), findings=quote.findings)
        self.sentences.append(sentence)
        return sentence

    def cite(self, supports: Sequence[Support]) -> tuple[int, ...]:
        """The numbers of the citations for what supports a sentence, in order of first use."""
        numbers = []
        for item in supports:
            source = item.passage.evidence
            key = (source.path, source.page, source.start + item.start, source.start + item.end)
            if key not in self._citations:
                number = len(self._citations) + 1
                self._citations[key] = citation(source, item.start, item.end, number, item.score)
            numbers.append(self._citations[key].number)
        return tuple(dict.fromkeys(numbers))

    def uncite(self) -> list[Sentence]:
        """Forget every source; the sentences so far, as they stand below an answer that is not made of them."""
        self._citations, self._beside, self.supports = {}, {}, []
        had = [replace(sentence, citations=(), shown=False) for sentence in self.sentences]
        self.sentences = []
        return had

    def finish(self, status: Status, text: str, model: str | None = None, closest: Sequence[Citation] = ()) -> Answer:
        """The answer as it is now."""
        for number, supports in self._beside.items():
            self.sentences[number] = replace(self.sentences[number], citations=self.cite(supports))
        answer = Answer(
            question=self.question,
            status=status,
            text=text,
            sentences=tuple(self.sentences),
            citations=tuple(self._citations.values()),
            closest=tuple(closest),
            left_open=self.left_open,
            differences=tuple(self.differences),
            confidence=self.confidence,
            findings=tuple(self.findings),
            model=model,
            index=self.index,
            notices=tuple(self.notices),
            timings=Timings(self.searched, self.first_token, self.elapsed()),
        )
        return replace(answer, text="\n".join([text, *said_below(answer)]))

    def elapsed(self) -> float:
        """Seconds since the question was asked."""
        return round(time.perf_counter() - self.started, 3)


def said_below(answer: Answer) -> list[str]:
    """What an answer says of itself below its sentences: what it leaves open, where its documents differ."""
    lines = [f"The documents do not say: {part}" for part in answer.left_open]
    for one in answer.differences:
        newer, older = _side(answer, one.newer, one.newer_says), _side(answer, one.older, one.older_says)
        lines.append(f"The documents differ: {newer}, {older}.")
    return lines


def _side(answer: Answer, number: int, says: str) -> str:
    """What one source says: "“three months” [1] (1 Jul 2025)"."""
    cited = next(item for item in answer.citations if item.number == number)
    day = written(cited.date, cited.dated)
    return f"“{says}” [{number}]" + (f" ({day})" if day else "")


def joined(sentences: Sequence[Sentence]) -> str:
    """The text of an answer: the sentences shown, with their marks; list items and table rows on their own lines."""
    text = ""
    for sentence in sentences:
        if sentence.shown:
            line = bool(re.match(r"[-*•|]\s|\d+[.)]\s|\|", sentence.text))
            text += ("\n" if line else " ") + marked(sentence)
    return text.strip()


def marked(sentence: Sentence) -> str:
    """A sentence with the marks of its citations, before its full stop: "28 working days [1]."."""
    marks = "".join(f"[{number}]" for number in sentence.citations)
    if not marks:
        return sentence.text
    stop = re.search(r"(?<=\w)[.!]$", sentence.text)
    at = stop.start() if stop else len(sentence.text)
    return f"{sentence.text[:at]} {marks}{sentence.text[at:]}"


def quoted(sentence: Sentence) -> str:
    """A sentence of the documents in quotation marks, with its mark."""
    return f"“{sentence.text}” {''.join(f'[{number}]' for number in sentence.citations)}"
