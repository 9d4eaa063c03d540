"""Answers in the documents' own words: the sentences and table rows that answer a question best, verbatim."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from assistant.answering.asides import aside, is_title
from assistant.answering.passages import Passage, Statement, citation, heads, read
from assistant.answering.verify import Support
from assistant.language.expected import expected
from assistant.language.numbers import Figure, figures
from assistant.language.sentences import Form
from assistant.language.steps import fits
from assistant.language.terms import content
from assistant.language.units import rates
from assistant.retrieval.versions import in_order, superseded
from assistant.types import Citation, Evidence, Finding

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

MOST = 3  # quotes of one answer
_EMBEDDED = 24  # candidates compared by meaning: each costs 5 to 12 ms
_ADDS = 2  # words of the question that a second or third quote must hold and no quote before it holds ...
_NEAR = 0.45  # ... and its relevance, as a share of the best
_OWN = 0.1  # by which a statement that holds a word of half a question may score less than the best that holds none
_ROWS = 0.03  # by which rows of a table may score less than the best, where the question names none of them
_HELD = 0.15  # by which a statement that holds the amount asked about may score less than one that leaves it out
_SAME = 0.8  # share of words in common from which two quotes say the same

# A quote that is less likely to answer is not shown as one. Low on purpose: of questions with an answer one or two in a
# hundred are refused (scripts/LOG.md, "Silence").
FLOOR = 0.2

_OLDER = 0.09  # taken from statements of a document of which a newer version is among the passages
_SURE = 1e-6  # probabilities below it, or so near to 1, are no nearer
_LONG = 400  # characters from which a statement is no longer better for being longer


class Signals(NamedTuple):
    """What speaks for one statement, 0 to 1 each; of a step also what speaks against it."""

    words: float = 0.0  # share of the question's words, by rarity, in it or beside it
    rest: float = 0.0  # the same for what is asked beyond the name of a document
    meaning: float = 0.0  # cosine of what is asked and the statement below its headings
    passage: float = 0.0  # score of its passage over that of the best
    figure: float = 0.0  # whether it has a figure where one is asked for
    kind: float = 0.0  # whether it has what is asked for: a duration, an amount, a date
    length: float = 0.0  # up to 400 characters
    step: float = 0.0  # 1 if an amount that the question names falls into a step of it, -1 if it falls into another


# Chosen on three unlike sets by scripts/fit_quotes.py (scripts/LOG.md, "Quotes"): of the best passage first, in it the
# statement whose meaning is nearest.
_WEIGHTS = Signals(words=0.06, meaning=0.35, passage=0.46, figure=0.045, kind=0.035, length=0.05, step=0.05)
# Of a logistic function, by the same script: what the search made likely counts as it is, and where a document is named
# the share of the words of what is asked about it that the best quote holds.
_REST, _NAMED = 1.85, -0.95

_ASKS_FIGURE = re.compile(
    r"\bhow (many|much|long|often|old|high|far|soon|large|big)\b|\bwhen\b|\bwhat (percentage|share|amount|date|year)\b"
    r"|\bwie ?(viele?|lange?|oft|hoch|alt|weit)\b|\bwann\b|\bab wann\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A statement that may answer a question, word for word."""

    passage: Passage
    statement: Statement
    signals: Signals
    score: float
    likely: float = 0.0  # that it answers the question, 0 to 1

    @property
    def answers(self) -> bool:
        """Whether it is likely enough to be an answer."""
        return self.likely >= FLOOR

    @property
    def why(self) -> str:
        """How likely it is to answer, in words."""
        verb = "shown" if self.answers else "not shown"
        return f"{self.likely:.2f} likely that the best quote answers, {verb} ({FLOOR:.2f} is enough)"

    @property
    def text(self) -> str:
        """The statement as a reader sees it, a table row under the row that heads it."""
        return _shown(self.statement)

    def of_table(self, other: "Quote") -> bool:
        """Whether both are rows of one table."""
        header = self.statement.header
        return bool(header) and header == other.statement.header and self.passage is other.passage

    @property
    def support(self) -> Support:
        """Where it stands."""
        return Support(self.passage, self.statement.unit.start, self.statement.unit.end, self.score)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What spoke for it."""
        signals = self.signals
        return (
            Finding("words", signals.words > 0, f"{signals.words:.2f} of the question's words, by rarity"),
            Finding("meaning", signals.meaning > 0, f"cosine {signals.meaning:.2f} with what is asked"),
            Finding("passage", signals.passage > 0, f"{signals.passage:.2f} of the best passage's score"),
        )

    def citation(self, number: int) -> Citation:
        """The statement as a numbered source."""
        unit = self.statement.unit
        return citation(self.passage.evidence, unit.start, unit.end, number, self.score)


def quotes(
    question: str,
    evidence: Sequence[Evidence],
    embedder: "Embedder",
    *,
    rest: str = "",
    likely: float = 1.0,
    as_said: str = "",
) -> list[Quote]:
    """The one to three statements of `evidence` that answer `question` best, best first.

    `rest` is what the question asks beyond the name of a document, `likely` how likely the passages answer it; where it
    is half of another question, `as_said` are its own words, and only what it asks for answers it: somebody "who".
    """
    asked = frozenset(content(question))
    chosen: list[Quote] = []
    found = candidates(question, evidence, embedder, rest)
    for candidate in _of_kind(question, as_said, found) if as_said else found:
        if len(chosen) < MOST and (
            _belongs(candidate, chosen, asked) or _stands_beside(candidate, chosen, _asked(question))
        ):
            chosen.append(candidate)
    return [replace(one, likely=_likely(one.signals, likely, named=bool(rest))) for one in chosen]


def candidates(question: str, evidence: Sequence[Evidence], embedder: "Embedder", rest: str = "") -> list[Quote]:
    """Every statement of `evidence` that may answer `question`, compared by words and meaning, best first."""
    near = _by_words(question, rest, [read(item) for item in evidence])
    return _within_step(_by_version(question, evidence, _by_meaning(rest or question, near, embedder)))


def _within_step(found: Sequence[Quote]) -> list[Quote]:
    """The candidates without those whose step leaves out the amount asked about, where one that holds it says as much.

    Where none does, such a step may be the answer: "up to five days" to whether eight are allowed.
    """
    held = [one for one in found if one.signals.step > 0]
    return [one for one in found if one.signals.step >= 0 or not any(_says_as_much(other, one) for other in held)]


def _says_as_much(one: Quote, other: Quote) -> bool:
    """Whether a statement holds as much of the question as another and is near as good."""
    return one.signals.words >= other.signals.words and one.score >= other.score - _HELD


def _likely(signals: Signals, before: float, *, named: bool) -> float:
    """How likely the best quote answers a question, from how likely the search says that something does."""
    chance = min(max(before, _SURE), 1 - _SURE)
    odds = math.log(chance / (1 - chance)) + named * (_REST * signals.rest + _NAMED)
    return 1 / (1 + math.exp(-odds))


def _belongs(candidate: Quote, chosen: Sequence[Quote], asked: frozenset[str]) -> bool:
    """Whether a candidate is the best one, or answers a part of the question that no quote before it answers."""
    if not chosen:
        return True
    if any(_alike(candidate, other) for other in chosen) or candidate.signals.step < 0 < chosen[0].signals.step:
        return False
    had = frozenset[str]().union(*(other.statement.stems | other.statement.around for other in chosen))
    adds = len((candidate.statement.stems & asked) - had)
    return adds >= _ADDS and _relevance(candidate) >= _NEAR * _relevance(chosen[0])


def _stands_beside(candidate: Quote, chosen: Sequence[Quote], asked: frozenset[str]) -> bool:
    """Whether a candidate is another row of the table that is quoted, of which the question names none."""
    best = chosen[0]
    one, other = candidate.statement, best.statement
    near = candidate.score >= best.score - _ROWS
    named = any(asked & (frozenset(content(row.text)) | _keys(row.figures)) for row in (one, other))
    return near and candidate.of_table(best) and not named


def _of_kind(question: str, as_said: str, found: Sequence[Quote]) -> list[Quote]:
    """The candidates of the kind asked for, where it is known.

    Where the question was pieced together, those that hold a word of its own, if any does that is nearly as good.
    """
    kind = [one for one in found if one.signals.kind or expected(question) is None]
    own = frozenset(content(as_said)) if as_said != question else frozenset[str]()
    return [one for one in kind if own & one.statement.stems and one.score >= kind[0].score - _OWN] or kind


def _relevance(one: Quote) -> float:
    """The part of a score that is about the question's words and meaning."""
    return _WEIGHTS.words * one.signals.words + _WEIGHTS.meaning * one.signals.meaning


