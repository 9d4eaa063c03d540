"""Searches by words and by meaning and fuses both into one ranking.

A hit that the catalog does not know is dropped, whatever a derived index says.
"""

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.embedding.embedder import Embedder, Vector
from assistant.embedding.snippets import nearest_snippets
from assistant.errors import EgressRefused, IndexUnusable
from assistant.indexing import publish
from assistant.indexing.mend import FORGETTING, words_intact
from assistant.indexing.vectors import Generation, compared, nearest
from assistant.indexing.words import Words
from assistant.retrieval.filters import matching_files
from assistant.retrieval.naming import Naming, lacking, naming
from assistant.retrieval.parts import parts
from assistant.retrieval.ranking import Pool, Ranking, ranked
from assistant.retrieval.spread import SPREAD, over_pages
from assistant.retrieval.versions import newest_first
from assistant.storage.catalog import Catalog
from assistant.storage.lock import finisher, holder
from assistant.storage.place import index_command
from assistant.storage.rows import ChunkRow
from assistant.storage.seal import note_damage
from assistant.types import Filter, Hit

CANDIDATES = 100  # from each half
_KEPT = 16  # vectors of questions


@dataclass(frozen=True, slots=True)
class Found:
    """The ranking of one question, with what the reader should know about it."""

    hits: tuple[Hit, ...]
    question: str = ""
    notices: tuple[str, ...] = ()
    parts: "tuple[Found, ...]" = ()  # what each question that it is made of found by itself; the hits are of all
    lead: float = 0.0  # score of the best hit over that of the tenth
    absent: float = 0.0  # share of the question's words that the document which it names has nowhere, if it names one
    lacking: float = 0.0  # proper names of the question that the best hit and its document's start lack
    named: Naming = field(default_factory=Naming)  # the document that the question names, and what it asks beyond that


