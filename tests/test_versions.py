"""Older versions stand behind the newest, and ahead of it where the question asks for them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.reading.editions import edition
from assistant.reading.ranks import sortable
from assistant.retrieval.versions import in_order, newer, newest_first, superseded
from assistant.types import Dated, Hit


def hit(path: str, score: float = 0.7, own: date | None = None) -> Hit:
    of = edition(path, "", own, 0)
    return Hit(
        path, None, None, "", "text", 0, 4, score, 1, "", of.date, dated=of.dated, family=of.family,
        edition=sortable(of.rank),
    )  # fmt: skip


OLD = hit("hr/leave-policy-2023.pdf", 0.70)
NEW = hit("hr/leave-policy-2026.pdf", 0.66)
OTHER = hit("it/vpn.md", 0.65)
V1, V2 = hit("spec-v1.md"), hit("spec-v2.md")
REPORT_2023, REPORT_2024 = hit("annual-report-2023.pdf", 0.70), hit("annual-report-2024.pdf", 0.66)


def paths(hits: list[Hit]) -> list[str]:
    return [hit.path for hit in hits]


def test_the_newest_version_comes_first() -> None:
    ranked = newest_first([OLD, NEW, OTHER], "How many days of leave?", {})
    assert [(hit.path, hit.score) for hit in ranked] == [(NEW.path, 0.66), (OTHER.path, 0.65), (OLD.path, 0.62)]


def test_an_older_version_names_the_newest() -> None:
    older = newest_first([OLD, NEW], "leave", {})[1]
    assert (older.path, older.superseded_by, newer(older)) == (OLD.path, NEW.path, NEW.path)
    assert newest_first([NEW], "leave", {})[0].superseded_by == ""


def test_an_older_version_names_a_newest_that_is_no_hit_where_its_path_is_told() -> None:
    (told,) = newest_first([OLD], "leave", {NEW.family: f"{NEW.edition} {NEW.path}"})
    (untold,) = newest_first([OLD], "leave", {NEW.family: NEW.edition})
    assert (told.superseded_by, untold.superseded_by) == (NEW.path, "")


def test_a_path_with_spaces_is_named_whole() -> None:
    of = hit("hr/Leave policy 2019.pdf")
    (told,) = newest_first([of], "leave", {of.family: f"{NEW.edition} hr/Leave policy 2026.pdf"})
    assert told.superseded_by == "hr/Leave policy 2026.pdf"


def test_an_older_version_stands_behind_every_passage_of_the_newest_that_bears_on_the_question() -> None:
    best, beside, other = replace(V1, score=0.9), replace(V2, score=0.6), replace(V2, score=0.3, start=9)
    ranked = newest_first([best, beside, other], "Is a chair provided?", {})
    assert [(hit.path, hit.score) for hit in ranked] == [(V2.path, 0.6), (V1.path, 0.5999), (V2.path, 0.3)]


def test_the_version_that_is_asked_for_stands_before_the_newest() -> None:
    old, new = replace(V1, score=0.5), replace(V2, score=0.6)
    for question in ("under version 1", "What did the old spec version say?"):
        assert paths(newest_first([old, new], question, {})) == [V1.path, V2.path]
    assert paths(newest_first([old, new], "What is the difference between the versions?", {})) == [V2.path, V1.path]


def test_the_version_that_held_in_a_year_stands_before_the_newest_only_in_a_question_about_then() -> None:
    found = [replace(OLD, score=0.5), NEW, replace(hit("hr/leave-policy-2019.pdf"), score=0.6)]
    assert paths(newest_first(found, "How many days of leave were there in 2024?", {}))[0] == OLD.path
    assert paths(newest_first(found, "How many days of leave were there before 2022?", {}))[0].endswith("2019.pdf")
    assert paths(newest_first(found, "How long are files of 2024 kept?", {}))[0] == NEW.path


def test_a_report_of_another_year_is_behind_only_where_a_year_is_named() -> None:
    scored = [(REPORT_2023.path, 0.7, 0.7), (REPORT_2024.path, 0.9, 0.9)]
    reports = [REPORT_2023, REPORT_2024]
    assert in_order(scored, reports, "When was Leeds opened?", {}) == [0.7, 0.9]
    assert in_order(scored, reports, "What was the revenue in 2023?", {}) == [0.7, pytest.approx(0.6999)]


def test_what_was_put_away_as_old_gives_way_though_it_is_of_a_year() -> None:
    old, new = hit("legal/old/retention-2019.md", 0.7), hit("legal/retention.md", 0.68)
    assert superseded([old, new], "invoices", {}) == {old.path}
    assert newest_first([old, new], "invoices", {})[1].superseded_by == new.path
    later = hit("legal/retention-2026.md", 0.68)
    assert superseded([old, later], "invoices", {}) == {old.path}
    report = hit("finance/archive/annual-report-2019.pdf")
    assert superseded([report, hit("finance/annual-report-2024.pdf")], "revenue", {}) == frozenset()


def test_a_newer_version_that_is_no_hit_counts() -> None:
    newest = {NEW.family: NEW.edition, "other": V2.edition, OTHER.family: ""}
    assert superseded([OLD, OTHER], "leave", newest) == {OLD.path}
    assert paths(newest_first([OLD, OTHER], "leave", newest)) == [OTHER.path, OLD.path]


@pytest.mark.parametrize(
    "question",
    [
        "How many days of leave were there in 2023?",
        "What did the old policy say?",
        "What did the previous travel policy say?",
        "What has changed in the leave policy?",
        "Wie viele Tage waren es nach der alten Fassung?",
        "Was galt früher?",
    ],
)
def test_a_question_about_the_past_leaves_the_older_version_where_it_is(question: str) -> None:
    assert paths(newest_first([NEW, OLD, OTHER], question, {}))[0] == OLD.path
    assert superseded([NEW, OLD], question, {}) == frozenset()


@pytest.mark.parametrize("question", ["What does v1 say?", "What does Version 1 say?", "Was sagt Fassung 1.0?"])
def test_a_question_for_a_version_leaves_that_version_where_it_is(question: str) -> None:
    assert superseded([V1, V2, OLD, NEW], question, {}) == {OLD.path}


def test_a_question_for_another_version_or_year_exempts_nothing() -> None:
    assert superseded([V1, V2, OLD, NEW], "What did version 2 say in 2022?", {}) == {V1.path, OLD.path}


def test_a_report_of_an_earlier_year_comes_later_but_still_holds() -> None:
    reports = [REPORT_2023, REPORT_2024]
    assert paths(newest_first(reports, "When was Leeds opened?", {})) == [REPORT_2024.path, REPORT_2023.path]
    assert superseded(reports, "When was Leeds opened?", {}) == frozenset()
    assert paths(newest_first(reports, "How high was the revenue in 2023?", {}))[0] == REPORT_2023.path


def test_a_document_that_says_it_is_superseded_is_so_without_a_newer_one() -> None:
    alone = hit("Travel policy (superseded).md")
    assert superseded([alone, OTHER], "hotel limit", {}) == {alone.path}
    assert superseded([alone, OTHER], "hotel limit in the superseded policy", {}) == frozenset()


def test_documents_without_a_family_keep_their_place() -> None:
    found = [replace(OLD, family=""), NEW, replace(OTHER, family="", edition="")]
    assert newest_first(found, "leave", {}) == found


def test_a_year_of_the_file_system_is_no_year_of_the_document() -> None:
    old = replace(V1, date=date(2023, 5, 1), dated=Dated.FILE)
    assert superseded([old, V2], "What was it in 2023?", {}) == {V1.path}


def test_labels_that_contradict_one_another_supersede_nothing() -> None:
    circle = [hit("policy-v1.md", own=date(2025, 1, 1)), hit("policy-v2.md", own=date(2023, 1, 1)),
              hit("policy.md", own=date(2024, 1, 1))]  # fmt: skip
    assert superseded(circle, "travel", {}) == frozenset()


def test_equal_scores_are_ordered_by_place() -> None:
    second = replace(OTHER, start=10, chunk_id=0)
    assert newest_first([second, OTHER, hit("a.md", 0.65)], "vpn", {}) == [hit("a.md", 0.65), OTHER, second]


names = st.sampled_from(
    ["policy-v1.md", "policy-v2.md", "policy-2024.md", "policy-2025-draft.md", "policy.md", "archive/policy-2026.md",
     "budget-2024.md", "budget-2025.md", "minutes-2025-01.md", "README.md"]
)  # fmt: skip


drawn = st.lists(
    st.builds(hit, names, st.floats(0, 1), st.none() | st.dates(date(2020, 1, 1))), unique_by=lambda hit: hit.path
)


@given(drawn, st.booleans())
def test_no_hit_is_lost_and_each_family_keeps_one_that_holds(hits: list[Hit], past: bool) -> None:
    question = "the old policy" if past else "the policy"
    ranked = newest_first(hits, question, {})
    assert sorted(hit.path for hit in ranked) == sorted(hit.path for hit in hits)
    older = superseded(hits, question, {})
    for family in {hit.family for hit in hits if hit.family}:
        assert any(hit.path not in older for hit in hits if hit.family == family)
    assert all(hit.superseded_by != hit.path for hit in ranked)
