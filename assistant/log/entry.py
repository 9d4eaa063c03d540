"""What stands in the log: entries, each with facts that stay and texts that can be erased."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from assistant.errors import LogUnusable

QUESTION, SEARCHED, ANSWER, RIGHT, SAID = "question", "searched", "answer", "right", "said"  # names of texts
PASSAGE = "passage "  # and its number, from 1


class Kind(StrEnum):
    """What an entry records."""

    QUESTION = "question"
    FEEDBACK = "feedback"  # on the answer of an earlier entry
    ERASURE = "erasure"  # of texts of earlier entries
    EVENT = "event"  # that is no question: a connection that was refused


@dataclass(frozen=True, slots=True)
class Text:
    """A text with the salt of its digest."""

    salt: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `facts["texts"]` holds the digest of every text that it had when it was written."""

    number: int  # from 1, without a gap
    time: str  # ISO 8601, UTC
    kind: Kind
    facts: Mapping[str, Any]
    texts: Mapping[str, Text]  # those that have not been erased
    digest: str

    def text(self, name: str) -> str | None:
        """One of its texts, None where it was erased or never kept."""
        found = self.texts.get(name)
        return None if found is None else found.text

    @property
    def erased(self) -> tuple[str, ...]:
        """The names of the texts that it had and has no more."""
        return tuple(name for name in self.facts.get("texts", {}) if name not in self.texts)

    @property
    def passages(self) -> dict[str, Mapping[str, Any]]:
        """The passages of a question that have not been erased, each with its place, by the names of their texts."""
        names = sorted((name for name in self.texts if name.startswith(PASSAGE)), key=lambda name: (len(name), name))
        return {name: self.object(name) for name in names}

    def object(self, name: str) -> Mapping[str, Any]:
        """One of its texts as the JSON object that it is; raises LogUnusable where it is none."""
        try:
            value = json.loads(self.texts[name].text)
        except (ValueError, RecursionError):
            raise changed(self.number) from None
        if not isinstance(value, dict):
            raise changed(self.number)
        return value


def changed(number: int) -> LogUnusable:
    """The error for an entry that is not what was written."""
    return LogUnusable(f"entry {number} of the log was changed", "See: assistant log verify")
