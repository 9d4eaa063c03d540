"""Checks one sentence of an answer against the passages it cites: code, not trust.

A sentence is supported where one statement of what it cites holds its words and every figure in it, or where its
clauses are each supported so. Marks that
a model forgot or misplaced are put right only where the support is clear; everything else is unsupported, in words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.answering.numbers import Figure, figures, missing
from assistant.answering.passages import Passage, Statement
from assistant.answering.sentences import Form
from assistant.answering.terms import STOP, content, language, stem, vocabulary, words
from assistant.answering.turns import bounded, turned
from assistant.answering.units import other_rate, other_unit
from assistant.types import Finding, Verdict

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

MARK = re.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")

_ENOUGH = 0.65  # share of a sentence's words that its source has to hold
_CLEAR = 0.75  # the same where the model named no source, or a wrong one
_NEARBY = 0.6  # weight of a word that stands only beside the statement: heading, title, neighbor
_CLOSE = 0.15  # a statement with the figures may hold this much less of the words than the best one
_CONJUNCTION = re.compile(r",?\s+(?:and|but|while|whereas|und|aber|sowie|während)\s+|;\s+")
_CLAUSE = 3  # words and figures that a clause needs to be checked alone
_UNSAID = "the source does not say this"
_UNITS = frozenset(
    content("euro dollar pound percent Prozent day hour minute week month year Tag Tage Stunde Minute Woche Monat Jahr")
)
_NEGATORS = vocabulary("not no never none neither nor cannot nicht kein keine keinen keinem keiner nie niemals")
_OPPOSITES = tuple(
    (tuple(one.split(", ")), tuple(other.split(", ")))
    for one, other in (
        ("within, inside, innerhalb", "outside, beyond, außerhalb"),
        ("before, vor", "after, nach"),
        ("at least, minimum, not less than, mindestens", "up to, at most, maximum, no more than, höchstens, bis zu"),
        ("more than, above, exceeding, mehr als", "less than, below, fewer than, weniger als"),
        ("increase, increased, rose, rises, stieg", "decrease, decreased, fell, falls, declined, sank"),
        ("everyone, all employees, alle", "nobody, no one, niemand"),
    )
)
_NAME = re.compile(r"(?<=[\w,;:)’”“\"-] )[A-ZÄÖÜ][^\W\d_]+|\b[A-ZÄÖÜ]{2,}\b")


@dataclass(frozen=True, slots=True)
class Support:
    """A stretch of a passage that holds a sentence, or part of it."""

    passage: Passage
    start: int  # in the passage's text
    end: int
    score: float  # share of the sentence's words, 0 to 1


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence after the check."""

    text: str  # without marks
    support: tuple[Support, ...] = ()
    verdict: Verdict = Verdict.SUPPORTED
    reason: str = ""  # why it is not supported, in words
    score: float | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """How well one statement holds a sentence."""

    passage: Passage
    statement: Statement
    share: float
    held: frozenset[str]
    lacking: tuple[Figure, ...]


def check(sentence: str, passages: Sequence[Passage], embedder: "Embedder | None" = None) -> Checked:
    """Check `sentence`, marks included, against `passages`, whose evidence numbers are what its marks mean.

    With `embedder` meaning counts beside words.
    """
    marks = marked(sentence)
    text = unmarked(sentence)
    if text.endswith("?"):
        return _unsupported(text, "it asks instead of answering")
    stems, claimed = frozenset(content(text)), figures(text)
    if len(stems - _UNITS) < 2:  # "Yes.", "The answer is 30 days.": any passage could be made to fit
        return _unsupported(text, "it says too little to be checked")
    cited = [passage for passage in passages if passage.evidence.number in marks]
    reason = ""
    if cited:
        support, reason = _supported(text, stems, claimed, cited, _ENOUGH)
        if support:
            return Checked(text, support)
    elsewhere, other = _supported(text, stems, claimed, passages, _CLEAR)
    if elsewhere:
        return Checked(text, elsewhere)
    return _unsupported(text, reason or _unnamed(marks, other), _nearest(stems, claimed, cited))


def _unsupported(text: str, reason: str, support: tuple[Support, ...] = ()) -> Checked:
    return Checked(text, support, Verdict.UNSUPPORTED, reason)


def marked(sentence: str) -> set[int]:
    """The numbers of the marks in a sentence, ranges such as [1-3] included."""
    found: set[int] = set()
    for mark in MARK.findall(sentence):
        for first, last in re.findall(r"(\d{1,3})(?:\s*[–-]\s*(\d{1,3}))?", mark):
            found.update(range(int(first), int(last or first) + 1))
    return found


def unmarked(sentence: str) -> str:
    """The sentence without its marks and without the space that they leave."""
    plain = re.sub(r"\s+([.,;:!?])", r"\1", MARK.sub("", sentence))
    return re.sub(r"([.!?])\.$", r"\1", plain.strip())


