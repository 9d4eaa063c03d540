"""What reaches the terminal: clean text, wrapped to its width, with links to files.

Document text, file names and model output are not trusted: control characters, escape sequences, bidirectional
overrides and invisible characters never get through.
"""

import os
import re
import shlex
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path

# C0 and C1 controls, bidirectional controls, zero-width and tag characters, line and paragraph separators.
UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U000e0000-\U000e0fff\ud800-\udfff]"
)
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])", re.DOTALL)
_MOST_COMBINING = 4
_WIDEST = 100  # columns of running text; longer lines are hard to read


def clean(text: str) -> str:
    """`text` without anything that could steer a terminal; new lines stay, tabs become spaces."""
    visible = UNSAFE.sub("", _ESCAPE.sub("", text).replace("\t", "    "))
    if visible.isascii():
        return visible
    kept: list[str] = []
    stacked = 0
    for character in visible:
        stacked = stacked + 1 if unicodedata.combining(character) else 0
        if stacked <= _MOST_COMBINING and unicodedata.category(character) not in ("Co", "Cn"):
            kept.append(character)
    return "".join(kept)


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
    """`text` wrapped at words to the terminal's width, lines after the first behind `hanging`; words are never cut."""
    return textwrap.fill(
        text, columns or width(), initial_indent=indent, subsequent_indent=indent if hanging is None else hanging,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


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
