"""The fields of the words index, known without tantivy: an index of an older version has others."""

import json
from pathlib import Path

from assistant.storage.layout import WORDS

LANGUAGES = ("en", "de", "xx")  # xx: lower case only
PASSAGE = {"title": 2.0, "headings": 1.5, "body": 1.0}  # with the weight of a word in each
# A word in the title or the path of a document names it; one at the start of its text may.
DOCUMENT = {"name": 1.0, "opening": 0.6}
_NAMES = frozenset(
    ["id", "file", "entry", "codes", *(f"{part}_{language}" for part in PASSAGE | DOCUMENT for language in LANGUAGES)]
)


def has_fields(index: Path) -> bool:
    """Whether the words index of an index has the fields that this version asks for; reads a few kilobytes."""
    try:
        schema = json.loads((index / WORDS / "meta.json").read_text(encoding="utf-8"))["schema"]
        return {field["name"] for field in schema} == _NAMES
    except (OSError, ValueError, KeyError, TypeError):
        return False
