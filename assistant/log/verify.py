"""Whether the log is what was written: no entry changed, missing or out of place, no text changed or gone unsaid.

Whoever can write to the file can write all of it anew. That, and a cut at its end, only a head shows that was written
down elsewhere before. An erasure that somebody else appended looks like any other: what stands behind a
head is counted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import UsageError
from assistant.log import chain
from assistant.log.entry import Kind
from assistant.log.store import Log

_SHORTEST_HEAD = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True, slots=True)
class Verified:
    """What a look at the whole log has shown."""

    entries: int
    head: str  # the digest of the last entry: write it down
    erased: int  # texts, and the log says so
    findings: tuple[str, ...]  # in words; none where all is as it was written
    behind: int | None = None  # entries behind the head that was given, None where there is none
    erasing: int | None = None  # those among them that erase texts


def verify(index: Path, head: str | None = None) -> Verified:
    """Compare every digest of the log; with a `head` that was written down, also that nothing was cut off behind it.

    Raises UsageError for a head that is none, and LogUnusable where the file cannot be read.
    """
    written = None if head is None else _checked(head)
    log = Log(index)
    altered = log.altered()
    if altered:
        said = f"the tables of the log were changed, so that no entry was read: {', '.join(altered)}"
        return Verified(0, chain.START, 0, (said,))
    entries, texts = log.rows()
    facts = [_facts(row) for row in entries]
    erased = _erased(entries, facts)
    findings = [*_chain_findings(entries), *_text_findings(entries, facts, texts, erased)]
    if not log.is_whole():
        findings.append(
            "the file of the log is damaged, or its index was changed: it may show other texts than it holds"
        )
    last = str(entries[-1][4]) if entries else chain.START
    behind = None if written is None else _behind(entries, written)
    if written is not None and behind is None:
        findings.append("the head is nowhere in the log: entries behind it are cut off, or the log was written anew")
    erasing = None if behind is None else sum(row[2] == Kind.ERASURE for row in behind)
    count = None if behind is None else len(behind)
    return Verified(len(entries), last, len(erased), tuple(findings), count, erasing)


def _behind(entries: Sequence[tuple[Any, ...]], head: str) -> Sequence[tuple[Any, ...]] | None:
    """The entries behind the one with this head, None where none has it."""
    found = (at for at, row in enumerate(entries) if _is_text(row[4]) and row[4].startswith(head))
    at = next(found, None)
    return None if at is None else entries[at + 1 :]


def _checked(head: str) -> str:
    written = "".join(head.lower().split())
    if len(written) < _SHORTEST_HEAD or set(written) - set("0123456789abcdef"):
        raise UsageError(
            f"{head} is not a head", f"It has {_SHORTEST_HEAD} or more digits, as printed by: assistant log verify"
        )
    return written


def _chain_findings(entries: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    before, expected = chain.START, 1
    for number, time, kind, facts, digest in entries:
        if number != expected:
            last = f" to {number - 1}" if number - 1 > expected else ""
            yield f"entry {expected}{last} is missing" if number > expected else f"an entry has the number {number}"
        is_text = all(map(_is_text, (time, kind, facts, digest)))
        if not is_text or kind not in set(Kind) or chain.link(before, number, time, kind, facts) != digest:
            yield f"entry {number} does not follow from the one before it: one of them was changed"
        before, expected = str(digest), number + 1


def _text_findings(
    entries: Sequence[tuple[Any, ...]],
    facts: Sequence[Mapping[str, Any]],
    texts: Sequence[tuple[Any, ...]],
    erased: frozenset[tuple[int, str]],
) -> Iterator[str]:
    kept = {(entry, name): (salt, text) for entry, name, salt, text in texts}
    for (entry, name), count in Counter((entry, name) for entry, name, _, _ in texts).items():
        if count > 1:
            yield f"the text “{name}” of entry {entry} stands there {count} times"
    for row, said in zip(entries, facts, strict=True):
        for name, digest in said["texts"].items():
            place = (row[0], name)
            text = kept.pop(place, None)
            if text is None and place not in erased:
                yield f"the text “{name}” of entry {row[0]} is missing, and no entry says that it was erased"
            elif text is not None and place in erased:
                yield f"the text “{name}” of entry {row[0]} was erased and stands there again"
            elif text is not None and not _matches(*text, digest):
                yield f"the text “{name}” of entry {row[0]} was changed"
    for entry, name in kept:
        yield f"the text “{name}” belongs to no entry, and says that it does to {entry}"


def _matches(salt: Any, text: Any, digest: Any) -> bool:
    return isinstance(salt, bytes) and _is_text(text) and chain.text_digest(salt, text) == digest


def _facts(row: Sequence[Any]) -> Mapping[str, Any]:
    """The facts of an entry, empty ones where somebody made something else of them: the chain says so."""
    try:
        value = json.loads(row[3])
        return value if isinstance(value["texts"], dict) else {"texts": {}}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {"texts": {}}


def _erased(entries: Sequence[tuple[Any, ...]], facts: Sequence[Mapping[str, Any]]) -> frozenset[tuple[int, str]]:
    """The texts that an entry behind theirs says were erased."""
    pairs = set()
    for row, said in zip(entries, facts, strict=True):
        names = said.get("erased")
        if row[2] == Kind.ERASURE and isinstance(names, dict):
            pairs |= {
                (int(number), name)
                for number, named in names.items()
                if number.isdecimal() and int(number) < row[0] and isinstance(named, list)
                for name in named
                if _is_text(name)
            }
    return frozenset(pairs)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
