"""Which files a search is restricted to."""

from collections.abc import Sequence

from assistant.errors import UsageError
from assistant.reading.paths import lying_in, named
from assistant.storage.catalog import Catalog
from assistant.types import Dated, Filter


def matching_files(catalog: Catalog, wanted: Filter) -> Sequence[int] | None:
    """Ids of the files that a filter lets through, None where it lets everything through.

    Raises UsageError where it lets no indexed file through: an empty answer would mislead.
    """
    if wanted == Filter():
        return None
    condition, values = ("kind = ?", [wanted.kind]) if wanted.kind else ("1", [])
    rows = catalog.file_ids_matching(condition, values)
    if wanted.within is not None:
        place = named(wanted.within, catalog.get("folder") or "")
        inside = set(lying_in((row[1] for row in rows), place))
        rows = [row for row in rows if row[1] in inside]
    if wanted.since is not None:
        rows = [row for row in rows if _last_day(row[2], row[3]) >= wanted.since.isoformat()]
    rows = [row for row in rows if row[1] not in wanted.without]
    if not rows:
        raise UsageError(f"no indexed file {_said(wanted)}", _folders(catalog))
    return [row[0] for row in rows]


def _folders(catalog: Catalog) -> str:
    tops = sorted({path.split("/")[0] for _, path, _, _ in catalog.file_ids_matching("path LIKE '%/%'", [])})
    listed = ", ".join(tops[:12]) + (", …" if len(tops) > 12 else "")
    return f"The indexed folder has: {listed}." if tops else "The indexed folder has no folders in it."


def _said(wanted: Filter) -> str:
    """A filter in words: "is a pdf, lies in hr, is of 2026-01-01 or later"."""
    parts = [
        f"is a {wanted.kind} file" if wanted.kind else "",
        f"lies in {wanted.within}" if wanted.within is not None else "",
        f"is of {wanted.since} or later" if wanted.since else "",
        "is outside of what is left out" if wanted.without else "",
    ]
    return " and ".join(part for part in parts if part)


def _last_day(day: str, dated: Dated) -> str:
    """The last day that a document may be of, as ISO text: one of 2025 is not older than March of that year."""
    return {Dated.YEAR: f"{day[:4]}-12-31", Dated.MONTH: f"{day[:7]}-31"}.get(dated, day)