def _by_words(question: str, rest: str, passages: Sequence[Passage]) -> list[Quote]:
    """Every statement with all that is known of it without its meaning, best first."""
    asked, beyond = _asked(question), _asked(rest or question)
    pool = [
        (passage, statement)
        for passage in passages
        for statement in passage.statements
        if _tells(statement) and not is_title(passage, statement)
    ]
    terms = [_terms(statement) for _, statement in pool]
    spread = Counter(word for own in terms for word in own & (asked | beyond))
    rarity = {word: math.log(1 + (len(pool) + 1) / (1 + spread[word])) for word in asked | beyond}
    most = max((passage.evidence.score for passage in passages), default=0.0) or 1.0
    wanted, wants_figure = expected(question), bool(_ASKS_FIGURE.search(question))
    evidence = [passage.evidence for passage in passages]
    older = superseded(evidence, question, {item.family: item.newest for item in evidence})
    found = []
    for (passage, statement), has in zip(pool, terms, strict=True):
        signals = Signals(
            words=_share(asked, has | statement.around, rarity),
            rest=_share(beyond, has | statement.around, rarity),
            passage=max(passage.evidence.score, 0.0) / most,
            figure=float(wants_figure and bool(statement.figures)),
            kind=float(wanted is not None and bool(wanted.search(statement.text))),
            length=min(len(statement.text), _LONG) / _LONG,
            step=_step(question, statement),
        )
        less = _OLDER * (passage.evidence.path in older) + aside(question, passage, statement)
        found.append(Quote(passage, statement, signals, _score(signals) - less))
    return sorted(found, key=lambda one: -one.score)


