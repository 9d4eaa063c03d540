"""Names: who or what is meant must be who or what the source means there."""

import re

from assistant.answering.checks.claim import Claim, Match, Token, holds, shared, tokens
from assistant.answering.checks.replaced import related, replacements
from assistant.language.sentences import Form
from assistant.language.terms import STOP, content, stem, vocabulary, words

_NAME = re.compile(r"(?<=[\w,;:)’”“\"-] )[A-ZÄÖÜ][^\W\d_]+|\b[A-ZÄÖÜ]{2,}\b")
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{2,}\b")  # German writes every noun like a name
_LETTERED = re.compile(r"\b(?P<word>[^\W\d_]{3,})\s(?P<letter>[A-HJ-Z]|[IVX]{2,4})\b(?![.’'&-]\w)")
_BY = re.compile(r"\b(?:by|von|durch)\s+(?:the |a |an |dem |der |den |einem |einer )?(?!\d)")

# Of inflected and derived forms of one word, in both languages.
_ENDINGS = vocabulary(
    """
    's ’s s' s es e n en er ern em y ies ing ed al an ian ean ish ese ic ical ation ment ung ungen in innen ende enden
    """
) | frozenset(("",))


def unknown(claim: Claim, match: Match) -> str:
    """A name that stands neither in the statement nor around it."""
    near = match.statement.stems | match.statement.around
    spelled = set(words(f"{match.statement.text} {match.context}"))
    for found in (_CAPITALS if claim.german else _NAME).finditer(claim.text):
        word = found.group().lower()
        if word not in STOP and not holds(near, stem(word)) and word not in spelled:
            return f"the source does not say this of “{found.group()}”"
    return ""


def replaced(claim: Claim, match: Match) -> str:
    """A name where the source has another; a title or heading may name what the statement calls otherwise."""
    if match.statement.unit.form is Form.ROW:  # the table's check answers for its label
        return ""
    above = frozenset(content(match.context))
    for one in replacements(claim.text, match.statement.text):
        named = [token for token in one.mine if token.capital and (token.start or len(one.mine) > 1)]
        if not named or one.first:  # the subject's check answers for the beginning
            continue
        known = above | match.statement.stems  # it stands above, or elsewhere in the statement
        if not any(token.capital or token.figure for token in one.theirs) and all(holds(known, t.key) for t in named):
            continue
        return one.said
    return ""


def misspelled(claim: Claim, match: Match) -> str:
    """A name that is spelled like another one of the source: "Medical" for "Medica"."""
    text = f"{match.statement.text}\n{match.context}"
    theirs = [token for token in tokens(text) if token.capital]
    for mine in _names(claim):
        alike = [other for other in theirs if related(mine, other)]
        if alike and not any(_inflected(mine.written, other.written) for other in alike):
            return f"the source says “{alike[0].written}”, the answer says “{mine.written}”"
    return ""


def lettered(claim: Claim, match: Match) -> str:
    """A letter behind a word, "class B", where the source has other letters behind that word."""
    mine, theirs = _letters(claim.text), _letters(match.statement.text)
    for word, letter in mine:
        others = [f"{one} {other}" for one, other in theirs if stem(one.lower()) == stem(word.lower())]
        if others and not any(other.endswith(f" {letter}") for other in others):
            return f"the source says “{others[0]}”, the answer says “{word} {letter}”"
    return ""


def _letters(text: str) -> list[tuple[str, str]]:
    return [(found["word"], found["letter"]) for found in _LETTERED.finditer(text)]


def _names(claim: Claim) -> list[Token]:
    """Words that are written like names where no noun and no beginning is: those beside another one or a title."""
    found = claim.tokens
    named = []
    for at, token in enumerate(found):
        beside = [other for other in found[max(at - 1, 0) : at + 2] if other is not token]
        joined = any(other.capital and not other.stop for other in beside)
        if token.capital and not token.stop and (joined or (not claim.german and at > 0)):
            named.append(token)
    return named


def _inflected(one: str, other: str) -> bool:
    """Whether two words differ in their endings alone."""
    mine, theirs = one.lower(), other.lower()
    same = shared(mine, theirs)
    return mine[same:] in _ENDINGS and theirs[same:] in _ENDINGS


def agent(claim: Claim, match: Match) -> str:
    """Who does it, where the sentence says "by somebody" and the source says "by" somebody else."""
    claimed, told = _agents(claim.text), _agents(match.statement.text)
    for mine in claimed if told else ():
        if not any(holds(frozenset(other), mine[0]) for other in told):
            return "the source names somebody else"
    return ""


def _agents(text: str) -> list[tuple[str, ...]]:
    """The first meaningful words after each "by", as stems; "by 31 March" names nobody."""
    return [tuple(content(rest)[:3]) for rest in _BY.split(text)[1:] if content(rest)]
