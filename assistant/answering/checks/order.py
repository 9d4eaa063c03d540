"""Who goes with what: a sentence may move the parts of its source, but not pair them anew.

"12 desks in Berlin and 15 in Munich" holds every word of "15 desks in Berlin and 12 in Munich".
"""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from assistant.answering.checks.claim import Claim, Match, Token, tokens
from assistant.answering.checks.replaced import related
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary

_FROM, _TO = vocabulary("from von"), vocabulary("to auf")


def paired(claim: Claim, match: Match) -> str:
    """A pair that the source does not make: amounts in another order than their years, places or names."""
    if match.statement.unit.form is Form.ROW:
        return ""
    return _crossed(claim, match) or _misaligned(claim, match)


def _crossed(claim: Claim, match: Match) -> str:
    """Tokens of one kind in another order while those of another kind keep theirs; a clause that moves turns both."""
    mine, theirs = tokens(claim.text), tokens(match.statement.text)
    flipped: list[tuple[Token, Token]] = []
    kept = False
    for kind in (_amount, _year) if claim.german else (_amount, _year, _name):  # German writes every noun like a name
        found = [(token, at) for token in mine if kind(token) and (at := _place(token, theirs)) is not None]
        pairs = [pair for pair in combinations(found, 2) if pair[0][1] != pair[1][1]]
        turned = [(one, other) for (one, first), (other, second) in pairs if first > second]
        flipped += turned if len(turned) == len(pairs) else []
        kept = kept or bool(pairs and not turned)
    wrong = next((pair for pair in flipped if kept or _directed(pair, claim.text)), None)
    return f"the source has “{wrong[1].written}” where the answer has “{wrong[0].written}”" if wrong else ""


def _misaligned(claim: Claim, match: Match) -> str:
    """An amount with another year or name than the one beside it, where the source has one of these for each amount."""
    mine, theirs = tokens(claim.text), tokens(match.statement.text)
    amounts = [token for token in theirs if _amount(token)]
    for kind in (_year,) if claim.german else (_year, _name):
        beside = [token for token in theirs if kind(token)]
        if len(amounts) != len(beside) or len(amounts) < 2 or not _alternate(amounts, beside):
            continue
        told = [number for number, token in enumerate(beside) if _in(token, mine)]
        for number, token in enumerate(amounts):
            if _in(token, mine) and told and number not in told:
                return f"the source says {token.written} of “{beside[number].written}”"
    return ""


def _alternate(ones: Sequence[Token], others: Sequence[Token]) -> bool:
    """Whether the tokens of two kinds stand by turns."""
    both = sorted((*((token.start, 0) for token in ones), *((token.start, 1) for token in others)))
    return all(one[1] != other[1] for one, other in pairwise(both))


def _place(token: Token, source: Sequence[Token]) -> int | None:
    """Where the only token of the source that says the same stands; None where it is not one."""
    found = [number for number, other in enumerate(source) if related(token, other)]
    return found[0] if len(found) == 1 else None


def _amount(token: Token) -> bool:
    return bool(token.figure and token.figure.values and not _year(token))


def _year(token: Token) -> bool:
    return bool(token.figure and (token.figure.dates or re.fullmatch(r"(?:19|20)\d\d", token.written)))


def _name(token: Token) -> bool:
    return token.capital and token.start > 0 and not token.stop


def _directed(pair: Sequence[Token], text: str) -> bool:
    """Whether "from" stands before one of two figures, and "to" before the other."""
    before = [text[: token.start].rstrip(" €$£").lower().rsplit(maxsplit=1)[-1:] for token in pair if token.figure]
    told = {word[0] for word in before if word}
    return not told.isdisjoint(_FROM) and not told.isdisjoint(_TO)


def _in(token: Token, others: Sequence[Token]) -> bool:
    return any(related(token, other) for other in others)
