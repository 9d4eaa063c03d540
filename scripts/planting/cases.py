"""Cases: a sentence with its mark, the six passages that it is checked against, and whether it is true."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.language.terms import language
from assistant.types import Evidence
from planting import errors, rows, wording
from planting.corpus import Source, Told, readable

PASSAGES = 6  # that a sentence is checked against
_TRUE_ELSEWHERE = 0.8  # share of a false sentence's words and numbers that one place may hold


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence whose truth is known."""

    kind: str  # "copied", "reworded", "row", or of an error
    sentence: str  # with its mark
    passages: tuple[Evidence, ...]
    document: str
    origin: str  # the true sentence
    note: str = ""

    @property
    def true(self) -> bool:
        """Whether what it cites says it."""
        return self.kind in TRUE


TRUE = ("copied", "reworded", "row")
FALSE = (*errors.KINDS, "row of another", "page of another")


def cases(sources: Sequence[Source], kind: str, count: int, seed: int) -> list[Case]:
    """At most `count` cases of one kind, spread over the documents, the same for the same seed."""
    draw = random.Random(f"{seed} {kind}")
    made = _rows(sources, kind, draw) if kind in ("row", "row of another") else _stated(sources, kind, draw)
    return [case for case, _ in zip(made, range(count), strict=False)]


def _stated(sources: Sequence[Source], kind: str, draw: random.Random) -> Iterator[Case]:
    order = [(source, told) for source in sources for told in draw.sample(source.told, min(len(source.told), 60))]
    draw.shuffle(order)
    used: dict[str, int] = {}
    most = max(8, 1200 // max(len(sources), 1))
    for source, told in order:
        case = _case(source, told, kind, draw)
        if case and used.get(source.name, 0) < most and not (not case.true and happens_to_be_true(case)):
            used[source.name] = used.get(source.name, 0) + 1
            yield case


def _case(source: Source, told: Told, kind: str, draw: random.Random) -> Case | None:
    german = language(told.text) == "de"
    passages, mark = _around(source, told.place, draw)
    if kind == "copied":
        return Case(kind, f"{told.text} [{mark}]", passages, source.name, told.text)
    other, note = wording.reworded(told.text, draw, german)
    if kind == "reworded":
        return Case(kind, f"{other} [{mark}]", passages, source.name, told.text, note) if note else None
    if kind == "page of another":
        return _elsewhere(source, told, draw)
    text, note = (told.text, "") if draw.random() < 0.6 else (other, note)
    false = errors.KINDS[kind](text, errors.Near(told, source), draw)
    return Case(kind, f"{false} [{mark}]", passages, source.name, told.text, note) if false else None


def _elsewhere(source: Source, told: Told, draw: random.Random) -> Case | None:
    """A true sentence cited to a place of its document that is not its own, nor beside it."""
    far = [passage for place, passage in enumerate(source.passages) if abs(place - told.place) > 1]
    if len(far) < 2:
        return None
    mine = set(errors.tokens(told.text))
    far.sort(key=lambda one: -len(mine & set(errors.tokens(one.text))))  # the nearest are the hardest
    chosen = [*far[:3], *draw.sample(far[3:], min(3, len(far[3:])))]
    draw.shuffle(chosen)
    return Case("page of another", f"{told.text} [1]", _numbered(chosen), source.name, told.text)


def _rows(sources: Sequence[Source], kind: str, draw: random.Random) -> Iterator[Case]:
    found = [(source, table) for source in sources for table in rows.tables(source)]
    draw.shuffle(found)
    for source, table in [*found, *found, *found]:
        german = language(source.passages[table[0].place].text) == "de"
        true, false, row = rows.true_and_false(table, draw, german)
        passages, mark = _around(source, row.place, draw)
        sentence = true if kind == "row" else false
        case = Case(kind, f"{sentence} [{mark}]", passages, source.name, true)
        if sentence and len(row.label.split()) < 8 and (case.true or not happens_to_be_true(case)):
            yield case


def _around(source: Source, place: int, draw: random.Random) -> tuple[tuple[Evidence, ...], int]:
    """The passage, its neighbors, and others of its document, in any order; and the passage's number."""
    near = [at for at in (place - 1, place + 1) if 0 <= at < len(source.passages)]
    far = [at for at in range(len(source.passages)) if abs(at - place) > 1]
    chosen = [place, *near, *draw.sample(far, min(len(far), PASSAGES - 1 - len(near)))]
    draw.shuffle(chosen)
    return _numbered([source.passages[at] for at in chosen]), chosen.index(place) + 1


def _numbered(passages: Sequence[Evidence]) -> tuple[Evidence, ...]:
    return tuple(replace(passage, number=number) for number, passage in enumerate(passages, 1))


def happens_to_be_true(case: Case) -> bool:
    """Whether one sentence or line of what is cited holds nearly every word and every number of a false sentence.

    The error itself is what must not stand there: words that the error left alone do not count for it.
    """
    mine = set(errors.tokens(case.sentence.rpartition(" [")[0]))
    new = mine - set(errors.tokens(case.origin))
    for passage in case.passages:
        words = errors.tokens(readable(passage.text))
        for start in range(0, max(1, len(words) - len(mine) // 2), 5):
            window = set(words[start : start + 2 * len(mine)])
            if new <= window and len(mine & window) >= _TRUE_ELSEWHERE * len(mine) and (new or _page(case)):
                return not _in_place_of(case, new, window)
    return not new and not _page(case) and case.kind != "negation"


def _page(case: Case) -> bool:
    return case.kind == "page of another"


def _in_place_of(case: Case, new: set[str], window: set[str]) -> bool:
    """Whether the window is the true sentence's own place, which may hold the new number beside what it says."""
    lost = set(errors.tokens(case.origin)) - set(errors.tokens(case.sentence))
    return bool(new) and bool(lost) and lost <= window
