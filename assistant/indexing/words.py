"""The words index: BM25 over title, headings and text, by tantivy (its only door).

Made from the catalog and disposable. It hands out chunk ids and scores; whether a chunk still exists is for the
catalog to say. Beside the chunks each document has an entry, with its names and the start of its text. Each language
has fields of its own, so that a stem is compared with stems of the same language.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from math import log
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from assistant.errors import AssistantError
from assistant.indexing import word_fields
from assistant.indexing.cut import searchable
from assistant.language.codes import codes
from assistant.storage.layout import WORDS
from assistant.storage.rows import ChunkRow, DocumentRow
from assistant.storage.schema import DOCUMENT, parts

_STEMMERS = {"en": "english", "de": "german"}
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
_ENTRY = "document"  # what is in the field that only documents have
_WRITER_BYTES = 30_000_000
_MOST_QUESTION_WORDS = 64


Rarity = dict[str, dict[str, float]]  # how rare each stem of a question is, by language


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
            self._searcher.doc_freq("codes", "")  # raises where an older version made it, without this field

    def search(self, question: str, limit: int, files: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(chunk id, BM25) of the best chunks, best first; only chunks of `files` where given."""
        return self._best(question, limit, "file", files)  # 20 ms for 25,000 files

    def scores(self, question: str, ids: Collection[int]) -> dict[int, float]:
        """BM25 of those of these chunks that have a word of the question."""
        return dict(self._best(question, len(ids), "id", ids))

    def _best(self, question: str, limit: int, field: str, among: Collection[int] | None) -> list[tuple[int, float]]:
        query = self._query(question)
        return self._found(query, limit, field, among) if query is not None and limit > 0 else []

    def _found(self, query: Query, limit: int, field: str, among: Collection[int] | None) -> list[tuple[int, float]]:
        if among is not None and not among:
            return []
        if among is not None:
            allowed = Query.const_score_query(Query.term_set_query(self._index.schema, field, sorted(among)), 0.0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, allowed)])
        with _sound():
            found = self._searcher.search(query, limit, count=False).hits
            ids = self._searcher.fast_field_values("id", [address for _, address in found])
        return [(int(id_), float(score)) for id_, (score, _) in zip(ids, found, strict=True) if id_ is not None]

    def documents(self, question: str, limit: int, files: Collection[int] | None = None) -> list[tuple[int, float]]:
        """(file id, share) of the documents that the question names best, best first; only of `files` where given.

        The share is that of the question's words, by their rarity among documents, that stand in the document's title
        or path, or, counting less, at the start of its text; 0 to 1.
        """
        clauses = [
            (Occur.Should, self._weighted(language, stem, rarity / (sum(stems.values()) or 1.0)))
            for language, stems in self.document_rarity(question).items()
            for stem, rarity in stems.items()
        ]
        if not clauses or limit <= 0:
            return []
        among = None if files is None else [DOCUMENT + file for file in files]
        found = self._found(Query.boolean_query(clauses), limit, "id", among)
        return [(id_ - DOCUMENT, score) for id_, score in found]

    def rarity(self, question: str) -> Rarity:
        """For each language the question's stems and how rare each is here: BM25's inverse document frequency."""
        total = self._searcher.num_docs
        known = {code: count for code in codes(question) if (count := self._searcher.doc_freq("codes", code))}
        whole = {code: rarity_of(count, total) for code, count in known.items()}
        return {
            language: stems | whole
            for language, stems in self._rarity(question, total, tuple(word_fields.PASSAGE)).items()
        }

    def document_rarity(self, question: str) -> Rarity:
        """As `rarity`, among documents: by their names and the starts of their texts."""
        return self._rarity(question, self.count_documents(), tuple(word_fields.DOCUMENT))

    def count_documents(self) -> int:
        """Documents that have an entry, those that wait to be removed included."""
        return int(self._searcher.doc_freq("entry", _ENTRY))

    def _rarity(self, question: str, total: int, fields: Sequence[str]) -> Rarity:
        return {
            language: {
                stem: rarity_of(count, total)
                for stem in _stems(question, language)
                for count in [max(self._searcher.doc_freq(f"{field}_{language}", stem) for field in fields)]
            }
            for language in word_fields.LANGUAGES
        }

    def _weighted(self, language: str, stem: str, weight: float) -> Query:
        """A stem in a document's entry: the best of its fields alone, whatever else stands there."""
        return Query.disjunction_max_query(
            [
                Query.const_score_query(
                    Query.term_query(self._index.schema, f"{field}_{language}", stem, "basic"), weight * share
                )
                for field, share in word_fields.DOCUMENT.items()
            ]
        )

    def _query(self, question: str) -> Query | None:
        terms = [
            Query.disjunction_max_query(
                [
                    Query.boost_query(Query.term_query(self._index.schema, f"{part}_{language}", stem, "freq"), weight)
                    for part, weight in word_fields.PASSAGE.items()
                ],
                tie_breaker=0.3,
            )
            for language in word_fields.LANGUAGES
            for stem in _stems(question, language)
        ]
        terms += [Query.term_query(self._index.schema, "codes", code, "basic") for code in sorted(codes(question))]
        return Query.boolean_query([(Occur.Should, term) for term in terms]) if terms else None


