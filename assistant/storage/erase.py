"""Overwrites what SQLite leaves of deleted rows in a catalog.

`secure_delete` zeroes a row that is deleted, and a page that is given up. But when SQLite spreads rows over other pages
it leaves copies in what is then the unallocated space of a page, which nothing reads and nothing clears. VACUUM would:
for 350 MB in 7 s, with 400 MB of memory, while readers wait; this takes 0.7 s and next to nothing. That space alone is
written, in a file that only the holder of the lock writes to: no reader looks at it, so none waits, and being killed in
between does no harm. The format: https://sqlite.org/fileformat2.html#b_tree_pages.
"""

import os
from pathlib import Path

_FILE_HEAD = 100  # bytes before the first page's own head
_HEADS = {2: 12, 5: 12, 10: 8, 13: 8}  # kind of a b-tree page: bytes of its head. Other pages begin with a zero
_LARGEST_PAGE = 65_536  # written as 0
_BLOCK_PAGES = 256


def overwrite_unallocated(path: Path) -> int:
    """Zero the unallocated space of every page, on the disk before the function returns; returns the bytes zeroed.

    For whoever holds the index's lock, has committed, and keeps no page of the file in a cache.
    """
    zeroed = 0
    with path.open("r+b", buffering=0) as file:
        size = int.from_bytes(os.pread(file.fileno(), 2, 16), "big")
        size = _LARGEST_PAGE if size == 1 else size
        at = 0
        while size and (block := os.pread(file.fileno(), size * _BLOCK_PAGES, at)):
            for page in range(0, len(block) - size + 1, size):
                first, last = _unallocated(block, page, size, _FILE_HEAD if at + page == 0 else 0)
                if block[first:last].strip(b"\0"):
                    os.pwrite(file.fileno(), bytes(last - first), at + first)
                    zeroed += last - first
            at += len(block)
        os.fsync(file.fileno())
    return zeroed


def _unallocated(block: bytes, page: int, size: int, skip: int) -> tuple[int, int]:
    """First byte, and the one after the last, of what no cell takes of the page at `page`; equal where that is none."""
    head = page + skip
    length = _HEADS.get(block[head])
    if length is None:
        return page, page
    cells, content = (int.from_bytes(block[head + at : head + at + 2], "big") for at in (3, 5))
    first, last = head + length + 2 * cells, page + (content or _LARGEST_PAGE)
    return (first, last) if first <= last <= page + size else (page, page)
