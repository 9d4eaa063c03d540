"""What `assistant doctor` promises: each thing that is wrong is found, named, and comes with what to do."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.airgap import machine, models, software, switches
from assistant.airgap.doctor import switches as examined_switches
from assistant.airgap.finding import Finding, State
from assistant.airgap.software import HOLES, Hole, judged
from assistant.airgap.trace import tracer
from assistant.config import Config
from tests.company import Company
from tests.terminal import CAN_BE_ANYBODY, as_anybody, command

GIGABYTE = 1_000_000_000


def found(*arguments: object) -> dict[str, Any]:
    """The checks that `doctor --json` prints, by name; those that come more than once as the last."""
    record = command("doctor", "--json", *arguments).record
    return {check["name"]: check for check in record["checks"]}


def test_a_sound_index_is_found_sound(own_company: Company, own_settings: None) -> None:
    seen = command("doctor", "--index", own_company.config.index)
    assert seen.code == 0
    assert "wrong" not in {line.split(" ")[0] for line in seen.out.splitlines()}
    assert max(map(len, seen.out.splitlines())) <= 80 + len(str(own_company.config.index))  # paths are never cut
    assert seen.out.splitlines()[-1].startswith("Nothing is wrong, ")
    record = command("doctor", "--json", "--index", own_company.config.index).record
    assert record["ok"] is True
    assert {check["state"] for check in record["checks"]} <= {"ok", "note"}
    assert all(check["hint"] for check in record["checks"] if check["state"] != "ok")


def test_without_an_index_it_says_how_to_make_one(own_settings: None) -> None:
    check = found()["Index"]
    assert (check["state"], check["hint"]) == ("note", "Make it with: assistant index FOLDER")


def test_what_others_may_read_is_wrong_and_the_hint_mends_it(own_company: Company, own_settings: None) -> None:
    (own_company.config.index / "catalog.sqlite").chmod(0o644)
    seen = command("doctor", "--json", "--index", own_company.config.index)
    (wrong,) = [check for check in seen.record["checks"] if check["state"] == "wrong"]
    assert (seen.code, wrong["name"]) == (1, "Permissions")
    assert "catalog.sqlite" in wrong["said"]
    subprocess.run(wrong["hint"], shell=True, check=True)  # noqa: S602 - as a person would
    assert found("--index", own_company.config.index)["Permissions"]["state"] == "ok"


@pytest.mark.skipif(not CAN_BE_ANYBODY, reason="root may read everything, and there is no setpriv")
@pytest.mark.parametrize(("mode", "state"), [(0o000, "wrong"), (0o500, "note")])
def test_an_index_that_one_may_not_use_is_told(own_company: Company, own_settings: None, mode: int, state: str) -> None:
    default = Path("indexes/default")
    default.parent.mkdir()
    shutil.move(own_company.config.index, default)
    default.chmod(mode)
    seen = as_anybody("doctor", "--json")
    default.chmod(0o700)
    checks = {check["name"]: check for check in seen.record["checks"]}
    assert (checks["Permissions"]["state"], seen.err) == (state, "")
    assert seen.code == (1 if mode == 0 else 0)


def test_a_damaged_index_is_wrong(own_company: Company, own_settings: None) -> None:
    next((own_company.config.index / "words").glob("*.store")).unlink()
    check = found("--index", own_company.config.index)["Index"]
    assert (check["state"], "words index" in check["said"]) == ("wrong", True)
    (own_company.config.index / "catalog.sqlite").write_bytes(b"x" * 5000)
    assert found("--index", own_company.config.index)["Index"]["state"] == "wrong"


def test_settings_that_cannot_be_used_are_wrong_and_everything_else_is_looked_at(
    own_settings: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found()["Settings"]["state"] == "ok"
    monkeypatch.setenv("OLLAMA_HOST", "gpu.example")
    seen = command("doctor", "--json", "--index", tmp_path / "elsewhere")
    checks = {check["name"]: check for check in seen.record["checks"]}
    assert (seen.code, checks["Settings"]["state"]) == (1, "wrong")
    assert "gpu.example" in checks["Settings"]["said"]
    assert str(tmp_path / "elsewhere") in checks["Index"]["said"]


def test_a_clock_that_runs_behind_the_index_is_wrong(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    assert machine.clock(now, tmp_path).state is State.OK
    assert machine.clock(now - timedelta(hours=1), tmp_path).state is State.WRONG
    assert machine.clock(datetime(2020, 1, 1, tzinfo=UTC), tmp_path / "none").state is State.WRONG


def test_little_memory_and_little_room_are_told() -> None:
    assert machine.memory(GIGABYTE // 2, Config()).state is State.NOTE
    assert machine.memory(8 * GIGABYTE, Config()).state is State.OK
    assert (machine.available_memory() or 0) > 0


@pytest.mark.parametrize(
    ("version", "has"),
    [((3, 11, 12), True), ((3, 11, 13), False), ((3, 12, 10), True), ((3, 12, 11), False), ((3, 14, 0), False)],
)
def test_a_hole_is_in_versions_before_the_fix_of_their_series(version: tuple[int, ...], has: bool) -> None:
    assert HOLES[0].package == "Python"
    assert HOLES[0].has(version) is has


def test_every_hole_says_where_it_is_known_from() -> None:
    assert all(hole.source and hole.what for hole in HOLES)
    assert Hole("x", (), "is broken", "", "nowhere").has((99,))


def test_an_old_server_is_a_note_with_the_version_to_install() -> None:
    finding = judged("Ollama", software.parsed("0.15.0"))
    assert (finding.state, finding.hint) == (State.NOTE, "Install Ollama 0.17.1 or newer.")
    assert judged("Ollama", software.parsed("0.20.0-rc1")).state is State.OK


def test_an_older_server_is_told_one_version_to_install() -> None:
    finding = judged("Ollama", software.parsed("0.15.0"))
    assert "memory" in finding.said
    assert "cloud" in finding.said
    assert "0.16" not in finding.hint
    assert "cloud" not in judged("Ollama", software.parsed("0.16.2")).said


def test_where_no_server_answers_it_says_whether_to_start_or_to_install_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    nobody = Config(host="http://127.0.0.1:9")
    (absent,) = models.models(nobody)
    assert (absent.state, absent.said, "https://ollama.com" in absent.hint) == (State.NOTE, "is not installed", True)
    (tmp_path / "ollama").touch(0o755)
    (stopped,) = models.models(nobody)
    assert stopped.hint.endswith("assistant serve-model")


def test_what_nobody_has_to_act_on_is_shown_on_request(own_settings: None) -> None:
    assert "CVE" not in command("doctor", "--host", "127.0.0.1:9").out
    assert "CVE-2026-45829" in command("doctor", "--all").out
    checks = found()
    assert "CVE-2026-45829" in checks["Packages"]["detail"]
    assert "ORT_DISABLE_TELEMETRY=1" in checks["Switches"]["detail"]


def test_a_switch_that_was_set_back_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    assert examined_switches().state is State.OK
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    finding = examined_switches()
    assert (finding.state, "HF_HUB_OFFLINE" in finding.said) == (State.WRONG, True)


def test_what_was_taken_out_of_the_environment_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "removed", {})
    switches.apply({"https_proxy": "http://192.0.2.1:3128", "HOME": "/"})
    assert switches.removed == {"https_proxy": "http://192.0.2.1:3128"}


TABLE = """  sl  local_address rem_address   st
   0: {address}:2CAA 00000000:0000 {state} 00000000:00000000
