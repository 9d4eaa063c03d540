"""Checks one sentence of an answer against the passages it cites: code, not trust.

A sentence is supported where one statement of what it cites holds its words and every figure in it and passes every
check, or where its clauses are each supported so. Marks that a model forgot or misplaced are put right only where the
support is clear; everything else is unsupported, in words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.answering.checks import arithmetic, meaning, measures, parts, trend
from assistant.answering.checks.claim import Claim, Match, claim, holds, matches
from assistant.answering.checks.listed import CHECKS, WORDINGS
from assistant.answering.checks.predicate import has_verb, predicates
from assistant.answering.passages import Passage
from assistant.language.numbers import Figure, figures, missing
from assistant.language.sentences import Form
from assistant.language.terms import content, stem, words
from assistant.types import Finding, Verdict

if TYPE_CHECKING:
    from assistant.embedding.embedder import Embedder

MARK = re.compile(r"\s*\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]")
_ANNOUNCED = re.compile(r"^(?:(?:the |die )?(?:answer|antwort)(?: is| lautet| ist)?)\s*:\s+(?=\S+ \S)", re.IGNORECASE)

_ENOUGH = 0.65  # share of a sentence's words that its source has to hold
_CLEAR = 0.75  # the same where the model named no source, or a wrong one
_PLAIN = 0.75  # a statement that holds so much speaks of the sentence: what contradicts it is not looked for in parts
_CLOSE = 0.15  # a statement with the figures may hold this much less of the words than the best one
_SOME = 0.35  # share of the words from which a statement is compared by its meaning ...
_COMPARED = 6  # ... so many at most
_OTHERWISE = "the source says it in other words"
_TRIED = 2  # statements that hold the words equally well, each put through the checks
_CONJUNCTION = re.compile(r",?\s+(?:and|but|while|whereas|und|aber|sowie|während)\s+|;\s+")
_CLAUSE = 3  # words and figures that a clause needs to be checked alone
_NAMED = 3  # words that a reason names ...
_QUOTED = 8  # ... and words of a clause that it quotes
_UNSAID = "the source does not say this"
_UNITS = frozenset(
    content("euro dollar pound percent Prozent day hour minute week month year Tag Tage Stunde Minute Woche Monat Jahr")
)


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
class _Held:
    """What was found of one claim: support and no reason, or a reason."""

    support: tuple[Support, ...] = ()
    reason: str = _UNSAID
    score: float | None = None
    findings: tuple[Finding, ...] = ()
    contradicted: bool = False  # a source that speaks of it says otherwise
    share: float = 0.0  # of its words, those that the statement which was looked at holds itself


def check(sentence: str, passages: Sequence[Passage], embedder: "Embedder | None" = None) -> Checked:
    """Check `sentence`, marks included, against `passages`, whose evidence numbers are what its marks mean.

    With `embedder` meaning counts beside words.
    """
    marks, text = marked(sentence), unmarked(sentence)
    if objection := _unfit(text):
        return Checked(text, (), Verdict.UNSUPPORTED, objection)
    cited = [passage for passage in passages if passage.evidence.number in marks]
    told = _whole(text, cited, _ENOUGH, embedder) if cited else None
    if told and told.support and not told.reason:
        return _checked(text, told)
    elsewhere = _whole(text, passages, _CLEAR, embedder)
    if elsewhere.support and not elsewhere.reason:
        return _checked(text, elsewhere)
    if told is None:
        return _checked(text, replace(elsewhere, support=(), reason=_unnamed(marks, elsewhere.reason)))
    return _checked(text, told)


def _unfit(text: str) -> str:
    """Why a text says nothing that a source could hold; empty where it does."""
    if text.endswith("?"):
        return "it asks instead of answering"
    if not _enough(text):
        return "it says too little to be checked"
    if text.endswith(":"):
        return "it announces something and does not say it"
    return "" if predicates(text) else "it is no whole sentence"


def _enough(text: str) -> bool:
    """Whether a sentence says something: "Yes.", "The answer is 30 days." could be made to fit any passage."""
    told = len(frozenset(content(text)) - _UNITS)
    return told > 1 or (told == 1 and len(figures(text)) > 1)


def _checked(text: str, told: _Held) -> Checked:
    partly = bool(told.support) and bool(told.reason) and not told.contradicted
    verdict = Verdict.UNSUPPORTED if told.reason else Verdict.SUPPORTED
    return Checked(text, told.support, Verdict.PARTLY if partly else verdict, told.reason, told.score, told.findings)


def marked(sentence: str) -> set[int]:
    """The numbers of the marks in a sentence, ranges such as [1-3] included."""
    found: set[int] = set()
    for mark in MARK.findall(sentence):
        for first, last in re.findall(r"(\d{1,3})(?:\s*[–-]\s*(\d{1,3}))?", mark):
            found.update(range(int(first), int(last or first) + 1))
    return found


def unmarked(sentence: str) -> str:
    """The sentence without its marks, the space that they leave, and "The answer is:" before it."""
    plain = re.sub(r"\s+([.,;:!?])", r"\1", MARK.sub("", sentence))
    return _ANNOUNCED.sub("", re.sub(r"([.!?])\.$", r"\1", plain.strip()))


def _unnamed(marks: set[int], other: str) -> str:
    """Why a sentence without a usable mark fails: what is wrong in it, where a source comes close to saying it."""
    if other != _UNSAID:
        return other
    return "it names a source that was not given" if marks else "no source named"


def _whole(text: str, passages: Sequence[Passage], enough: float, embedder: "Embedder | None") -> _Held:
    """What supports the sentence, as a whole or clause by clause; a part of it alone, with the reason for the rest."""
    whole = _computed(text, passages, enough, embedder)
    clauses = _clauses(text)
    if not whole.reason or len(clauses) < 2 or (whole.contradicted and whole.share >= _PLAIN):
        return whole
    told = [_held(claim(clause), passages, _CLEAR, embedder) for clause in clauses]
    said = [told[0], *(_of_subject(clauses[0], *one) for one in zip(clauses[1:], told[1:], strict=True))]
    found = tuple(
        {(id(one.passage), one.start): one for part in said if not part.reason for one in part.support}.values()
    )
    findings = tuple(finding for part in said for finding in part.findings)
    lost = [(clause, part) for clause, part in zip(clauses, said, strict=True) if part.reason]
    if not lost:
        return _Held(found, "", min(part.score or 0.0 for part in said), findings)
    if found and not whole.contradicted and not any(part.contradicted for _, part in lost):
        return _Held(found, _lacks(*lost[0], passages), whole.score, whole.findings)
    return whole


def _of_subject(first: str, clause: str, held: _Held) -> _Held:
    """What was found of a clause; one without a subject speaks of the first one's, and so must its source."""
    of = next((word for word in words(first) if stem(word) in frozenset(content(first))), "")
    for one in held.support if not held.reason else ():
        source = one.passage.evidence.text[one.start : one.end]
        if not parts.own_subject(clause, source) and of and not holds(frozenset(content(source)), stem(of)):
            return replace(held, support=(), reason=f"the source does not say this of “{of}”", contradicted=True)
    return held


