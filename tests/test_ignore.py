"""What the rules keep out: what git would, and never less because of a slip of the pen."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import UsageError
from assistant.reading import ignore
from assistant.reading.ignore import FILE_NAME
from assistant.reading.scan import scan
from tests.test_scan import LIMIT, write


def ruled(folder: Path, *rules: str) -> None:
    (folder / FILE_NAME).write_text("\n".join(rules), encoding="utf-8")


def found(folder: Path, *settings_rules: str) -> list[str]:
    return [file.path for file in scan(folder, LIMIT, settings_rules).files]


def left_out(folder: Path, *settings_rules: str) -> dict[str, str]:
    return {left.path: left.reason for left in scan(folder, LIMIT, settings_rules).left_out}


def test_files_and_whole_folders_stay_out_and_a_folder_is_named_once(tmp_path: Path) -> None:
    write(
        tmp_path, "hr/payroll/a.md", "hr/payroll/deep/b.md", "hr/leave.md", "draft.md", "it/draft.md", "x.tmp", "c.docx"
    )
    ruled(tmp_path, "# what does not concern everybody", "", "hr/payroll/", "draft.md", "*.tmp", "*.docx")
    assert found(tmp_path) == ["hr/leave.md"]
    assert left_out(tmp_path) == dict.fromkeys(
        ["c.docx", "draft.md", "hr/payroll", "it/draft.md", "x.tmp"], "ignored"
    )  # fmt: skip
    assert scan(tmp_path, LIMIT).other_types == {}


def test_an_ignored_folder_is_not_even_opened(tmp_path: Path) -> None:
    write(tmp_path, "kept/a.md", "closed/b.md")
    ruled(tmp_path, "closed/")
    opened = run(OPENED, tmp_path)
    assert "/kept" in opened
    assert "/closed" not in opened


SCANNING = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from pathlib import Path
from assistant.reading.scan import scan
"""
OPENED = """
sys.addaudithook(lambda event, arguments: print(arguments[0]) if event in ("open", "os.listdir") else None)
scan(Path(sys.argv[1]), 10**6)
"""
IMPORTED = """
scan(Path(sys.argv[1]), 10**6)
print("pathspec" in sys.modules)
"""


def run(program: str, folder: Path) -> str:
    command = [sys.executable, "-c", SCANNING + program, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_rules_from_the_settings_keep_out_just_as_well(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "private/b.md", "c.md")
    ruled(tmp_path, "c.md")
    assert found(tmp_path, "private/") == ["a.md"]


def test_a_folder_cannot_bring_back_what_the_settings_keep_out_nor_the_other_way_round(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "private/b.md", "c.md")
    ruled(tmp_path, "!private/", "!*.md", "c.md")
    assert found(tmp_path, "private/", "!c.md") == ["a.md"]


def test_a_later_rule_of_the_same_list_makes_an_exception(tmp_path: Path) -> None:
    write(tmp_path, "archive/2019/a.md", "archive/2026/b.md", "archive/c.md", "d.md")
    ruled(tmp_path, "/archive/*", "!/archive/2026/")
    assert found(tmp_path) == ["archive/2026/b.md", "d.md"]


def test_a_link_does_not_bring_in_what_a_rule_keeps_out_under_its_own_name(tmp_path: Path) -> None:
    write(tmp_path, "private/deep/b.md", "private.md")
    (tmp_path / "again.md").symlink_to("private/deep/b.md")
    (tmp_path / "too.md").symlink_to("private.md")
    ruled(tmp_path, "private/", "private.md")
    assert found(tmp_path) == []
    assert left_out(tmp_path)["again.md"] == left_out(tmp_path)["too.md"] == "ignored"


def test_a_name_is_kept_out_in_either_spelling_of_its_accents(tmp_path: Path) -> None:
    write(tmp_path, "Übersicht.md", "U\u0308bersicht.md", "U\u0308bung/a.md")
    ruled(tmp_path, "Übersicht.md", "U\u0308bung/")
    assert found(tmp_path) == []


def test_a_question_mark_is_one_character_and_a_new_line_in_a_name_hides_nothing(tmp_path: Path) -> None:
    write(tmp_path, "ü.md", "two\nlines/secret.md", "ab.md")
    ruled(tmp_path, "?.md", "secret.md")
    assert found(tmp_path) == ["ab.md"]


def test_line_ends_and_the_mark_that_windows_editors_write_are_no_part_of_a_rule(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "b.md", "c.md")
    (tmp_path / FILE_NAME).write_bytes(b"\xef\xbb\xbfa.md\r\n\r\n# b.md\r\nc.md")
    assert found(tmp_path) == ["b.md"]


def test_rules_below_the_top_are_not_followed_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, "hr/a.md")
    ruled(tmp_path / "hr", "a.md")
    assert found(tmp_path) == ["hr/a.md"]
    assert left_out(tmp_path) == {f"hr/{FILE_NAME}": f"{FILE_NAME} counts only at the top of the folder"}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("[z-a].md", "brackets"),
        ("draft[.md", "brackets"),
        ("[[:alpha:]].md", "brackets"),
        ("hr\\drafts", "backslash"),
        ("drafts\\", "backslash"),
        ("./drafts", "begin at the folder"),
        ("../other", "begin at the folder"),
        ("hr/./drafts", "begin at the folder"),
        (" drafts", "space"),
        ("! drafts", "space"),
        ("!", "no name"),
        ("/", "no name"),
        ("hr//drafts", "no name"),
        ("a\0b", "zero byte"),
        ("***", "in a row"),
        ("*a*a*a*", "asterisks in one name"),
        ("**/a/**/b/**", "times **"),
    ],
)
def test_a_rule_that_is_none_stops_the_scan_and_is_named_with_its_line_and_the_reason(
    tmp_path: Path, rule: str, reason: str
) -> None:
    with pytest.raises(UsageError, match="the setting “ignore”, rule 1: "):
        scan(tmp_path, LIMIT, [rule])
    ruled(tmp_path, "fine/", rule)
    with pytest.raises(UsageError) as caught:
        scan(tmp_path, LIMIT)
    assert str(caught.value).startswith(f"{tmp_path / FILE_NAME}, line 2: “{rule}” is not a rule: ")
    assert reason in str(caught.value)
    assert caught.value.hint