"""


@pytest.mark.parametrize(
    ("address", "state", "places"),
    [
        ("0100007F", "0A", {"loopback"}),
        ("3500007F", "0A", {"loopback"}),
        ("00000000", "0A", {"network"}),
        ("0100000A", "0A", {"network"}),
        ("0100007F", "01", None),  # connected, not listening
        ("00000000000000000000000001000000", "0A", {"loopback"}),
        ("00000000000000000000000000000000", "0A", {"network"}),
        ("0000000000000000FFFF00000100007F", "0A", {"loopback"}),
        ("0000000000000000FFFF00000100000A", "0A", {"network"}),
    ],
)
def test_where_a_server_listens_is_read_from_the_kernels_tables(
    address: str, state: str, places: set[str] | None
) -> None:
    assert models.listening(11434, [TABLE.format(address=address, state=state)]) == places
    assert models.listening(11435, [TABLE.format(address=address, state=state)]) is None


LLAMA_8B = {  # as /api/show describes llama3.1:8b
    "general.architecture": "llama", "llama.block_count": 32, "llama.attention.head_count": 32,
    "llama.attention.head_count_kv": 8, "llama.embedding_length": 4096, "llama.context_length": 131072,
}  # fmt: skip


def test_memory_grows_with_the_window_by_keys_and_values_of_every_layer() -> None:
    weights = 4_900_000_000
    a_token = 32 * 8 * (128 + 128) * 2  # layers, heads, key and value, bytes of a float16
    small, large = (models.memory_of(weights, LLAMA_8B, tokens) for tokens in (4096, 8192))
    assert large - small == 4096 * a_token
    process = models.memory_of(0, {}, 4096)
    assert small == weights + 4096 * a_token + process
    short = LLAMA_8B | {"llama.context_length": 2048}
    assert models.memory_of(weights, short, 4096) == models.memory_of(weights, LLAMA_8B, 2048)
    layered = LLAMA_8B | {"llama.attention.head_count_kv": [8, 0] * 16}
    assert 2 * (models.memory_of(0, layered, 4096) - process) == models.memory_of(0, LLAMA_8B, 4096) - process


@pytest.mark.ollama
def test_a_server_of_this_machine_is_described(ollama_host: str) -> None:
    findings = list(models.models(Config(host=ollama_host)))
    by_name: dict[str, Finding] = {finding.name: finding for finding in findings}
    assert next(iter(by_name)) == "Ollama"
    assert by_name["Listens"].state is State.OK
    said = [finding.said for finding in findings if finding.name == "Model"]
    assert any(line.startswith("smollm2:135m takes about 0.") for line in said), said


def test_the_command_is_guarded_whole_and_says_so(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "assistant", "doctor", "--json", "--host", "127.0.0.1:9"],
        cwd=tmp_path, env=os.environ | {"HOME": str(tmp_path), "HTTPS_PROXY": "http://192.0.2.1:3128"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    checks = {check["name"]: check for check in json.loads(ended.stdout)["checks"]}
    assert checks["Guard"]["said"].startswith("refuses every machine")
    assert checks["Switches"]["said"].endswith("taken away: HTTPS_PROXY")


def test_the_proof_runs_a_whole_index_and_question(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "assistant", "doctor", "--offline-proof", "--json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    record = json.loads(ended.stdout)
    assert (ended.returncode, record["ok"]) == (0, True), record
    assert len(record["steps"]) == 4
    assert record["watched_by"].startswith("strace" if tracer() else "the guard")


def test_the_proof_shows_an_attempt(tmp_path: Path) -> None:
    (tmp_path / "onnxruntime").mkdir()
    (tmp_path / "onnxruntime" / "__init__.py").write_text(
        "import socket\ntry:\n socket.getaddrinfo('telemetry.invalid', 443)\nexcept Exception:\n pass\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "assistant", "doctor", "--offline-proof"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path), "PATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "Watched by: the guard" in ended.stdout
    assert "onnxruntime tried to look up telemetry.invalid" in ended.stdout
