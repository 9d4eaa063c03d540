"""How far a statement reaches: "only", "unless", "at least", may against must, within against outside."""

import re
from collections.abc import Sequence

from assistant.answering.checks import negation
from assistant.answering.checks.claim import Claim, Match, Token, holds, tokens
from assistant.answering.checks.subject import VERBS
from assistant.language.antonyms import opposite
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary, words
from assistant.language.turns import bounded, turned

_OPPOSITES = tuple(
    (tuple(one.split(", ")), tuple(other.split(", ")))
    for one, other in (
        ("within, inside, innerhalb", "outside, beyond, außerhalb"),
        ("before, prior to, vor, in advance, im voraus", "after, following, nach"),
        ("within, innerhalb", "in advance, im voraus"),
        ("current, laufenden", "following, next, folgejahres, nächsten"),
        ("including, einschließlich", "except, excluding, unless, außer"),
        ("at least, minimum, not less than, mindestens", "up to, at most, maximum, no more than, höchstens, bis zu"),
        ("more than, above, exceeding, mehr als, über", "less than, below, fewer than, weniger als, unter"),
        (
            "increase, increased, rose, rises, grew, stieg, gestiegen",
            "decrease, decreased, fell, falls, declined, sank",
        ),
        ("everyone, all employees, alle", "nobody, no one, niemand"),
        ("always, immer", "never, rarely, nie, selten"),
        ("earlier, früher", "later, später"),
        ("include, includes, including, einschließlich", "exclude, excludes, excluding, ausschließlich"),
        ("mandatory, compulsory, verpflichtend", "optional, voluntary, freiwillig"),
        ("allowed, permitted, erlaubt", "prohibited, forbidden, verboten"),
    )
)
_CONDITION = re.compile(
    r"\b(?:only|unless|except|provided that|nur|außer|ausgenommen|es sei denn|sofern)\b(?P<what>[^.;,]+)", re.IGNORECASE
)
_IF = re.compile(r"\b(?:if|when|provided|wenn|falls|vorausgesetzt)\b(?P<what>[^.;,]+)", re.IGNORECASE)
# At the beginning: up to its comma, or without one up to the verb or article behind it.
_LEADING_IF = re.compile(
    r"(?:^|[;.]\s+)(?P<opens>if|when|whenever|where|unless|except|during|provided(?: that)?"
    r"|in (?:the )?(?:case|event)(?: of| that)?|wenn|falls|sofern|es sei denn|außer|während|im falle?|bei)\b"
    r"(?P<what>[^.;,]+)(?P<comma>,?)(?P<main>[^.;]*)",
    re.IGNORECASE,
)
_UNLESS = ("unless", "es sei denn")
_WHEN = ("if", "when", "wenn", "falls", "sofern")
_LIMITS = ("only", "nur", "except", "außer", "not", "nicht", "without", "ohne", "sofern nicht")
_ENDS = VERBS | vocabulary("the a an der die das dem den ein eine")
_NAMED = 6  # words of a condition that are asked for
_MUST = ("must", "shall", "required", "has to", "have to", "obliged", "mandatory", "muss", "müssen", "verpflichtet")
_MAY = ("may", "can", "allowed", "permitted", "optional", "entitled", "darf", "dürfen", "kann", "können", "berechtigt")


def opposed(claim: Claim, match: Match) -> str:
    """The word by which the source says the opposite of the sentence: "outside" against "within"."""
    mine, theirs = _spaced(claim.text), _spaced(match.statement.text)
    for one, other in (*_OPPOSITES, *((other, one) for one, other in _OPPOSITES)):
        if _has(mine, one) and not _has(mine, other) and _has(theirs, other) and not _has(theirs, one):
            return f"the source says “{_has(theirs, other)}”"
    turned_ = opposite(claim.text, match.statement.text)
    return f"the source says “{turned_[1]}”, the answer says “{turned_[0]}”" if turned_ else ""


