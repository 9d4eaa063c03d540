"""The rows of tables in a passage: a label and its figures, as they stand on one line of a page or in markdown."""

import re
from functools import lru_cache

# A cell of a row: a figure with its signs, or what stands for none.
_CELL = re.compile(r"[(\[\-–—+$€£¥]*(?:\d[\d,.]*)?[)\]%x]*|N/M|NM|n/a|pts|bps|\*")
_ENDS = frozenset("0123456789)]%—–-x*MmsaA")  # what the last cell of a row can end with
_WORD = re.compile(r"[^\W\d_]{2}")
_MONEY = re.compile(r"[,$%€£¥]")  # two cells or one of these: else it may be a page's number, a section's or a year
_RULE = re.compile(r"[\s|:-]+")
_LONGEST = 90  # code points of a label; longer ones are sentences
_MANY = 0.15  # digits a code point: a passage that is hardly more than figures


@lru_cache(maxsize=2_000)  # the same passages are looked at for question after question
def labels(passage: str) -> tuple[str, ...]:
    """What the rows with figures are called, from top to bottom."""
    found = (_label(line.strip()) for line in passage.split("\n"))
    return tuple(label for label in found if label)


def figures(passage: str) -> float:
    """How much of a passage is figures, 0 to 1."""
    digits = sum(passage.count(digit) for digit in "0123456789")
    return min(1.0, digits / (_MANY * max(1, len(passage))))


def _label(line: str) -> str:
    """The label of one row, empty where the line is none."""
    if line.startswith("|"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        is_row = len(cells) > 1 and not _RULE.fullmatch(line) and any(map(str.isdigit, "".join(cells[1:])))
        return cells[0] if is_row and _WORD.search(cells[0]) else ""
    if line[-1:] not in _ENDS:
        return ""
    words = line.split()
    end = len(words)
    while end and _CELL.fullmatch(words[end - 1]):
        end -= 1
    cells, label = words[end:], " ".join(words[:end])
    has_figure = any(map(str.isdigit, "".join(cells)))
    is_row = has_figure and (len(cells) > 1 or _MONEY.search(cells[0]) is not None)
    return label if is_row and len(label) <= _LONGEST and _WORD.search(label) else ""
