"""What a file of questions promises: every row means what it says, and a row that means nothing is named."""

import json
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import UsageError
from assistant.evaluation.questions import Piece, Question, read_questions


def written(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_row_gives_the_question_its_kind_and_where_its_answer_stands(tmp_path: Path) -> None:
    row = {
        "id": "one", "question": "How many?", "answer": "28", "answerable": True, "kind": "number", "meta": {"any": 1},
        "evidence": [{"doc": "a.md", "page": None, "text": "28 days", "start": 4, "end": 11}],
        "also": [{"doc": "b.pdf", "page": 2}],
    }  # fmt: skip
    assert read_questions(written(tmp_path / "q", row)) == (
        Question(
            id="one",
            text="How many?",
            answerable=True,
            evidence=(Piece("a.md", text="28 days", start=4, end=11),),
            also=(Piece("b.pdf", (2,)),),
            kind="number",
            answer="28",
        ),
    )


def test_pages_are_one_a_run_or_each_that_prints_the_text(tmp_path: Path) -> None:
    evidence = [
        {"doc": "a.pdf", "page": 3, "text": "x"},
        {"doc": "a.pdf", "page": 3, "page_end": 5, "text": "x"},
        {"doc": "a.pdf", "page": 3, "pages": [3, 9], "text": "x"},
        {"doc": "a.pdf", "page": None, "text": None},
    ]
    [question] = read_questions(written(tmp_path / "q", {"question": "?", "evidence": evidence}))
    assert [(piece.pages, piece.repeated) for piece in question.evidence] == [
        ((3,), False), ((3, 4, 5), False), ((3, 9), True), ((), False)
    ]  # fmt: skip
    assert [piece.is_placed for piece in question.evidence] == [True, True, True, False]
    assert question.documents == ("a.pdf",)


@pytest.mark.parametrize(
    ("text", "is_figure"),
    [("82,959", True), ("November 1, 2019", True), ("", False), ("soon", False), ("28 days of leave in a year", False)],
)
def test_a_figure_is_a_short_text_with_a_digit(text: str, is_figure: bool) -> None:
    assert Piece("a.pdf", (1,), text).is_figure is is_figure


def test_without_a_word_a_question_is_answerable_if_it_has_evidence(tmp_path: Path) -> None:
    rows = read_questions(
        written(tmp_path / "q", {"question": "a?", "evidence": [{"doc": "a"}]}, "", {"question": "b"})
    )
    assert [(row.id, row.answerable, row.kind) for row in rows] == [("line 1", True, ""), ("line 3", False, "")]


def test_the_type_of_a_row_is_its_kind_where_it_names_none(tmp_path: Path) -> None:
    assert read_questions(written(tmp_path / "q", {"question": "a?", "type": "table"}))[0].kind == "table"


def test_half_a_character_in_a_name_is_replaced(tmp_path: Path) -> None:
    [question] = read_questions(written(tmp_path / "q", {"question": "?", "evidence": [{"doc": "a\ud800.md"}]}))
    assert question.documents == ("a?.md",)


def test_the_questions_about_the_sample_are_read_whole() -> None:
    questions = read_questions(Path(__file__).parent / "questions.jsonl")
    assert len(questions) == 115
    assert sum(question.answerable for question in questions) == 92
    assert all(question.is_placed for question in questions if question.answerable)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "the line is not an object"),
        ({"question": " "}, "question is not a text"),
        ({"id": "x"}, "question is not a text"),
        ({"question": "?", "answerable": "yes"}, "answerable is neither true nor false"),
        ({"question": "?", "evidence": {"doc": "a"}}, "evidence is not a list"),
        ({"question": "?", "evidence": ["a"]}, "evidence is not an object"),
        ({"question": "?", "evidence": [{"page": 1}]}, "names no doc"),
        ({"question": "?", "evidence": [{"doc": "a", "text": 5}]}, "text of the evidence in a is not a text"),
        ({"question": "?", "evidence": [{"doc": "a", "page": 0}]}, "page is not a whole number from 1"),
        ({"question": "?", "evidence": [{"doc": "a", "page": True}]}, "page is not a whole number from 1"),
        ({"question": "?", "evidence": [{"doc": "a", "pages": "1, 2"}]}, "pages of the evidence in a are not a list"),
        ({"question": "?", "evidence": [{"doc": "a", "pages": [1, None]}]}, "pages is not a whole number from 1"),
        ({"question": "?", "evidence": [{"doc": "a", "text": "x", "start": 4}]}, "no stretch of text"),
        ({"question": "?", "evidence": [{"doc": "a", "text": "x", "start": 4, "end": 4}]}, "no stretch of text"),
        ({"question": "?", "also": 3}, "also is not a list"),
        ({"id": "first", "question": "?"}, "the id first has been used before"),
    ],
)
def test_a_row_that_means_nothing_is_named_with_file_and_line(tmp_path: Path, row: Any, said: str) -> None:
    path = written(tmp_path / "asked.jsonl", {"id": "first", "question": "?"}, row)
    with pytest.raises(UsageError, match=r"asked\.jsonl, line 2: ") as caught:
        read_questions(path)
    assert said in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xff\xfe"])
def test_a_file_without_questions_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "q").write_bytes(content)
    with pytest.raises(UsageError, match=r"holds no questions|not UTF-8"):
        read_questions(tmp_path / "q")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_questions(tmp_path / "none.jsonl")
