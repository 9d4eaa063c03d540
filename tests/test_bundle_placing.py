"""What is promised of models and indexes that a bundle brings: placed as listed, and never over what is there."""

import shlex
from pathlib import Path

import pytest

from assistant.bundle import environment, placing, receipt
from assistant.errors import BundleRefused
from tests.bundled import entry, files
from tests.test_bundle_make import silent


def test_models_that_are_there_stay_and_shared_blobs_outlive_what_is_removed(tmp_path: Path) -> None:
    shared, own = b"weights", b"own"
    listed = [entry("models/blobs/sha256-own", own), entry("models/blobs/sha256-shared", shared),
              entry("models/manifests/r/l/new/latest", b"names")]  # fmt: skip
    for item, data in zip(listed, (own, shared, b"names"), strict=True):
        (tmp_path / item.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / item.path).write_bytes(data)
    store = tmp_path / "store"
    placed = placing.place_models(tmp_path, listed, store, silent)
    assert placing.place_models(tmp_path, listed, store, silent) == ()
    other = store / "manifests/r/l/other/latest"
    other.parent.mkdir(parents=True)
    other.write_text(f"sha256:{listed[1].sha256}")
    placing.remove_models(store, placed)
    assert {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()} == {
        "blobs/sha256-shared", "manifests/r/l/other/latest",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["stick", "it's", 'a "b"', "$(touch x) `touch x`;"])
def test_the_line_for_a_service_copies_from_a_folder_of_any_name(name: str, tmp_path: Path) -> None:
    line = placing.service_line(tmp_path / name)
    run, shell, option, script = shlex.split(line)
    assert (run, shell, option) == ("sudo", "sh", "-c")
    copy = shlex.split(script.partition(" && ")[0])
    assert copy == ["cp", "-r", f"{tmp_path / name}/models/.", "/usr/share/ollama/.ollama/models"]


def test_a_store_that_was_made_for_the_models_goes_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle, home = tmp_path / "bundle", tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    (bundle / "models" / "blobs").mkdir(parents=True)
    (bundle / "models" / "blobs" / "sha256-own").write_bytes(b"own")
    listed = [entry("models/blobs/sha256-own", b"own")]
    for store, left in ((home / ".ollama" / "models", set()), (home / "named", {"named"})):
        placing.remove_models(store, placing.place_models(bundle, listed, store, silent))
        assert files(home) == left


def test_models_that_could_not_all_be_placed_are_taken_away_again(tmp_path: Path) -> None:
    (tmp_path / "models" / "blobs").mkdir(parents=True)
    for name in ("a", "b"):
        (tmp_path / "models" / "blobs" / name).write_bytes(b"x")
    listed = [entry("models/blobs/a", b"x"), entry("models/blobs/b", b"other")]
    with pytest.raises(BundleRefused):
        placing.place_models(tmp_path, listed, tmp_path / "store", silent)
    assert files(tmp_path / "store") == set()


def test_models_of_the_version_before_go_with_the_one_that_follows(tmp_path: Path) -> None:
    store, placed, removed = tmp_path / "store", entry("blobs/a", b"a"), entry("blobs/b", b"b")
    (store / "blobs").mkdir(parents=True)
    (store / placed.path).write_bytes(b"a")
    before = receipt.Receipt("0.1.0", "0" * 64, (), {}, str(store), (placed, removed))
    assert environment.kept_models(before, None) == (str(store), (placed,)), "the new bundle has no models"
    assert environment.kept_models(before, store) == (str(store), (placed,))
    assert environment.kept_models(before, tmp_path / "other") == (str(tmp_path / "other"), ())
    assert environment.kept_models(None, None) == ("", ())


def test_an_index_of_the_same_name_is_never_replaced(tmp_path: Path) -> None:
    listed = [entry("indexes/a/catalog.sqlite", b"new")]
    (tmp_path / "indexes" / "a").mkdir(parents=True)
    (tmp_path / listed[0].path).write_bytes(b"new")
    prefix = tmp_path / "prefix"
    assert placing.place_index(tmp_path, "a", listed, prefix)
    assert (prefix / "indexes/a/catalog.sqlite").stat().st_mode & 0o777 == 0o600
    (prefix / "indexes/a/catalog.sqlite").write_bytes(b"grown")
    assert not placing.place_index(tmp_path, "a", listed, prefix)
    assert (prefix / "indexes/a/catalog.sqlite").read_bytes() == b"grown"


def test_a_file_that_is_not_what_is_listed_is_not_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"other")
    with pytest.raises(BundleRefused):
        placing.copy(tmp_path / "source", tmp_path / "new" / "target", entry("source", b"meant"))
    assert not list((tmp_path / "new").iterdir())
