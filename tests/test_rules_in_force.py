"""The rules of the settings stay with the index: where a later run has others, it says so before it acts on them."""

from dataclasses import replace

import pytest

from assistant.indexing.events import Event, Ignoring, Planned
from assistant.indexing.run import index_folder
from tests.company import Company
from tests.terminal import command


def run(company: Company, *rules: str) -> list[Event]:
    return list(index_folder(None, replace(company.config, ignore=rules)))


def test_rules_that_come_and_go_are_said_before_anything_is_deleted_or_added(own_company: Company) -> None:
    events = run(own_company, "archive/", "*.pdf")
    assert events[:1] == [Ignoring(("archive/", "*.pdf"), ())]
    assert isinstance(events[1], Planned)
    events = run(own_company, "*.pdf", "it/")
    assert events[:1] == [Ignoring(("it/",), ("archive/",))]
    assert not [event for event in run(own_company, "it/", "*.pdf") if isinstance(event, Ignoring)]
    assert run(own_company)[:1] == [Ignoring((), ("it/", "*.pdf"))]


@pytest.mark.usefixtures("own_settings")
def test_another_folders_settings_do_not_bring_ignored_files_in_without_a_word(
    own_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_company.write("../one/assistant.toml", 'ignore = ["archive/"]\n')
    own_company.write("../other/assistant.toml", "")
    index = own_company.config.index
    monkeypatch.chdir(own_company.folder.parent / "one")
    assert "now ignored: archive/." in command("index", "--index", index).err
    monkeypatch.chdir(own_company.folder.parent / "other")
    seen = command("index", "--index", index)
    assert "The settings have other rules than in the run before; no longer ignored: archive/." in seen.err
    assert command("index", "--index", index).err == ""
