"""Answers and reports read as their golden files say."""

from pathlib import Path

import pytest

from tests.rendered import RENDERED

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", RENDERED)
def test_text_is_what_the_golden_file_says(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "\n".join(RENDERED[name]()) + "\n" == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_nothing_of_a_terminal_sequence_is_left() -> None:
    shown = "\n".join(line for lines in RENDERED.values() for line in lines())
    assert not {character for character in shown if ord(character) < 32 or 127 <= ord(character) < 160} - {"\n"}
