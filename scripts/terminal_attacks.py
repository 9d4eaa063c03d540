"""Sends hostile strings through whole commands to a terminal, and counts what arrives that should not.

    .venv/bin/python scripts/terminal_attacks.py [--strings N] [--seed N]

The strings are random, or made of what steers terminals: escape sequences of one and of two bytes, links, titles,
clipboards, pictures, bidirectional controls, tags, invisible characters, stacks of marks, lines without an end. They
come as names and texts of documents, as questions, options and commands, as what a model says, and out of the log. The
commands run under a pseudo terminal, with styles and links on. Whatever arrives is judged by rules of its own: after
the program's own sequences are taken out, each character must be of the allow-list, and each link lead to a document.
It ends with 1 where anything else arrived.
"""

import argparse
import json
import os
import pty
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

COLUMNS = "100"
_PORTION = 250  # strings in one answer out of the log
_SENTENCES = 25  # in one answer of a model

_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\??[0-9]*[AKhl]|\r(?=\x1b\[|\n)|\x1b\]8;;(file://[!-~]*)?\x1b\\")
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PIECES = (
    "\x1b[2J", "\x1b[31m", "\x1b[8m", "\x1b[1A", "\x1b[6n", "\x1b[?1049h", "\x1b]0;title\x07", "\x1b]52;c;b3duZWQ=\x07",
    "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\", "\x1b]8;;file:///etc/passwd\x1b\\leave\x1b]8;;\x1b\\",
    "\x1bP1$r0m\x1b\\", "\x1b_Gi=1;AAAA\x1b\\", "\x1b^private\x1b\\", "\x1bPq#0;2;0;0;0~-\x1b\\", "\x1bc", "\x1b(0",
    "\x1b#8", "\x9b2J", "\x9d0;title\x9c", "\x90q\x9c", "\x84", "\x85", "\x07", "\x08\x08\x08", "\x7f", "\x00", "\r",
    "\rerror: ", "\n", "\u202e", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\u200d", "\u2060", "\ufeff",
    "\u00ad", "\u034f", "\u115f", "\u3164", "\u2800", "\ufe0f", "\U000e0101", "\U000e0041\U000e0042", "\u2028",
    "\u2029", "\ue000", "\U0010fffd", "\ufffe", "\ud800", "\udc9b", "\u0301" * 30, "e\u0301\u0302", "\u0e31" * 30,
    "\u20dd" * 9, "\u1161" * 20, "\x1b", "\x1b[", "\x1b]", "\x1b]8;;", "]8;;x\x07", "[click](https://evil.example)",
    "![](https://evil.example/x.png)", "<a href='javascript:1'>x</a>", "https://evil.example", "[1]", "`code`",
    "Überstunden", "日本語", "שלום", "مرحبا", "🙂", "the leave policy", "28 days", " ", "\t", "x" * 12_000,
)  # fmt: skip


def main() -> int:
    what, _, rest = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(description=what, epilog=rest)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1, help="from which everything is drawn [1]")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        send(options.strings, options.seed)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        fed, arrived, wrong = attacked(Path(folder), options.strings, options.seed)
    for finding, count in wrong.most_common(20):
        print(f"{count:,} times {finding}")
    print(f"{fed:,} strings sent, {arrived:,} bytes arrived, {sum(wrong.values()):,} of them not of the allow-list")
    return 1 if wrong else 0


def attacked(folder: Path, strings: int, seed: int, files: int = 40) -> tuple[int, int, "Counter[str]"]:
    """Send the strings through a pseudo terminal; how many, the bytes that arrived, and what should not have."""
    documents = write_documents(folder / "documents", files, random.Random(seed))
    output = run_at_terminal(
        [sys.executable, __file__, "--child", "--strings", str(strings), "--seed", str(seed)], folder
    )
    text, _, end = output.decode("utf-8", "surrogateescape").rpartition("SENT ")
    if not end.strip().isdecimal():
        raise RuntimeError(f"the commands did not end: {output[-2000:]!r}")
    return int(end), len(output), judge(text, documents.as_uri())


