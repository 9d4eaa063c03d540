"""Markdown and plain text: sections, headings, front matter, encodings, languages."""

import codecs
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.language.detection import language
from assistant.reading.markdown import read_markdown
from assistant.reading.plain import cleaned, decode, read_plain
from assistant.reading.titles import first_title, from_name, plausible_date
from assistant.types import Document, Gap

HEADINGS = ["# One", "## Two *b*", "### [x](y)", "Setext", "===", "---", "> # q", "- # l", "    # c", "text", ""]
OTHERS = ["```", "~~~", "title: x", "date: 2024-01-02", "+++", "<!--", "-->", "\ttab", "é \U0001f600", "\r", "\0"]
LINES = st.sampled_from(HEADINGS) | st.sampled_from(OTHERS)


def sections(document: Document) -> list[tuple[str, str]]:
    text = document.texts[0].text
    return [(" › ".join(part.headings), text[part.start : part.end]) for part in document.sections]


def paths(text: str) -> list[str]:
    return [path for path, _ in sections(read_markdown(text.encode()))]


@given(st.one_of(st.lists(LINES, max_size=30).map("\n".join), st.text(max_size=200)))
def test_sections_cover_the_text_in_order_without_overlap(text: str) -> None:
    document = read_markdown(text.encode("utf-8", "replace"))
    if document.gaps:
        assert not document.texts
        return
    assert "".join(part for _, part in sections(document)) == document.texts[0].text
    assert all(part.start < part.end for part in document.sections)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


@given(st.binary(max_size=300))
def test_every_byte_sequence_decodes_to_text_that_can_be_stored(data: bytes) -> None:
    text = decode(data)
    assert text == text.encode().decode()
    assert "\r" not in text
    assert "\0" not in text


def test_headings_nest_and_a_code_fence_has_none() -> None:
    text = "before\n# A\n\na\n## B\nb\n```\n# not\n```\n### C\nc\n## D\nd\n\nE\n===\ne\n"
    assert paths(text) == ["", "A", "A › B", "A › B › C", "A › D", "E"]


def test_a_heading_in_a_quotation_or_a_list_opens_no_section() -> None:
    assert paths("# A\n\n> # quoted\n\n- # item\n") == ["A"]


def test_a_heading_with_only_a_deeper_one_below_it_joins_that_section() -> None:
    assert sections(read_markdown(b"# A\n\n## B\nb\n")) == [("A › B", "# A\n\n## B\nb\n")]


def test_a_few_headings_without_text_join_the_section_below_them() -> None:
    text = "# A\na\n# B\n## C\n# D\n\nd\n"
    assert sections(read_markdown(text.encode())) == [("A", "# A\na\n"), ("D", "# B\n## C\n# D\n\nd\n")]


@pytest.mark.parametrize(("heading", "most"), [("# A\n", 20), ("# A\n## B\n", 20), (f"# {'a' * 200}\n", 2)])
def test_headings_without_text_do_not_become_as_many_sections(heading: str, most: int) -> None:
    document = read_markdown((heading * 120).encode())
    count = document.texts[0].text.count("\n")
    assert [part.count("\n") for _, part in sections(document)] == [most] * (count // most)


@pytest.mark.parametrize(
    ("heading", "plain"),
    [
        ("# Fees *and* `costs` ##", "Fees and costs"),
        ("# [Fees](https://example.org/x)", "Fees"),
        ("# Fees [¶](#fees)", "Fees"),
        ("# Fees {#fees .wide}", "Fees"),
        ('# <a name="x"></a>Fees', "Fees"),
        ("# ![Logo](l.png) Fees &amp; more \\*", "Logo Fees & more *"),
        ("# [Fees][ref]\n\n[ref]: https://example.org", "Fees"),
    ],
)
def test_a_heading_reads_as_it_is_seen(heading: str, plain: str) -> None:
    assert paths(f"{heading}\n\ntext") == [plain]


def test_front_matter_gives_title_and_date_and_stays_citable_without_a_heading() -> None:
    front = '---\ntitle: "Travel: rules"\ndate: 2021-01-01\nupdated: 2024-02-01\n---\n'
    document = read_markdown(f"{front}# Travel\n\ntext".encode())
    assert (document.title, document.date) == ("Travel: rules", date(2024, 2, 1))
    assert sections(document)[0] == ("", front)


@pytest.mark.parametrize(
    ("block", "standing"),
    [
        ("status: superseded\nversion: 1.2", "superseded version 1.2"),
        ("superseded_by: other.md\nstatus: in force", "superseded"),
        ("version: v3-final", "version 3"),
        ("version: 2026-01-31\ntitle: x", ""),
        ("status: [a, b]", "['a', 'b']"),
        ("title: x", ""),
    ],
)
def test_front_matter_says_what_is_in_force(block: str, standing: str) -> None:
    assert read_markdown(f"---\n{block}\n---\ntext".encode()).standing == standing


def test_toml_front_matter_is_read_too() -> None:
    document = read_markdown(b'+++\ntitle = "Leave"\neffective = 2024-02-01\n+++\ntext\n')
    assert (document.title, document.date) == ("Leave", date(2024, 2, 1))


@pytest.mark.parametrize(
    "block",
    ["title: A: B\nupdated: 2024-02-01", "title: A\nx: [\nupdated: 2024-02-01", "- a\ntitle: A\nupdated: 2024-02-01"],
)
def test_damaged_front_matter_gives_what_its_lines_say(block: str) -> None:
    document = read_markdown(f"---\n{block}\n---\n# H\ntext".encode())
    assert document.title.startswith("A")
    assert document.date == date(2024, 2, 1)


@pytest.mark.parametrize("fence", ["---", "+++"])
@pytest.mark.parametrize(
    "title", ["0x" + "f" * 4_000, "1" + ":59" * 4_000, "1" + ":59" * 4_000 + ".5", "9" * 9_000, "[" * 9_000]
)
def test_front_matter_that_no_parser_can_take_loses_no_text(title: str, fence: str) -> None:
    text = f"{fence}\ntitle {'=' if fence == '+++' else ':'} {title}\n{fence}\n# H\ntext"
    document = read_markdown(text.encode())
    assert (document.texts[0].text, document.gaps) == (text, ())


def test_aliases_in_front_matter_are_not_unfolded() -> None:
    levels = (f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 10))
    bomb = f"title: T\na0: &a0 {{x: 1}}\n{''.join(levels)}updated: 2024-02-01\n"
    started = time.process_time()
    document = read_markdown(f"---\n{bomb}---\ntext".encode())
    assert (document.title, document.date) == ("T", date(2024, 2, 1))
    assert time.process_time() - started < 5  # unfolded, it takes a minute and a gigabyte


