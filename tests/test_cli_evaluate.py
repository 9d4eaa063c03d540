"""What `assistant evaluate` shows, writes and refuses."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.company import Company
from tests.terminal import Seen, command

AGREEMENT = "legal/supplier agreement.pdf"
ROWS: list[dict[str, Any]] = [
    {
        "id": "notice", "question": "What is the notice period of the supplier agreement?", "kind": "page",
        "answerable": True, "evidence": [{"doc": AGREEMENT, "page": 2, "text": "three months"}],
    },
    {
        "id": "carry", "question": "How many days may be carried over until 31 March?", "kind": "text",
        "answerable": True, "evidence": [{"doc": "hr/leave-2026.md", "page": None, "text": "Up to five days may be"}],
    },
    {
        "id": "gone", "question": "Where is the toner of the printer?", "kind": "text", "answerable": True,
        "evidence": [{"doc": "it/printers.txt", "page": None, "text": "in the \x1b[31mred drawer"}],
    },
    {"id": "mars", "question": "Who approves travel to Mars?", "answerable": False, "evidence": []},
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("own_settings")


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "asked.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return path


def evaluated(questions: Path, company: Company, *options: object) -> Seen:
    return command("evaluate", questions, "--index", company.config.index, *options)


def rows(text: str) -> dict[str, list[str]]:
    """Lines of a table: a measure's name and the columns behind it."""
    return {line[:44].strip(): line[44:].split() for line in text.splitlines()}


def test_each_measure_is_shown_with_its_interval_and_its_questions(questions: Path, company: Company) -> None:
    seen = evaluated(questions, company)
    assert seen.code == 0
    assert seen.out.splitlines()[0].endswith("asked.jsonl: 4 questions, 3 with an answer in the documents")
    shown = rows(seen.out.partition("Kind:")[0])
    assert shown["right document@1"] == ["1.000", "1.000", "to", "1.000", "3"]
    assert shown["evidence inside 2,000 tokens"][0] == "0.667"
    assert shown["answerable or unanswerable, AUC"][0] == "1.000"
    assert not any("without evidence" in name for name in shown)


def test_each_kind_of_question_is_shown(questions: Path, company: Company) -> None:
    kinds = evaluated(questions, company).out.split("Kind: ")[1:]
    assert [kind.splitlines()[0] for kind in kinds] == ["page", "text"]
    assert rows(kinds[1])["evidence inside 2,000 tokens"][0] == "0.500"


def test_a_lost_question_is_named_with_its_stage_and_cannot_steer_the_terminal(
    questions: Path, company: Company
) -> None:
    seen = evaluated(questions, company, "--failures")
    assert "Lost: 1 of 4 questions" in seen.out
    assert rows(seen.out)["not in the text that was read"] == ["1", "1", "1", "0"]
    assert "gone: not in the text that was read; words beyond, meaning beyond, fused beyond" in seen.out
    assert "it/printers.txt: “in the red drawer”" in seen.out
    assert "\x1b" not in seen.out


def test_right_documents_can_be_left_out(questions: Path, company: Company) -> None:
    shown = rows(evaluated(questions, company, "--without-evidence").out.partition("Kind:")[0])
    assert shown["answerable or without evidence, AUC"][-1] == "3"
    assert float(shown["answered with 5 % of without evidence"][0]) <= 1


def test_json_holds_every_figure_and_every_question(questions: Path, company: Company) -> None:
    record = evaluated(questions, company, "--json", "--failures", "--without-evidence").record
    assert record["schema"] == 1
    assert {row["measure"]: row["interval"]["value"] for row in record["figures"]}["nDCG@10"] == 1.0
    assert [row["id"] for row in record["outcomes"]] == ["notice", "carry", "gone", "mars"]
    assert record["outcomes"][0]["values"]["evidence page@1"] == 1.0
    assert record["outcomes"][2]["lost"]["stage"] == "not in the text that was read"
    assert record["outcomes"][3]["confidence_without"] is None
    assert list(record["kinds"]) == ["page", "text"]


def test_only_the_first_questions_are_asked(questions: Path, company: Company) -> None:
    seen = evaluated(questions, company, "--limit", 2, "--json")
    assert [row["id"] for row in seen.record["outcomes"]] == ["notice", "carry"]
    assert seen.err == "" and seen.record["left_out"] == 2
    assert "Only the first 2 of 4: --limit left out 2." in evaluated(questions, company, "--limit", 2).out


def test_how_far_it_is_is_said_beside_the_result(questions: Path, company: Company) -> None:
    assert evaluated(questions, company).err.splitlines() == ["Asked 1 of 4 questions", "Asked 4 of 4 questions"]
    at_terminal = command("evaluate", questions, "--index", company.config.index, terminal=True).err
    assert at_terminal.split("\r")[0] == "Asked 1 of 4 questions"
    assert at_terminal.endswith("\rAsked 4 of 4 questions\n")
    assert evaluated(questions, company, "--quiet").err == ""


def test_answers_are_measured_and_those_that_were_wrong_are_named(questions: Path, company: Company) -> None:
    seen = evaluated(questions, company, "--answers", "--failures")
    shown = rows(seen.out.partition("Kind:")[0])
    assert shown["quotes verbatim at their offsets"][0] == "1.000"
    assert shown["first citation on the right page"][-1] == "3"
    assert shown["answered, though left open"][-1] == "1"
    assert "gone: first citation it/printers.txt" in seen.out
    record = evaluated(questions, company, "--answers", "--json", "--failures").record
    assert [bool(row["missed"]) for row in record["outcomes"][:3]] == [False, False, True]
    assert record["sentences"] == {}