def _share(asked: frozenset[str], has: frozenset[str], rarity: Mapping[str, float]) -> float:
    """The share of the words asked for that are there, by rarity."""
    return sum(rarity[word] for word in asked & has) / (sum(rarity[word] for word in asked) or 1.0)


def _step(question: str, statement: Statement) -> float:
    held = fits(question, statement.text, statement.header)
    return 0.0 if held is None else 1.0 if held else -1.0


def _score(signals: Signals) -> float:
    return sum(weight * value for weight, value in zip(_WEIGHTS, signals, strict=True))


def _asked(question: str) -> frozenset[str]:
    """The question's words and figures, and per what it counts: "200" and "weekly" are looked for like words."""
    return frozenset(content(question)) | _keys(figures(question)) | _per(question)


def _terms(statement: Statement) -> frozenset[str]:
    return statement.stems | _keys(statement.figures) | _per(statement.text)


def _per(text: str) -> frozenset[str]:
    return frozenset(f"per {unit}" for unit in rates(text))


def _keys(found: Iterable[Figure]) -> frozenset[str]:
    return frozenset(figure.code or figure.written.strip().lower() for figure in found)


def _by_meaning(asked: str, candidates: Sequence[Quote], embedder: "Embedder") -> list[Quote]:
    """The best candidates, compared by meaning too."""
    near = list(candidates[:_EMBEDDED])
    if not near:
        return []
    vector, *vectors = embedder.embed([asked, *map(_in_context, near)])
    found = []
    for candidate, other in zip(near, vectors, strict=True):
        meaning = max(float(vector @ other), 0.0)
        signals = candidate.signals._replace(meaning=meaning)
        found.append(replace(candidate, signals=signals, score=candidate.score + _WEIGHTS.meaning * meaning))
    return sorted(found, key=lambda one: -one.score)


def _by_version(question: str, evidence: Sequence[Evidence], candidates: Sequence[Quote]) -> list[Quote]:
    """The candidates with those behind whose version the question does not ask for."""
    scored = [(one.passage.evidence.path, one.score, _relevance(one)) for one in candidates]
    scores = in_order(scored, evidence, question, {item.family: item.newest for item in evidence})
    found = [replace(one, score=score) for one, score in zip(candidates, scores, strict=True)]
    return sorted(found, key=lambda one: -one.score)


def _in_context(candidate: Quote) -> str:
    """What is compared with the question: the statement below its title and headings, as passages are embedded."""
    item = candidate.passage.evidence
    above = " › ".join(part for part in (item.title, item.heading) if part)
    return f"{above}\n{_shown(candidate.statement)}"


def _tells(statement: Statement) -> bool:
    """Whether a statement could answer anything: not the head of a table, not a scrap, not a question."""
    if statement.unit.form is Form.ROW and not statement.header and heads(statement.text):
        return False
    if statement.text.startswith("---"):  # front matter
        return False
    return len(content(statement.text)) + len(statement.figures) >= 2 and not statement.text.endswith(("?", ":"))


def _alike(one: Quote, other: Quote) -> bool:
    mine, theirs = set(content(one.statement.text)), set(content(other.statement.text))
    same = _keys(one.statement.figures) == _keys(other.statement.figures)
    return same and len(mine & theirs) >= _SAME * max(len(mine | theirs), 1)


def _shown(statement: Statement) -> str:
    """The statement as a reader sees it, without the page's line ends; a table row under the row that heads it."""
    text = " ".join(statement.text.split())
    return f"{statement.header}\n{text}" if statement.header else text