def _lacks(clause: str, part: _Held, passages: Sequence[Passage]) -> str:
    """What the sources lack of a clause, in few words."""
    if part.reason != _UNSAID:
        return part.reason
    lost = _lost(claim(clause), passages)[:_NAMED]
    if lost:
        return _unmentioned(lost)
    said = clause.strip(" .,").split()
    short = " ".join(said[:_QUOTED]) + (" …" if len(said) > _QUOTED else "")
    return f"no statement of the source says “{short}”"


def _clauses(text: str) -> list[str]:
    """The sentence cut at its conjunctions, if each part says enough to be checked alone.

    Two words are not enough: in "approved by the European Union and Great Britain" the second part is no clause.
    """
    parts = _CONJUNCTION.split(text)
    whole = all(len(set(content(part))) + len(figures(part)) >= _CLAUSE and has_verb(part) for part in parts)
    return parts if whole else [text]


def _computed(text: str, passages: Sequence[Passage], enough: float, embedder: "Embedder | None") -> _Held:
    """The sentence with its sums worked out: their operands must be cited and their results right."""
    stated = arithmetic.sums(text)
    if not stated:
        held = _held(claim(text), passages, enough, embedder)
        return held if held.contradicted else _risen(text, held, passages, embedder)
    everywhere = [figure for passage in passages for part in passage.statements for figure in part.figures]
    for one in stated:
        absent = missing(one.operands, everywhere)
        if absent:
            return _failed("arithmetic", f"{absent[0].written.strip()} does not occur in the source")
        if not one.agrees:
            return _failed("arithmetic", one.said)
    operands = [figure for one in stated for figure in one.operands]
    told = claim(text, [*operands, *(one.result for one in stated)])
    return _over_statements(told, operands, passages, enough)


