"""Answers in the documents' own words: the sentences and table rows that answer a question best, verbatim."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.answering.expected import expected
from assistant.answering.numbers import Figure, figures
from assistant.answering.passages import Passage, Statement, citation, read
from assistant.answering.sentences import Form
from assistant.answering.terms import content
from assistant.retrieval.versions import in_order, superseded
from assistant.types import Citation, Evidence, Sentence

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

MOST = 3  # quotes of one answer
_EMBEDDED = 24  # candidates compared by meaning: each costs 5 to 12 ms
_ADDS = 2  # words of the question that a second or third quote must hold and no quote before it holds ...
_NEAR = 0.45  # ... and its relevance, as a share of the best
_SAME = 0.8  # share of words in common from which two quotes say the same

# Weights of the parts of a score, each 0 to 1, chosen on three unlike sets (scripts/LOG.md, "Quotes"): above all the
# meaning of the statement below its headings; words count the same in it and beside it.
_WORDS, _MEANING, _EVIDENCE, _FIGURE, _KIND, _LENGTH = 0.2, 0.6, 0.2, 0.08, 0.06, 0.08
_OLDER = 0.15  # taken from statements of a document of which a newer version is among the passages
_LONG = 400  # characters from which a statement is no longer better for being longer

_ASKS_FIGURE = re.compile(
    r"\bhow (many|much|long|often|old|high|far|soon|large|big)\b|\bwhen\b|\bwhat (percentage|share|amount|date|year)\b"
    r"|\bwie ?(viele?|lange?|oft|hoch|alt|weit)\b|\bwann\b|\bab wann\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    statement: Statement
    score: float
    relevance: float  # the part of the score that is about the question's words and meaning


def quotes(question: str, evidence: Sequence[Evidence], embedder: "Embedder") -> list[tuple[Sentence, Citation]]:
    """The one to three statements of `evidence` that answer `question` best, best first, numbered from 1.

    A citation's quote is verbatim; a table row's sentence shows the row that heads the table above it.
    """
    near = _by_meaning(question, _by_words(question, [read(item) for item in evidence]), embedder)
    ranked = _by_version(question, evidence, near)
    asked = frozenset(content(question))
    chosen: list[_Candidate] = []
    for candidate in ranked:
        if len(chosen) < MOST and _belongs(candidate, chosen, asked):
            chosen.append(candidate)
    return [_quoted(candidate, number) for number, candidate in enumerate(chosen, 1)]


def _belongs(candidate: _Candidate, chosen: Sequence[_Candidate], asked: frozenset[str]) -> bool:
    """Whether a candidate is the best one, or answers a part of the question that no quote before it answers."""
    if not chosen:
        return True
    if any(_alike(candidate, other) for other in chosen):
        return False
    had = frozenset[str]().union(*(other.statement.stems | other.statement.around for other in chosen))
    adds = len((candidate.statement.stems & asked) - had)
    return adds >= _ADDS and candidate.relevance >= _NEAR * chosen[0].relevance


def held(question: str, quote: tuple[Sentence, Citation]) -> float:
    """Share of the question's words that a quote holds, with its headings and its path, 0 to 1."""
    sentence, cited = quote
    asked = frozenset(content(question))
    has = frozenset(content(f"{sentence.text} {cited.heading} {cited.path}"))
    return len(asked & has) / len(asked) if asked else 0.0


