"""Reads the title and date that stand between `---` (YAML) or `+++` (TOML) at the top of a markdown file."""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.reading.titles import plausible_date

_MOST_BRACKETS = 500
_LONGEST_STATUS = 40  # code points
LONGEST = 16_000  # code points; the parsers are slow, and front matter is short
_BLOCK = re.compile(r"(---|\+\+\+)[ \t]*\n(.*?)(?<=\n)(\1|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"""\b(\w+)[ \t]*:[ \t]*(["']?)(.+?)\2[ \t]*$""", re.MULTILINE)
# The day a text was last said to hold, before the day it was first written.
_DATES = ("updated", "last_updated", "lastmod", "modified", "effective", "effective_date", "date", "created")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What front matter says; `end` is the offset behind it, 0 where there is none."""

    end: int = 0
    title: str = ""
    date: datetime.date | None = None
    standing: str = ""  # what it says of its version and of being in force: "superseded version 1.2"


def front_matter(text: str) -> FrontMatter:
    """Read the front matter at the start of `text`; damaged front matter gives what single lines say, no error."""
    match = _BLOCK.match(text, 0, LONGEST)
    if match is None:
        return FrontMatter()
    values = _values(match[1], match[2])
    if not values:
        return FrontMatter()
    days = (plausible_date(values.get(key)) for key in _DATES)
    return FrontMatter(
        end=match.end(),
        title=values.get("title", ""),
        date=next((day for day in days if day), None),
        standing=_standing(values),
    )


def _standing(values: Mapping[str, Any]) -> str:
    """Status and version in the words that a file's name would say them with."""
    status = " ".join(str(values.get("status") or "").split())[:_LONGEST_STATUS]
    version = re.match(r"v?(\d{1,3}(?:\.\d{1,3}){0,3})(?!\d)", str(values.get("version") or "").strip().lower())
    replaced = "superseded" if values.get("superseded_by") or values.get("replaced_by") else ""
    return " ".join(part for part in (replaced or status, f"version {version[1]}" if version else "") if part)


def _values(fence: str, block: str) -> Mapping[str, Any]:
    """Parse the block; empty where it is no mapping, as between two thematic breaks."""
    try:
        values = tomllib.loads(block) if fence == "+++" else _yaml(block)
        return _named(values) if values and isinstance(values, dict) else {}
    except MemoryError:
        raise
    except Exception:  # numbers too long to be written, impossible days, deep nesting: each raises its own kind
        lines = {key: value for key, _, value in _LINE.findall(block)}
        return _named(lines) if lines else {}


def _yaml(block: str) -> Any:
    """Parse YAML without aliases: a few hundred bytes of them unfold to gigabytes, and titles need none."""
    import yaml

    if block.count("[") + block.count("{") > _MOST_BRACKETS:  # PyYAML takes half a minute for 9,000 inside one another
        raise yaml.YAMLError("front matter of brackets")
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, yaml.SafeLoader)):
        raise yaml.YAMLError("front matter with an alias")
    return yaml.safe_load(block)


def _named(values: Mapping[Any, Any]) -> Mapping[str, Any]:
    """Write all names alike, and the title as one line of text; raises ValueError for a number too long to write."""
    named = {str(key).lower().replace("-", "_").replace(" ", "_"): value for key, value in values.items()}
    title = named.pop("title", "")
    return named | {"title": " ".join(str(title).split()) if isinstance(title, str | int | float) else ""}
