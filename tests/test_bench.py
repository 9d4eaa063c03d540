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

from tests.ollama_server import require_ollama

ROOT = Path(__file__).parent.parent
FILES = ("finance/travel.md", "hr/leave-policy-2023.pdf", "it/incident-response.pdf")
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
