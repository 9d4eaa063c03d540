"""A document's day and family are told from its names, and nothing that stands for itself becomes a version."""

import string
from datetime import date, datetime
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cli.output.places import date_text
from assistant.reading.editions import Edition, edition
from assistant.reading.ranks import YEARLY, Rank, in_force, is_yearly, rank_of, sortable, supersedes
from assistant.types import Dated

MTIME_NS = int(datetime(2026, 1, 12, 12).timestamp()) * 10**9


def of(path: str, title: str = "", own: date | None = None) -> Edition:
    return edition(path, title, own, MTIME_NS)


FAMILIES = [
    ["hr/policy-v1.md", "hr/policy-v2.md", "hr/policy_v2_1.md", "hr/PolicyV3.md", "hr/policyv4.pdf"],
    ["hr/policy_2024.pdf", "hr/policy_2025.pdf"],
    ["hr/Travel policy (superseded).md", "hr/old-travel-policy.md", "hr/Travel policy.v1.0.pdf",
     "hr/travel_policy-v2.md"],
    ["hr/archive/leave-policy-2019.pdf", "hr/2022/leave-policy.pdf", "hr/leave-policy-2026.md"],
    ["SUPERSEDED - Travel policy.md", "Travel policy 2026 (in force).md"],
    ["Reiserichtlinie (veraltet).pdf", "alte-reiserichtlinie.md", "Reiserichtlinie 2023.pdf",
     "Reiserichtlinie (Stand 05.2024).pdf", "Reiserichtlinie_Stand Mai 2025.pdf",
     "Reiserichtlinie vom 1. März 2026.md"],
    ["Preisliste 2024-11.pdf", "2025-01 Preisliste.pdf", "Preisliste 01.03.2025.pdf", "Preisliste Mai 2025.pdf"],
    ["Handbuch 2. Auflage.pdf", "Handbuch Fassung 3.pdf"],
    ["spec rev A.md", "spec rev. C.md", "spec-v4-final.md"],
    ["contract acme (superseded).pdf", "Contract_ACME.pdf"],
    ["legal/old/retention.md", "legal/retention.md"],
    ["legal/superseded/retention.md", "legal/Alte Fassungen/retention.md", "legal/retention.md"],
    ["99_Archiv/Aufbewahrung.md", "Aufbewahrung.md"],
    ["AGB_Stand_2024-05.pdf", "AGB_Stand_20250101.pdf"],
    ["hours valid from 2024-05-01.md", "hours valid from 2025-05-01.md"],
]  # fmt: skip


@pytest.mark.parametrize("paths", FAMILIES, ids=lambda paths: paths[0])
def test_versions_are_one_family_and_each_supersedes_those_before_it(paths: list[str]) -> None:
    editions = [of(path) for path in paths]
    assert len({item.family for item in editions}) == 1
    assert editions[0].family
    assert not is_yearly(editions[0].family)
    newest = max(editions, key=lambda item: item.rank)
    assert newest == editions[-1] == max(editions, key=lambda item: sortable(item.rank))
    assert not any(supersedes(item.rank, newest.rank) for item in editions)
    assert supersedes(newest.rank, editions[0].rank)


