"""Of hostile strings nothing reaches a real terminal that is not of the allow-list: a slice of terminal_attacks.py."""

from pathlib import Path

import pytest
from terminal_attacks import attacked, judge


def test_nothing_arrives_that_is_not_of_the_allow_list(tmp_path: Path) -> None:
    sent, arrived, wrong = attacked(tmp_path, 600, seed=11, files=6)
    assert sent >= 600
    assert arrived > 50_000
    assert not wrong


@pytest.mark.parametrize(
    "text",
    ["\x1b[2J", "\x1b]8;;file:///etc/passwd\x1b\\x", "\x9b2J", "\u202e", "\U000e0041", "e" + "\u0301" * 5, "\r now",
     "\t", "\x1b]0;x\x07", "\u200b", "\ue000", "\udc9b", "\u2028"],
)  # fmt: skip
def test_the_judge_finds_what_should_not_arrive(text: str) -> None:
    assert judge(f"before {text} after\n", "file:///documents")


def test_the_judge_lets_the_programs_own_sequences_pass() -> None:
    own = "\x1b[1mbold\x1b[0m \x1b]8;;file:///documents/a.md\x1b\\a.md\x1b]8;;\x1b\\\r\n\r\x1b[K28 °C – “Größe” 日本\n"
    assert not judge(own, "file:///documents")
