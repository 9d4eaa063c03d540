"""Sources of several parts, "pumps 36 months, valves 30": each clause of a sentence keeps to one part."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from assistant.answering.checks.claim import Claim, Match, Token, tokens
from assistant.answering.checks.predicate import has_verb
from assistant.answering.checks.replaced import related
from assistant.answering.checks.subject import LEADING, VERBS
from assistant.language.sentences import Form
from assistant.language.terms import vocabulary
from assistant.language.units import unit

_CONJUNCTION = r"(?:and|but|while|whereas|und|aber|sowie|während|sondern)"
_CUT = re.compile(rf";\s*|,\s+(?:{_CONJUNCTION}\s+)?|\s+{_CONJUNCTION}\s+")
_ARTICLES = vocabulary("the a an each every all der die das ein eine jeder jede jedes alle")
_COMPARES = re.compile(r"\b(?:than|instead|respectively|als|statt|anstatt|jeweils)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIMES = vocabulary("second minute hour day night week month quarter year")  # one may stand in another's place
_SUBJECT = 3  # words of meaning before the verb of a part that tell its subject


@dataclass(frozen=True, slots=True)
class _Counted:
    """A part with an amount: its words of meaning, its amounts, and what each of them counts."""

    words: tuple[Token, ...]
    amounts: tuple[tuple[Token, str], ...]
    helped: bool  # by "is" or "shall"

    def frames(self, other: "_Counted") -> bool:
        """Whether `other`, behind it, leaves out what it says: "12 desks in Berlin and 15 in Munich"."""
        return not other.helped and (not other.before or other.before != self.before)

    @property
    def before(self) -> str:
        """The last word of meaning before the first amount: mostly the verb."""
        return next((one.key for one in reversed(self.words) if one.start < self.amounts[0][0].start), "")


def counted(claim: Claim, match: Match) -> str:
    """An amount of one part of the source in a clause that has the words of another part, with its own amount."""
    told = () if match.statement.unit.form is Form.ROW else _counted(match.statement.text)
    for clause in _counted(claim.text) if len(told) > 1 else ():
        for amount, kind in clause.amounts:
            own = [part for part in told if _with(amount, kind, part.amounts)]
            wrong = _taken(clause, kind, own[0], told) if len(own) == 1 else ""
            if wrong:
                return wrong
    return ""


def _taken(clause: _Counted, kind: str, own: _Counted, told: Sequence[_Counted]) -> str:
    """The amount of the part whose words a clause has beside an amount of another part, its `own`."""
    every = [token for part in told for token in part.words]
    mine = [token for token in own.words if _only(token, own, told)]
    spoken = any(_said(token, mine, every) for token in clause.words)
    for part in told:
        frame = told.index(part) < told.index(own) and part.frames(own)
        rival = next((one for one, other in part.amounts if _alike(kind, other)), None)
        if part is own or rival is None or (frame and spoken) or _with(rival, kind, clause.amounts):
            continue
        words = [token for token in part.words if _only(token, part, told)]
        theirs = next((found for token in clause.words for found in words if _said(token, (found,), every)), None)
        if theirs:
            return f"the source says {rival.written} of “{theirs.written}”"
    return ""


@lru_cache(maxsize=1_000)
def _counted(text: str) -> tuple[_Counted, ...]:
    """The parts of a text that have amounts; what has none belongs to the part that it leads in, or to the one before.

    Nothing where a text compares or lists in turn: its parts do not stand for themselves.
    """
    if _COMPARES.search(text):
        return ()
    found: list[_Counted] = []
    waiting = ""
    for part in _cut(text):
        told = f"{waiting}{part}"
        amounts = tuple(_amounts(told))
        if amounts:
            words = tuple(
                one for one in tokens(told) if not one.stop and not any(one is amount for amount, _ in amounts)
            )
            found.append(_Counted(words, amounts, _helped(told)))
        waiting = f"{part}, " if not amounts and (not found or _leads(part)) else ""
    return tuple(found)


def _cut(text: str) -> Iterator[str]:
    start = 0
    for cut in (*_CUT.finditer(text), None):
        yield text[start : cut.start() if cut else len(text)]
        start = cut.end() if cut else start


def _leads(part: str) -> bool:
    first = next(iter(tokens(part)), None)
    return first is not None and first.key in LEADING and not has_verb(part)


def _amounts(text: str) -> Iterator[tuple[Token, str]]:
    found = tokens(text)
    for at, token in enumerate(found):
        if token.figure and token.figure.values and not _YEAR.fullmatch(token.written):
            counts = unit(text, token.figure)
            section = not token.start and "." in token.written  # "4.7 If the supplier learns of it, ..."
            if counts or not (section or _numbered(found, at)):
                name = counts.name if counts else ""
                yield token, "time" if name in _TIMES else name


def _numbered(found: Sequence[Token], at: int) -> bool:
    """Whether a number names the thing before it: "hall 2" in "Hall 2 holds 650 pallets"."""
    before = found[at - 1] if at else None
    return before is not None and before.capital and not before.stop and before.end + 1 == found[at].start


def _with(amount: Token, kind: str, amounts: Sequence[tuple[Token, str]]) -> bool:
    return any(related(amount, other) and _alike(kind, unit_) for other, unit_ in amounts)


def _alike(one: str, other: str) -> bool:
    return not one or not other or one == other


def _only(token: Token, part: _Counted, told: Sequence[_Counted]) -> bool:
    return not any(token.key == other.key for one in told if one is not part for other in one.words)


def _said(token: Token, words: Sequence[Token], every: Sequence[Token]) -> bool:
    """Whether a token is one of `words`: by its stem where the source has it anywhere, else by a related word."""
    if any(token.key == other.key for other in every):
        return any(token.key == other.key for other in words)
    return any(related(token, other) for other in words)


def subjects(claim: Claim, match: Match) -> str:
    """The subject of the part of the source that says it, where a clause says it of another part's subject."""
    parts = () if match.statement.unit.form is Form.ROW else parts_of(match.statement.text)
    if len(parts) < 2:
        return ""
    every = [token for part in parts for token in part]
    named = [_subject(part) for part in parts]
    for clause in parts_of(claim.text):
        held = [tuple(token for token in part if _spoken(token, clause, every)) for part in parts]
        for at, part in enumerate(parts):
            if any(token.key in LEADING for token in part[:1]):
                continue
            rest = [token for token in held[at] if _distinct(token, at, parts) and token not in _subject(part)]
            own = [token for token in _subject(part) if _distinct(token, at, named)]
            if not rest or not own or any(token in held[at] for token in own) or any(_idle(token) for token in own):
                continue
            others = [token for number, other in enumerate(named) if number != at for token in other]
            if any(_spoken(token, clause, every) and not _among(token, part) for token in others):
                return f"the source says this of “{_called(part)}”"
    return ""