STRANGERS = [
    ["minutes-2026-01.md", "minutes-2026-02.md", "minutes-2025.md", "minutes.md"],
    ["2025-01-12 Protokoll Vertrieb.md", "2025-02-12 Protokoll Vertrieb.md"],
    ["Supply agreement 2020-01-02 EX-10.1.pdf", "Supply agreement 2021-01-02 EX-10.1.pdf", "Supply agreement 2020.pdf",
     "Supply agreement 2021.pdf", "ACME-Supply agreement 2020.pdf"],
    ["report-2025-Q3.pdf", "report-2025-Q2.pdf", "report Q3 2024.pdf", "2024 Q3 ACME.pdf", "2025 Q3 ACME.pdf",
     "KW12 2025 Bericht.md", "KW12 2024 Bericht.md", "report-2025-03.pdf", "report-2025-04.pdf"],
    ["invoice-2024-001.pdf", "invoice-2024-002.pdf", "invoice-2025-001.pdf", "invoice 2024-03.pdf", "invoice (1).pdf",
     "invoice (2).pdf", "Rechnung 2024.pdf", "Rechnung 2025.pdf"],
    ["ISO 9001 2008.pdf", "ISO 9001 2015.pdf"],
    ["aquila-40.pdf", "aquila-50.pdf", "aquila.pdf"],
    ["release-notes-4.2.md", "release-notes-4.3.md"],
    ["api-v1-reference.md", "api-v2-reference.md"],
    ["deprecated-features.md", "features.md", "metering-old-networks.pdf", "metering-networks.pdf"],
    ["clients/acme/policy-v1.md", "clients/bolt/policy-v2.md", "policy-v3.md"],
    ["policy-v1.de.md", "policy-v2.en.md", "policy-v3.md"],
    ["minutes of the policy committee 2024.md", "minutes of the policy committee 2025.md"],
    ["2024/03/minutes.md", "2025/03/minutes.md"],
    ["Betriebsordnung 2024.md", "Tagesordnung 2024.md", "Tagesordnung 2025.md"],
]  # fmt: skip


@pytest.mark.parametrize("paths", STRANGERS, ids=lambda paths: paths[0])
def test_what_stands_for_itself_is_no_version_of_another(paths: list[str]) -> None:
    families = [of(path).family for path in paths]
    assert len(set(families)) == len(families)


@pytest.mark.parametrize("path", ["README.md", "2024/README.md", "a/index.md", "scan_0017.pdf", "RE-2024-0117.pdf"])
def test_a_name_that_says_nothing_has_no_family(path: str) -> None:
    assert of(path).family == of(path, "Meeting 2025").family == ""


def test_a_name_that_says_nothing_takes_the_family_of_a_title_that_sets_rules() -> None:
    old, new = of("hr/scan_0017.pdf", "Leave Policy 2023"), of("hr/leave-policy-2026.md")
    assert old.family == new.family
    assert supersedes(new.rank, old.rank)


def test_the_title_tells_what_a_short_name_is() -> None:
    one, other = (
        of("hr/leave-2023.pdf", "Annual Leave Policy 2023"),
        of("hr/leave-2026.pdf", "Annual Leave Policy 2026"),
    )
    assert one.family == other.family == "hr/leave"


def test_reports_of_years_are_a_family_in_which_each_year_stands() -> None:
    one, other = of("finance/annual-report-2023.pdf"), of("finance/annual-report-2024.pdf")
    assert one.family == other.family
    assert is_yearly(one.family)
    assert one.rank < other.rank


def test_an_archived_report_still_stands_and_another_text_of_a_year_does_not() -> None:
    report, later = of("archive/annual-report-2019.pdf"), of("annual-report-2024.pdf")
    assert report.family == later.family and in_force(report.rank)
    old, now = of("legal/old/retention-2019.md"), of("legal/retention.md")
    assert old.family == now.family + YEARLY
    assert supersedes(now.rank, old.rank)


def test_versions_are_numbered_anew_each_year() -> None:
    assert supersedes(of("policy-2024-v1.md").rank, of("policy-2023-v3.md").rank)
    assert of("offsite-2024-v1.md").family == of("offsite-2024-v2.md").family != of("offsite-2023-v3.md").family


def test_a_draft_supersedes_nothing_in_force_and_is_superseded_by_its_final_text() -> None:
    draft, before, final = of("policy-2026-draft.md").rank, of("policy-2025.md").rank, of("policy-2026.md").rank
    assert not supersedes(draft, before)
    assert not supersedes(before, draft)
    assert supersedes(final, draft)


def test_an_own_date_decides_where_only_one_name_has_a_label() -> None:
    old, new = of("notice-2022.md", own=date(2022, 4, 1)), of("notice.md", "Notice rules", own=date(2025, 7, 1))
    assert supersedes(new.rank, old.rank)
    assert not supersedes(old.rank, new.rank)


