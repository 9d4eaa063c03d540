"""Compares an index with one that was freshly built from the same folder: they have to be the same to a reader.

Numbers that depend on an index's history (ids, generations) may differ. All else is equal: files, passages with every
field, vectors bit for bit, and what is found (answers.py).
"""

import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from assistant.indexing import publish
from assistant.indexing.vectors import Generation
from assistant.indexing.words import writing
from assistant.storage.catalog import Catalog
from assistant.storage.layout import CATALOG, GENERATIONS
from assistant.storage.rows import ChunkRow, FileRow
from soaking.answers import unlike_answers
from soaking.frame import Broken

_HISTORY = {"id", "file", "text_id", "scanned_ns"}  # fields that tell two runs apart


def assert_same(index: Path, fresh: Path, questions: Sequence[str], strays: Set[str] = frozenset()) -> None:
    """Raise Broken naming the first thing in which an index that is level differs from a fresh one.

    `strays` are generations that may stand there unused: what a killed run left behind finished them too late.
    """
    for difference in differences(index, fresh, questions, strays):
        raise Broken(difference)


def differences(index: Path, fresh: Path, questions: Sequence[str], strays: Set[str] = frozenset()) -> Iterator[str]:
    """Everything in which an index that is level with its folder differs from one built freshly from it."""
    yield from _catalogs(index, fresh)
    yield from derived(index, strays)
    with Catalog.open(fresh) as catalog:
        total = catalog.count_chunks()
    if total:
        yield from unlike_answers(index, fresh, questions, total)


def derived(index: Path, strays: Set[str] = frozenset()) -> Iterator[str]:
    """What is wrong inside one index that is level: its words, its generation, its catalog's own order."""
    with closing(sqlite3.connect(f"file:{index / CATALOG}?mode=ro", uri=True)) as db:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            yield f"the catalog's integrity: {said}"
        if rows := db.execute("PRAGMA foreign_key_check").fetchall():
            yield f"the catalog has {len(rows)} rows that belong to nothing"
    with Catalog.open(index) as catalog:
        known = set(catalog.chunk_ids())
        if counts := catalog.count_pending(catalog.get("embedder") or ""):
            yield f"{counts} passages have no vector"
        if known:
            yield from _sets("the words index", _words(index), catalog.entries())
        yield from _generation(index, catalog, known, strays)


def _catalogs(index: Path, fresh: Path) -> Iterator[str]:
    with Catalog.open(index) as ours, Catalog.open(fresh) as theirs:
        files, wanted = ours.files(), theirs.files()
        for path in sorted(files.keys() | wanted.keys()):
            if path not in files or path not in wanted:
                yield f"the file {path} is only in the {'fresh index' if path in wanted else 'index'}"
            elif _told(files[path]) != _told(wanted[path]):
                yield f"the file {path}: {_first_difference(files[path], wanted[path])}"
        passages, due = _passages(ours), _passages(theirs)
        for passage in (passages - due) + (due - passages):
            path, page, start, end, text, *_ = passage
            where = "fresh index" if passage in due else "index, or has another text, title, date or vector there"
            yield f"passage {path}, page {page}, {start} to {end} ({text[:40]!r}) is only in the {where}"


def _told(row: FileRow | ChunkRow) -> tuple[Any, ...]:
    """The fields of a row that do not depend on the index's history."""
    return tuple(getattr(row, field.name) for field in fields(row) if field.name not in _HISTORY)


def _first_difference(ours: FileRow, theirs: FileRow) -> str:
    names = (field.name for field in fields(ours) if field.name not in _HISTORY)
    name = next(name for name in names if getattr(ours, name) != getattr(theirs, name))
    return f"{name} is {getattr(ours, name)!r}, in the fresh index {getattr(theirs, name)!r}"


def _passages(catalog: Catalog) -> Counter[tuple[Any, ...]]:
    """Every passage with its place, its text, the whole text around it, and its vector's bytes."""
    vectors = {id_: np.asarray(vector).tobytes() for id_, _, vector in catalog.vectors()}
    return Counter(
        (row.path, row.page, row.start, row.end, row.text,
         _told(row), row.title, hash(catalog.text(row.text_id)), vectors.get(row.id))
        for row in catalog.all_chunks()
    )  # fmt: skip


def _words(index: Path) -> set[int]:
    """The ids in the words index, read from a copy: a writer may merge what it opens."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as copy:  # tantivy may still write into it
        shutil.copytree(index / "words", Path(copy) / "words")
        with writing(Path(copy)) as words:
            return words.ids()


def _sets(what: str, held: set[int], known: set[int]) -> Iterator[str]:
    if held - known:
        yield f"{what} has {len(held - known)} phantoms, chunk {min(held - known)} first"
    if known - held:
        yield f"{what} lacks {len(known - held)} passages, chunk {min(known - held)} first"


def _generation(index: Path, catalog: Catalog, known: set[int], strays: Set[str]) -> Iterator[str]:
    """The generation in use is there, whole, and no other is; with the younger passages it holds every passage."""
    number, watermark, size = publish.state(catalog)
    kept = {folder.name for folder in (index / GENERATIONS).glob("gen-*")}
    if kept - {f"gen-{number}"} - strays:
        yield f"generations that nobody uses are kept: {', '.join(sorted(kept))}, in use is {number}"
    if not number:
        if known:
            yield "there is no generation"
        return
    if not publish.is_intact(catalog, index):
        yield f"generation {number} is not what was built"
        return
    held = _held(index, number)
    if len(held) != size:
        yield f"generation {number} holds {len(held)} vectors and should hold {size}"
    lacking = [row.id for row in catalog.all_chunks() if row.id <= watermark and row.hash not in held]
    if lacking:
        yield f"generation {number} lacks {len(lacking)} passages"


def _held(index: Path, number: int) -> set[bytes]:
    """The hash of every text in the generation; a search, even for all of them, need not reach each in its graph."""
    with closing(Generation(index, number)) as generation:
        return {bytes.fromhex(id_) for id_ in generation._collection.get(include=[])["ids"]}
