"""Edits a log in every way that SQL can, and counts how many of the edits `assistant log verify` finds.

    .venv/bin/python scripts/log_edits.py [--edits N] [--seed N]

Each edit is made to a fresh copy of the same log: a value changed, a row deleted, added or swapped, in any row and
column of both tables; a table, column, index, view or trigger added or made anew; entries cut off at the end, or the
log written anew from some entry on, compared with a head that was written down before. It ends with 1, and the edit,
where one is not found.
"""

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.log import chain
from assistant.log.entry import ANSWER, QUESTION, RIGHT, Kind
from assistant.log.store import Log, New
from assistant.log.verify import verify
from assistant.storage.layout import LOG

Rows = list[list[Any]]
Edit = Callable[[random.Random, Rows, Rows], str]
TABLES = ("entries", "texts")


def main() -> int:
    what, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=what, epilog=rest)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="from which everything is drawn [1]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        missed, made = edited(Path(folder), options.edits, options.seed)
    for edit in missed:
        print(f"not found: {edit}")
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(made.items()))
    print(f"{sum(made.values()) - len(missed):,} of {sum(made.values()):,} edits found ({kinds})")
    return 1 if missed else 0


def edited(folder: Path, edits: int, seed: int) -> tuple[list[str], Counter[str]]:
    """Make the edits one by one; returns those that were not found, and how many there were of each kind."""
    draw = random.Random(seed)
    original, copy = folder / "original", folder / "copy"
    original.mkdir()
    copy.mkdir()
    write(original, draw)
    kept = verify(original)
    if kept.findings or verify(original, kept.head).findings:
        raise AssertionError("the log is not clean to begin with")
    missed, made = [], Counter[str]()
    while sum(made.values()) < edits:
        kind = draw.choice([*EDITS, ALTERED])
        shutil.copy(original / LOG, copy / LOG)
        said = alter(copy / LOG, draw) if kind == ALTERED else _apply(copy / LOG, EDITS[kind], draw)
        if not said:  # it would have changed nothing, or two rows would have had one key
            continue
        made[kind] += 1
        if not verify(copy, kept.head if kind in WITH_HEAD else None).findings:
            missed.append(f"{kind}: {said}")
    return missed, made


def write(index: Path, draw: random.Random) -> None:
    """Write a log of all kinds of entries, some of whose texts are erased."""
    log = Log(index)
    for number in range(1, 25):
        texts = {QUESTION: f"Question {number}?", ANSWER: json.dumps({"text": f"Answer {draw.random()} [1]."})}
        texts |= {f"passage {at}": json.dumps({"text": "A passage. " * at}) for at in range(1, draw.randint(2, 5))}
        facts = {"status": "answered", "model": {"name": "m", "digest": "d", "options": {}}, "documents": [1, 2]}
        asked = _logged(log, New(Kind.QUESTION, facts, texts))
        if number % 4 == 0:
            _logged(log, New(Kind.FEEDBACK, {"of": asked, "verdict": "bad"}, {RIGHT: "another"}))
        if number % 9 == 0:
            _erased(log, asked)


def _erased(log: Log, number: int) -> None:
    log.erase(lambda _: {number: [ANSWER, "passage 1"]}, "forgotten")


def _logged(log: Log, new: New) -> int:
    return log.append(lambda: new)


