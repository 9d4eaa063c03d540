"""The one door to the terminal: what may pass is listed here, and whatever else is written is left out.

Letters, marks, numbers, punctuation and symbols that show themselves may pass, the plain space, the new line, and the
few sequences with which this program draws. `clean` (terminal.py) makes text readable before it comes here; the door is
for the text that nobody thought of.
"""

import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast

# Characters of allowed kinds that show nothing, by themselves or at all (Default_Ignorable_Code_Point, and blanks).
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufffc"
    "\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# All but what Latin texts are made of, where nothing has to be looked at one by one; marks are among it.
_ODD = re.compile("[^\n -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]+")
# Joined to the letter before them without a width of their own, though Unicode calls them letters: Korean vowels, ends.
_JOINED = re.compile("[\u1161-\u11ff\ud7b0-\ud7ff]")
_MOST_MARKS = 4  # on one letter; more climb into the lines above
# What the program draws with: styles, the cursor up or to the line's end or hidden, the line's beginning, and links to
# files of this machine.
DRAWN = re.compile(
    r"\x1b\[(?:[\d;]*m|\d*[AK]|\?25[hl])|\r(?=\x1b\[|$)|\x1b\]8;;(?:file:///[!-~]*)?\x1b\\"  # noqa: RUF100
)


def replaced(text: str, instead: Callable[[str], str]) -> str:
    """`text` with what `instead` returns in the place of each character that may not pass.

    A mark may not where too many stand on its letter already.
    """
    return _ODD.sub(lambda run: "".join(_judged(run.group(), instead)), text)


def _judged(run: str, instead: Callable[[str], str]) -> Iterator[str]:
    marks = 0
    for character in run:
        is_mark = unicodedata.category(character) in ("Mn", "Me") or bool(_JOINED.match(character))
        marks = marks + 1 if is_mark else 0
        passes = character.isprintable() and not UNSEEN.match(character) and marks <= _MOST_MARKS
        yield character if passes else instead(character)


def passing(text: str) -> str:
    """`text` without what may not pass; every sequence counts as that."""
    return replaced(text, lambda _: "")


def drawn(text: str) -> str:
    """`text` without what may not pass; the program's own sequences stay."""
    if "\x1b" not in text and "\r" not in text:
        return passing(text)
    parts, at = [], 0
    for sequence in DRAWN.finditer(text):
        parts += [passing(text[at : sequence.start()]), sequence.group()]
        at = sequence.end()
    return "".join([*parts, passing(text[at:])])


def _keep_numbers() -> None:
    """Open what is closed of the three streams on nothing: else the next file would be where native code prints."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def _let_go(stream: TextIO) -> None:
    """Write what is left; where that fails it goes nowhere, else Python would end with a code of its own."""
    try:
        stream.flush()
    except OSError:  # a reader that has gone, a full disk: what had to be said of it has been said
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _Door:
    """A stream that writes only what may pass to the one behind it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what may pass; returns the length of what was given."""
        self._stream.write(drawn(text))
        return len(text)

    def writelines(self, texts: Iterator[str]) -> None:
        """Write each of them."""
        for text in texts:
            self.write(text)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded() -> Iterator[None]:
    """Put the door before both outputs; a terminal without Unicode shows question marks, and no error.

    Behind an output that is closed nothing is heard; no file of the index may take its number.
    """
    before = sys.stdout, sys.stderr
    _keep_numbers()
    with Path(os.devnull).open("w", encoding="utf-8") as nothing:
        streams = [stream or nothing for stream in before]
        for stream in streams:
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        sys.stdout, sys.stderr = (cast("TextIO", _Door(stream)) for stream in streams)
        try:
            yield
        finally:
            sys.stdout, sys.stderr = before
            for stream in streams:
                _let_go(stream)