class Searcher:
    """The open halves of one index; each is opened at the first question that needs it."""

    def __init__(self, index: Path, catalog: Catalog, embedder: Embedder) -> None:
        self._index = index
        self._catalog = catalog
        self._embedder = embedder
        self._generation: tuple[int, Generation | None] = (0, None)
        self._asked: dict[str, Vector] = {}
        self._met_damage = False

    def prepare(self, question: str, reworded: str = "") -> None:
        """Load what a question needs: the model and the generation take a second at first, and a writer waits for
        whoever looks into the catalog."""
        for text in filter(None, (question, *parts(question), reworded)):
            self._embedded(text)
        self._open(publish.state(self._catalog)[0])

    def _embedded(self, question: str) -> Vector:
        """The question's vector, or that of its rest; a question is searched more than once while a run goes on."""
        if question not in self._asked:
            if len(self._asked) >= _KEPT:
                self._asked.clear()
            self._asked[question] = self._embedder.embed_one(question)
        return self._asked[question]

    def search(self, question: str, limit: int, wanted: Filter, reworded: str = "") -> Found:
        """The best `limit` passages for a question, best first and behind the first five over many pages.

        Raises UsageError for a filter that fits no file.

        The question in other words, where given, is searched for as well, with the same right.
        """
        self.prepare(question, reworded)

        def once() -> tuple[Found, bool]:
            """The ranking by one state of the catalog, and whether a derived index was found damaged."""
            self._met_damage = False
            files = matching_files(self._catalog, wanted)
            found = self._search(question, reworded, limit, None if files is None else frozenset(files))
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

    def _search(self, question: str, reworded: str, limit: int, files: Collection[int] | None) -> Found:
        notices = _pending(self._catalog, finisher(self._index, index_command(self._index)))
        words = self._words(notices)
        breadth = max(CANDIDATES, 2 * limit)

        def found_for(text: str) -> Ranking:
            """What is found for one of the texts that are searched for."""
            return self._ranking(text, breadth, files, words, notices)

        whole, *apart = map(found_for, (question, *parts(question)))
        others = [found_for(reworded)] if reworded else []
        found = self._found(whole.with_others([*apart, *others]), limit)
        return replace(
            found,
            notices=tuple(dict.fromkeys(notices)),
            parts=tuple(self._found(ranking, limit) for ranking in apart),
        )

    def _found(self, ranking: Ranking, limit: int) -> Found:
        """The best hits of a ranking, versions of a document in their order, over many pages."""
        best = newest_first(ranking.hits, ranking.question, ranking.newest, max(limit, SPREAD))
        shown = over_pages(best)[: max(limit, 0)]
        for hit in shown:
            self._check_text(ranking.rows[hit.chunk_id])
        return Found(
            hits=tuple(shown),
            question=ranking.question,
            lead=ranking.lead,
            absent=ranking.absent,
            lacking=lacking(ranking.question, ranking.rows[shown[0].chunk_id], self._catalog) if shown else 0.0,
            named=ranking.named,
        )

    def _ranking(
        self, question: str, breadth: int, files: Collection[int] | None, words: Words | None, notices: list[str]
    ) -> Ranking:
        """What is found for one question, or for one part of it."""
        vector = self._embedded(question)
        cosines = dict(self._by_meaning(vector, breadth, files, notices))
        bm25 = dict(words.search(question, breadth, files)) if words else {}
        rows = self._catalog.chunks(cosines.keys() | bm25.keys())
        cosines |= self._cosines(vector, [id_ for id_ in rows if id_ not in cosines])
        if words:
            bm25 |= words.scores(question, [id_ for id_ in rows if id_ not in bm25])
        named = naming(question, self._catalog, words, files) if words else Naming()
        rest = self._embedded(named.rest) if named.rest else None
        snippets = self._catalog.snippets_of(rows, len(vector))
        newest = self._catalog.newest((row.family for row in rows.values()), files)
        files_of = sorted({row.file for row in rows.values()})
        pool = Pool(
            rows=rows,
            cosines=cosines,
            snippets=nearest_snippets(snippets, vector),
            rest=self._cosines(rest, rows) if rest is not None else {},
            rest_snippets=nearest_snippets(snippets, rest) if rest is not None else {},
            bm25=bm25,
            documents=dict(words.documents(question, len(files_of), files_of)) if words else {},
            newest=newest,
        )
        return ranked(question, pool, named, words.rarity(question) if words else {})

    def _check_text(self, row: ChunkRow) -> None:
        """Raise IndexUnusable where a passage is not the one that was cut: nothing else notices a disk that rots."""
        if not row.is_as_cut:
            note_damage(self._index)
            raise IndexUnusable(
                f"the catalog {self._catalog.path} is damaged", f"Mend it with: {index_command(self._index)}"
            )

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
            try:
                found = nearest(self._catalog, generation, (watermark, size), vector, limit, files=files)
            except EgressRefused:
                raise
            except Exception:  # as in _open
                self._generation = (number, generation := None)
        # Chroma writes when it opens a store: a read-only index is compared exactly, which finds no less.
        if number and current and generation is None and os.access(self._index, os.W_OK):
            self._damaged("vectors' store", notices)
        young = self._catalog.vectors(after=watermark if generation is not None else 0, files=files)
        return sorted([*found, *compared(vector, young, limit)], key=lambda pair: -pair[1])[:limit]

    def _words(self, notices: list[str]) -> Words | None:
        """The words index, None where it is missing or damaged, or is being made anew."""
        forgetting = self._catalog.get("words") == FORGETTING
        try:
            if forgetting or not words_intact(self._catalog, self._index):
                raise ValueError
            return Words(self._index)
        except ValueError:
            if forgetting or holder(self._index):
                finishing = finisher(self._index, index_command(self._index))
                notices.append(f"Words are not searched until their index has been made anew by {finishing}.")
            else:
                self._damaged("words index", notices)
            return None

    def _damaged(self, what: str, notices: list[str]) -> None:
        self._met_damage = True
        notices.append(f"The {what} is missing or damaged. Mend it with: {index_command(self._index)}")

    def _cosines(self, vector: Vector, ids: Iterable[int]) -> dict[int, float]:
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
        except EgressRefused:  # nothing of this index is damaged
            raise
        except Exception:
            # Chroma raises errors of its own kinds for a damaged store; the exact comparison needs none of it.
            self._generation = (number, None)


def _pending(catalog: Catalog, command: str) -> list[str]:
    """That some passages still wait for their vectors, while a run goes on or after one that was stopped."""
    if catalog.get("vectors") != "behind":
        return []
    _, watermark, _ = publish.state(catalog)  # a generation holds every passage up to it
    number = catalog.count_pending(catalog.get("embedder") or "", after=watermark)
    what = "1 passage is" if number == 1 else f"{number:,} passages are"
    return [f"{what} found by words only so far; {command} finishes the rest."] if number else []