def _risen(text: str, held: _Held, passages: Sequence[Passage], embedder: "Embedder | None") -> _Held:
    """Support of a rise or fall, in one statement, which is `held`, or each end in its own; or why it is none."""
    told = trend.trend(text)
    if told is None:
        return held
    if told.turned:
        return _failed("arithmetic", told.turned)
    if not held.reason:
        return held
    ends = [_held(one, passages, _CLEAR, embedder) for one in told.claims]
    rows = tuple(Support(passage, row.unit.start, row.unit.end, 1.0) for passage, row in trend.column(told, passages))
    found = () if any(end.reason for end in ends) else tuple(one for end in ends for one in end.support)
    return _Held(found or rows, "", 1.0, (Finding("both ends", True),)) if found or rows else held


def _failed(check: str, reason: str) -> _Held:
    return _Held((), reason, 0.0, (Finding(check, False, reason),), contradicted=True)


def _over_statements(told: Claim, operands: Sequence[Figure], passages: Sequence[Passage], enough: float) -> _Held:
    """Support of a sum: for each operand the statement that holds most of the words, all of the words between them."""
    ranked = matches(told, passages)
    chosen: list[Match] = []
    for operand in operands:
        if not any(not missing([operand], match.statement.figures) for match in chosen):
            chosen += [match for match in ranked if not missing([operand], match.statement.figures)][:1]
    around = frozenset().union(*(match.statement.stems | match.statement.around for match in chosen))
    share = sum(holds(around, word) for word in told.stems) / len(told.stems) if told.stems else 1.0
    reason = "" if share >= _bar(len(told.stems), enough) else _UNSAID
    findings = (Finding("arithmetic", True, "worked out"), Finding("words", not reason, f"{share:.0%} of the words"))
    return _Held(() if reason else tuple(map(_support, chosen)), reason, share, findings)


def _held(told: Claim, passages: Sequence[Passage], enough: float, embedder: "Embedder | None") -> _Held:
    """The one statement that holds all of the claim, or the reason why none does.

    A statement with the right figures counts only if hardly any other holds more of the words: a figure that stands
    beside other words is the commonest error of small models.
    """
    found = matches(told, passages)
    if not found:
        return _Held()
    best, bar = found[0], _bar(len(told.stems), enough)
    full = [one for one in found if not one.lacking and one.share >= max(best.share - _CLOSE, bar) and _says(told, one)]
    if not full:
        nothing = _nothing(told, best, passages, bar)
        return nothing if nothing.contradicted else _alike(told, found, embedder) or nothing
    tried = [match for match in full if match.share >= full[0].share - 0.05][:_TRIED]
    judged = [_judged(told, match, embedder) for match in tried]
    return next((one for one in judged if not one.reason), judged[0])


