"""Which texts of the log go: those that came from a document that is forgotten, and those that are too old."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from assistant.log.entry import ANSWER, Entry, Kind
from assistant.log.store import Log, Names
from assistant.storage.rows import FileRow


@dataclass(frozen=True, slots=True)
class Document:
    """What tells a document from others in the log: it may have been moved or changed since an answer cited it."""

    id: int | None  # in the catalog, None for one that it does not have any more
    path: str
    sha256: str  # of its bytes, empty where they could not be read


def document(row: FileRow) -> Document:
    """A file of the catalog as the log knows it."""
    return Document(row.id, row.source.path, row.sha256)


def forget(index: Path, documents: Iterable[Document]) -> int:
    """Erase every text that came from these documents, or names one; returns how many. Raises LogUnusable.

    These are their passages, the answers that any of them had a part in, right answers given to those, and whatever
    else holds the path of one.
    """
    gone = tuple(documents)
    return Log(index).erase(lambda entries: _from(entries, gone), "forgotten")


def logged_paths(index: Path) -> set[str]:
    """The paths of the documents that the log still has texts of. Raises LogUnusable."""
    found: set[str] = set()
    for entry in Log(index).entries():
        places = [*entry.passages.values()]
        if ANSWER in entry.texts:
            answer = entry.object(ANSWER)
            places += [*answer.get("citations", ()), *answer.get("closest", ())]
        found.update(str(place["path"]) for place in places if "path" in place)
    return found


def forget_unknown(index: Path, known: Iterable[int]) -> int:
    """Erase every text of documents that the catalog does not know; returns how many. Raises LogUnusable.

    For a forgetting that was killed: which documents it was about is not known any more.
    """
    there = frozenset(known)

    def of_unknown(entries: Iterable[Entry]) -> Names:
        """The texts that any other document had a part in."""
        return _affected(
            entries, lambda entry: bool(_ids(entry) - there), lambda place: place.get("document") not in there
        )

    return Log(index).erase(of_unknown, "forgotten")


def retain(index: Path, days: int) -> int:
    """Erase every text that is older than so many days; returns how many. Zero days keep all. Raises LogUnusable."""
    log = Log(index)
    if not days or not log.path.exists():
        return 0
    until = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    oldest = log.oldest_text()
    if oldest is None or oldest >= until:  # nothing is locked where nothing is due
        return 0
    return log.erase(
        lambda entries: {entry.number: tuple(entry.texts) for entry in entries if entry.time < until}, "too old"
    )


def _from(entries: Iterable[Entry], gone: tuple[Document, ...]) -> Names:
    ids = {item.id for item in gone if item.id is not None}
    paths = [item.path for item in gone]
    hashes = {item.sha256 for item in gone if item.sha256}

    def names_one(text: str) -> bool:
        """Whether a text holds the path of a document."""
        return any(path in text for path in paths)

    def is_of(place: Mapping[str, Any]) -> bool:
        """Whether a passage is of a document: an index that was built anew has given its ids again."""
        return place.get("document") in ids or place.get("path") in paths or place.get("sha256") in hashes

    def had_part(entry: Entry) -> bool:
        """Whether a document had a part in the answer."""
        return bool(_ids(entry) & ids) or any(map(is_of, entry.passages.values()))

    kept = list(entries)
    chosen = {number: set(names) for number, names in _affected(kept, had_part, is_of).items()}
    for entry in kept:
        named = {name for name, text in entry.texts.items() if names_one(text.text)}
        chosen.setdefault(entry.number, set()).update(named)
    return {number: sorted(names) for number, names in chosen.items()}


def _affected(
    entries: Iterable[Entry], had_part: Callable[[Entry], bool], is_of: Callable[[Mapping[str, Any]], bool]
) -> Names:
    """The texts of the entries in whose answers a document had a part, and of what was said about them."""
    chosen: dict[int, list[str]] = {}
    for entry in entries:
        if entry.kind is Kind.FEEDBACK and entry.facts.get("of") in chosen:
            chosen[entry.number] = list(entry.texts)
        elif entry.kind is Kind.QUESTION and had_part(entry):
            of_it = [name for name, place in entry.passages.items() if is_of(place)]
            chosen[entry.number] = [*of_it, *(ANSWER,) * (ANSWER in entry.texts)]
    return chosen


def _ids(entry: Entry) -> frozenset[int]:
    """The documents that had a part in an answer."""
    return frozenset(entry.facts.get("documents", ()))
