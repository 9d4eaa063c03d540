"""Reads the title and date that stand between `---` (YAML) or `+++` (TOML) at the top of a markdown file."""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.reading.titles import plausible_date

LONGEST = 16_000  # code points; the parsers are slow, and front matter is short
_BLOCK = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?)(?<=\n)(\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"""(\w+)[ \t]*:[ \t]*(["']?)(.+?)\2[ \t]*$""", re.MULTILINE)
# The day a text was last said to hold, before the day it was first written.
_DATES = ("updated", "last_updated", "lastmod", "modified", "effective", "effective_date", "date", "created")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What front matter says; `end` is the offset behind it, 0 where there is none."""

    end: int = 0
    title: str = ""
    date: datetime.date | None = None


def front_matter(text: str) -> FrontMatter:
    """Read the front matter at the start of `text`; damaged front matter gives what single lines say, no error."""
    match = _BLOCK.match(text, 0, LONGEST)
    if match is None:
        return FrontMatter()
    values = _values(match[1], match[2])
    if not values:
        return FrontMatter()
    title = values.get("title")
    days = (plausible_date(values.get(key)) for key in _DATES)
    return FrontMatter(
        end=match.end(),
        title=" ".join(str(title).split()) if isinstance(title, str | int | float) else "",
        date=next((day for day in days if day), None),
    )


def _values(fence: str, block: str) -> Mapping[str, Any]:
    """Parse the block; empty where it is no mapping, as between two thematic breaks."""
    import yaml

    try:
        values = tomllib.loads(block) if fence == "+++" else yaml.safe_load(block)
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError, RecursionError):
        values = {key: value for key, _, value in _LINE.findall(block)}
    if not isinstance(values, dict):
        return {}
    return {str(key).lower().replace("-", "_").replace(" ", "_"): value for key, value in values.items()}
