"""Checks the rows of a catalog that a run left without its seal, or that a reader found wrong, before it is sealed.

SQLite finds a page that is not in order, not a bit that has flipped in a vector or a text. Vectors have a checksum, and
a passage is what its hash says. What fails is embedded, or read, again.
"""

import sqlite3
from dataclasses import dataclass

from assistant.errors import IndexUnusable
from assistant.storage.catalog import Catalog
from assistant.storage.layout import DAMAGED
from assistant.storage.place import rebuild_hint


@dataclass(frozen=True, slots=True)
class Audited:
    """How much was found damaged, and is made again by this run or the next."""

    vectors: int = 0
    files: int = 0


def audit(catalog: Catalog) -> Audited:
    """Drop what is not as it was stored; raises IndexUnusable where rows are damaged that nothing can be made from.

    A catalog that has its seal, and in which no reader met damage, is not looked at.
    """
    if catalog.is_sealed and not (catalog.path.parent / DAMAGED).exists():
        return Audited()
    try:
        paths = {row.path for row in catalog.all_chunks() if not row.is_as_cut}
    except (ValueError, TypeError, sqlite3.DatabaseError) as error:
        raise IndexUnusable(f"the catalog {catalog.path} is damaged", rebuild_hint(catalog.path.parent)) from error
    with catalog.transaction():
        vectors = catalog.drop_damaged_vectors()
        catalog.distrust(sorted(paths))
        if vectors:
            catalog.put(vectors="behind")
    return Audited(vectors, len(paths))
