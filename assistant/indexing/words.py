"""The words index: BM25 over title, headings and text, by tantivy (its only door).

Made from the catalog and disposable. It hands out chunk ids and scores; whether a chunk still exists is for the
catalog to say. Each language has fields of its own, so that a stem is compared with stems of the same language.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from assistant.errors import AssistantError
from assistant.indexing.cut import searchable
from assistant.indexing.layout import WORDS
from assistant.indexing.rows import ChunkRow
from assistant.indexing.schema import parts

_STEMMERS = {"en": "english", "de": "german"}
_LANGUAGES = (*_STEMMERS, "xx")  # xx: lower case only
_WEIGHTS = {"title": 2.0, "headings": 1.5, "body": 1.0}
_LONGEST_WORD = 80  # bytes; longer ones are no words
_STOP_WORDS = {
    "en": """a about all also am an and any are as at be been being but by can could did do does doing for from get gets
        give given got had has have having he her here him his how i if in into is it its itself just many may me
        might much must my need no not of on one only or our out own per she should so some such take than that the
        their them then there these they this those to under up us was we were what when where which while who whom
        whose why will with would you your yours tell say says please there's s t d ll re ve""",
    "de": """aber alle als also am an auch auf aus bei beim bekomme bekommt bin bis da damit dann darf das dass dem den
        der des die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines er es
        etwas für gibt habe haben hat hier ich ihr ihre ihren im in ins ist ja jede jeder jedes kann kein keine können
        man mein meine meinen mit muss müssen nach nicht noch nun nur ob oder ohne sein seine sich sie sind so soll
        sollen über um und uns unser unsere unter viel viele vom von vor wann war warum was welche welchem welchen
        welcher welches wenn wer werde werden wie wieviel wir wird wo wohin zu zum zur""",
}
_WRITER_BYTES = 30_000_000
_MOST_QUESTION_WORDS = 64


