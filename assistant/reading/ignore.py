"""Rules that keep files out of the index: git's, in `.assistantignore` at the top of the folder and in the settings.

A rule that cannot be followed stops the run: what was meant to stay out must not come in by a slip of the pen.
pathspec knows what a rule means; it is imported only where there is one.
"""

import os
import re
import stat
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Sequence

from assistant.errors import UsageError

FILE_NAME = ".assistantignore"

_LARGEST_FILE = 65_536  # bytes
_MOST_RULES = 1_000
# What a rule costs for the worst names there can be: 15 ms with three asterisks in a part, 80 ms with two **; one more
# of either takes 30 to 1,000 times as long. Ordinary names take 0.4 microseconds.
_MOST_ASTERISKS = 3
_MOST_CROSSINGS = 2
# A folder full of the worst names is made to hold up a run and not worth waiting for.
_PATIENCE_SECONDS = 10.0
_SLOW_SECONDS = 0.0001  # a rule and path, on average

# What git takes, though it matches nothing, or something else than was meant; with the reason that is shown.
_SLIPS = (
    (re.compile(r".*\0"), "it holds a zero byte"),
    (re.compile(r"!?\s"), "it begins with a space"),
    (re.compile(r"!?/?\s*$|.*//"), "it has no name between its slashes"),
    (re.compile(r"(!?|.*/)\.{1,2}(/|\s*$)"), "paths begin at the folder, without ./ or ../"),
    (re.compile(r".*\\(\w|$)"), "folders are divided by /, not by a backslash"),
    (re.compile(r".*\*\*\*"), "it has more than two asterisks in a row"),
)
# "*" and "**" at the end, which pathspec cuts short in its regular expressions.
_LAST = re.compile(r"(?P<before>^!?|/)(?P<last>\*\*?)(?P<slash>/?)\s*$")

_Rule = tuple[Callable[[str], re.Match[str] | None], bool]  # what it matches, and whether that stays out


class Rules:
    """Lists of rules; what any of them keeps out stays out, so no list can undo another's."""

    def __init__(self, lists: Sequence[Sequence[_Rule]]) -> None:
        self._lists = lists
        self._number = sum(map(len, lists))
        self._asked = 0
        self._spent = 0.0

    def ignore(self, path: str) -> bool:
        """Whether a path itself stays out, folders above it not considered; a folder's path ends with a slash.

        Raises UsageError where names were made to keep the rules busy.
        """
        began = time.perf_counter()
        name = path if path.isascii() else unicodedata.normalize("NFC", path)
        ignored = False
        for rules in self._lists:
            ignored = ignored or _decided(rules, name)
        self._asked += 1
        self._spent += time.perf_counter() - began
        if self._spent > max(_PATIENCE_SECONDS, self._asked * self._number * _SLOW_SECONDS):
            raise UsageError(f"the rules that keep files out take too long at {path}", "Use fewer asterisks in them.")
        return ignored

    def cover(self, path: str) -> bool:
        """Whether a path or a folder above it stays out."""
        ends = [at for at, character in enumerate(path, 1) if character == "/" and at < len(path)]
        return any(self.ignore(path[:end]) for end in [*ends, len(path)])


def rules(root: str, patterns: Sequence[str] = ()) -> Rules | None:
    """The rules of the folder at the real path `root` and those of the settings, None where there are none.

    Raises UsageError for a rule that cannot be followed, naming its line, and for a file of rules that cannot be read.
    """
    file = f"{root.rstrip('/')}/{FILE_NAME}"
    lists = (
        _compiled((f"{file}, line {number}", line) for number, line in enumerate(_lines(file, root), 1)),
        _compiled((f"the setting “ignore”, rule {number}", line) for number, line in enumerate(patterns, 1)),
    )
    filled = [compiled for compiled in lists if compiled]
    return Rules(filled) if filled else None


def _decided(rules: Sequence[_Rule], path: str) -> bool:
    """The last rule that matches decides; it stands first."""
    for matches, stays_out in rules:
        if matches(path):
            return stays_out
    return False


def _lines(file: str, root: str) -> Sequence[str]:
    content = _content(file, root)
    if len(content) > _LARGEST_FILE:
        raise UsageError(f"{file} is larger than {_LARGEST_FILE:,} bytes", "Use fewer rules; one can name a folder.")
    try:  # utf-8-sig: some editors begin a file with a byte order mark
        return [line.removesuffix("\r") for line in content.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text", "Save it as UTF-8, or remove it.") from None


def _content(file: str, root: str) -> bytes:
    """What stands in the file of rules, empty where there is none; never waits, never reads beyond the folder."""
    try:
        real = os.path.realpath(file, strict=True)
        if not real.startswith(root.rstrip("/") + "/"):
            raise UsageError(f"{file} is a link out of the folder", "Put the rules themselves there, or remove it.")
        descriptor = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as opened:  # noqa: PTH123 - what was checked is what is read
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UsageError(f"{file} is not a file", "Put a file of rules there, or remove it.")
            return opened.read(_LARGEST_FILE + 1)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not os.path.islink(file):  # noqa: PTH114 - as above, of text
            return b""
        raise UsageError(f"{file} cannot be read: {error.strerror}", "Check its permissions, or remove it.") from error


def _compiled(lines: Iterable[tuple[str, str]]) -> Sequence[_Rule]:
    """The rules among the lines, the last one first."""
    compiled: list[_Rule] = []
    for where, line in lines:
        if line.strip() and not line.startswith("#"):
            compiled.append(_rule(line, where))
        if len(compiled) > _MOST_RULES:
            raise UsageError(f"{where}: more than {_MOST_RULES:,} rules", "Use fewer; one can name a folder.")
    return compiled[::-1]


def _rule(line: str, where: str) -> _Rule:
    reason = next((reason for slip, reason in _SLIPS if slip.match(line)), "") or _too_many(line)
    expression = None if reason else _expression(line)
    if expression is None:
        raise UsageError(
            f"{where}: “{line}” is not a rule: {reason or 'its brackets cannot be understood'}",
            "Mend it or remove it. The rules are those of .gitignore files.",
        )
    return expression


def _too_many(line: str) -> str:
    parts = line.removeprefix("!").split("/")
    if parts.count("**") > _MOST_CROSSINGS:
        return f"it has more than {_MOST_CROSSINGS} times **"
    if any(part.count("*") > _MOST_ASTERISKS for part in parts):
        return f"it has more than {_MOST_ASTERISKS} asterisks in one name"
    return ""


def _expression(line: str) -> _Rule | None:
    """What pathspec makes of a rule, None where it makes nothing of it.

    Its expressions also match what lies below a match. The walk never gets there, and git asks each path for itself:
    so an expression has to match the whole path, and those that pathspec cuts short are spelled out first.
    """
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    spelled_out = _LAST.sub(
        lambda found: f"{found['before']}{'**/' if found['last'] == '**' else ''}?*{found['slash']}",
        unicodedata.normalize("NFC", line),  # "ü" has two spellings, and either names the file
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # [[:alpha:]]: Python reads it as something else
            text, stays_out = GitIgnoreSpecPattern.pattern_to_regex(spelled_out)
            if text is None or stays_out is None:
                return None
            return re.compile(text, re.DOTALL).fullmatch, stays_out  # DOTALL: a name may hold a new line
    except (ValueError, re.error, FutureWarning):
        return None