def test_the_same_text_in_two_formats_supersedes_nothing() -> None:
    text, pdf = of("policy-v2.md", own=date(2025, 1, 1)), of("policy-v2.pdf", own=date(2025, 1, 9))
    assert text.family == pdf.family
    assert not supersedes(pdf.rank, text.rank)
    assert not supersedes(text.rank, pdf.rank)


def test_a_file_time_decides_nothing() -> None:
    one, other = edition("policy.md", "", None, 0), edition("policy-v2.md", "", None, MTIME_NS)
    assert not supersedes(one.rank, other.rank)
    assert not supersedes(other.rank, one.rank)


@pytest.mark.parametrize(
    ("path", "title", "day", "dated"),
    [
        ("minutes-2025-03-01.md", "", date(2025, 3, 1), Dated.NAME),
        ("minutes_20250301.md", "", date(2025, 3, 1), Dated.NAME),
        ("Protokoll 01.03.2025.md", "", date(2025, 3, 1), Dated.NAME),
        ("ACME_06_15_2020-EX-4.25-SERVICES AGREEMENT.PDF", "", date(2020, 6, 15), Dated.NAME),
        ("ACME_06_07_2020-SERVICES AGREEMENT.PDF", "", date(2020, 1, 1), Dated.YEAR),
        ("letter.md", "Letter of March 1, 2025", date(2025, 3, 1), Dated.NAME),
        ("brief.md", "Brief vom 1. März 2025", date(2025, 3, 1), Dated.NAME),
        ("policy.md", "Travel policy, version 3, as of 1st March 2025", date(2025, 3, 1), Dated.NAME),
        ("minutes-2025-03.md", "", date(2025, 3, 1), Dated.MONTH),
        ("Preisliste Mai 2025.pdf", "", date(2025, 5, 1), Dated.MONTH),
        ("Richtlinie.pdf", "Reiserichtlinie – Stand Mai 2025", date(2025, 5, 1), Dated.MONTH),
        ("policy_2025.pdf", "Travel policy (May 2025)", date(2025, 5, 1), Dated.MONTH),
        ("budget-2024-2025.md", "", date(2025, 1, 1), Dated.YEAR),
        ("Annual report FY2024.pdf", "", date(2024, 1, 1), Dated.YEAR),
        ("2024/README.md", "", date(2024, 1, 1), Dated.YEAR),
        ("reports 2024/sales.md", "", date(2024, 1, 1), Dated.YEAR),
        ("vision.md", "Vision 2090", date(2026, 1, 12), Dated.FILE),
        ("history.md", "The company since 1998", date(2026, 1, 12), Dated.FILE),
        ("x.md", "Changes between 2019 and the move", date(2026, 1, 12), Dated.FILE),
        ("offers 2024-13-45.md", "", date(2024, 1, 1), Dated.YEAR),
    ],
)
def test_the_day_is_what_the_names_say(path: str, title: str, day: date, dated: Dated) -> None:
    found = of(path, title)
    assert (found.date, found.dated) == (day, dated)


def test_the_documents_own_date_comes_first() -> None:
    found = of("policy-2025.md", own=date(2025, 7, 4))
    assert (found.date, found.dated) == (date(2025, 7, 4), Dated.DOCUMENT)


def test_a_file_time_that_no_calendar_has_gives_no_date() -> None:
    assert edition("notes.md", "", None, 10**30).date is None


@pytest.mark.parametrize(
    ("dated", "shown"),
    [
        (Dated.DOCUMENT, "1 Feb 2026"),
        (Dated.NAME, "1 Feb 2026"),
        (Dated.MONTH, "Feb 2026"),
        (Dated.YEAR, "2026"),
        (Dated.FILE, "file of 1 Feb 2026"),
    ],
)
def test_a_source_shows_its_date_as_exactly_as_it_is_known(dated: Dated, shown: str) -> None:
    assert date_text(date(2026, 2, 1), dated) == shown
    assert date_text(None, dated) == ""


