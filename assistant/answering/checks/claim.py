"""A sentence of an answer taken apart, and how well one statement of a source holds it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile

from assistant.answering.passages import Passage, Statement
from assistant.language.numbers import Figure, figures, missing
from assistant.language.sentences import Form
from assistant.language.spelled import MULTIPLES
from assistant.language.synonyms import any_synonym, synonyms
from assistant.language.terms import STOP, content, language, positions, stem

_SCALE = re.compile(
    r"(?:\(|\bin |EUR |USD |[€$£] ?|\|\s*)(?P<size>millions?|thousands?|billions?|Mio|Tsd|Mrd|Millionen|Tausend)\b",
    re.IGNORECASE,
)
# Words of a sum that no source needs to have.
_OPERATIONS = frozenset(
    content("difference sum total increase decrease rise fall Differenz Summe Unterschied insgesamt")
)
# Words that say that a thing is so, and not what: "amounted to", "namely".
_LIGHT = frozenset(
    content(
        "amount amounts amounted equals constitute stand stands stood come comes came numbered counted sits exactly "
        "namely earlier bereits nämlich belaufen beläuft liegt lag liegen befindet lässt erfolgt handelt dabei zwar"
    )
)
_FEW = 2  # words of meaning beside them
UP = frozenset(
    content("rise rose risen increase increased grow grew grown climb climbed gain gained steigen stieg gestiegen")
)
DOWN = frozenset(content("fall fell fallen decrease decreased decline declined drop dropped sinken sank gesunken"))
CHANGES = UP | DOWN  # a row's sign answers for them
_NEARBY = 0.6  # weight of a word that stands only beside the statement: heading, title, neighbor


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a figure of a text, in a form that its other spellings share."""

    key: str
    start: int
    end: int
    written: str
    figure: Figure | None = None
    stop: bool = False  # a word that carries no meaning of its own

    @property
    def capital(self) -> bool:
        """Whether it is written like a name."""
        return self.figure is None and self.written[:1].isupper()


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, or a clause of one, whose truth is asked."""

    text: str
    stems: frozenset[str]
    figures: tuple[Figure, ...]  # those that must stand in the source
    german: bool
    spelled: frozenset[str] = frozenset()  # stems of the words in which its figures are written

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Its words and figures in order."""
        return tokens(self.text)


@dataclass(frozen=True, slots=True)
class Match:
    """How well one statement holds a claim."""

    passage: Passage
    statement: Statement
    share: float  # of the claim's words, those nearby counted for less
    held: frozenset[str]
    lacking: tuple[Figure, ...]

    @property
    def context(self) -> str:
        """What names the statement's subject from above: title, headings, path, and the head of its table."""
        item = self.passage.evidence
        return f"{item.title}\n{item.heading}\n{item.path}\n{self.statement.header}"

    @property
    def near(self) -> str:
        """The statement with its neighbors, its header row, the headings and the title."""
        statements, item = self.passage.statements, self.passage.evidence
        at = statements.index(self.statement)
        around = [statement.text for statement in statements[max(at - 1, 0) : at + 2]]
        return "\n".join((*around, self.statement.header, item.heading, item.title))


def claim(text: str, computed: Sequence[Figure] = ()) -> Claim:
    """Take a sentence apart; `computed` are figures of it that arithmetic answers for, not the source."""
    places = {figure.start for figure in computed}
    found = tuple(figure for figure in figures(text) if figure.start not in places)
    stems = frozenset(content(text)) - (_OPERATIONS | _spelled(computed) if computed else frozenset())
    stems = stems - _LIGHT if len(stems - _LIGHT) > _FEW else stems
    return Claim(text, stems, found, language(text) == "de", _spelled(found))


def _spelled(found: Sequence[Figure]) -> frozenset[str]:
    """The words of spelled numbers and multiples: what they say is compared as a figure."""
    return frozenset(
        word for figure in found if not figure.dates and not figure.code for word in content(figure.written)
    )


def matches(asked: Claim, passages: Sequence[Passage]) -> list[Match]:
    """How well each statement of `passages` holds the claim, the best first."""
    found = [match for passage in passages for match in _of_passage(asked, passage)]
    return sorted(found, key=lambda match: (-match.share, len(match.lacking)))


def _of_passage(asked: Claim, passage: Passage) -> list[Match]:
    forms = {word: _forms(word, passage) for word in asked.stems}
    found = []
    for statement in passage.statements:
        told = (*statement.figures, *passage.context_figures, *_of_table(statement, passage))
        lacking = tuple(missing(asked.figures, told))
        shown = frozenset() if lacking else asked.spelled
        if statement.unit.form is Form.ROW and "%" in statement.text:
            shown |= CHANGES
        held = frozenset(
            word for word, others in forms.items() if word in shown or not statement.stems.isdisjoint(others)
        )
        nearby = sum(not statement.around.isdisjoint(forms[word]) for word in asked.stems - held)
        share = (len(held) + _NEARBY * nearby) / max(len(asked.stems), 1)
        found.append(Match(passage, statement, share, held, lacking))
    return found


def _of_table(statement: Statement, passage: Passage) -> tuple[Figure, ...]:
    """The figures of a row's heads, and the row's own in the size that its table is written in: "in millions"."""
    if statement.unit.form is not Form.ROW:
        return ()
    said = _SCALE.search(f"{statement.header}\n{passage.evidence.heading}\n{passage.evidence.text}")
    times = MULTIPLES.get(said["size"].lower().removesuffix("s"), 1) if said else 1
    large = [replace(one, values=frozenset(value * times for value in one.values)) for one in statement.figures]
    return (*figures(statement.header), *(large if times > 1 else ()))


def _forms(word: str, passage: Passage) -> frozenset[str]:
    """The stems of a passage that are forms of a word."""
    alike = [other for other in passage.forms.get(word[:5], ()) if same_word(word, other)]
    return frozenset((word, *synonyms(word), *alike))


def holds(source: frozenset[str], word: str) -> bool:
    """Whether a stem, a form of it that the stemmer missed or a synonym is among the source's."""
    return word in source or any_synonym(word, source) or any(same_word(word, other) for other in source)


def same_word(one: str, other: str) -> bool:
    """Whether two stems are forms of one word, as far as their letters tell."""
    if one == other:
        return True
    return len(one) >= 5 and one[:5] == other[:5] and shared(one, other) >= 0.75 * max(len(one), len(other))


def shared(one: str, other: str) -> int:
    """How many characters two words have in common from their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@lru_cache(maxsize=4_000)  # the same statements are compared with sentence after sentence
def tokens(text: str) -> tuple[Token, ...]:
    """The words and figures of a text in order."""
    found = [Token(_key(figure), figure.start, figure.end, figure.written.strip(), figure) for figure in figures(text)]
    taken = [(token.start, token.end) for token in found]
    for start, word in positions(text):
        end = start + len(word)
        if not any(start < until and since < end for since, until in taken):
            low = word.lower()
            found.append(Token(low if low in STOP else stem(low), start, end, word, None, low in STOP))
    return tuple(sorted(found, key=lambda token: token.start))


def _key(figure: Figure) -> str:
    """What spellings of one figure share; a figure that may be two numbers is known by the smaller."""
    if figure.code:
        return figure.code
    if figure.dates:
        return str(min(figure.dates, key=str))
    return f"{min(figure.values, default=0):f}{'%' * figure.percent}"
