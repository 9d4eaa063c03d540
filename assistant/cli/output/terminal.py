"""What reaches the terminal: clean text, wrapped to its width, with links to files.

Document text, file names and model output are not trusted: control characters, escape sequences, bidirectional
overrides and invisible characters never get through.
"""

import os
import re
import shlex
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from assistant.cli.door import DRAWN, passing

_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]P^_X]|[\x9d\x90\x9e\x9f\x98])[^\x1b\x07\x9c]{0,1000}(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]"
)
_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")  # of lines, however written
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")  # of whatever width
_KEPT = "\u00a0"
_WORD = re.compile(r"([ \n]*)([^ \n]+)")
_LONGEST = 10_000  # characters of a line; what is longer is no text to be read
_WIDEST = 100  # columns of running text; longer lines are hard to read


def clean(text: str) -> str:
    """`text` without anything that could steer a terminal; new lines stay, other spaces become plain ones.

    A line that is too long to be read is cut, and an ellipsis says so.
    """
    text = _ENDS.sub("\n", _ESCAPE.sub("", text)).replace("\t", "    ")
    text = passing(text if text.isascii() else _SPACES.sub(" ", text))
    if len(text) <= _LONGEST:
        return text
    return "\n".join(row if len(row) <= _LONGEST else row[:_LONGEST] + "…" for row in text.split("\n"))


def line(text: str) -> str:
    """`text` clean and on one line."""
    return " ".join(clean(text).split())


def command(name: str, index: str = "indexes/default") -> str:
    """How this person runs a command on this index: "assistant ask", ".venv/bin/assistant ask --index policies"."""
    found = shutil.which("assistant")
    own = Path(sys.argv[0])
    program = "assistant"
    if own.name == "assistant" and (found is None or not Path(found).samefile(own)):
        program = os.path.relpath(own) if own.is_absolute() else str(own)
    option = "" if index == "indexes/default" else f" --index {shlex.quote(line(index))}"
    return f"{program} {name}{option}"


def width() -> int:
    """Columns for running text on this terminal, 80 where there is none."""
    return max(20, min(shutil.get_terminal_size((80, 24)).columns, _WIDEST))


def wrapped(text: str, indent: str = "", columns: int | None = None, hanging: str | None = None) -> str:
    """`text` wrapped at words to the terminal's width, lines after the first behind `hanging`; words are never cut.

    Styles and links take no columns; what `unbroken` has joined stays on one line.
    """
    most = columns or width()
    rows, row = [], indent
    begun = False
    for gap, word in _WORD.findall(text):
        if begun and _columns(row) + len(gap) + _columns(word) > most:
            rows.append(row)
            row, begun = indent if hanging is None else hanging, False
        row += (gap.replace("\n", " ") if begun else "") + word
        begun = True
    return "\n".join([*rows, row]).replace(_KEPT, " ")


def unbroken(text: str) -> str:
    """`text` as one word for `wrapped`: a date, a figure with its unit."""
    return text.replace(" ", _KEPT)


def _columns(text: str) -> int:
    """How many columns `text` takes: none for styles and links, two for a wide letter, none for a mark."""
    plain = DRAWN.sub("", text)
    if plain.isascii():
        return len(plain)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in plain)
    return len(plain) + wide - sum(unicodedata.category(letter) in ("Mn", "Me") for letter in plain)


def link(label: str, path: Path, page: int | None) -> str:
    """`label` as a link that opens the file at its page, where stdout is a terminal; the plain label elsewhere."""
    if not styled():
        return label
    fragment = f"#page={page}" if page is not None else ""
    return f"\x1b]8;;{path.absolute().as_uri()}{fragment}\x1b\\{label}\x1b]8;;\x1b\\"


def dim(text: str) -> str:
    """`text` in a fainter color on a terminal; color never says anything by itself."""
    return f"\x1b[2m{text}\x1b[0m" if styled() else text


def bold(text: str) -> str:
    """`text` in bold on a terminal."""
    return f"\x1b[1m{text}\x1b[0m" if styled() else text


def styled() -> bool:
    """Whether stdout is a terminal that takes styles (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def marked(text: str, places: Sequence[tuple[int, int]]) -> str:
    """`text` on one clean line with the stretches at `places` marked: bold on a terminal, *so* elsewhere."""
    parts: list[str] = []
    at = 0
    for start, end in places:
        word = clean(text[start:end])
        parts += [clean(text[at:start]), bold(word) if styled() else f"*{word}*"]
        at = end
    return " ".join("".join([*parts, clean(text[at:])]).split())