def _unnamed(marks: set[int], other: str) -> str:
    """Why a sentence without a usable mark fails: what is wrong in it, where a source comes close to saying it."""
    if other != _UNSAID:
        return other
    return "it names a source that was not given" if marks else "no source named"


def _supported(
    text: str, stems: frozenset[str], claimed: list[Figure], passages: Sequence[Passage], enough: float
) -> tuple[tuple[Support, ...], str]:
    """What supports the sentence, as a whole or clause by clause, or nothing and the reason."""
    support, reason = _held(text, stems, claimed, passages, enough)
    if support:
        return support, ""
    clauses = _clauses(text)
    parts = [_held(clause, frozenset(content(clause)), figures(clause), passages, enough)[0] for clause in clauses]
    if len(parts) > 1 and all(parts):
        return tuple(dict.fromkeys(one for part in parts for one in part)), ""
    return (), reason


def _clauses(text: str) -> list[str]:
    """The sentence cut at its conjunctions, if each part says enough to be checked alone.

    Two words are not enough: in "approved by the European Union and Great Britain" the second part is no clause.
    """
    parts = _CONJUNCTION.split(text)
    return parts if all(len(set(content(part))) + len(figures(part)) >= _CLAUSE for part in parts) else [text]


def _held(
    text: str, stems: frozenset[str], claimed: list[Figure], passages: Sequence[Passage], enough: float
) -> tuple[tuple[Support, ...], str]:
    """The one statement that holds all of `text`, or nothing and the reason.

    A statement with the right figures counts only if hardly any other holds more of the words: a figure that stands
    beside other words is the commonest error of small models.
    """
    matches = [_match(passage, statement, stems, claimed) for passage in passages for statement in passage.statements]
    if not matches:
        return (), _UNSAID
    best = max(matches, key=lambda match: (match.share, -len(match.lacking)))
    full = max((match for match in matches if not match.lacking), key=lambda match: match.share, default=None)
    if full is None or full.share < max(best.share - _CLOSE, _bar(len(stems), enough)):
        return (), _reason(text, best, stems, passages, enough)
    reason = (
        _unknown_name(text, full)
        or _negated(text, stems, full)
        or _opposed(text, full)
        or _other_agent(text, full)
        or _other_measure(text, claimed, full)
        or _turned(text, claimed, full)
    )
    return ((), reason) if reason else ((_support(full),), "")


def _match(passage: Passage, statement: Statement, stems: frozenset[str], claimed: list[Figure]) -> _Match:
    held = frozenset(word for word in stems if _holds(statement.stems, word))
    nearby = sum(_holds(statement.around, word) for word in stems - held)
    share = (len(held) + _NEARBY * nearby) / len(stems)
    lacking = missing(claimed, (*statement.figures, *passage.context_figures))
    return _Match(passage, statement, share, held, tuple(lacking))


def _holds(source: frozenset[str], word: str) -> bool:
    """Whether a stem, or a form of it that the stemmer missed, is among the source's."""
    if word in source:
        return True
    if len(word) < 5:
        return False
    return any(other[:5] == word[:5] and _shared(word, other) >= 0.75 * max(len(word), len(other)) for other in source)


def _shared(one: str, other: str) -> int:
    """How many characters two words have in common from their beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _bar(count: int, enough: float) -> float:
    """The share that a sentence of `count` words needs: short ones have no word to spare."""
    return max(enough, {1: 1.0, 2: 0.8, 3: 0.85, 4: 0.75}.get(count, 0.0))


def _support(match: _Match) -> Support:
    return Support(match.passage, match.statement.unit.start, match.statement.unit.end, match.share)


def _nearest(stems: frozenset[str], claimed: list[Figure], cited: Sequence[Passage]) -> tuple[Support, ...]:
    """The statement that a reader should compare a wrong figure with: only where the words themselves are held."""
    matches = [_match(passage, statement, stems, claimed) for passage in cited for statement in passage.statements]
    best = max(matches, key=lambda match: match.share, default=None)
    if best is None or not best.lacking or best.share < _bar(len(stems), _ENOUGH):
        return ()
    return (_support(best),)


def _reason(text: str, best: _Match, stems: frozenset[str], passages: Sequence[Passage], enough: float) -> str:
    if best.lacking and best.share >= _bar(len(stems), enough):
        claim = best.lacking[0]
        beside = _comparable(claim, text, best.statement)
        if beside:
            return f"the source says {beside.written.strip()}, the answer says {claim.written.strip()}"
        everywhere = [figure for passage in passages for part in passage.statements for figure in part.figures]
        if missing([claim], everywhere):
            return f"{claim.written.strip()} does not occur in the source"
        return f"the source does not say {claim.written.strip()} of this"
    lost = [word for word in words(text) if stem(word) in stems and not _anywhere(stem(word), passages)]
    if lost and len(lost) <= 2 and len(stems) > 2:
        return f"the source does not mention “{'” or “'.join(dict.fromkeys(lost))}”"
    return _UNSAID


def _anywhere(word: str, passages: Sequence[Passage]) -> bool:
    return any(_holds(passage.stems, word) for passage in passages)


def _comparable(claim: Figure, text: str, statement: Statement) -> Figure | None:
    """The one figure of the statement that stands where the claim's does: of its kind, beside the same word."""
    own = _neighbors(text, claim)
    told = figures(text)
    same = [
        figure
        for figure in statement.figures
        if bool(figure.dates) == bool(claim.dates) and figure.percent == claim.percent and not figure.code
        if not any(mine.agrees(figure) for mine in told)
    ]
    beside = [figure for figure in same if own & _neighbors(statement.text, figure)]
    return beside[0] if len(beside) == 1 else None


