"""Brings the words index level with the catalog: after a killed run, after damage, after moves, or from nothing."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.indexing import publish
from assistant.indexing.embed import drop_unused
from assistant.indexing.word_fields import has_fields
from assistant.storage.catalog import Catalog
from assistant.storage.layout import DAMAGED, WORDS
from assistant.storage.schema import DOCUMENT, parts
from assistant.storage.seal import intact, marks, remove

if TYPE_CHECKING:
    from assistant.indexing.words import WordsWriter

FORGETTING = "forgetting"  # state of a words index that may hold words of a forgotten document: none of it is kept


def words_level(catalog: Catalog, index: Path) -> bool:
    """Whether the words index holds just what the catalog does, as the last run left it."""
    return catalog.get("words") == "level" and words_trusted(catalog, index)


def words_intact(catalog: Catalog, index: Path) -> bool:
    """Whether the words index is what the last run left, with the fields that are asked for now; after a killed run it
    is for `level_words` to say."""
    if catalog.get("words") == FORGETTING:
        return False
    if catalog.get("words") != "level":
        return True
    return intact(index / WORDS, catalog.get("words_files")) and has_fields(index)


def words_trusted(catalog: Catalog, index: Path) -> bool:
    """Whether a run may go on with the words index: intact, and no reader has met damage."""
    return words_intact(catalog, index) and not (index / DAMAGED).exists()


def drop_unusable(catalog: Catalog, index: Path) -> None:
    """Remove a words index that is not intact, or may not be, and what was derived from a document to be forgotten.

    What is damaged may open, and then fail for ever; a generation goes whoever has it open.
    """
    forgetting = catalog.get("words") == FORGETTING
    if forgetting:
        publish.remove_all(index)
    if not words_trusted(catalog, index):
        remove(index / WORDS)
    if forgetting:
        drop_unused(catalog)
        catalog.erase_remains()


def level_words(catalog: Catalog, words: "WordsWriter", was_level: bool) -> None:
    """Add what the words index lacks, remove what the catalog does not know, and follow files that moved."""
    if not was_level or not words.count():
        held = words.ids()
        known = catalog.entries()
        words.remove(sorted(held - known))
        add_entries(catalog, words, sorted(known - held))
    if catalog.moved():
        follow_moves(catalog, words)


def follow_moves(catalog: Catalog, words: "WordsWriter") -> None:
    """Commit the entries of every moved file at its new path, and whatever else waits."""
    add_entries(catalog, words, catalog.moved())
    words.commit()
    with catalog.transaction():
        catalog.words_follow()


def add_entries(catalog: Catalog, words: "WordsWriter", ids: list[int]) -> None:
    """Hand chunks and documents over to the words index, each in place of what stands there for it."""
    for part in parts(ids):
        words.add(catalog.chunks(id_ for id_ in part if id_ < DOCUMENT).values())
        words.add_documents(catalog.documents(id_ - DOCUMENT for id_ in part if id_ > DOCUMENT))


def removed_passages(index: Path) -> int:
    """Passages that the words index still holds as removed; their words count in its statistics."""
    try:
        segments = json.loads((index / WORDS / "meta.json").read_text(encoding="utf-8"))["segments"]
        return sum((segment.get("deletes") or {}).get("num_deleted_docs", 0) for segment in segments)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return 0  # what is damaged is noticed elsewhere


def renew_words(catalog: Catalog, index: Path) -> None:
    """Write the words index anew, without the words of what was removed; readers see the old one until it is there."""
    from assistant.indexing.words import writing

    with catalog.transaction():
        catalog.put(words="behind")
    with writing(index) as words:
        words.replace(catalog.all_chunks(), catalog.documents())
    note_level(catalog, index)


def note_level(catalog: Catalog, index: Path) -> None:
    """Remember how the words index looks on disk now that it is level."""
    with catalog.transaction():
        catalog.put(words="level", words_files=marks(index / WORDS))
