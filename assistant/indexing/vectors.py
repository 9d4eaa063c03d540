"""Generations: Chroma stores of vectors that are built once, checked, and never changed (its only door).

A generation holds each different vector once, by the hash of the text embedded, and nothing else: among many equal
vectors, HNSW does not find the others. Which chunks have a hash is for the catalog to say. It is built from there
in a child process (`python -m assistant.indexing.vectors INDEX NUMBER UP_TO`), because a damaged store can segfault
whoever opens it.
"""

import fcntl
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from assistant import guard_process
from assistant.airgap.egress import report
from assistant.embedding.embedder import Vector
from assistant.storage.catalog import Catalog
from assistant.storage.layout import GENERATIONS
from assistant.storage.seal import flush

REFUSED = "refused by the guard: "  # how the line begins in which the child that builds tells it
_Row = tuple[bytes, Vector]  # hash of the text embedded, vector

_TEMPORARY = "assistant-generation-"  # the process id follows
_COLLECTION = "chunks"
_CALL = 5_000  # vectors; Chroma takes at most 5,461 a call, and holds about 15 kB for each of them meanwhile
_SAME = 1e-3  # cosine distance of a vector to itself, at most
_SAMPLE = 500  # vectors of a new generation that are compared with the catalog's and searched for
_MOST_UNFOUND = 0.05  # of them: the graph of an undamaged store leaves up to one in a hundred out of reach
# A thorough search (3 to 5 ms among 100,000) makes up for a graph that is built in half the time (scripts/LOG.md, "HNSW
# settings"). Every call is written to the HNSW files: vectors that wait in Chroma's queue are read again by each call
# that follows, and every process that searches would insert them anew.
_HNSW = {
    "space": "cosine",
    "ef_construction": 80,
    "ef_search": 800,
    "max_neighbors": 20,
    "sync_threshold": 2,  # the least that Chroma takes, so every call is
    "batch_size": 2,
}


def folder_of(index: Path, number: int) -> Path:
    """Where generation `number` of an index stands."""
    return index / GENERATIONS / f"gen-{number}"


class Generation:
    """An open generation, for searching; holds a shared lock so that it is not removed meanwhile."""

    def __init__(self, index: Path, number: int) -> None:
        """Raise FileNotFoundError where the generation is not there."""
        folder = folder_of(index, number)
        with ExitStack() as stack:
            lock = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_SH)
            client = stack.enter_context(closing(_client(stack.enter_context(_untouched(folder)))))
            self._collection = client.get_collection(_COLLECTION, embedding_function=None)
            self._opened = stack.pop_all()

    def search(self, vector: Vector, limit: int) -> list[tuple[bytes, float]]:
        """(hash, cosine) of the nearest vectors, best first."""
        if limit <= 0:
            return []
        found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        pairs = zip(found["ids"][0], found["distances"][0], strict=True)
        return [(bytes.fromhex(id_), 1.0 - float(distance)) for id_, distance in pairs]

    def close(self) -> None:
        """Close the store and let it be removed."""
        self._opened.close()


def nearest(
    catalog: Catalog,
    generation: Generation,
    held: tuple[int, int],
    vector: Vector,
    limit: int,
    *,
    files: Collection[int] | None = None,
) -> list[tuple[int, float]]:
    """(chunk id, cosine) of the nearest chunks in a generation, best first; only chunks of `files` where given.

    `held` are its highest chunk id and how many vectors it holds. Every chunk that has a text is found by it; what has
    gone since is left out, and so much more is asked for that as many are found as there are. The chunks of `files` are
    compared one by one: Chroma 1.5.9 was seen not to come back from a filtered search of a small graph.
    """
    up_to, size = held
    if files is not None:
        return compared(vector, catalog.vectors(up_to=up_to, files=files), limit)
    asked = min(limit, size)
    while True:
        found = generation.search(vector, asked)
        chunks = catalog.chunks_with([key for key, _ in found], up_to)
        pairs = [(id_, cosine) for key, cosine in found for id_ in chunks.get(key, ())]
        if len(pairs) >= limit or len(found) < asked or asked >= size:
            return pairs[: max(limit, 0)]
        asked = min(2 * asked, size)


def compared(vector: Vector, rows: Iterable[tuple[int, int, Vector]], limit: int) -> list[tuple[int, float]]:
    """(chunk id, cosine) of the nearest of some rows (chunk id, file id, vector), best first; each is looked at."""
    pairs = ((id_, float(vector @ other)) for id_, _, other in rows)
    return sorted(pairs, key=lambda pair: -pair[1])[: max(limit, 0)]


