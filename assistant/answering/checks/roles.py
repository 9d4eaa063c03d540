"""Who does what to whom: the two sides of a verb, its voice, and the verb itself."""

import re
from dataclasses import dataclass

from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.replaced import related
from assistant.answering.checks.subject import LEADING, VERBS
from assistant.answering.sentences import Form
from assistant.answering.terms import vocabulary

_BE = vocabulary("is are was were be been being wird werden wurde wurden worden")
_BY = re.compile(r"\b(?:by|von|durch)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[;.:]\s|,?\s+(?:and|but|while|whereas|und|aber|sondern|während|if|unless|wenn|falls)\s+")


@dataclass(frozen=True, slots=True)
class _Sides:
    """What stands before the verb of a clause and what behind it."""

    left: tuple[Token, ...]
    verb: Token
    right: tuple[Token, ...]
    passive: bool  # "is paid by"


def swapped(claim: Claim, match: Match) -> str:
    """Two names or nouns on the other side of the same verb than in the source, or two verbs in each other's place."""
    if match.statement.unit.form is Form.ROW or claim.german:  # German order is free: endings tell, not places
        return ""
    spoken, said = (list(filter(None, map(_sides, _CLAUSE.split(text)))) for text in (claim.text, match.statement.text))
    for mine in spoken:
        wrong = [_turned(mine, theirs) or _verbs_turned(mine, theirs) for theirs in said]
        if any(wrong) and not any(_as_said(mine, theirs) for theirs in said):
            return next(filter(None, wrong))
    return ""


def verb(claim: Claim, match: Match) -> str:
    """The verb of a clause that the source says only of what stands beside the statement: "kept" against "deleted"."""
    mine = None if match.statement.unit.form is Form.ROW or claim.german else _sides(claim.text)
    if not mine or holds(match.statement.stems, mine.verb.key):
        return ""
    key = mine.verb.key
    irregular = any(
        own[:2] == key[:2] and abs(len(own) - len(key)) < 2 for own in match.statement.stems
    )  # "paid", "pay"
    beside = not irregular and holds(match.statement.around, key)
    return f"the source does not say “{mine.verb.written}” of this" if beside else ""


def _as_said(mine: _Sides, theirs: _Sides) -> bool:
    """Whether a clause of the source says it with the same sides: "A pays B, and B pays A" says both."""
    same = mine.passive == theirs.passive and related(mine.verb, theirs.verb)
    turned = _other(mine.left, theirs.right, theirs.left) or _other(mine.right, theirs.left, theirs.right)
    return same and not turned and _other(mine.left, theirs.left, theirs.right)


def _turned(mine: _Sides, theirs: _Sides) -> str:
    if not related(mine.verb, theirs.verb):
        return ""
    same_voice = mine.passive == theirs.passive
    kept = _other(mine.left, theirs.left, theirs.right) and _other(mine.right, theirs.right, theirs.left)
    crossed = _other(mine.left, theirs.right, theirs.left) and _other(mine.right, theirs.left, theirs.right)
    if not (crossed if same_voice else kept):
        return ""
    return f"the source says the reverse: who “{theirs.verb.written}” whom"


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


def _sides(text: str) -> _Sides | None:
    """The sides of the first verb: what follows "shall" or "is", or the first small word after a name."""
    found = tokens(text)
    if not found or found[0].key in LEADING:
        return None
    helper = next((at for at, token in enumerate(found) if token.key in VERBS), None)
    named = next((at for at, token in enumerate(found) if not token.capital and not token.figure), len(found))
    name = named > 1 and not any(token.stop for token in found[:named])
    by_name = helper is None or (name and named < helper and not found[named].stop)
    at = named if helper is None or by_name else helper + 1
    while at < len(found) and found[at].stop:
        at += 1
    if at >= len(found) or at == 0 or found[at].figure or found[at].capital:
        return None
    left = tuple(token for token in found[:at] if not token.stop and token.key not in VERBS)
    right = tuple(token for token in found[at + 1 :] if not token.stop)
    be = any(token.key in _BE for token in found[max(at - 3, 0) : at])
    return _Sides(left, found[at], right, be and bool(_BY.search(text[found[at].end :]))) if left else None