class Words:
    """An open words index, for reading."""

    def __init__(self, folder: Path) -> None:
        path = folder / WORDS
        if path.is_dir() and not os.access(path, os.W_OK):
            # tantivy takes a lock file to open an index: one that is read-only is read from a copy.
            self._copy = tempfile.TemporaryDirectory(prefix="assistant-")
            path = Path(shutil.copytree(path, self._copy.name, dirs_exist_ok=True))
        with _sound():
            self._index = tantivy.Index.open(str(path))
            _register(self._index)
            self._searcher = self._index.searcher()

    def search(self, question: str, limit: int, files: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(chunk id, BM25) of the best chunks, best first; only chunks of `files` where given."""
        return self._best(question, limit, "file", files)  # 20 ms for 25,000 files

    def scores(self, question: str, ids: Collection[int]) -> dict[int, float]:
        """BM25 of those of these chunks that have a word of the question."""
        return dict(self._best(question, len(ids), "id", ids))

    def _best(self, question: str, limit: int, field: str, among: Collection[int] | None) -> list[tuple[int, float]]:
        query = self._query(question)
        if query is None or limit <= 0 or (among is not None and not among):
            return []
        if among is not None:
            allowed = Query.const_score_query(Query.term_set_query(self._index.schema, field, sorted(among)), 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, allowed)])
        with _sound():
            found = self._searcher.search(query, limit, count=False).hits
            ids = self._searcher.fast_field_values("id", [address for _, address in found])
        return [(int(id_), float(score)) for id_, (score, _) in zip(ids, found, strict=True) if id_ is not None]

    def rarity(self, question: str) -> dict[str, dict[str, float]]:
        """For each language the question's stems and how rare each is here: BM25's inverse document frequency."""
        from math import log

        total = self._searcher.num_docs
        return {
            language: {
                # Passages that were removed since the last merge are still counted: never more than there are.
                stem: log(1 + (max(0, total - count) + 0.5) / (count + 0.5))
                for stem in _stems(question, language)
                for count in [max(self._searcher.doc_freq(f"{part}_{language}", stem) for part in _WEIGHTS)]
            }
            for language in _LANGUAGES
        }

    def _query(self, question: str) -> Query | None:
        terms = [
            Query.disjunction_max_query(
                [
                    Query.boost_query(Query.term_query(self._index.schema, f"{part}_{language}", stem, "freq"), weight)
                    for part, weight in _WEIGHTS.items()
                ],
                tie_breaker=0.3,
            )
            for language in _LANGUAGES
            for stem in _stems(question, language)
        ]
        return Query.boolean_query([(Occur.Should, term) for term in terms]) if terms else None


class WordsWriter:
    """Adds and removes chunks; nothing is visible before `commit`, and then all of it is."""

    def __init__(self, folder: Path) -> None:
        with _written():
            self._index = _open_or_create(folder / WORDS)
            self._writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)

    def add(self, rows: Iterable[ChunkRow]) -> None:
        """Add chunks, each in place of any with its id (a killed run may have left one)."""
        for part in parts(rows):
            self.remove([row.id for row in part])
            self._add(part)

    def _add(self, rows: Iterable[ChunkRow]) -> None:
        for row in rows:
            language = row.language if row.language in _STEMMERS else "xx"
            document = tantivy.Document()
            document.add_unsigned("id", row.id)
            document.add_unsigned("file", row.file)
            document.add_text(f"title_{language}", f"{row.title} {_spaced(row.path)}")
            document.add_text(f"headings_{language}", " ".join(row.headings))
            document.add_text(f"body_{language}", searchable(row.text))
            with _written():
                self._writer.add_document(document)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove chunks by id; an id that is not there changes nothing."""
        if not ids:
            return
        # By query: delete_documents_by_term takes an integer for signed and finds nothing (tantivy-py 0.27).
        with _written():
            self._writer.delete_documents_by_query(Query.term_set_query(self._index.schema, "id", list(ids)))

    def replace(self, rows: Iterable[ChunkRow]) -> None:
        """Hold these chunks and nothing else, seen by readers at once with the commit that this ends with."""
        with _written():
            self._writer.delete_all_documents()
        self.add(rows)
        self.commit()

    def count(self) -> int:
        """Chunks that the last commit holds, those that wait to be removed included."""
        self._index.reload()
        return int(self._index.searcher().num_docs)

    def ids(self) -> set[int]:
        """Every chunk id that the last commit holds."""
        self._index.reload()
        searcher = self._index.searcher()
        found = searcher.search(Query.all_query(), max(1, searcher.num_docs), count=False).hits
        values = searcher.fast_field_values("id", [address for _, address in found])
        return {int(value) for value in values if value is not None}

    def commit(self) -> None:
        """Make everything added and removed visible and durable, at once."""
        with _written():
            self._writer.commit()

    def close(self) -> None:
        """Let running merges end, so that no file is left behind; uncommitted changes are dropped."""
        with _written():
            self._writer.wait_merging_threads()


@contextmanager
def _sound() -> Iterator[None]:
    """Raise ValueError where tantivy panics over damaged files: its own kind of error is no Exception."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise ValueError("the words index is damaged") from error
        raise


@contextmanager
def _written() -> Iterator[None]:
    """Raise AssistantError where tantivy cannot write: it has one kind of error for everything."""
    try:
        with _sound():
            yield
    except ValueError as error:
        raise AssistantError(
            "the words index cannot be written", "Nothing is lost. Check the disk, then run it again."
        ) from error


@contextmanager
def writing(folder: Path) -> Iterator[WordsWriter]:
    """A writer that is closed whatever happens; the caller holds the index's lock."""
    writer = WordsWriter(folder)
    try:
        yield writer
    except BaseException:
        with suppress(AssistantError):  # what happened first is what a person should know
            writer.close()
        raise
    writer.close()


def marks(question: str, passage: str, language: str) -> list[tuple[int, int]]:
    """Offsets of the passage's words that the question has too, by their stems."""
    name = language if language in _STEMMERS else "xx"
    wanted = set(_stems(question, name))
    tokens = _analyzer(name).pre_tokenize(passage).tokens
    return [(token.char_offset_from, token.char_offset_to or 0) for token in tokens if token.text in wanted]


def coverage(rarity: dict[str, dict[str, float]], passage: str, language: str) -> float:
    """Share of the question's words that stand in the passage, weighted by their rarity; 0 to 1.

    Without any rarity (the index is missing) nothing is known of the words, and the share is 0.
    """
    name = language if language in _STEMMERS else "xx"
    weights = rarity.get(name, {})
    total = sum(weights.values())
    present = set(_analyzer(name).analyze(passage))
    return sum(weight for stem, weight in weights.items() if stem in present) / total if total else 0.0


@cache
def _analyzer(language: str, without_stop_words: bool = False) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD)).filter(
        Filter.lowercase()
    )  # fmt: skip
    if without_stop_words:
        builder = builder.filter(Filter.custom_stopword(_stop_words(language)))
    if language in _STEMMERS:
        builder = builder.filter(Filter.stemmer(_STEMMERS[language]))
    return builder.filter(Filter.ascii_fold()).build()


def _stop_words(language: str) -> list[str]:
    """Words that a question is made of but that say nothing of its subject; for `xx`, of every language known."""
    return (_STOP_WORDS[language] if language in _STOP_WORDS else " ".join(_STOP_WORDS.values())).split()


def _stems(question: str, language: str) -> Sequence[str]:
    """The question's stems without stop words, or with them where nothing else is left; each once."""
    stems = _analyzer(language, without_stop_words=True).analyze(question) or _analyzer(language).analyze(question)
    return list(Counter(stems))[:_MOST_QUESTION_WORDS]


def _spaced(path: str) -> str:
    """A path as words: folders and name, without the suffix."""
    return re.sub(r"[^\w]+|_+", " ", path.rsplit(".", 1)[0])


def _open_or_create(path: Path) -> tantivy.Index:
    path.mkdir(mode=0o700, exist_ok=True)
    try:
        with _sound():
            index = tantivy.Index(_schema(), path=str(path), reuse=True)
    except ValueError:  # damaged, or made with another schema: the catalog has everything
        shutil.rmtree(path)
        path.mkdir(mode=0o700)
        index = tantivy.Index(_schema(), path=str(path), reuse=False)
    _register(index)
    return index


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    builder.add_unsigned_field("file", indexed=True)
    for language in _LANGUAGES:
        for part in _WEIGHTS:
            builder.add_text_field(f"{part}_{language}", tokenizer_name=f"words_{language}", index_option="freq")
    return builder.build()


def _register(index: tantivy.Index) -> None:
    for language in _LANGUAGES:
        index.register_tokenizer(f"words_{language}", _analyzer(language))