def judge(text: str, root: str) -> "Counter[str]":
    """What of a terminal's input is not of the allow-list, by rules that share nothing with those of the program."""
    wrong: Counter[str] = Counter()
    for link in filter(None, (found[1] for found in _OWN.finditer(text))):
        if not link.startswith(f"{root}/"):
            wrong[f"a link to {link!r:.80}"] += 1
    marks = 0
    for character in _OWN.sub("", text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if character != "\n" and ((kind[0] not in "LMNPS" and character != " ") or _IGNORABLE.match(character)):
            wrong[f"U+{ord(character):04X} ({kind})"] += 1
        elif marks > 4:
            wrong[f"a stack of marks with U+{ord(character):04X}"] += 1
    return wrong


def run_at_terminal(arguments: list[str], folder: Path, host: str = "127.0.0.1:9") -> bytes:
    """What a command writes to its terminal."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": COLUMNS, "HOME": str(folder), "OLLAMA_HOST": host}
    environment |= {"XDG_CONFIG_HOME": str(folder), "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = subprocess.Popen(
        arguments, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=folder, close_fds=True
    )
    os.close(theirs)
    parts = []
    try:
        while part := os.read(ours, 1 << 16):
            parts.append(part)
    except OSError:  # how Linux says that nobody has it open any more
        pass
    os.close(ours)
    child.wait()
    return b"".join(parts)


def hostile(draw: random.Random) -> str:
    """One string: pieces that steer terminals, random characters between them, or these alone."""
    parts = draw.choices(_PIECES, k=draw.randint(0, 4)) if draw.random() < 0.8 else []
    for _ in range(draw.randint(0, 3)):
        limit = draw.choice([0x20, 0xA0, 0x3000, 0x10FFFF])
        parts.append("".join(chr(draw.randint(0, limit)) for _ in range(draw.randint(1, 8))))
    draw.shuffle(parts)
    return "".join(parts) if len("".join(parts)) < 13_000 else parts[0]


def sendable(text: str) -> str:
    """A string as SQLite and files take it."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def write_documents(folder: Path, files: int, draw: random.Random) -> Path:
    """A folder of documents whose names, headings and texts are hostile."""
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nThe entitlement is 28 working days.\n", encoding="utf-8")
    while len(list(folder.iterdir())) < files:
        name = sendable(hostile(draw)).replace("/", "_")[:40]
        text = "\n\n".join(_section(draw) for _ in "abc")
        try:
            (folder / f"{name}.md").write_text(text, encoding="utf-8")
        except OSError:  # no name of a file
            continue
    return folder


def _section(draw: random.Random) -> str:
    return f"# {sendable(hostile(draw))[:80]}\n\nThe leave {sendable(hostile(draw))[:300]}"


def send(strings: int, seed: int) -> None:
    """Run commands in this folder with hostile strings until so many were sent; the last line says how many."""
    from assistant.cli.app import run

    draw = random.Random(seed + 1)
    index = ("--index", "index")
    run(["index", "documents", *index])
    run(["status", *index])
    sent = 7 * len(list(Path("documents").iterdir()))
    for arguments in _commands(draw):
        run([arguments[0], *index, *arguments[1:]])
        sent += int(os.environ["SENT"])
        if sent >= strings:
            break
    print(f"SENT {sent}", flush=True)


def _commands(draw: random.Random) -> Iterator[list[str]]:
    """Commands without an end; the variable SENT says how many strings each brings to the terminal."""
    while True:
        for _ in range(4):
            yield from _from_log(draw)
        yield from _from_model(draw)
        for _ in range(60):
            yield _with_sent(1, draw.choice([["ask", f"--{hostile(draw)}"], [hostile(draw)], ["show", hostile(draw)]]))
        for name in ("search", "ask"):
            option = ["--no-model"] if name == "ask" else ["--explain", "--limit", "20"]
            yield _with_sent(1, [name, *option, "--", f"leave {hostile(draw)}"])
        yield _with_sent(1, ["show", "1"])
        yield _with_sent(1, ["forget", hostile(draw)])
        yield _with_sent(1, ["ask", "leave", "--in", hostile(draw), "--no-model", "--json"])


def _with_sent(count: int, arguments: list[str]) -> list[str]:
    os.environ["SENT"] = str(count)
    return [argument.replace("\0", "") for argument in arguments]


def _from_log(draw: random.Random) -> Iterator[list[str]]:
    """An answer out of the log whose every text is hostile."""
    from assistant.log.entry import ANSWER, QUESTION, SEARCHED, Kind
    from assistant.log.store import Log, New

    texts = [sendable(hostile(draw)) for _ in range(_PORTION)]
    place = {"path": texts[0], "page": 1, "page_label": texts[1], "heading": texts[2], "quote": texts[3], "number": 1}
    answer = {"status": "answered", "text": "\n".join(texts[4:120]), "citations": [place], "closest": []}
    passage = place | {"document": 1, "sha256": "0" * 64, "start": 0, "end": 9, "text": " ".join(texts[120:])}
    named = {"name": texts[5], "digest": texts[6], "options": {texts[7]: texts[8]}}
    written = {QUESTION: texts[9], ANSWER: json.dumps(answer), SEARCHED: "{}", "passage 1": json.dumps(passage)}
    new = New(Kind.QUESTION, {"status": "answered", "model": named, "documents": []}, written)
    number = str(Log(Path("index")).append(lambda: new))
    yield _with_sent(_PORTION, ["log", "show", number])
    yield _with_sent(0, ["log", "--limit", "3"])
    yield _with_sent(2, ["feedback", number, "bad", hostile(draw)])
    yield _with_sent(0, ["log", "show", number, "--json"])


def _from_model(draw: random.Random) -> Iterator[list[str]]:
    """An answer of a model whose every sentence is hostile."""
    from assistant.answering import ask
    from assistant.config import Config
    from assistant.models.chat import ChatModel
    from tests.scripted import ScriptedModel

    beginnings = [f"The entitlement is {draw.choice(['28', '30'])} working days" for _ in range(_SENTENCES)]
    said = [f"{beginning} {hostile(draw)[:400]} [1].\n" for beginning in beginnings]
    model = ScriptedModel(f"model {hostile(draw)}").enqueue(said)
    notices = (f"a notice {hostile(draw)}",)

    def choose(config: Config) -> tuple[ChatModel | None, tuple[str, ...]]:  # noqa: ARG001
        return model, notices

    ask.choose = choose
    yield _with_sent(_SENTENCES + 3, ["ask", f"How many days of leave? {hostile(draw)[:200]}"])


if __name__ == "__main__":
    sys.exit(main())
