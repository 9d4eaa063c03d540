"""Values of the library as JSON: names as in `assistant.types`, dates in ISO form, `schema` 1."""

import dataclasses
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from assistant.cli.door import replaced


def print_json(value: Any) -> None:
    """Print one JSON object on one line; what could steer a terminal is escaped, so its values are what they were."""
    unicode = (sys.stdout.encoding or "utf-8").lower().startswith("utf")
    text = json.dumps(plain(value), ensure_ascii=not unicode)
    print(replaced(text, lambda character: json.dumps(character)[1:-1]))


def plain(value: Any) -> Any:
    """A value of frozen dataclasses as dicts, lists and JSON's own types; a set is a sorted list."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value
