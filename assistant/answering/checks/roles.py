"""Who does what to whom: the two sides of a verb, its voice, and the verb itself."""

import re
from dataclasses import dataclass

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.replaced import related
from assistant.answering.checks.subject import LEADING, VERBS
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_BE = vocabulary("is are was were be been being wird werden wurde wurden worden")
_BETWEEN = vocabulary("first later soon already still always often")  # a helper and its verb
_BY = re.compile(r"\b(?:by|von|durch)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[;.:]\s|,?\s+(?:and|but|while|whereas|und|aber|sondern|während|if|unless|wenn|falls)\s+")


@dataclass(frozen=True, slots=True)
class _Sides:
    """What stands before the verb of a clause and what behind it."""

    left: tuple[Token, ...]
    verb: Token
    right: tuple[Token, ...]
    passive: bool  # "is paid by"
    helped: bool  # "is paid", "shall pay"


def swapped(claim: Claim, match: Match) -> str:
    """Two names or nouns on the other side of the same verb than in the source, or two verbs in each other's place."""
    if match.statement.unit.form is Form.ROW or claim.german:  # German order is free: endings tell, not places
        return ""
    spoken, said = (list(filter(None, map(_sides, _clauses(text)))) for text in (claim.text, match.statement.text))
    for mine in spoken:
        wrong = [_verbs_turned(mine, theirs) for theirs in said]
        if any(wrong) and not any(_as_said(mine, theirs) for theirs in said):
            return next(filter(None, wrong))
    return ""


def verb(claim: Claim, match: Match) -> str:
    """The verb of a clause that the source says only of what stands beside the statement: "kept" against "deleted"."""
    mine = _unheld(claim, match)
    if not mine or not holds(match.statement.around, mine.verb.key):
        return ""
    return f"the source does not say “{mine.verb.written}” of this"


def exchanged(claim: Claim, match: Match) -> str:
    """The verb behind "is" or "shall" that the source does not have, where it has another of the same subject."""
    mine = _unheld(claim, match)
    if not mine or not mine.helped:
        return ""
    said = [found for part in _clauses(match.statement.text) if (found := _sides(part, leading=True))]
    other = next((one for one in said if one.helped and _shared(mine.left, one.left)), None)
    return f"the source says “{other.verb.written}”, the answer says “{mine.verb.written}”" if other else ""


def _unheld(claim: Claim, match: Match) -> _Sides | None:
    """The sides of the sentence's verb, if the statement does not have that verb in any form."""
    if match.statement.unit.form is Form.ROW or claim.german:
        return None
    mine = _sides(claim.text, leading=True)
    own, key = match.statement.stems, mine.verb.key if mine else ""
    irregular = any(other[:2] == key[:2] and abs(len(other) - len(key)) < 2 for other in own)  # "paid", "pay"
    return None if irregular or holds(own, key) else mine


def _clauses(text: str) -> list[str]:
    """The text cut where a clause with a verb of its own begins: "all existing and future debts" are one thing."""
    found = [""]
    start = 0
    for cut in (*_CLAUSE.finditer(text), None):
        part = text[start : cut.start() if cut else len(text)]
        joined = found[-1] and not (_helped(found[-1]) and _helped(part))
        found = [*found[:-1], f"{found[-1]} {part}"] if joined or not found[-1] else [*found, part]
        start = cut.end() if cut else 0
    return found


def _helped(part: str) -> bool:
    return any(token.key in VERBS for token in tokens(part))


def _as_said(mine: _Sides, theirs: _Sides) -> bool:
    """Whether a clause of the source says it with the same sides: "A pays B, and B pays A" says both."""
    same = mine.passive == theirs.passive and related(mine.verb, theirs.verb)
    turned = _other(mine.left, theirs.right, theirs.left) or _other(mine.right, theirs.left, theirs.right)
    return same and not turned and _other(mine.left, theirs.left, theirs.right)


def _verbs_turned(mine: _Sides, theirs: _Sides) -> str:
    """ "Submitted after it was reimbursed" for "reimbursed after it was submitted"."""
    if not _shared(mine.left, theirs.left) or related(mine.verb, theirs.verb):
        return ""
    crossed = _shared((mine.verb,), theirs.right) and _shared((theirs.verb,), mine.right)
    return f"the source says “{theirs.verb.written}” first" if crossed else ""


def _other(mine: tuple[Token, ...], there: tuple[Token, ...], not_there: tuple[Token, ...]) -> bool:
    """Whether a word or name of one side stands on that side of the source, and not on the other."""
    return any(_shared((token,), there) and not _shared((token,), not_there) for token in mine)


def _shared(mine: "tuple[Token, ...]", theirs: "tuple[Token, ...] | list[Token]") -> bool:
    return any(related(one, other) for one in mine if not one.figure for other in theirs)


def _sides(text: str, *, leading: bool = False) -> _Sides | None:
    """The sides of the first verb: what follows "shall" or "is", or the first small word after a name.

    None where another clause or phrase leads in, unless that is no matter.
    """
    found = tokens(text)
    if not found or (found[0].key in LEADING and not leading):
        return None
    helper = next((at for at, token in enumerate(found) if token.key in VERBS), None)
    named = next((at for at, token in enumerate(found) if not token.capital and not token.figure), len(found))
    name = named > 1 and not any(token.stop for token in found[:named])
    by_name = helper is None or (name and named < helper and not found[named].stop)
    at = named if helper is None or by_name else helper + 1
    while at < len(found) and (found[at].stop or found[at].key in _BETWEEN or found[at].written.endswith("ly")):
        at += 1
    if at >= len(found) or at == 0 or found[at].figure or found[at].capital:
        return None
    left = tuple(token for token in found[:at] if not token.stop and token.key not in VERBS)
    right = tuple(token for token in found[at + 1 :] if not token.stop)
    be = any(token.key in _BE for token in found[max(at - 3, 0) : at])
    by = be and bool(_BY.search(text[found[at].end :]))
    return _Sides(left, found[at], right, by, not by_name) if left else None
