"""scripts/bench.py measures everything it promises; how fast this machine is, no test asks."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from measure import scale_report
from measure.figures import Peak
from measure.grown import grow, rewrite
from measure.machine import machine
from measure.process import Stage

from tests.ollama_server import require_ollama

ROOT = Path(__file__).parent.parent
FILES = ("finance/travel.md", "hr/leave-policy-2023.pdf", "it/incident-response.pdf")
PEAK = Peak(901.0, "PSS", (), 9)
OURS, STOCK, MIXED = "ours", "stock", "stock, our embedder"


@dataclass(frozen=True, slots=True)
class Bench:
    """What one run of the script gave."""

    code: int
    table: str
    figures: dict[str, Any]

    def column(self, name: str) -> dict[str, Any]:
        column: dict[str, Any] = self.figures["ingested"][name]
        return column


def run(folder: Path, output: Path, *options: str, path: str | None = None) -> Bench:
    finished = subprocess.run(
        [sys.executable, str(ROOT / "scripts/bench.py"), str(folder), "--json", str(output), *options],
        cwd=output.parent,
        env=os.environ | ({} if path is None else {"PATH": path}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert output.exists(), finished.stderr
    return Bench(finished.returncode, finished.stdout, json.loads(output.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("documents")
    for name in FILES:
        shutil.copy(ROOT / "data" / name, root)
    return root


@pytest.fixture(scope="module")
def slice_run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    require_ollama()
    return run(folder, tmp_path_factory.mktemp("figures") / "slice.json", "--slice")


@pytest.mark.ollama
def test_a_slice_measures_every_part(slice_run: Bench) -> None:
    assert slice_run.figures["failures"] == []
    assert slice_run.code == 0
    assert set(slice_run.figures["ingested"]) == {OURS, STOCK, MIXED}
    for part in ("bare", "ask", "ask_peak", "starting"):
        assert slice_run.figures[part], part


@pytest.mark.ollama
def test_all_contenders_read_the_same_files(slice_run: Bench) -> None:
    for name in (OURS, STOCK, MIXED):
        column = slice_run.column(name)
        assert (column["files"], column["pages"]) == (3, slice_run.column(OURS)["pages"]), name
        assert column["passages"] > 0, name


@pytest.mark.ollama
def test_only_what_a_model_sees_is_counted(slice_run: Bench) -> None:
    ours, mixed = slice_run.column(OURS), slice_run.column(MIXED)
    assert ours["tokens_embedded"] == ours["tokens"] > 0, "our passages fit the window"
    assert mixed["tokens_embedded"] < mixed["tokens"], "stock passages do not"
    assert mixed["tokens_embedded"] <= slice_run.column(STOCK)["tokens_embedded"] <= mixed["tokens"]
    assert slice_run.figures["window"] > 256
    assert slice_run.figures["bare"]["tokens_embedded"] <= ours["tokens_embedded"]


@pytest.mark.ollama
def test_rates_and_ratios_follow_from_the_figures(slice_run: Bench) -> None:
    rates = {}
    for name in (OURS, STOCK, MIXED):
        column = slice_run.column(name)
        rates[name] = column["tokens_embedded"] / column["embedding_seconds"]
        assert column["tokens_a_second"] == pytest.approx(rates[name], rel=0.02)
        assert column["pages_a_second"] == pytest.approx(column["pages"] / column["reading_seconds"], rel=0.02)
        assert column["reading_seconds"] + column["embedding_seconds"] <= column["total_seconds"]
    figures = slice_run.figures
    bare = figures["bare"]["tokens_embedded"] / figures["bare"]["seconds"]
    assert figures["times_stock"] == pytest.approx(rates[OURS] / rates[STOCK], rel=0.02)
    assert figures["times_stock_with_our_embedder"] == pytest.approx(rates[OURS] / rates[MIXED], rel=0.02)
    assert figures["share_of_bare"] == pytest.approx(rates[OURS] / bare, rel=0.02)
    assert 0 < figures["share_inside_model"] < 1


@pytest.mark.ollama
def test_memory_is_that_of_the_whole_tree(slice_run: Bench) -> None:
    for name in (OURS, STOCK, MIXED):
        peak = slice_run.column(name)["peak"]
        assert peak["samples"] > 3
        assert peak["megabytes"] == pytest.approx(sum(size for _, size in peak["parts"]), rel=0.02)
    assert any("ollama" in name for name, _ in slice_run.column(STOCK)["peak"]["parts"])


@pytest.mark.ollama
def test_starts_are_medians_of_fresh_processes(slice_run: Bench) -> None:
    figures = slice_run.figures
    for seconds in (figures["ask"], figures["starting"]["help"], figures["starting"]["package_import"]):
        assert 0 < seconds["fastest"] <= seconds["median"] <= seconds["slowest"]
        assert seconds["runs"] == 3
    assert figures["starting"]["package_import"]["median"] < figures["starting"]["help"]["median"]
    assert figures["questions"]


@pytest.mark.ollama
def test_the_table_says_what_has_to_be_known(slice_run: Bench) -> None:
    for text in (OURS, STOCK, MIXED, "processor flags", "pypdf below 7", "#14186", "seconds embedding"):
        assert text in slice_run.table
    assert ("lacks the processor-specific kernels" in slice_run.table) is not slice_run.figures["server"]["own_kernels"]


def test_a_part_that_cannot_be_measured_is_named_and_fails_the_run(folder: Path, tmp_path: Path) -> None:
    bench = run(folder, tmp_path / "out.json", "--slice", "--parts", "stock", path=str(tmp_path))
    assert bench.code == 1
    assert bench.figures["failures"] == ["stock: there is no ollama on the PATH"]
    assert "there is no ollama on the PATH" in bench.table


@pytest.mark.parametrize("arguments", [["no-such-folder"], [".", "--parts", "ours,theirs"]])
def test_a_wrong_argument_is_refused(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts/bench.py"), *arguments]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr


@pytest.fixture(scope="module")
def scale_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    output = tmp_path_factory.mktemp("figures") / "scale.json"
    command = [sys.executable, str(ROOT / "scripts/bench.py"), "--scale", "50", "--json", str(output)]
    finished = subprocess.run(command, cwd=output.parent, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    figures: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return figures | {"table": finished.stdout}


def test_a_small_scale_measures_every_part(scale_run: dict[str, Any]) -> None:
    assert scale_run["failures"] == []
    assert set(scale_run["parts"]) == {"first", "unchanged", "notice", "warm", "changed", "moved", "generation"}
    assert scale_run["parts"]["first"]["passages"] == pytest.approx(500, rel=0.02)
    for name in ("found by words", "found by meaning"):
        assert scale_run["parts"]["changed"][name]["median"] > 0
    assert scale_run["parts"]["generation"]["question meanwhile"]["runs"] > 0


def test_a_scale_says_what_stood_in_for_the_model_and_judges_no_slice(scale_run: dict[str, Any]) -> None:
    assert "cheap embedder" in scale_run["table"]
    assert "no target is judged" in scale_run["table"]
    assert scale_run["targets"] == []


def test_what_has_not_changed_costs_neither_a_heavy_library_nor_an_embedding(scale_run: dict[str, Any]) -> None:
    assert scale_run["parts"]["unchanged"]["imported"] == []
    assert "Nothing to do" in scale_run["parts"]["unchanged"]["printed"]
    assert "chromadb" not in scale_run["parts"]["changed"]["imported"]
    assert scale_run["parts"]["moved"]["texts embedded when the folder is renamed"] == 0
    assert scale_run["parts"]["moved"]["texts embedded when everything in it moves"] == 0
    assert scale_run["parts"]["moved"]["files known again in another place"] == 50


def test_every_figure_of_a_full_scale_is_held_against_its_target() -> None:
    stages = [Stage("FileRead", 0.0, 5.0, 4.0, Peak(599.0, "PSS", (), 9)), Stage("Publishing", 5.0, 60.0, 90.0, PEAK)]
    held = list(scale_report.memory("run", stages))
    assert [(target.value, target.limit, target.reached) for target in held] == [(599, 600, True), (901, 900, False)]
    part = scale_report.Part({"seconds": 61.5}, (*held, scale_report.target("embedded", 0, 0)))
    results = scale_report.Results(machine(), 10_000, True, {"first": part}, ("notice: it broke",))
    table = "\n".join(scale_report.lines(results))
    assert "reached      run: memory of the tree, MB: 599 (at most 600)" in table
    assert "NOT REACHED  run: memory while a generation is built, MB: 901 (at most 900)" in table
    assert "reached      embedded: 0 (at most 0)" in table
    assert "Failed or left out: notice: it broke" in table
    assert [target["reached"] for target in scale_report.record(results)["targets"]] == [True, False, True]


def test_the_generated_folder_is_the_same_each_time_and_nested(tmp_path: Path) -> None:
    one, other = grow(tmp_path / "one", 20), grow(tmp_path / "other", 20)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    assert {path.suffix for path in one} == {".md", ".txt"}
    assert {len(path.relative_to(tmp_path / "one").parts) for path in one} == {4}
    before = one[0].read_text(encoding="utf-8")
    rewrite(one[0], seed=9)
    assert not set(before.split("\n\n")) & set(one[0].read_text(encoding="utf-8").split("\n\n"))


@pytest.mark.parametrize("arguments", [[], [".", "--scale"], ["--scale", "--parts", "stock"]])
def test_a_scale_takes_no_folder_and_has_parts_of_its_own(arguments: list[str], tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts/bench.py"), *arguments]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert "Traceback" not in finished.stderr