def _says(told: Claim, match: Match) -> bool:
    """Whether a statement itself has half of the words: what only its heading has is what it is about."""
    return match.statement.unit.form is Form.ROW or 2 * len(match.held) >= len(told.stems)


def _own(told: Claim, match: Match) -> float:
    """The share of the words that a statement holds itself: two that are joined hold about half each."""
    return len(match.held) / max(len(told.stems), 1)


def _alike(told: Claim, found: Sequence[Match], embedder: "Embedder | None") -> _Held | None:
    """A statement with all of the figures and names and near the claim in meaning, which says it in other words."""
    likely = [match for match in found if not match.lacking and match.share >= _SOME][:_COMPARED]
    for match in likely:
        if meaning.near(told, match, embedder) and not any(look(told, match) for _, look in CHECKS):
            finding = Finding("meaning", True, f"{len(match.held)} of {len(told.stems)} words, the meaning is near")
            return _Held((_support(match),), _OTHERWISE, None, (finding,), share=match.share)
    return None


def _judged(told: Claim, match: Match, embedder: "Embedder | None") -> _Held:
    """Put a claim through every check against one statement that has its words and figures."""
    words_held = f"{len(match.held)} of {len(told.stems)} words"
    findings = [Finding("words", True, words_held), Finding("figures", True, f"{len(told.figures)} found")]
    for name, look in (*CHECKS, *WORDINGS):
        wrong = look(told, match)
        findings.append(Finding(name, not wrong, wrong))
        if wrong:
            score = meaning.score(told, match, True, embedder)
            other = (name, look) in WORDINGS and meaning.near(told, match, embedder)
            support = (_support(match),) if other else ()
            return _Held(support, wrong, score, tuple(findings), contradicted=not other, share=_own(told, match))
    score = meaning.score(told, match, False, embedder)
    near = score >= meaning.ENOUGH
    findings.append(Finding("meaning", near, f"{score:.2f}"))
    return _Held((_support(match),) if near else (), "" if near else _UNSAID, score, tuple(findings))


def _nothing(told: Claim, best: Match, passages: Sequence[Passage], bar: float) -> _Held:
    """Why no statement holds a claim, with the one that a reader should compare a wrong figure with."""
    spoken_of = bool(best.lacking) and best.share >= bar
    if spoken_of:
        reason = measures.lacking(told, best, passages)
        findings = (
            Finding("words", True, f"{len(best.held)} of {len(told.stems)} words"),
            Finding("figures", False, reason),
        )
        score = meaning.score(told, best, True, None)
        return _Held((_support(best),), reason, score, findings, contradicted=True, share=_own(told, best))
    lost = _lost(told, passages)
    few = lost and len(lost) <= 2 and len(told.stems) > 2
    reason = _unmentioned(lost) if few else _UNSAID
    return _Held((), reason, None, (Finding("words", False, f"{len(best.held)} of {len(told.stems)} words"),))


def _unmentioned(lost: Sequence[str]) -> str:
    *before, last = (f"“{word}”" for word in lost)
    return f"the source does not mention {', '.join(before)}{' or ' if before else ''}{last}"


def _lost(told: Claim, passages: Sequence[Passage]) -> list[str]:
    """The words of meaning of a claim that no source has."""
    lost = [word for word in words(told.text) if stem(word) in told.stems and not _anywhere(stem(word), passages)]
    return list(dict.fromkeys(lost))


def _bar(count: int, enough: float) -> float:
    """The share that a sentence of `count` words needs: short ones have no word to spare."""
    return max(enough, {1: 1.0, 2: 0.8, 3: 0.85, 4: 0.75}.get(count, 0.0))


def _support(match: Match) -> Support:
    return Support(match.passage, match.statement.unit.start, match.statement.unit.end, match.share)


def _anywhere(word: str, passages: Sequence[Passage]) -> bool:
    return any(holds(passage.stems, word) for passage in passages)
