"""Which of a question's words stand in a passage, and how: together, in the headings, beyond the document's name."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.indexing.cut import searchable
from assistant.indexing.rows import ChunkRow
from assistant.indexing.words import Rarity, all_stems, stems


@dataclass(frozen=True, slots=True)
class Matched:
    """Shares of a question's words, by their rarity, 0 to 1."""

    coverage: float = 0.0  # in title, headings and text
    headings: float = 0.0
    phrases: float = 0.0  # of pairs of neighboring words of the question that are neighbors in the text
    rest: float = 0.0  # in the text, of those that do not stand in the named document's names and start


class Matcher:
    """Compares one question with passages; without any rarity (the index is missing) nothing matches."""

    def __init__(self, question: str, rarity: Rarity, known: Set[str] = frozenset()) -> None:
        """`known`: stems of the names and the start of the document that the question names."""
        self._rarity = rarity
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
        return Matched(
            coverage=_share(rarity, present | above | _stems_of(row.title, language)),
            headings=_share(rarity, above),
            phrases=self._phrases(language, text),
            rest=_share(self._left.get(language, {}), present),
        )

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


def _share(rarity: Mapping[str, float], present: Set[str]) -> float:
    total = sum(rarity.values())
    return sum(value for stem, value in rarity.items() if stem in present) / total if total else 0.0