def test_a_file_of_rules_that_cannot_be_read_stops_the_scan_and_never_waits(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("*.md")
    cases: dict[str, Callable[[Path], object]] = {
        "is not a file": os.mkfifo,
        "Is a directory": lambda path: path.mkdir(),
        "is a link out of the folder": lambda path: path.symlink_to(outside),
        "link out of the folder$": lambda path: path.symlink_to("/dev/zero"),
        "cannot be read: No such file": lambda path: path.symlink_to("nowhere"),
        "cannot be read: Too many levels": lambda path: path.symlink_to(FILE_NAME),
        "is not UTF-8 text": lambda path: path.write_bytes(b"caf\xe9.md"),
        "not a rule: it holds a zero byte": lambda path: path.write_bytes("a.md\n".encode("utf-16-le")),
        "is larger than 65,536 bytes": lambda path: path.write_bytes(b"a\n" * 40_000),
        "line 1001: more than 1,000 rules": lambda path: path.write_bytes(b"a\n" * 1_001),
    }
    for number, (said, make) in enumerate(cases.items()):
        folder = tmp_path / str(number)
        write(folder, "a.md")
        make(folder / FILE_NAME)
        with pytest.raises(UsageError, match=said) as caught:
            scan(folder, LIMIT)
        assert str(folder / FILE_NAME) in str(caught.value)
        assert caught.value.hint


def test_rules_may_be_a_link_to_a_file_of_the_same_folder(tmp_path: Path) -> None:
    write(tmp_path, "a.md", "b.md", "rules.txt")
    (tmp_path / "rules.txt").write_text("b.md\nrules.txt\n")
    (tmp_path / FILE_NAME).symlink_to("rules.txt")
    assert found(tmp_path) == ["a.md"]


def test_names_made_to_keep_the_rules_busy_end_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ignore, "_PATIENCE_SECONDS", 0.02)
    for number in range(60):
        write(tmp_path, "a" * 245 + f"{number}.md")
    ruled(tmp_path, "a*a*a*b")
    with pytest.raises(UsageError, match="take too long"):
        scan(tmp_path, LIMIT)


def test_pathspec_is_imported_only_where_there_is_a_rule(tmp_path: Path) -> None:
    assert run(IMPORTED, tmp_path).strip() == "False"
    ruled(tmp_path, "# nothing yet")
    assert run(IMPORTED, tmp_path).strip() == "False"
    ruled(tmp_path, "a.md")
    assert run(IMPORTED, tmp_path).strip() == "True"


PATHS = [
    folder + name
    for folder in ("", "a/", "ab/", "a/b/", "c/a/b/", "x y/", "a/c/ab/")
    for name in ("a.md", "b.md", "ab.md", "x y.md", "!c.md", "#d.md")
]
PARTS = [
    *["a", "b", "ab", "c", "x y", "x\\ y", "a.md", "b.md", "\\!c.md", "\\#d.md"],
    *["*", "**", "?", "a*", "*b", "*a*", "*.md", "?.md", "[ab]", "[!a]", "[^b]*", "[a-c]*"],
]
RULES = st.builds(
    lambda no, top, parts, slash: no + top + "/".join(parts) + slash,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3).filter(lambda parts: parts.count("**") < 3),
    st.sampled_from(["", "", "/", "  "]),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("there is no git to compare with")
    folder = tmp_path_factory.mktemp("repository")
    write(folder, *PATHS)
    git(folder, "init", "--quiet")
    return folder


def git(folder: Path, *arguments: str) -> str:
    own = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", "-C", folder, *arguments], env=own, capture_output=True, text=True, check=True).stdout


@settings(max_examples=60)
@given(st.lists(RULES, min_size=1, max_size=5))
def test_what_stays_out_is_what_git_leaves_out(repository: Path, rules: list[str]) -> None:
    ruled(repository, *rules)
    (repository / ".gitignore").write_text("\n".join(rules))
    listed = git(repository, "ls-files", "--others", "-z", "--exclude-per-directory=.gitignore").split("\0")
    assert found(repository) == sorted(path for path in listed if path and not path.startswith("."))
