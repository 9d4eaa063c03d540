"""Which of a question's words stand in a passage, and how: together, in the headings, beyond the document's name."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.indexing.cut import searchable
from assistant.indexing.words import Rarity, all_stems, stems
from assistant.language.codes import codes
from assistant.retrieval.tables import labels
from assistant.storage.rows import ChunkRow

_BELOW = 0.8  # of a row that a question names with its heading's help: "Total" below "Inventories"


@dataclass(frozen=True, slots=True)
class Matched:
    """Shares of a question's words, by their rarity, 0 to 1."""

    coverage: float = 0.0  # in title, headings and text
    headings: float = 0.0
    phrases: float = 0.0  # of pairs of neighboring words of the question that are neighbors in the text
    rest: float = 0.0  # in the text, of those that do not stand in the named document's names and start
    present: frozenset[str] = frozenset()  # the stems of the question that stand in title, headings or text
    row: float = 0.0  # of these in the label of the table's row that has most of them, and how much of it they are


class Matcher:
    """Compares one question with passages; without any rarity (the index is missing) nothing matches."""

    def __init__(self, question: str, rarity: Rarity, known: Set[str] = frozenset()) -> None:
        """`known`: stems of the names and the start of the document that the question names."""
        self._rarity = rarity
        self._has_codes = bool(codes(question))
        self._pairs = {language: list(pairwise(stems(question, language))) for language in rarity}
        self._left = {
            language: {stem: value for stem, value in values.items() if stem not in known}
            for language, values in rarity.items()
        }

    def match(self, row: ChunkRow) -> Matched:
        """What a passage has of the question."""
        language = row.language if row.language in self._rarity else "xx"
        rarity = self._rarity.get(language, {})
        text = all_stems(searchable(row.text), language)
        present, above = set(text), _stems_of(" ".join(row.headings), language)
        if self._has_codes:
            present |= codes(f"{' '.join(row.headings)}\n{row.text}")
        everywhere = present | above | _stems_of(row.title, language)
        return Matched(
            coverage=_share(rarity, everywhere),
            present=frozenset(everywhere & rarity.keys()),
            headings=_share(rarity, above),
            phrases=self._phrases(language, text),
            rest=_share(self._left.get(language, {}), present),
            row=self._row(language, row),
        )

    def absent(self, language: str, passages: Iterable[Matched]) -> float:
        """The share of the question's words, by their rarity, that none of some passages has."""
        rarity = self._rarity.get(language if language in self._rarity else "xx", {})
        return _share(rarity, rarity.keys() - {stem for one in passages for stem in one.present})

    def _row(self, language: str, row: ChunkRow) -> float:
        rarity = self._left.get(language, {})
        above = _stems_of(row.headings[-1], language) if row.headings else frozenset()
        best = 0.0
        for label in labels(row.text):
            own = _stems_of(label, language)
            best = max(best, _named(rarity, own), _BELOW * _named(rarity, own | above))
        return best

    def _phrases(self, language: str, text: list[str]) -> float:
        rarity, pairs = self._rarity.get(language, {}), self._pairs.get(language, [])
        weights = [rarity.get(one, 0.0) + rarity.get(other, 0.0) for one, other in pairs]
        if not sum(weights):
            return 0.0
        here = set(pairwise(text))
        return sum(weight for pair, weight in zip(pairs, weights, strict=True) if pair in here) / sum(weights)


@lru_cache(maxsize=2_000)
def _stems_of(text: str, language: str) -> frozenset[str]:
    """The stems of a title or of headings, which many passages share."""
    return frozenset(all_stems(text, language))


def _named(rarity: Mapping[str, float], label: Set[str]) -> float:
    """The share of a question's words in a label, times that of the label's words in the question."""
    here = label & rarity.keys()
    return _share(rarity, here) * len(here) / len(label) if here else 0.0


def _share(rarity: Mapping[str, float], present: Set[str]) -> float:
    total = sum(rarity.values())
    return sum(value for stem, value in rarity.items() if stem in present) / total if total else 0.0