def allowed(claim: Claim, match: Match) -> str:
    """A "must" where the source says "may", or the other way round."""
    mine, theirs = _spaced(claim.text), _spaced(match.statement.text)
    if negation.denies(claim.text) or negation.denies(match.statement.text):  # "may not" is "must not"
        return ""
    for one, other in ((_MUST, _MAY), (_MAY, _MUST)):
        if _has(mine, one) and not _has(mine, other) and _has(theirs, other) and not _has(theirs, one):
            return f"the source says “{_has(theirs, other)}”, the answer says “{_has(mine, one)}”"
    return ""


def narrowed(claim: Claim, match: Match) -> str:
    """The word, such as "only" or "lose", that the sentence adds to what the source says."""
    word = turned(claim.text, match.near)
    plain = claim.figures and match.statement.unit.form is not Form.ROW  # a table's plain figures are often limits
    if not word and plain:
        word = bounded(claim.text, f"{match.statement.text}\n{match.passage.evidence.heading}")
    return f"the source does not say “{word}”" if word else ""


def dropped(claim: Claim, match: Match) -> str:
    """The condition of the source, "only with approval", that the sentence leaves out."""
    spoken = frozenset(token.key for token in claim.tokens)
    for found in (*_CONDITION.finditer(match.statement.text), *_IF.finditer(match.statement.text)):
        start = max(match.statement.text.rfind(mark, 0, found.start()) for mark in ";.")
        before = [token for token in tokens(match.statement.text[start + 1 : found.start()]) if not token.stop]
        named = [token for token in tokens(found["what"]) if not token.stop][:_NAMED]
        said = sum(holds(spoken, token.key) for token in before)
        if named and 2 * said > len(before) and not _kept(named, spoken, found.re is _CONDITION):
            return f"the source says “{' '.join(found.group().split()[:6])}”"
    return _leading_dropped(claim, match)


def _leading_dropped(claim: Claim, match: Match) -> str:
    """As `dropped`, for a condition that stands before what it decides."""
    spoken = frozenset(token.key for token in claim.tokens)
    for found in _LEADING_IF.finditer(match.statement.text):
        condition, main = tokens(found["what"]), tokens(found["main"])
        if not found["comma"]:
            end = next((at for at, token in enumerate(condition) if at and token.key in _ENDS), len(condition))
            condition, main = condition[:end], condition[end:]
        decided = frozenset(token.key for token in main if not token.stop)
        named = [token for token in condition if not token.stop and not holds(decided, token.key)]
        told = sum(holds(decided, word) for word in claim.stems)
        kept = sum(holds(spoken, one.key) for one in named)
        if named and 2 * told > len(claim.stems) and 2 * kept <= len(named) - (len(named) == 1):
            said = f"{found['opens']} {found['what']}".split()
            return f"the source says “{' '.join(said[:6])}”"
    return ""


def inverted(claim: Claim, match: Match) -> str:
    """An "if" where the source says "unless", and nothing else in the sentence turns it."""
    mine, theirs = _spaced(claim.text), _spaced(match.statement.text)
    turned_ = _has(mine, _WHEN) and not _has(mine, (*_UNLESS, *_LIMITS))
    unless = _has(theirs, _UNLESS)
    return f"the source says “{unless}”" if turned_ and unless and not _has(theirs, _WHEN) else ""


def _kept(named: Sequence[Token], spoken: frozenset[str], strict: bool) -> bool:
    """Whether a sentence names a condition: one of its words, or more than half where it decides everything."""
    held = sum(holds(spoken, token.key) for token in named)
    return 2 * held > len(named) if strict and len(named) > 2 else held > 0


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


def _has(spaced: str, phrases: Sequence[str]) -> str:
    """The first of `phrases` that stands in a text of words with one space around each, or nothing."""
    return next((phrase for phrase in phrases if f" {phrase} " in spaced), "")
