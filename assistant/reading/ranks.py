"""The order of the versions of one document: what every question needs of editions.py, without its patterns.

`edition` (editions.py) makes ranks; the catalog keeps them as text.
"""

Rank = tuple[int, str, tuple[int, ...], str]  # standing, day in the name, version, the document's own day

SUPERSEDED, ARCHIVED, DRAFT, IN_FORCE = range(4)
YEARLY = " (yearly)"  # the end of a family whose members stand for a year each


def sortable(rank: Rank) -> str:
    """A rank as text that sorts like it: "3 2025-03 0002.0001 2025-03-01", "-" for what is not known."""
    standing, named, version, own = rank
    return f"{standing} {named or '-'} {'.'.join(f'{number:04}' for number in version) or '-'} {own or '-'}"


def rank_of(text: str) -> Rank:
    """The rank that `sortable` wrote; raises ValueError for any other text."""
    standing, named, version, own = ("" if part == "-" else part for part in text.split(" "))
    return int(standing), named, tuple(int(number) for number in version.split(".") if number), own


def supersedes(rank: Rank, other: Rank) -> bool:
    """Whether a version takes the place of another one of its family; False where nobody can tell.

    Day in the name, then version number, then own date: the first that both have and that differs. Own dates decide
    only between names that differ, for the same text as a PDF has a later one; a file's modification time decides
    nothing. A draft takes nothing's place, unless that is a draft or out of force.
    """
    if in_force(rank) != in_force(other):
        return in_force(rank)
    if rank[0] == DRAFT and other[0] == IN_FORCE:
        return False
    order = _order(rank, other)
    return order > 0 or (order == 0 and other[0] == DRAFT and rank[0] == IN_FORCE)


def said_superseded(rank: Rank) -> bool:
    """Whether the document says of itself that it is superseded."""
    return rank[0] == SUPERSEDED


def is_yearly(family: str) -> bool:
    """Whether the documents of a family stand for a year each, and none in force supersedes another."""
    return family.endswith(YEARLY)


def in_force(rank: Rank) -> bool:
    """Whether nothing says of a document, nor its place among others, that it is out of force."""
    return rank[0] not in (SUPERSEDED, ARCHIVED)


def _order(rank: Rank, other: Rank) -> int:
    if rank[:3] == other[:3]:
        return 0
    days = _days_apart(rank[1], other[1])
    if not days and rank[2] and other[2] and rank[2] != other[2]:
        return 1 if rank[2] > other[2] else -1
    return days or _days_apart(rank[3] or rank[1], other[3] or other[1])


def _days_apart(one: str, other: str) -> int:
    """1, -1 or 0 for a later, an earlier or the same day, as exactly as both are known; 0 where one is not."""
    exact = min(len(one), len(other))
    return (one[:exact] > other[:exact]) - (one[:exact] < other[:exact])