@pytest.mark.parametrize(
    "text",
    [
        "---\nno front matter\n---\ntext",
        "---\n" + "[" * 9_000 + "\n---\ntext",
        "---\n",
        "---\ntitle: x\n",
        "--- \n---\n",
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    document = read_markdown(text.encode())
    assert document.title == ""
    assert document.texts[0].text == text


def test_yaml_front_matter_can_build_no_objects() -> None:
    document = read_markdown(b"---\ntitle: !!python/object/apply:os.getcwd []\n---\ntext")
    assert document.title == "!!python/object/apply:os.getcwd []"


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "# Grüße\r\ntext".encode(),
        codecs.BOM_UTF16_LE + "# Grüße\rtext".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "# Grüße\ntext".encode("utf-16-be"),
        codecs.BOM_UTF32_LE + "# Grüße\ntext".encode("utf-32-le"),
        "# Grüße\ntext".encode("cp1252"),
    ],
)
def test_encodings_are_recognized_and_newlines_become_one(data: bytes) -> None:
    document = read_markdown(data)
    assert document.texts[0].text == "# Grüße\ntext"
    assert document.title == "Grüße"


def test_the_title_falls_back_to_the_first_heading_and_then_to_the_name_of_the_file() -> None:
    assert read_markdown(b"## b\n# T *x*\n").title == "T x"
    assert read_markdown(b"text").title == read_plain(b"text").title == ""
    assert from_name("hr/travel_policy-2026.md") == "Travel policy-2026"
    assert from_name("hr/travel-policy.txt") == "Travel policy"


def test_empty_and_binary_files_give_a_reason() -> None:
    for read in (read_markdown, read_plain):
        assert read(b" \n").gaps[0].reason is Gap.EMPTY
        assert read(b"\x7fELF\0\0").gaps[0].reason is Gap.DAMAGED


def test_a_text_file_is_one_section() -> None:
    document = read_plain(b"# not a heading\nline\n")
    assert sections(document) == [("", "# not a heading\nline\n")]


@pytest.mark.parametrize("bomb", [">" * 100_000, "[" * 50_000, "# " + "[" * 20_000, "- " * 30_000, "*a " * 30_000])
def test_nested_markup_does_not_hang(bomb: str) -> None:
    assert read_markdown(bomb.encode()).sections


def test_languages_are_told_apart_and_unknown_ones_are_not_guessed() -> None:
    assert (
        language("Each employee is entitled to 28 days of leave, and it may be carried over to the next year.") == "en"
    )
    assert (
        language("Der Urlaub ist mit dem Vorgesetzten abzustimmen und wird von der Personalabteilung geprüft.") == "de"
    )
    assert language("El gato come pescado todos los días en casa.") == ""
    assert language("Total 12,304 9,881 DN 40 DN 50") == ""
    assert language("") == ""


def test_program_defaults_and_file_names_are_no_titles() -> None:
    refused = ["Microsoft Word - leave.doc", "untitled", "report_final.pdf", "0000320193-22-000070", "Draft", " "]
    assert first_title(refused) == ""
    assert first_title([*refused, "Leave  policy 2026"]) == "Leave policy 2026"
    assert from_name("a/%20.md") == "a/%20.md"


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2024-02-01T10:00", date(2024, 2, 1)),
        ("2024/2/1", date(2024, 2, 1)),
        ("1. 2. 2024", date(2024, 2, 1)),
        ("2024-13-01", None),
        ("31.02.2024", None),
        ("0001-01-01", None),
        ("9999-01-01", None),
        ("soon", None),
        (7, None),
    ],
)
def test_only_plausible_dates_are_dates(value: object, day: date | None) -> None:
    assert plausible_date(value) == day
