"""Searches by words and by meaning and fuses both into one ranking.

A hit that the catalog does not know is dropped, whatever a derived index says.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.embedding.embedder import Embedder, Vector
from assistant.errors import IndexUnusable
from assistant.indexing import publish
from assistant.indexing.catalog import Catalog
from assistant.indexing.cut import embedded_text, searchable, text_key
from assistant.indexing.mend import words_intact
from assistant.indexing.place import index_command
from assistant.indexing.rows import ChunkRow
from assistant.indexing.schema import REBUILD
from assistant.indexing.seal import note_damage
from assistant.indexing.vectors import Generation
from assistant.indexing.words import Words, coverage
from assistant.retrieval.filters import matching_files
from assistant.retrieval.versions import newest_first
from assistant.types import Filter, Hit

_CANDIDATES = 60  # from each half
_WORDS_WEIGHT = 0.1
_COVERAGE_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Found:
    """The ranking of one question, with what the reader should know about it."""

    hits: tuple[Hit, ...]
    notices: tuple[str, ...] = ()


class Searcher:
    """The open halves of one index; each is opened at the first question that needs it."""

    def __init__(self, index: Path, catalog: Catalog, embedder: Embedder) -> None:
        self._index = index
        self._catalog = catalog
        self._embedder = embedder
        self._generation: tuple[int, Generation | None] = (0, None)
        self._asked: tuple[str, Vector] | None = None
        self._met_damage = False

    def prepare(self, question: str) -> Vector:
        """Load what a question needs: the model and the generation take a second at first, and a writer waits for
        whoever looks into the catalog."""
        if self._asked is None or self._asked[0] != question:
            self._asked = question, self._embedder.embed_one(question)
        self._open(publish.state(self._catalog)[0])
        return self._asked[1]

    def search(self, question: str, limit: int, wanted: Filter) -> Found:
        """The best `limit` passages for a question, best first; raises UsageError for a filter that fits no file."""
        vector = self.prepare(question)

        def once() -> tuple[Found, bool]:
            """The ranking by one state of the catalog, and whether a derived index was found damaged."""
            self._met_damage = False
            files = matching_files(self._catalog, wanted)
            found = self._search(question, vector, limit, None if files is None else frozenset(files))
            return found, self._met_damage

        found, met_damage = self._catalog.consistently(once)
        if met_damage:  # and not a run that began meanwhile
            note_damage(self._index)
        return found

    def close(self) -> None:
        """Close the generation; the catalog belongs to the caller."""
        if self._generation[1] is not None:
            self._generation[1].close()
        self._generation = (0, None)

    def _search(self, question: str, vector: Vector, limit: int, files: Collection[int] | None) -> Found:
        notices = _pending(self._catalog, index_command(self._index))
        breadth = max(_CANDIDATES, 2 * limit)
        meaning = dict(self._by_meaning(vector, breadth, files, notices))
        words, rarity = self._by_words(question, breadth, files, meaning.keys(), notices)
        rows = self._catalog.chunks(meaning.keys() | words.keys())
        meaning |= self._cosines(vector, [id_ for id_ in rows if id_ not in meaning])
        newest = self._catalog.newest((row.family for row in rows.values()), files)
        top = max(words.values(), default=1.0)
        hits = []
        for id_, row in rows.items():
            passage = " ".join([row.title, *row.headings, searchable(row.text)])
            covered = coverage(rarity, passage, row.language)
            cosine, bm25 = meaning.get(id_, 0.0), words.get(id_, 0.0)
            hit = _hit(row, cosine, bm25, covered, fused(cosine, bm25 / top, covered))
            hits.append(replace(hit, newest=newest.get(row.family, "")))
        shown = newest_first(hits, question, newest)[: max(limit, 0)]
        for hit in shown:
            self._check_text(rows[hit.chunk_id])
        return Found(tuple(shown), tuple(notices))

    def _check_text(self, row: ChunkRow) -> None:
        """Raise IndexUnusable where a passage is not the one that was cut: nothing else notices a disk that rots."""
        if text_key(embedded_text(row.subject, row.headings, row.text)) != row.hash:
            raise IndexUnusable(f"the catalog {self._catalog.path} is damaged", REBUILD)

    def _by_meaning(
        self, vector: Vector, limit: int, files: Collection[int] | None, notices: list[str]
    ) -> list[tuple[int, float]]:
        """Nearest chunks of the generation, and of the younger ones compared one by one."""
        number, watermark, size = publish.state(self._catalog)
        # A generation that a run has published this very moment is opened for the next question.
        current = number == self._generation[0]
        generation = self._generation[1] if current else None
        found: list[tuple[int, float]] = []
        if generation is not None:
            gone = size - self._catalog.count_chunks(watermark)
            try:
                found = generation.search(vector, min(limit + gone, size), files)
                known = self._catalog.known_chunks(id_ for id_, _ in found)
                found = [pair for pair in found if pair[0] in known][:limit]
            except Exception:  # as in _open
                self._generation = (number, generation := None)
        # Chroma writes when it opens a store: a read-only index is compared exactly, which finds no less.
        if number and current and generation is None and os.access(self._index, os.W_OK):
            self._damaged("vectors' store", notices)
        young = [
            (id_, float(vector @ other))
            for id_, file, other in self._catalog.vectors(after=watermark if generation is not None else 0)
            if files is None or file in files
        ]
        return sorted([*found, *young], key=lambda pair: -pair[1])[:limit]

    def _by_words(
        self, question: str, limit: int, files: Collection[int] | None, also: Collection[int], notices: list[str]
    ) -> tuple[dict[int, float], dict[str, dict[str, float]]]:
        """BM25 of the best chunks and of those that were found by meaning, and the rarity of the question's words."""
        try:
            if not words_intact(self._catalog, self._index):
                raise ValueError
            words = Words(self._index)
            return dict(words.search(question, limit, files)) | words.scores(question, also), words.rarity(question)
        except ValueError:
            self._damaged("words index", notices)
            return {}, {}

    def _damaged(self, what: str, notices: list[str]) -> None:
        self._met_damage = True
        notices.append(f"The {what} is missing or damaged. Mend it with: {index_command(self._index)}")

    def _cosines(self, vector: Vector, ids: Sequence[int]) -> dict[int, float]:
        return {id_: float(vector @ other) for id_, other in self._catalog.vectors_of(ids).items()}

    def _open(self, number: int) -> None:
        """Open the generation, once; without one, or where it cannot be opened, vectors are compared exactly."""
        if self._generation[0] == number:
            return
        self.close()
        try:
            if not publish.is_intact(self._catalog, self._index):
                raise FileNotFoundError
            self._generation = (number, Generation(self._index, number))
        except Exception:
            # Chroma raises errors of its own kinds for a damaged store; the exact comparison needs none of it.
            self._generation = (number, None)


