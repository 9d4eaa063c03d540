"""Which document a question names, what it asks beyond the name, and which of its names an answer lacks.

"In the supply agreement between Alba and Bora, who pays the freight?" names a document by words that stand in its
title, in its path or at its start, and in few others. What it asks is the rest: "who pays the freight?". A search that
takes the question as a whole finds the passages in which the names stand, and not the one about freight.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from assistant.indexing.cut import searchable
from assistant.indexing.words import Words, all_stems, rarity_of, spaced, stems, stop_words
from assistant.language.codes import codes
from assistant.storage.catalog import Catalog
from assistant.storage.file_rows import OPENING
from assistant.storage.rows import ChunkRow, DocumentRow
from assistant.types import Evidence

_CLAUSE = re.compile(r"(?<=[,;:])\s+")
# A word names a document if no more than a tenth of all have it, or as many as the square root of their number.
_FEW = 0.1
_CLEARLY = 0.15  # share of the question's words, by rarity, from which a document counts as named without a doubt
_ONLY_NAMES = 0.6  # share of a clause's words, by rarity, that stand in the document: the clause asks nothing
_TIED = 100  # documents that a question may name equally well
_ROUNDED = 1e-5  # shares that differ by less are the same
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_][\w&'’-]*")
_AMOUNT = re.compile(r"\d+(?:[.,]\d+)+")  # "8,000" counts something and names nothing
_POSSESSIVE = re.compile(r"['’]s$")
_AROUND = " \n\t\"'“”‘’«»("
_ASKING = frozenset(["i", "how", "what", "who", "whom", "whose", "where", "when", "which", "why", "the"])
_ENGLISH, _GERMAN = frozenset(stop_words("en")), frozenset(stop_words("de"))
_TITLE_CASE = 0.6  # of a question's words: with more capitals it is set like a heading, and they name nothing
_LONG = 2.5  # times its start: what a document of this length says at its start is what it is, not what it says


@dataclass(frozen=True, slots=True)
class Naming:
    """What a question says of the document that it is about."""

    strength: float = 0.0  # how clearly, 0 to 1; 0 for a document that is hardly longer than its start
    known: frozenset[str] = frozenset()  # stems of that document's names and start
    rest: str = ""  # the question without the clauses that only name the document; empty where there is none
    share: float = 0.0  # of the question's words in that document's names and start (Words.documents)


def naming(question: str, catalog: Catalog, words: Words, files: Collection[int] | None) -> Naming:
    """What a question says of the document that it names best, of `files` where given."""
    best = words.documents(question, _TIED, files)
    share_of_all = best[0][1] if best else 0.0
    # Which of the tied comes first depends on how the words index came to be: a rebuilt one has to answer alike.
    rows = catalog.documents(id_ for id_, share in best if share > share_of_all - _ROUNDED)
    if not rows:
        return Naming()
    row = min(rows, key=lambda row: row.path)
    known = frozenset(_own(row))
    language = row.language
    rarity = words.document_rarity(question)
    mine = rarity.get(language) or rarity["xx"]
    total = words.count_documents()
    floor = rarity_of(round(max(sqrt(total), _FEW * total)), total)
    names = {stem for stem, value in mine.items() if stem in known and value >= floor}
    share = sum(mine[stem] for stem in names) / (sum(mine.values()) or 1.0)
    strength = min(1.0, share / _CLEARLY) * _length(row.id, catalog)
    rest = _rest(question, language, mine, known, names) if strength else question
    return Naming(strength, known, "" if rest == question else rest, share_of_all)


def lacking(question: str, best: ChunkRow, catalog: Catalog) -> float:
    """How many of the question's proper names a passage, its document's names and its start all lack.

    Less for a document that is hardly longer than its start, which need not say whom or what it is about.
    """
    names = proper_names(question)
    if not names:
        return 0.0
    missing = _missing(names, catalog.documents([best.file]), [" ".join([best.text, *best.headings])])
    return len(missing) * _length(best.file, catalog)


def unmentioned(question: str, cited: Sequence[Evidence], catalog: Catalog) -> tuple[str, ...]:
    """The question's proper names that none of these passages has, nor the names and the start of its document."""
    names = proper_names(question)
    if not names:
        return ()
    files = catalog.files([passage.path for passage in cited])
    documents = catalog.documents(row.id for row in files.values())
    if not documents:  # deleted since the search: nothing can be said of them
        return ()
    said: list[str] = []
    for name in _missing(names, documents, [f"{passage.heading} {passage.text}" for passage in cited]):
        if said and f"{said[-1]} {name}" in question:  # "United States"
            said[-1] = f"{said[-1]} {name}"
        else:
            said.append(name)
    return tuple(said)


def _missing(names: Sequence[str], documents: Sequence[DocumentRow], passages: Sequence[str]) -> list[str]:
    """Those of the names that stand neither in the passages nor in the names and the starts of their documents."""
    languages = {row.language for row in documents}
    here = {stem for row in documents for stem in _own(row)}
    here.update(stem for text in passages for language in languages for stem in all_stems(searchable(text), language))
    return [name for name in names if not any(here.issuperset(all_stems(name, language)) for language in languages)]


def proper_names(question: str) -> tuple[str, ...]:
    """The words of a question that name something: with a capital inside a sentence, with a digit, "Alba's".

    In German, where every noun has a capital, those with a digit or in capitals alone.
    """
    words = list(_WORD.finditer(question))
    lower = [word[0].lower() for word in words]
    nouns = sum(word in _GERMAN for word in lower) > sum(word in _ENGLISH for word in lower)
    names = []
    for word in words:
        plain = _POSSESSIVE.sub("", word[0])
        before = question[: word.start()].rstrip(_AROUND)
        first = not before or before[-1] in ".?!:"
        all_capitals = len(plain) > 1 and plain.isupper()
        capital = all_capitals or (word[0][0].isupper() and not nouns and (not first or plain != word[0]))
        tells = capital or (any(map(str.isdigit, plain)) and not _AMOUNT.fullmatch(plain))
        if plain.lower() not in _ASKING and tells:
            names.append(plain)
    return tuple(dict.fromkeys(names)) if len(names) <= _TITLE_CASE * len(words) else ()


def _length(file: int, catalog: Catalog) -> float:
    """0 for a document that is no longer than its start, 1 for a long one."""
    return min(1.0, max(0.0, (catalog.length_of(file) / OPENING - 1) / (_LONG - 1)))


def _own(row: DocumentRow) -> set[str]:
    """The stems and codes of a document's names and of the start of its text."""
    said = f"{row.title} {spaced(row.path)} {searchable(row.opening)}"
    return {*all_stems(said, row.language), *codes(said)}


def _rest(question: str, language: str, rarity: Mapping[str, float], known: frozenset[str], names: set[str]) -> str:
    """The question without the clauses that name the document and hardly say more; whole where none is left."""
    clauses = _CLAUSE.split(question)
    left = []
    for clause in clauses:
        found = set(stems(clause, language))
        weight = sum(rarity.get(stem, 0.0) for stem in found)
        named = sum(rarity.get(stem, 0.0) for stem in found & known)
        if not (found & names and weight and named / weight > _ONLY_NAMES):
            left.append(clause)
    return " ".join(left) or question