@contextmanager
def _untouched(folder: Path) -> Iterator[Path]:
    """A place where Chroma can open a generation and write a row into its database, as it does at every opening,
    without a change to the generation itself: the database is copied, the vectors are linked."""
    _remove_left_behind()
    with tempfile.TemporaryDirectory(prefix=f"{_TEMPORARY}{os.getpid()}-") as name:
        for path in folder.iterdir():
            if path.is_dir():
                (Path(name) / path.name).symlink_to(path.resolve())
            else:
                shutil.copyfile(path, Path(name) / path.name)
        yield Path(name)


def _remove_left_behind() -> None:
    """Remove the temporary folders of processes that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{_TEMPORARY}*"):
        pid = path.name.removeprefix(_TEMPORARY).partition("-")[0]
        with suppress(OSError):
            if pid.isdecimal() and path.lstat().st_uid == os.geteuid() and not _is_alive(int(pid)):
                shutil.rmtree(path, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def unused(folder: Path) -> Iterator[bool]:
    """Whether no reader has the generation at `folder` open; holds new ones off meanwhile."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def build(index: Path, number: int, up_to: int) -> int:
    """Build, check and flush generation `number` with what is embedded of the chunks up to id `up_to`.

    Returns how many vectors it holds. Raises RuntimeError where the store does not hold exactly what the catalog says.
    """
    parent = os.getppid()
    folder = folder_of(index, number)
    folder.mkdir(parents=True, mode=0o700)
    client = _client(folder)
    with Catalog.open(index) as catalog:
        collection = client.create_collection(_COLLECTION, embedding_function=None, configuration={"hnsw": _HNSW})
        keys: set[bytes] = set()
        for batch in _calls(catalog.distinct_vectors(up_to)):
            collection.upsert(
                ids=[key.hex() for key, _ in batch],
                embeddings=[vector for _, vector in batch],
            )
            keys.update(key for key, _ in batch)
            if os.getppid() != parent:  # the run was killed: nobody will ever use this generation
                raise RuntimeError("the run that asked for it has ended")
        client.close()
        _compact(folder)
        _check(folder, catalog, keys)
    _flush(folder)
    return len(keys)


def _calls(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """The rows in parts for one call each; a row is alone only where it is the only one, for Chroma would queue it."""
    part = list(islice(rows, _CALL))
    while part:
        following = list(islice(rows, _CALL))
        if len(following) == 1:
            part.append(following.pop())
        yield part
        part = following


def _compact(folder: Path) -> None:
    """Leave out what Chroma's queue held: nine tenths of its database, which every reader copies."""
    with closing(sqlite3.connect(folder / "chroma.sqlite3", isolation_level=None)) as db:
        db.execute("VACUUM")


def _check(folder: Path, catalog: Catalog, keys: set[bytes]) -> None:
    """The store, opened anew, holds just these hashes, a sample has the catalog's vectors, and searches find it.

    Not every one has to find itself: HNSW leaves some out of reach of a search for them, most where all are much alike.
    """
    with closing(_client(folder)) as client:
        collection = client.get_collection(_COLLECTION, embedding_function=None)
        held = {bytes.fromhex(id_) for id_ in collection.get(include=[])["ids"]}
        if held != keys:
            raise RuntimeError(f"generation holds {len(held)} vectors, the catalog {len(keys)}")
        wanted = catalog.vectors_by_hash(sorted(keys)[:: max(1, len(keys) // _SAMPLE)])
        if not wanted:
            return
        stored = collection.get(ids=[key.hex() for key in wanted], include=["embeddings"])
        for id_, vector in zip(stored["ids"], stored["embeddings"], strict=True):
            if 1 - float(vector @ wanted[bytes.fromhex(id_)]) > _SAME:
                raise RuntimeError(f"the vector of {id_} does not find itself: the store holds another")
        found = collection.query(query_embeddings=list(wanted.values()), n_results=1, include=["distances"])
        unfound = sum(not distances or distances[0] > _SAME for distances in found["distances"])
        if unfound > _MOST_UNFOUND * len(wanted):
            raise RuntimeError(f"{unfound} of {len(wanted)} vectors do not find themselves")


def _client(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    settings = Settings(
        _env_file=None,  # a foreign .env can turn this into a client of another machine
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        is_persistent=True,
        anonymized_telemetry=False,
    )
    client = chromadb.PersistentClient(str(folder), settings=settings)
    used = type(client._server).__name__
    if used != "RustBindingsAPI":
        client.close()
        raise RuntimeError(f"Chroma would not run in this process but through {used}")
    return client


def _flush(folder: Path) -> None:
    """Write every file of the generation through to the disk: Chroma itself never does (PITFALLS.md)."""
    for path in [*folder.rglob("*"), folder, folder.parent]:
        flush(path)


if __name__ == "__main__":
    guard_process()
    os.umask(0o077)
    try:
        built = build(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    finally:
        if told := report():
            sys.stdout.write(f"{REFUSED}{told.decode()}\n")
    sys.stdout.write(f"{built}\n")