def _pending(catalog: Catalog, command: str) -> list[str]:
    """That some passages still wait for their vectors, while a run goes on or after one that was stopped."""
    if catalog.get("vectors") != "behind":
        return []
    number = catalog.counts().pending
    what = "1 passage is" if number == 1 else f"{number:,} passages are"
    return [f"{what} found by words only so far; {command} finishes the rest."] if number else []


def fused(cosine: float, words: float, covered: float) -> float:
    """One score of 0 to 1 from cosine, BM25 over the best BM25, and the share of the question's words.

    Weights: scripts/LOG.md, "Fusion".
    """
    total = cosine + _WORDS_WEIGHT * words + _COVERAGE_WEIGHT * covered
    return float(np.clip(total / (1 + _WORDS_WEIGHT + _COVERAGE_WEIGHT), 0.0, 1.0))


def _hit(row: ChunkRow, cosine: float, bm25: float, covered: float, score: float) -> Hit:
    return Hit(
        path=row.path,
        page=row.page,
        page_label=row.page_label,
        heading=" › ".join(row.headings),
        text=row.text,
        start=row.start,
        end=row.end,
        score=round(score, 4),
        chunk_id=row.id,
        title=row.title,
        date=row.date,
        dated=row.dated,
        family=row.family,
        edition=row.edition,
        meaning=round(cosine, 4),
        words=round(bm25, 4),
        coverage=round(covered, 4),
    )
