"""Writes every golden file; run by scripts/golden."""

import os
from pathlib import Path

from tests.rendered import RENDERED
from tests.terminal import command

COMMANDS = (
    "", "index", "ask", "search", "show", "open", "log", "log show", "log verify", "log export", "feedback", "forget",
    "watch", "status", "doctor", "serve-model", "evaluate", "bundle", "verify",
)  # fmt: skip


def main() -> None:
    """Write the helps and the rendered answers."""
    os.environ["COLUMNS"] = "80"
    here = Path(__file__).parent
    for name in COMMANDS:
        text = command(*name.split(), "--help").out
        (here / f"help-{name.replace(' ', '-') or 'assistant'}.txt").write_text(text, encoding="utf-8")
    for name, lines in RENDERED.items():
        (here / f"{name}.txt").write_text("\n".join(lines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