def _by_words(question: str, passages: Sequence[Passage]) -> list[_Candidate]:
    """Every statement with its share of the question's words, weighted by how rare each is here."""
    asked = _asked(question)
    pool = [(passage, statement) for passage in passages for statement in passage.statements if _tells(statement)]
    terms = [_terms(statement) for _, statement in pool]
    spread = Counter(word for own in terms for word in own & asked)
    rarity = {word: math.log(1 + (len(pool) + 1) / (1 + spread[word])) for word in asked}
    whole = sum(rarity.values()) or 1.0
    most = max((passage.evidence.score for passage in passages), default=0.0) or 1.0
    wanted = expected(question)
    evidence = [passage.evidence for passage in passages]
    older = superseded(evidence, question, {item.family: item.newest for item in evidence})
    wants_figure = bool(_ASKS_FIGURE.search(question))
    found = []
    for (passage, statement), has in zip(pool, terms, strict=True):
        held = sum(rarity[word] for word in asked & (has | statement.around))
        relevance = _WORDS * held / whole
        score = relevance + _EVIDENCE * max(passage.evidence.score, 0.0) / most
        score += _FIGURE * (wants_figure and bool(statement.figures))
        score += _KIND * (wanted is not None and bool(wanted.search(statement.text)))
        score += _LENGTH * min(len(statement.text), _LONG) / _LONG
        score -= _OLDER * (passage.evidence.path in older)
        found.append(_Candidate(passage, statement, score, relevance))
    return sorted(found, key=lambda candidate: -candidate.score)


def _asked(question: str) -> frozenset[str]:
    """The question's words and figures: "200" in a question is looked for like a word."""
    return frozenset(content(question)) | _keys(figures(question))


def _terms(statement: Statement) -> frozenset[str]:
    return statement.stems | _keys(statement.figures)


def _keys(found: Iterable[Figure]) -> frozenset[str]:
    return frozenset(figure.code or figure.written.strip().lower() for figure in found)


def _by_meaning(question: str, candidates: Sequence[_Candidate], embedder: "Embedder") -> list[_Candidate]:
    near = list(candidates[:_EMBEDDED])
    if not near:
        return []
    asked, *vectors = embedder.embed([question, *map(_in_context, near)])
    found = []
    for candidate, vector in zip(near, vectors, strict=True):
        meaning = _MEANING * max(float(asked @ vector), 0.0)
        score, relevance = candidate.score + meaning, candidate.relevance + meaning
        found.append(_Candidate(candidate.passage, candidate.statement, score, relevance))
    return sorted(found, key=lambda candidate: -candidate.score)


def _by_version(question: str, evidence: Sequence[Evidence], candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates with those behind whose version the question does not ask for."""
    scored = [(one.passage.evidence.path, one.score, one.relevance) for one in candidates]
    scores = in_order(scored, evidence, question, {item.family: item.newest for item in evidence})
    found = [replace(one, score=score) for one, score in zip(candidates, scores, strict=True)]
    return sorted(found, key=lambda candidate: -candidate.score)


def _in_context(candidate: _Candidate) -> str:
    """What is compared with the question: the statement below its title and headings, as passages are embedded."""
    item = candidate.passage.evidence
    above = " › ".join(part for part in (item.title, item.heading) if part)
    return f"{above}\n{_shown(candidate.statement)}"


def _tells(statement: Statement) -> bool:
    """Whether a statement could answer anything: not the head of a table, not a scrap, not a question."""
    if statement.unit.form is Form.ROW and not statement.header and not statement.figures:
        return False
    if statement.text.startswith("---"):  # front matter
        return False
    return len(content(statement.text)) + len(statement.figures) >= 2 and not statement.text.endswith(("?", ":"))


def _alike(one: _Candidate, other: _Candidate) -> bool:
    mine, theirs = set(content(one.statement.text)), set(content(other.statement.text))
    same = _keys(one.statement.figures) == _keys(other.statement.figures)
    return same and len(mine & theirs) >= _SAME * max(len(mine | theirs), 1)


def _shown(statement: Statement) -> str:
    """The statement as a reader sees it, without the page's line ends; a table row under the row that heads it."""
    text = " ".join(statement.text.split())
    return f"{statement.header}\n{text}" if statement.header else text


def _quoted(candidate: _Candidate, number: int) -> tuple[Sentence, Citation]:
    unit = candidate.statement.unit
    cited = citation(candidate.passage.evidence, unit.start, unit.end, number, candidate.score)
    return Sentence(_shown(candidate.statement), (number,)), cited