def _neighbors(text: str, figure: Figure) -> set[str]:
    """Stems of the two meaningful words after a figure, or of the one before where nothing follows."""
    after = content(text[figure.end : figure.end + 60])[:2]
    return set(after or content(text[: figure.start])[-1:])


def _unknown_name(text: str, full: _Match) -> str:
    """A name that stands neither in the statement nor around it; German writes every noun like a name."""
    pattern = re.compile(r"\b[A-ZÄÖÜ]{2,}\b") if language(text) == "de" else _NAME
    item = full.passage.evidence
    near = full.statement.stems | full.statement.around
    spelled = set(words(f"{full.statement.text} {full.statement.header} {item.heading} {item.title} {item.path}"))
    for match in pattern.finditer(text):
        word = match.group().lower()
        if word not in STOP and not _holds(near, stem(word)) and word not in spelled:
            return f"the source does not say this of “{match.group()}”"
    return ""


def _other_agent(text: str, full: _Match) -> str:
    """Who does it, where the sentence says "by somebody" and the source says "by" somebody else."""
    claimed, told = _agents(text), _agents(full.statement.text)
    for agent in claimed if told else ():
        if not any(_holds(frozenset(other), agent[0]) for other in told):
            return "the source names somebody else"
    return ""


def _other_measure(text: str, claimed: list[Figure], full: _Match) -> str:
    """What the source counts with a figure, or per what, where the sentence says otherwise."""
    statement = full.statement
    told = other_unit(text, claimed, statement.text, statement.figures)
    if told:
        return f"the source says {told}"
    return other_rate(text, f"{statement.text}\n{statement.header}", _near(full))


def _turned(text: str, claimed: list[Figure], full: _Match) -> str:
    """The word, such as "only" or "lose", that the sentence adds to what the source says."""
    word = turned(text, _near(full))
    if not word and claimed and full.statement.unit.form is not Form.ROW:  # a table's plain figures are often limits
        word = bounded(text, f"{full.statement.text}\n{full.passage.evidence.heading}")  # a neighbor's bound is its own
    return f"the source does not say “{word}”" if word else ""


def _near(full: _Match) -> str:
    """The statement with its neighbors, its header row, the headings and the title."""
    statements, item = full.passage.statements, full.passage.evidence
    at = statements.index(full.statement)
    around = [statement.text for statement in statements[max(at - 1, 0) : at + 2]]
    return "\n".join((*around, full.statement.header, item.heading, item.title))


def _agents(text: str) -> list[tuple[str, ...]]:
    """The first meaningful words after each "by", as stems; "by 31 March" names nobody."""
    return [
        tuple(content(rest)[:3])
        for rest in re.split(r"\b(?:by|von|durch)\s+(?:the |a |an |dem |der |den |einem |einer )?(?!\d)", text)[1:]
        if content(rest)
    ]


def _negated(text: str, stems: frozenset[str], full: _Match) -> str:
    """How sentence and source contradict each other by a "not", if they do.

    Always where the sentence has it alone; where the source has it alone, only if the sentence repeats nearly all of
    the source's words: a long sentence of a source may deny something else.
    """
    mine, theirs = _denies(text), _denies(full.statement.text)
    if mine and not theirs:
        return "the source does not say “not”"
    own = full.statement.stems
    if theirs and not mine and sum(_holds(stems, word) for word in own) >= 0.7 * len(own):
        return "the source says “not”"
    return ""


def _opposed(text: str, full: _Match) -> str:
    """The word by which the source says the opposite of the sentence: "outside" against "within"."""
    mine, theirs = f" {' '.join(words(text))} ", f" {' '.join(words(full.statement.text))} "
    for one, other in (*_OPPOSITES, *((other, one) for one, other in _OPPOSITES)):
        if _has(mine, one) and not _has(mine, other) and _has(theirs, other) and not _has(theirs, one):
            return f"the source says “{_has(theirs, other)}”"
    return ""


def _has(spaced: str, phrases: Sequence[str]) -> str:
    """The first of `phrases` that stands in a text of words with one space around each, or nothing."""
    return next((phrase for phrase in phrases if f" {phrase} " in spaced), "")


def _denies(text: str) -> bool:
    return any(word in _NEGATORS or word.endswith(("n't", "n’t")) for word in words(text))