@lru_cache(maxsize=1_000)
def parts_of(text: str) -> tuple[tuple[Token, ...], ...]:
    """The parts of a text that have a subject of their own, each as its tokens."""
    found: list[str] = []
    for part in _cut(text):
        begins = not found or _begins(part, found[-1], f"{found[-1]};" in text)
        if begins:
            found.append(part.strip())
        else:
            found[-1] = f"{found[-1]} {part.strip()}"
    return tuple(tokens(part) for part in found)


def own_subject(clause: str, source: str) -> bool:
    """Whether a clause says of whom it speaks, by its form, or by the word that its source begins with."""
    first, other = (next((token for token in tokens(text) if not token.stop), None) for text in (clause, source))
    return _begins(clause, "", True) or (first is not None and other is not None and related(first, other))


def _begins(part: str, before: str, apart: bool) -> bool:
    """Whether a part begins with a subject of its own: an article, a name, or words right before its verb."""
    said = tokens(part)
    if not said or (not has_verb(before) and _helped(part) and not apart):
        return False
    words = len(tuple(takewhile(lambda token: not (token.stop or token.figure), said)))
    behind = said[words] if 0 < words <= _SUBJECT and words < len(said) else None
    verb = behind is not None and (
        behind.key in VERBS or (words > 1 and bool(behind.figure or behind.key in _ARTICLES))
    )
    return said[0].written.lower() in _ARTICLES or said[0].written[:1].isupper() or verb


def _helped(part: str) -> bool:
    return any(token.key in VERBS for token in tokens(part))


def _subject(part: Sequence[Token]) -> tuple[Token, ...]:
    """The words of meaning before the verb, as many as there may be in a subject, the letter of "class B" with them."""
    before = tuple(takewhile(lambda token: token.key not in VERBS, part))
    words = [token for at, token in enumerate(before) if not token.stop or _letter(before, at)]
    return tuple(words[:_SUBJECT] if len(before) < len(part) else words[:1])


def _letter(before: Sequence[Token], at: int) -> bool:
    return at > 0 and len(before[at].written) == 1 and before[at].capital


def _idle(token: Token) -> bool:
    return token.figure is not None


def _distinct(token: Token, at: int, parts: Sequence[Sequence[Token]]) -> bool:
    plain = not token.stop or len(token.written) == 1
    return plain and not any(
        token.key == other.key for number, part in enumerate(parts) if number != at for other in part
    )


def _spoken(token: Token, clause: Sequence[Token], every: Sequence[Token]) -> bool:
    """Whether a token of the source stands in a clause: by its stem, or by a word that the source does not have."""
    if token.stop and not (len(token.written) == 1 and token.capital):
        return False
    keys = {other.key for other in every}
    return any(token.key == other.key or (other.key not in keys and related(token, other)) for other in clause)


def _among(token: Token, others: Sequence[Token]) -> bool:
    return any(token.key == other.key for other in others)


def _called(part: Sequence[Token]) -> str:
    """What a part is about: its first word of meaning, with the name or letter behind it."""
    words = [token for token in part if not token.stop]
    name = [words[0], *takewhile(lambda token: words[0].capital and token.capital, words[1:2])]
    return " ".join(token.written for token in name)
