"""Names and texts that could steer a terminal reach it neither in a notice, nor in a question, nor in JSON."""

import io
import json
import os
import shutil
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.cli.output.records import print_json
from tests.company import Company
from tests.terminal import command

pytestmark = pytest.mark.usefixtures("own_settings")

STEERING = "\x9b2J\u202egnp\u2066\U000e0041\u2028"
NAME = "in\x1b[2Jdex\u202e"


def test_json_escapes_what_could_steer_a_terminal_and_keeps_its_value() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(stream):
        print_json({"text": f"Überstunden {STEERING}"})
    stream.seek(0)
    printed = stream.read()
    assert not set(STEERING) - {"2", "J", "g", "n", "p"} & set(printed)
    assert "Überstunden" in printed
    assert json.loads(printed) == {"text": f"Überstunden {STEERING}"}


@pytest.fixture
def hostile(own_company: Company) -> Company:
    """An index whose own name could steer a terminal."""
    index = own_company.config.index.rename(own_company.config.index.with_name(NAME))
    return replace(own_company, config=replace(own_company.config, index=index))


def test_notices_and_questions_name_a_hostile_index_harmlessly(hostile: Company) -> None:
    index = hostile.config.index
    hostile.write("it/new.txt", "The scanner stands beside it.\n")
    for arguments in (("search", "toner"), ("ask", "--no-model", "toner")):
        seen = command(*arguments, "--index", index)
        assert "1 file changed" in seen.err
        assert not {"\x1b", "\u202e"} & set(seen.err)
    shutil.rmtree(hostile.folder)
    hostile.folder.mkdir()
    seen = command("index", "--index", index, stdin="n\n", terminal=True)
    assert "would be deleted" in seen.err
    assert "\u202e" not in seen.err


def test_a_folder_or_index_whose_name_is_no_text_is_said_in_two_lines(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        odd.mkdir()
    except OSError:
        pytest.skip("this file system takes no name that is not UTF-8")
    (odd / "a.md").write_text("text")
    (tmp_path / "documents").mkdir()
    for folder, index in ((odd, tmp_path / "index"), (tmp_path / "documents", odd / "index")):
        seen = command("index", folder, "--index", index)
        assert seen.code == 2
        assert seen.err.splitlines()[0].startswith("error: the name ")
        assert r"caf\xe9" in seen.err
        assert len(seen.err.splitlines()) == 2
    assert not (tmp_path / "index").exists()


def test_a_source_whose_document_has_changed_since_the_answer_is_not_shown_in_its_place(own_company: Company) -> None:
    index = own_company.config.index
    assert command("ask", "--no-model", "Where is the toner of the printer?", "--index", index).code == 0
    shown = command("show", 1, "--index", index)
    assert (shown.code, "toner" in shown.out) == (0, True)
    own_company.write("it/printers.txt", "A new first sentence. Its toner lies in the cupboard of the second floor.\n")
    own_company.update()
    seen = command("show", 1, "--index", index)
    assert seen.code == 2
    assert seen.err.splitlines() == [
        "error: it/printers.txt has changed since that answer",
        "       Ask again.",
    ]
    assert command("show", 1, "--index", index, "--json").code == 2
