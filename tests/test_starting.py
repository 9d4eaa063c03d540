"""Starting costs only what the command needs, judged by what is imported and not by a clock; switches come first."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.airgap.switches import PROXIES, REMOVED, SWITCHES
from tests.ollama_server import CHAT_MODEL

DATA = Path(__file__).parent.parent / "data"
QUESTION = "hotel limit per night"
COMMANDS = (
    "index", "ask", "search", "show", "open", "log", "feedback", "forget", "watch", "status", "doctor", "serve-model",
    "evaluate", "bundle", "verify",
)  # fmt: skip
# What takes over a tenth of a second, or must not be there at all; the catalog needs numpy for its vectors.
HEAVY = {"chromadb", "llama_index", "onnxruntime", "tantivy", "ollama", "numpy", "pypdf", "pypdfium2", "tokenizers"}
HOSTILE = {
    **dict.fromkeys([*PROXIES, *(name.lower() for name in PROXIES)], "http://192.0.2.1:3128"),
    **dict.fromkeys(REMOVED, "/nowhere"),
    "CHROMA_SERVER_HOST": "192.0.2.1",
    "CHROMA_API_IMPL": "chromadb.api.fastapi.FastAPI",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://192.0.2.1:4317",
    "ORT_DISABLE_TELEMETRY": "0",
    "HF_HUB_OFFLINE": "0",
}

# Runs the command lines given, one after the other, and prints, as the last line, how each ended and what was imported
# meanwhile. A finder that finds nothing notes for each import how the variables stood at that moment.
PROGRAM = """
import json, os, sys
before, seen, codes = set(sys.modules), {}, []
class Watcher:
    def find_spec(self, name, path=None, target=None):
        seen.setdefault(name.partition(".")[0], dict(os.environ))
sys.meta_path.insert(0, Watcher())
import assistant
for arguments in json.loads(sys.argv[1]):
    from assistant.cli import main
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit as exit:
        codes.append(exit.code or 0)
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print()
print(json.dumps({"codes": codes, "roots": sorted(roots), "seen": seen}))
"""


def run(commands: Sequence[Sequence[str]], folder: Path, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """What a fresh process imported while it imported the package and then ran the commands, and how each ended."""
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(commands)],
        cwd=folder,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    record: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return record


def dependencies(record: Mapping[str, Any]) -> set[str]:
    return set(record["roots"]) - sys.stdlib_module_names - {"assistant", "__main__"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A current folder with documents and their index."""
    root = tmp_path_factory.mktemp("current")
    (root / "docs").mkdir()
    shutil.copy(DATA / "finance/travel.md", root / "docs")
    shutil.copy(DATA / "hr/leave-policy-2026.pdf", root / "docs")
    assert run([["index", "docs", "--quiet"], ["ask", "--no-model", QUESTION]], root)["codes"] == [0, 0]
    return root


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    asked = [["--help"], ["--version"], *([command, "--help"] for command in COMMANDS)]
    record = run(asked, tmp_path)
    assert record["codes"] == [0] * len(asked)
    assert "typer" in record["roots"]
    assert not HEAVY & set(record["roots"])


def test_importing_the_package_imports_no_dependency(tmp_path: Path) -> None:
    record = run([], tmp_path)
    assert "assistant" in record["roots"]
    assert not dependencies(record)


@pytest.mark.parametrize(
    ("commands", "never"),
    [
        ([["ask", "--no-model", QUESTION], ["search", QUESTION]], {"llama_index", "ollama", "pypdf", "pypdfium2"}),
        ([["show", "1"], ["index"], ["index", "--dry-run"]], HEAVY - {"numpy"}),
        ([["log"], ["log", "show", "1"], ["log", "verify"], ["feedback", "1", "good"]], HEAVY),
        ([["status"]], {"chromadb", "llama_index", "onnxruntime", "tantivy", "pypdf", "pypdfium2", "tokenizers"}),
    ],
    ids=["a question", "places and files", "the log", "status"],
)
def test_a_command_imports_only_what_it_uses(folder: Path, commands: list[list[str]], never: Collection[str]) -> None:
    record = run(commands, folder)
    assert record["codes"] == [0] * len(commands)
    assert not set(never) & set(record["roots"])


def test_a_refused_command_imports_nothing_heavy(tmp_path: Path) -> None:
    record = run([["ask", "--no-such-option", "x"]], tmp_path)
    assert record["codes"] == [2]
    assert not HEAVY & set(record["roots"])


@pytest.mark.ollama
def test_a_question_to_a_model_does_not_import_llama_index(folder: Path, ollama_host: str) -> None:
    short = {"ASSISTANT_SOURCES": "1", "ASSISTANT_EVIDENCE_TOKENS": "150", "ASSISTANT_ANSWER_TOKENS": "16"}
    record = run([["ask", QUESTION, "--model", CHAT_MODEL, "--json"]], folder, {"OLLAMA_HOST": ollama_host, **short})
    assert set(record["codes"]) <= {0, 3}
    assert "ollama" in record["roots"]
    assert "llama_index" not in record["roots"]


@pytest.mark.parametrize("commands", [[], [["--help"]], [["ask", "--no-model", QUESTION]]])
def test_the_switches_are_set_before_any_dependency_is_imported(folder: Path, commands: list[list[str]]) -> None:
    seen: dict[str, dict[str, str]] = run(commands, folder, HOSTILE)["seen"]
    assert seen["assistant"].items() >= HOSTILE.items(), "the watcher has to be there first"
    for name, environ in seen.items():
        if name not in sys.stdlib_module_names and name != "assistant":
            assert environ.items() >= SWITCHES.items(), name
            assert not (HOSTILE.keys() - SWITCHES.keys()) & environ.keys(), name


def test_the_watcher_sees_the_heavy_ones_where_they_are_used(folder: Path) -> None:
    record = run([["ask", "--no-model", QUESTION]], folder)
    assert {"chromadb", "onnxruntime", "tantivy", "numpy"} <= set(record["roots"])
