"""Figures: each must stand in the statement, in the place where the sentence has it, with its unit."""

import re
from collections.abc import Sequence

from assistant.answering.checks.claim import Claim, Match
from assistant.answering.checks.replaced import replacements
from assistant.answering.passages import Passage, Statement
from assistant.language.numbers import Figure, figures, missing
from assistant.language.sentences import Form
from assistant.language.terms import content
from assistant.language.units import names_unit, other_rate, other_unit

_MORE = re.compile(
    r"\b(?:additional|extra|further|another|zusätzlich\w*|weitere[nrs]?)\b|\bmore\b(?! than)", re.IGNORECASE
)

_YEAR = re.compile(r"(?:19|20)\d\d")


def misplaced(claim: Claim, match: Match) -> str:
    """A figure that the statement has, but elsewhere: where the sentence has it, the source says another."""
    if match.statement.unit.form is Form.ROW:  # the table's check answers for its cells
        return ""
    for one in replacements(claim.text, match.statement.text):
        mine = [token.figure for token in one.mine if token.figure]
        theirs = [token.figure for token in one.theirs if token.figure]
        if mine and theirs:
            return said(theirs[0], mine[0])
        counted = [names_unit(token.written.lower()) for token in one.mine]
        if any(counted) and not set(counted) & {names_unit(token.written.lower()) for token in one.theirs}:
            return one.said
    return ""


def unit(claim: Claim, match: Match) -> str:
    """What the source counts with a figure, or per what, where the sentence says otherwise."""
    statement = match.statement
    told = other_unit(claim.text, claim.figures, statement.text, statement.figures)
    if told:
        return f"the source says {told}"
    return other_rate(claim.text, f"{statement.text}\n{statement.header}", match.near)


def additional(claim: Claim, match: Match) -> str:
    """The "additional" beside a figure of the source that the sentence leaves out."""
    for mine in claim.figures:
        same = [figure for figure in match.statement.figures if mine.agrees(figure)]
        told = [_MORE.search(_around(match.statement.text, figure)) for figure in same]
        more = next((found for found in told if found), None)
        if more and all(told) and not _MORE.search(_around(claim.text, mine)):
            return f"the source says “{more.group()}”"
    return ""


def _around(text: str, figure: Figure) -> str:
    """A figure with the word before it and the two behind it."""
    before, after = text[: figure.start].split()[-1:], text[figure.end :].split()[:2]
    return " ".join((*before, text[figure.start : figure.end].strip(), *after))


def lacking(claim: Claim, best: Match, passages: Sequence[Passage]) -> str:
    """What the source says instead of the first figure that the best statement lacks."""
    first = best.lacking[0]
    beside = _comparable(first, claim.text, best.statement)
    if beside:
        return said(beside, first)
    everywhere = [figure for passage in passages for part in passage.statements for figure in part.figures]
    if missing([first], everywhere):
        return f"{first.written.strip()} does not occur in the source"
    return f"the source does not say {first.written.strip()} of this"


def said(theirs: Figure, mine: Figure) -> str:
    """Two figures that differ, in words."""
    return f"the source says {theirs.written.strip()}, the answer says {mine.written.strip()}"


def _comparable(claim: Figure, text: str, statement: Statement) -> Figure | None:
    """The one figure of the statement that stands where the claim's does: of its kind, beside the same word."""
    own = _neighbors(text, claim)
    told = figures(text)
    same = [
        figure
        for figure in statement.figures
        if bool(figure.dates) == bool(claim.dates) and figure.percent == claim.percent and not figure.code
        if _is_year(figure) == _is_year(claim)
        if not any(mine.agrees(figure) for mine in told)
    ]
    beside = [figure for figure in same if own & _neighbors(statement.text, figure)]
    return beside[0] if len(beside) == 1 else None


def _is_year(figure: Figure) -> bool:
    """Whether it is written like a year: "10 million" stands in the place of no "2011"."""
    return _YEAR.fullmatch(figure.written.strip()) is not None


def _neighbors(text: str, figure: Figure) -> set[str]:
    """Stems of the two meaningful words after a figure, or of the one before where nothing follows."""
    after = content(text[figure.end : figure.end + 60])[:2]
    return set(after or content(text[: figure.start])[-1:])
