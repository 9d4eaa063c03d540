"""A share that is not connected takes no document with it; a folder that was emptied does."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.indexing.fresh import drift
from assistant.indexing.unmounted import with_unmounted
from assistant.storage.catalog import Catalog
from assistant.types import Kind, Scan, SourceFile
from tests.company import Company

HERE, SHARE = 1, 2  # devices


def seen(folder: Path) -> Scan:
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Scan(tuple(SourceFile(path, Kind.TEXT, 1, 1, 1, 1, HERE) for path in paths), {}, ())


@pytest.mark.parametrize(
    ("devices", "places"),
    [
        ({"a.txt": HERE, "share/b.txt": SHARE, "share/x/c.txt": SHARE}, ("share/",)),
        ({"a.txt": 7, "share/b.txt": 9}, ("share/",)),  # every device has another number today
        ({"a.txt": HERE, "share/b.txt": HERE}, ()),
        ({"share/b.txt": SHARE}, ()),  # nothing tells that it was mounted; the question before a large deletion asks
        ({"a.txt": SHARE, "share/b.txt": SHARE}, ()),
        ({"a.txt": HERE, "gone/b.txt": SHARE}, ()),
        ({"a.txt": HERE, "full/b.txt": SHARE}, ()),
        ({"a.txt": HERE, "full/share/b.txt": SHARE, "full/c.txt": HERE}, ("full/share/",)),
    ],
)
def test_an_empty_folder_that_was_a_device_of_its_own_is_not_mounted(
    tmp_path: Path, devices: Mapping[str, int], places: tuple[str, ...]
) -> None:
    for path in ("a.txt", "full/c.txt"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    for place in ("share", "full/share"):
        (tmp_path / place).mkdir()
    found = with_unmounted(seen(tmp_path), tmp_path, devices)
    assert found.unlisted == places
    assert [item.path for item in found.left_out] == [place.rstrip("/") for place in places]


@given(st.dictionaries(st.sampled_from(["a.txt", "b/c.txt", "b/d/e.txt", "f/g.txt"]), st.just(HERE)))
def test_on_one_device_nothing_is_taken_for_not_mounted(
    tmp_path_factory: pytest.TempPathFactory, devices: dict[str, int]
) -> None:
    folder = tmp_path_factory.mktemp("one")
    (folder / "b").mkdir()
    assert with_unmounted(seen(folder), folder, devices) == seen(folder)


def test_the_documents_of_a_share_that_is_not_mounted_are_kept_and_it_is_named(own_company: Company) -> None:
    share = own_company.folder / "share"
    share.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "none", share], check=False).returncode:
        pytest.skip("only root may mount")
    try:
        own_company.write("share/travel.txt", "The share names Zacharias.\n")
        assert own_company.update().added == 1
    finally:
        subprocess.run(["umount", share], check=True)
    report = own_company.update()
    assert (report.deleted, report.kept) == (0, ("share/travel.txt",))
    assert ("share", "cannot be read: it is not mounted") in {(item.path, item.reason) for item in report.left_out}
    assert own_company.hits("Zacharias", 1)[0].path == "share/travel.txt"
    with Catalog.open(own_company.config.index) as catalog:
        assert drift(catalog, own_company.config).total == 0
    shutil.rmtree(share)
    assert own_company.update().deleted == 1