def change(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Change one value a little, or into another type."""
    row = draw.choice(draw.choice((entries, texts)))
    at = draw.randrange(len(row))
    before = row[at]
    row[at] = draw.choice([_nearby, _as_another_type, _empty])(draw, before)
    return f"{before!r:.60} became {row[at]!r:.60}"


def delete(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Delete a row; the texts of an entry stay (without them it is a cut, if it is the last one)."""
    rows = draw.choice((entries, texts))
    return f"deleted {rows.pop(draw.randrange(len(rows)))!r:.60}"


def add(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Add a copy of a row under another key."""
    rows = draw.choice((entries, texts))
    row = list(draw.choice(rows))
    row[0] = draw.choice([max(row[0] for row in rows) + 1, 0, -1, row[0] + 1, 10**6])
    rows.append(row)
    return f"added {row!r:.60}"


def swap(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Swap one column of two rows, or all but the key."""
    rows = draw.choice((entries, texts))
    one, other = draw.sample(rows, 2)
    columns = draw.choice([[draw.randrange(len(one))], range(1, len(one))])
    for at in columns:
        one[at], other[at] = other[at], one[at]
    return f"swapped {list(columns)} of {one!r:.40} and {other!r:.40}"


def cut(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Cut entries off at the end, with their texts."""
    count = draw.randint(1, len(entries))
    gone = {row[0] for row in entries[-count:]}
    entries[:] = entries[:-count]
    texts[:] = [row for row in texts if row[0] not in gone]
    return f"the last {count} entries cut off"


def rewrite(draw: random.Random, entries: Rows, texts: Rows) -> str:
    """Change a text and make every digest from its entry on fit: what whoever knows the code can do."""
    text = draw.choice(texts)
    text[3] += " Not so."
    before = chain.START
    for row in entries:
        if row[0] == text[0]:
            facts = json.loads(row[3])
            facts["texts"][text[1]] = chain.text_digest(text[2], text[3])
            row[3] = chain.canonical(facts)
        row[4] = before = chain.link(before, *row[:4])
    return f"written anew from entry {text[0]} on"


EDITS: dict[str, Edit] = {
    "changed": change, "deleted": delete, "added": add, "swapped": swap, "cut off": cut, "written anew": rewrite,
}  # fmt: skip
WITH_HEAD = {"cut off", "written anew"}
ALTERED = "tables altered"
_KEYLESS = """
    CREATE TABLE other (entry INTEGER NOT NULL, name TEXT NOT NULL, salt BLOB NOT NULL, text TEXT NOT NULL);
    INSERT INTO other SELECT * FROM texts; DROP TABLE texts; ALTER TABLE other RENAME TO texts;"""
_TWICE = "INSERT INTO texts SELECT entry, name, salt, 'Not so.' FROM texts WHERE entry = 1 AND name = 'answer';"
ALTERATIONS = {
    "no key": _KEYLESS,
    "no key, and a text twice": f"{_KEYLESS}{_TWICE}CREATE INDEX other ON texts (entry, text DESC)",
    "a view": """
        ALTER TABLE texts RENAME TO other;
        CREATE VIEW texts AS SELECT entry, name, salt, replace(text, 'Answer', 'No answer') AS text FROM other""",
    "a table": "CREATE TABLE other (text)",
    "a column of entries": "ALTER TABLE entries ADD COLUMN other",
    "a column of texts": "ALTER TABLE texts ADD COLUMN other",
    "an index": "CREATE INDEX other ON texts (entry, text)",
    "statistics": "ANALYZE",
    "a trigger that keeps": """
        CREATE TABLE other (text);
        CREATE TRIGGER another AFTER DELETE ON texts BEGIN INSERT INTO other VALUES (old.text); END""",
    "a trigger that prevents": "CREATE TRIGGER other BEFORE DELETE ON texts BEGIN SELECT raise(IGNORE); END",
    "no tables": "DROP TABLE texts; DROP TABLE entries",
    "another text by the index than by the table": """
        CREATE TABLE other (entry, name, salt, text, PRIMARY KEY (entry, name));
        INSERT INTO other SELECT * FROM texts ORDER BY rowid DESC;
        PRAGMA writable_schema=ON;
        UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_other_1')
            WHERE name = 'sqlite_autoindex_texts_1';
        DELETE FROM sqlite_master WHERE tbl_name = 'other'""",
}


def alter(path: Path, draw: random.Random) -> str:
    """Add to the tables, or make them anew."""
    said = draw.choice(list(ALTERATIONS))
    db = sqlite3.connect(path)
    try:
        db.executescript(ALTERATIONS[said])
    finally:
        db.close()
    return said


def _nearby(draw: random.Random, value: Any) -> Any:
    if isinstance(value, int):
        return value + draw.choice([-1, 1, 1000])
    if not value:
        return value
    at = draw.randrange(len(value))
    one = bytes([value[at] ^ 1]) if isinstance(value, bytes) else chr(ord(value[at]) ^ 1)
    return draw.choice([value[:at] + one + value[at + 1 :], value[:at] + value[at + 1 :], value + value[:1]])


def _as_another_type(_: random.Random, value: Any) -> Any:
    if isinstance(value, int):
        return value + 0.5
    return value.encode() if isinstance(value, str) else value.hex()


def _empty(_: random.Random, value: Any) -> Any:
    return type(value)()


def _apply(path: Path, edit: Edit, draw: random.Random) -> str:
    """Make an edit; empty where nothing is another now, or SQLite refuses it."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA synchronous=OFF")
    try:
        rows = _rows(db)
        before = _rows(db)
        said = edit(draw, *rows)
        for name, table in zip(TABLES, rows, strict=True):
            db.execute(f"DELETE FROM {name}")
            if table:
                db.executemany(f"INSERT INTO {name} VALUES ({','.join('?' * len(table[0]))})", table)
        db.commit()
        now = _rows(db)
    except (sqlite3.IntegrityError, sqlite3.DataError):
        return ""
    finally:
        db.close()
    return said if now != before else ""


def _rows(db: sqlite3.Connection) -> list[Rows]:
    """The rows of both tables by their keys: in which order they lie in the file means nothing."""
    return [[list(row) for row in db.execute(f"SELECT * FROM {name} ORDER BY 1, 2")] for name in TABLES]


if __name__ == "__main__":
    sys.exit(main())
