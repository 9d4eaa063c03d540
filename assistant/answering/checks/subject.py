"""Who or what a sentence is about: its first words must be what the source speaks of there."""

import re

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.replaced import Replaced, replacements
from assistant.language.sentences import Form
from assistant.language.terms import content, vocabulary

VERBS = vocabulary(
    """
    is are was were has have had may shall must can will should does do did could would be ist sind war waren hat haben
    darf dürfen muss müssen kann können wird werden soll sollen gilt gelten beträgt
    """
)
LEADING = vocabulary(
    """
    if when where unless while because although after before since in on at during for upon from under as to by with
    wenn falls in im bei nach vor für ab seit mit während auf zu zum zur
    """
)
_GENERIC = frozenset(
    content("company firm employer organization corporation Unternehmen Firma Arbeitgeber Gesellschaft")
)
_PARTS = frozenset(
    content("form section part item article agreement contract annex schedule exhibit Abschnitt Vertrag")
)
_LONGEST = 6  # words of a subject before its verb
# "Additionally, the rent is due": they say nothing, and what follows is the subject.
_OPENING = re.compile(
    r"^(?:[A-Z]\w+ly|yes|no|also|moreover|furthermore|however|therefore|thus|hence|overall"
    r"|in (?:addition|general|short)|ja|nein|außerdem|zudem|ferner|jedoch|allerdings|insgesamt),\s+",
    re.IGNORECASE,
)
_HEAD_ENDS = vocabulary("in of for from des der von vom")
# Of a thing each of them is another thing; "the length of the notice period" is what its source says in months.
_OTHER_THINGS = frozenset(
    content(
        "increase decrease growth decline rise fall drop reduction change loss gain difference ratio share average "
        "lack absence risk Anstieg Rückgang Wachstum Zunahme Abnahme Verringerung Änderung Verlust Unterschied Anteil "
        "Durchschnitt Mangel Fehlen Risiko"
    )
)
_CLAUSE_END = re.compile(r"[,;:]")


def other(claim: Claim, match: Match) -> str:
    """A subject that is not the source's: another stands in its place, or it stands nowhere near."""
    for one in _placed(claim, match):
        if not _from_elsewhere(one, match):
            return one.said
    own = frozenset(token.key for token in tokens(match.statement.text))
    known = match.statement.stems | match.statement.around | own
    mine = [token for token in subject(claim.text) if not token.stop and token.figure is None]
    unknown = [token.written for token in mine if not holds(known, token.key)]
    if mine and len(unknown) == len(mine):
        return f"the source does not say this of “{' '.join(unknown)}”"
    return ""


def moved(claim: Claim, match: Match) -> str:
    """A subject that the source has, but elsewhere: it may be said the other way round, or of somebody else."""
    said = next(iter(_placed(claim, match)), None)
    return f"the source does not begin with “{said.mine[0].written}”: compare who does what" if said else ""


def _placed(claim: Claim, match: Match) -> list[Replaced]:
    """Words at the beginning in the place of others; a row's label is the table's check."""
    if match.statement.unit.form is Form.ROW:
        return []
    found = [one for one in replacements(claim.text, match.statement.text) if one.first]
    return [
        one
        for one in found
        if not all(token.figure for token in one.mine) and not _named_above(one.mine, one.theirs, match)
    ]


def _from_elsewhere(one: Replaced, match: Match) -> bool:
    return all(holds(match.statement.stems, token.key) for token in one.mine if token.figure is None)


def headed(claim: Claim, match: Match) -> str:
    """What a sentence says of "the increase in revenue" where the source speaks of revenue alone."""
    if match.statement.unit.form is Form.ROW:
        return ""
    mine = subject(claim.text)
    ends = next((at for at, token in enumerate(mine) if at and token.key in _HEAD_ENDS), 0)
    known = match.statement.stems | match.statement.around
    for token in mine[:ends]:
        if token.key in _OTHER_THINGS and not holds(known, token.key):
            return f"the source does not say this of “{claim.text[token.start : mine[-1].end]}”"
    return ""


def subject(text: str) -> tuple[Token, ...]:
    """The words before the first verb, empty where the sentence begins with something else than its subject."""
    found: list[Token] = []
    opening = _OPENING.match(text)
    for token in tokens(text):
        if opening and token.start < opening.end():
            continue
        if token.key in VERBS:
            return tuple(found)
        if not found and token.key in LEADING:
            return ()
        if len(found) == _LONGEST or (found and _CLAUSE_END.search(text[found[-1].end : token.start])):
            return ()
        found.append(token)
    return ()


def _named_above(mine: tuple[Token, ...], theirs: tuple[Token, ...], match: Match) -> bool:
    """Whether title or headings name what the statement calls "the company", told apart nowhere in the passage."""
    above = frozenset(content(match.context))
    named = all(token.capital and holds(above, token.key) for token in mine)
    beside = any(holds(statement.stems, token.key) for statement in match.passage.statements for token in mine)
    return (
        named
        and not beside
        and not any(token.key in _PARTS for token in mine)
        and all(token.key in _GENERIC for token in theirs)
    )