class WordsWriter:
    """Adds and removes chunks; nothing is visible before `commit`, and then all of it is."""

    def __init__(self, folder: Path) -> None:
        with _written():
            self._index = _open_or_create(folder / WORDS)
            self._writer = self._index.writer(heap_size=_WRITER_BYTES, num_threads=1)
            # A file that a killed writer left has the name that the same step of the next commit would give its own.
            self._writer.garbage_collect_files()

    def add(self, rows: Iterable[ChunkRow]) -> None:
        """Add chunks, each in place of any with its id (a killed run may have left one)."""
        for part in parts(rows):
            self.remove([row.id for row in part])
            self._add(part)

    def _add(self, rows: Iterable[ChunkRow]) -> None:
        for row in rows:
            language = _known(row.language)
            document = tantivy.Document()
            document.add_unsigned("id", row.id)
            document.add_unsigned("file", row.file)
            document.add_text(f"title_{language}", f"{row.title} {spaced(row.path)}")
            document.add_text(f"headings_{language}", " ".join(row.headings))
            document.add_text(f"body_{language}", searchable(row.text))
            for code in codes(f"{' '.join(row.headings)}\n{row.text}"):
                document.add_text("codes", code)
            with _written():
                self._writer.add_document(document)

    def add_documents(self, rows: Iterable[DocumentRow]) -> None:
        """Add the entries of documents, each in place of the one it has."""
        for part in parts(rows):
            self.remove([DOCUMENT + row.id for row in part])
            for row in part:
                self._add_document(row)

    def _add_document(self, row: DocumentRow) -> None:
        language = _known(row.language)
        document = tantivy.Document()
        document.add_unsigned("id", DOCUMENT + row.id)
        document.add_unsigned("file", row.id)
        document.add_text("entry", _ENTRY)
        document.add_text(f"name_{language}", f"{row.title} {spaced(row.path)}")
        document.add_text(f"opening_{language}", searchable(row.opening))
        with _written():
            self._writer.add_document(document)

    def remove(self, ids: Sequence[int]) -> None:
        """Remove entries by id; an id that is not there changes nothing."""
        if not ids:
            return
        # By query: delete_documents_by_term takes an integer for signed and finds nothing (tantivy-py 0.27).
        with _written():
            self._writer.delete_documents_by_query(Query.term_set_query(self._index.schema, "id", list(ids)))

    def replace(self, rows: Iterable[ChunkRow], documents: Iterable[DocumentRow] = ()) -> None:
        """Hold these entries and nothing else, seen by readers at once with the commit that this ends with."""
        with _written():
            self._writer.delete_all_documents()
        self.add(rows)
        self.add_documents(documents)
        self.commit()

    def count(self) -> int:
        """Entries that the last commit holds, those that wait to be removed included."""
        with _written():
            self._index.reload()
            return int(self._index.searcher().num_docs)

    def ids(self) -> set[int]:
        """Every entry that the last commit holds: ids of chunks, and of files above DOCUMENT."""
        with _written():
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


def rarity_of(count: int, total: int) -> float:
    """BM25's inverse document frequency of a word in `count` of `total` entries."""
    # What was removed since the last merge is still counted: never more than there are.
    return log(1 + (max(0, total - count) + 0.5) / (count + 0.5))


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
    """Raise AssistantError where tantivy's writer fails: it has one kind of error for everything."""
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
    wanted = set(_stems(question, language))
    tokens = _analyzer(_known(language)).pre_tokenize(passage).tokens
    return [(token.char_offset_from, token.char_offset_to or 0) for token in tokens if token.text in wanted]


@cache
def _analyzer(language: str, without_stop_words: bool = False) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD)).filter(
        Filter.lowercase()
    )  # fmt: skip
    if without_stop_words:
        builder = builder.filter(Filter.custom_stopword(stop_words(language)))
    if language in _STEMMERS:
        builder = builder.filter(Filter.stemmer(_STEMMERS[language]))
    return builder.filter(Filter.ascii_fold()).build()


def stop_words(language: str) -> list[str]:
    """Words that a question is made of but that say nothing of its subject; for `xx`, of every language known."""
    return (_STOP_WORDS[language] if language in _STOP_WORDS else " ".join(_STOP_WORDS.values())).split()


def stems(question: str, language: str) -> list[str]:
    """The question's stems in their order, without stop words, or with them where nothing else is left."""
    name = _known(language)
    found = _analyzer(name, without_stop_words=True).analyze(question) or _analyzer(name).analyze(question)
    return list(found[:_MOST_QUESTION_WORDS])


def all_stems(text: str, language: str) -> list[str]:
    """The stems of every word of a text, stop words included, in their order."""
    return list(_analyzer(_known(language)).analyze(text))


def _stems(question: str, language: str) -> Sequence[str]:
    """The question's stems, each once."""
    return list(Counter(stems(question, language)))


def _known(language: str) -> str:
    return language if language in _STEMMERS else "xx"


def spaced(path: str) -> str:
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
    builder.add_text_field("entry", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("codes", tokenizer_name="raw", index_option="basic")
    for language in word_fields.LANGUAGES:
        for part in word_fields.PASSAGE:
            builder.add_text_field(f"{part}_{language}", tokenizer_name=f"words_{language}", index_option="freq")
        for part in word_fields.DOCUMENT:
            builder.add_text_field(f"{part}_{language}", tokenizer_name=f"words_{language}", index_option="basic")
    return builder.build()


def _register(index: tantivy.Index) -> None:
    for language in word_fields.LANGUAGES:
        index.register_tokenizer(f"words_{language}", _analyzer(language))
