"""What the doctor finds out about one thing."""

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How it stands."""

    OK = "ok"
    NOTE = "note"  # worth knowing; everything works
    WRONG = "wrong"  # something does not work, or is not as private as it has to be


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor."""

    name: str
    state: State
    said: str
    hint: str = ""  # what to do about it
    detail: str = ""  # the whole of it, which nobody has to act on


def ok(name: str, said: str, detail: str = "") -> Finding:
    """A finding that asks for nothing."""
    return Finding(name, State.OK, said, detail=detail)


def note(name: str, said: str, hint: str) -> Finding:
    """A finding that is worth knowing."""
    return Finding(name, State.NOTE, said, hint)


def wrong(name: str, said: str, hint: str) -> Finding:
    """A finding that has to be mended."""
    return Finding(name, State.WRONG, said, hint)
