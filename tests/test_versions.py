"""Older versions stand behind the newest, unless the question asks for them."""

from dataclasses import replace
from datetime import date

import pytest

from assistant.retrieval.versions import family, newest_first
from assistant.types import Hit

OLD = Hit("hr/leave-2023.pdf", 1, None, "", "27 days", 0, 7, 0.70, 1, "Annual Leave Policy 2023", date(2023, 3, 1))
NEW = Hit("hr/leave-2026.pdf", 5, None, "", "28 days", 0, 7, 0.66, 2, "Annual Leave Policy 2026", date(2026, 2, 1))
OTHER = Hit("it/vpn.md", None, None, "", "tunnel", 0, 6, 0.65, 3, "VPN", date(2020, 1, 1))


def paths(hits: list[Hit]) -> list[str]:
    return [hit.path for hit in hits]


def test_the_newest_version_comes_first() -> None:
    assert paths(newest_first([OLD, NEW, OTHER], "How many days of leave?")) == [
        "hr/leave-2026.pdf", "it/vpn.md", "hr/leave-2023.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("question", ["How many days of leave were there in 2023?", "What did the old policy say?"])
def test_a_question_about_the_past_finds_the_older_version(question: str) -> None:
    assert paths(newest_first([NEW, OLD, OTHER], question))[0] == "hr/leave-2023.pdf"


def test_documents_without_a_date_or_a_family_keep_their_place() -> None:
    undated = replace(OLD, date=None)
    assert paths(newest_first([OTHER, NEW, undated], "leave"))[0] == "hr/leave-2023.pdf"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Annual Leave Policy 2023", "Annual Leave Policy 2026"),
        ("Notice Periods (2022)", "Notice Periods"),
        ("Travel policy v2", "Travel policy v3 (superseded)"),
        ("travel_policy_version_1.4", "Travel Policy"),
    ],
)
def test_titles_that_differ_in_years_and_versions_are_one_family(one: str, other: str) -> None:
    assert family(one) == family(other)


def test_different_documents_are_not_one_family() -> None:
    assert family("Leave Policy 2023") != family("Travel Policy 2023")