@pytest.mark.parametrize(
    ("path", "title", "says_so"),
    [
        ("Travel policy (superseded).md", "", True),
        ("policy.md", "Notice Periods (superseded by version 2)", True),
        ("Richtlinie, ersetzt durch Fassung 3.md", "", True),
        ("superseded/policy.md", "", True),
        ("[OBSOLETE] policy.md", "", True),
        ("Richtlinie (ersetzt Fassung 2022).md", "", False),
        ("archive/policy.md", "", False),
        ("old-town-lease.md", "", False),
        ("policy-v1.md", "", False),
    ],
)
def test_only_a_document_that_says_so_is_superseded_of_itself(path: str, title: str, says_so: bool) -> None:
    assert of(path, title).superseded is says_so


days = st.dates(date(1950, 1, 1), date(2026, 12, 31)).map(lambda day: day.isoformat())
cut_days = st.builds(lambda day, length: day[:length], days, st.sampled_from([0, 4, 7, 10]))
ranks = st.builds(
    lambda standing, named, version, own: (standing, named, tuple(version), own),
    st.integers(0, 3), cut_days, st.lists(st.integers(0, 999), max_size=4), st.one_of(st.just(""), days),
)  # fmt: skip


@given(st.lists(ranks, max_size=6))
def test_ranks_as_text_come_back_and_sort_alike(found: list[Rank]) -> None:
    texts = [sortable(rank) for rank in found]
    assert [rank_of(text) for text in texts] == found
    assert sorted(texts) == [sortable(rank) for rank in sorted(found)]


@given(ranks, ranks)
def test_no_version_supersedes_itself_or_what_supersedes_it(one: Rank, other: Rank) -> None:
    assert not supersedes(one, one)
    assert not (supersedes(one, other) and supersedes(other, one))


marks = [
    "v2",
    "version 3.1",
    "2024",
    "2025-03",
    "Stand Mai 2025",
    "(superseded)",
    "draft",
    "final",
    "_Entwurf",
    "rev B",
]


@given(st.sampled_from(["travel policy", "Reiserichtlinie"]), st.lists(st.sampled_from(marks), max_size=4))
def test_labels_in_any_number_and_order_leave_the_family_as_it_is(name: str, said: list[str]) -> None:
    assert of(f"hr/{' '.join([name, *said])}.md").family == of(f"hr/{name}.md").family


@given(st.text(string.ascii_lowercase, min_size=3, max_size=12), st.sets(days, min_size=2, max_size=4))
def test_names_with_different_days_are_different_documents_unless_they_set_rules(word: str, said: set[str]) -> None:
    found = [of(f"{word} {day}.md") for day in sorted(said)]
    if of(f"{word} rules 2024.md").family:
        for one, other in combinations(found, 2):
            same = one.family and one.family == other.family
            assert not same or of(f"{word} 2024.md").family == of(f"{word} 2025.md").family


@given(st.text(max_size=60), st.text(max_size=60), st.integers(-(10**20), 10**20))
def test_any_name_and_title_have_an_edition(path: str, title: str, mtime_ns: int) -> None:
    found = edition(path, title, None, mtime_ns)
    assert rank_of(sortable(found.rank)) == found.rank


def test_what_the_front_matter_says_counts_before_the_name() -> None:
    assert edition("notice-2025.md", "", None, 0, "superseded").superseded
    assert not edition("notice-2025.md", "", None, 0, "in force").superseded
    first, second = (edition("policy.md", "", None, 0, f"version {number}") for number in (1, 2))
    assert first.family == second.family and supersedes(second.rank, first.rank)
    draft = edition("policy.md", "", None, 0, "draft version 3")
    assert not supersedes(draft.rank, second.rank)


def test_a_date_of_its_own_counts_before_a_version_in_the_front_matter() -> None:
    old = edition("policy-old-system.md", "", date(2022, 1, 1), 0, "version 9")
    assert old.rank[2] == ()