def test_a_model_is_only_for_answers(questions: Path, company: Company) -> None:
    seen = evaluated(questions, company, "--model", "llama3")
    assert (seen.code, "--answers" in seen.err) == (2, True)


# --- compared ---


def test_other_settings_are_compared_question_by_question(
    questions: Path, company: Company, own_company: Company, tmp_path: Path
) -> None:
    (own_company.folder / AGREEMENT).unlink()
    own_company.update()
    other = tmp_path / "other.toml"
    other.write_text(f"index = {str(own_company.config.index)!r}\n", encoding="utf-8")
    seen = evaluated(questions, company, "--compare", other, "--without-evidence")
    assert seen.code == 0
    compared = rows(seen.out[seen.out.index("Compared") :])
    assert compared["right document@1"][:3] == ["1.000", "0.667", "-0.333"]
    assert compared["right document@1"][-1] == "3"
    assert "answerable or unanswerable, AUC" in compared
    assert f"1 of the documents that questions name is not in the index: {AGREEMENT}" in seen.err


def test_settings_that_name_no_index_are_compared_on_the_same(
    questions: Path, company: Company, tmp_path: Path
) -> None:
    (tmp_path / "other.toml").write_text("sources = 3\n", encoding="utf-8")
    record = evaluated(questions, company, "--compare", tmp_path / "other.toml", "--json").record
    assert record["compared"]
    assert all(row["difference"]["value"] == 0.0 for row in record["compared"])


def test_an_earlier_result_is_compared(questions: Path, company: Company, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.json"
    record = evaluated(questions, company, "--json", "--without-evidence").record
    for row in record["outcomes"]:
        row["values"] = {name: value / 2 for name, value in row["values"].items()}
    earlier.write_text(json.dumps(record), encoding="utf-8")
    seen = evaluated(questions, company, "--compare", earlier)
    line = rows(seen.out[seen.out.index("Compared") :])["right document@5"]
    assert line[:4] == ["1.000", "0.500", "-0.500", "*"]
    assert "answerable or without evidence, AUC" not in seen.out  # this time nobody asked for it


def test_two_results_without_a_common_question_have_nothing_to_compare(
    questions: Path, company: Company, tmp_path: Path
) -> None:
    (tmp_path / "earlier.json").write_text('{"outcomes": []}', encoding="utf-8")
    seen = evaluated(questions, company, "--compare", tmp_path / "earlier.json")
    assert "There is nothing to compare" in seen.out


# --- the folder ---


def test_the_folder_is_indexed_first_and_again_when_it_has_changed(
    questions: Path, company: Company, tmp_path: Path
) -> None:
    index = tmp_path / "new index"
    small = tmp_path / "small"
    small.mkdir()
    (small / "it.md").write_text("Nothing of interest.\n", encoding="utf-8")
    shown = command("evaluate", questions, "--folder", small, "--index", index, "--json").record
    assert shown["outcomes"][0]["values"]["right document@5"] == 0.0
    (small / "legal").mkdir()
    (small / AGREEMENT).write_bytes((company.folder / AGREEMENT).read_bytes())
    assert "1 file changed" in command("evaluate", questions, "--index", index).err
    shown = command("evaluate", questions, "--folder", small, "--index", index, "--json").record
    assert shown["outcomes"][0]["values"]["right document@1"] == 1.0


# --- refused ---


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none.jsonl",), 2, "none.jsonl cannot be read"),
        (("bad.jsonl",), 2, "bad.jsonl, line 1: question is not a text"),
        (("asked.jsonl",), 4, "there is no index"),
        (("asked.jsonl", "--compare", "none.json"), 2, "none.json cannot be read"),
        (("asked.jsonl", "--compare", "none.toml"), 2, "none.toml cannot be read"),
        (("asked.jsonl", "--compare", "bad.toml"), 2, "bad.toml"),
        (("asked.jsonl", "--compare", "bad.json"), 2, "bad.json is not what evaluate --json prints"),
        (("asked.jsonl", "--folder", "nowhere"), 2, "nowhere does not exist"),
        (("asked.jsonl", "--limit", "0"), 2, "--limit"),
    ],
)
def test_an_error_says_what_happened_and_what_to_do(
    questions: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": 1}', encoding="utf-8")
    (tmp_path / "bad.toml").write_text("nothing = 'known'\n", encoding="utf-8")
    (tmp_path / "bad.json").write_text('{"outcomes": [{"id": 1}]}', encoding="utf-8")
    seen = command("evaluate", *arguments)
    assert seen.code == code
    first, second = seen.err.splitlines()
    assert first.startswith("error: ") and said in first
    assert second.strip()
    assert seen.out == ""


def test_ctrl_c_ends_it_with_130(questions: Path, company: Company) -> None:
    many = [ROWS[0] | {"id": str(number), "question": f"Question {number}?"} for number in range(5_000)]
    questions.write_text("\n".join(map(json.dumps, many)), encoding="utf-8")
    program = "import sys; from assistant.cli import main; sys.argv[0] = 'assistant'; main()"
    asking = subprocess.Popen(
        [sys.executable, "-c", program, "evaluate", str(questions), "--index", str(company.config.index)],
        cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert asking.stderr is not None
    assert asking.stderr.readline().startswith("Asked 1 of")
    asking.send_signal(signal.SIGINT)
    out, err = asking.communicate(timeout=60)
    assert asking.returncode == 130
    assert out == ""
    assert "Traceback" not in err
