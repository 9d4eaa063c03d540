"""What is promised of archives and folders: whatever is not exactly what was made is refused.

`scripts/damage_bundle.py` does the same in full to a real bundle, through `sh install.sh`.
"""

import io
import os
import random
import shutil
import tarfile
from pathlib import Path

import pytest

from assistant.bundle import archive
from assistant.bundle.manifest import MANIFEST, SIGNATURE, SUMS
from assistant.bundle.verify import verify
from assistant.errors import BundleRefused, UsageError
from tests.bundled import FILES, manifest_of, packed, rendered, unpacked, with_manifest


def chosen(places: int, number: int) -> list[int]:
    """Repeatable places, all of them where there are few."""
    return random.Random(7).sample(range(places), min(number, places))  # noqa: S311 - repeatable, not secret


@pytest.fixture(scope="module")
def good() -> bytes:
    return packed()


def refused(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    with pytest.raises(BundleRefused) as told:
        verify(path)
    return str(told.value)


def test_an_archive_is_what_tar_unpacks_and_both_are_verified(good: bytes, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(good)
    folder = unpacked(tmp_path, good)
    assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {*FILES, MANIFEST, SUMS}
    assert verify(tmp_path / "b.tar").manifest == verify(folder).manifest == manifest_of(FILES)
    assert len(good) == archive.size(manifest_of(FILES), None)


def test_the_same_files_make_the_same_bytes_whoever_packs_them_and_when(good: bytes, tmp_path: Path) -> None:
    assert packed(dict(reversed(FILES.items()))) == good
    with tarfile.open(fileobj=io.BytesIO(good)) as opened:
        heads = {(member.mtime, member.uid, member.gid, member.mode, member.uname) for member in opened}
    assert heads == {(archive.MTIME, 0, 0, 0o644, "")}


def test_long_names_and_signatures_are_verified_as_well(tmp_path: Path) -> None:
    files = FILES | {f"indexes/{'long' * 20}/{'name' * 20}": b"x"}
    (tmp_path / "b.tar").write_bytes(packed(files, b"a signature"))
    bundle = verify(tmp_path / "b.tar")
    assert (bundle.signature, bundle.manifest) == (b"a signature", manifest_of(files))
    assert verify(unpacked(tmp_path, packed(files, b"a signature"))).signature == b"a signature"


def test_every_flipped_bit_of_an_archive_is_refused(good: bytes, tmp_path: Path) -> None:
    for bit in chosen(len(good) * 8, 300):
        flipped = bytearray(good)
        flipped[bit // 8] ^= 1 << bit % 8
        refused(tmp_path / "b.tar", bytes(flipped))


def test_every_truncation_and_every_addition_is_refused(good: bytes, tmp_path: Path) -> None:
    for length in [0, 1, 511, 512, len(good) - 1, len(good) - 512, *chosen(len(good), 50)]:
        refused(tmp_path / "b.tar", good[:length])
    assert "longer" in refused(tmp_path / "b.tar", good + b"\0")


def test_every_flipped_bit_of_an_unpacked_file_is_refused(good: bytes, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, good)
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        for bit in chosen(len(data) * 8, 25):
            flipped = bytearray(data)
            flipped[bit // 8] ^= 1 << bit % 8
            path.write_bytes(flipped)
            with pytest.raises(BundleRefused):
                verify(folder)
        if data:
            path.write_bytes(data)
    verify(folder)


@pytest.mark.parametrize("name", [*FILES, MANIFEST, SUMS])
def test_a_missing_or_shortened_file_is_refused(name: str, good: bytes, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, good)
    data = (folder / name).read_bytes()
    if data:
        (folder / name).write_bytes(data[:-1])
        with pytest.raises(BundleRefused):
            verify(folder)
    (folder / name).unlink()
    with pytest.raises(BundleRefused):
        verify(folder)


@pytest.mark.parametrize(
    "name", ["x", "wheels/evil-1.0-py3-none-any.whl", ".DS_Store", "wheels/._one", SIGNATURE, "new/x"]
)
def test_an_added_file_is_refused(name: str, good: bytes, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, good)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"")
    with pytest.raises(BundleRefused, match=r"not listed|SHA256SUMS"):
        verify(folder)


def test_links_and_devices_are_refused_whatever_they_lead_to(good: bytes, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, good)
    same = tmp_path / "same"
    shutil.copy(folder / "README.txt", same)
    (folder / "README.txt").unlink()
    (folder / "README.txt").symlink_to(same)
    check_link_refused(folder)
    os.link(same, folder / "README.txt")
    check_link_refused(folder)
    os.mkfifo(folder / "README.txt")
    check_link_refused(folder)


def check_link_refused(folder: Path) -> None:
    with pytest.raises(BundleRefused, match="link or a device"):
        verify(folder)
    (folder / "README.txt").unlink()


def members(data: bytes) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        return [(member, (opened.extractfile(member) or io.BytesIO()).read()) for member in opened]


def hostile(**values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo("assistant-0.1.0/zzz")
    info.mtime = archive.MTIME
    for name, value in values.items():
        setattr(info, name, value)
    return info


@pytest.mark.parametrize(
    "member",
    [
        hostile(name="../../outside"), hostile(name="/etc/cron.d/x"), hostile(name="assistant-0.1.0/README.txt"),
        hostile(type=tarfile.SYMTYPE, linkname="/"), hostile(type=tarfile.LNKTYPE, linkname="assistant-0.1.0/empty"),
        hostile(type=tarfile.CHRTYPE), hostile(type=tarfile.FIFOTYPE), hostile(type=tarfile.DIRTYPE),
        hostile(mode=0o4755),
    ],
    ids=["climbs", "absolute", "twice", "link", "hard link", "device", "pipe", "folder", "setuid"],
)  # fmt: skip
@pytest.mark.parametrize("place", [0, 2, 4, -1])
def test_a_member_that_the_manifest_does_not_list_is_refused(
    member: tarfile.TarInfo, place: int, good: bytes, tmp_path: Path
) -> None:
    listed = members(good)
    listed.insert(place if place >= 0 else len(listed), (member, b""))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as rewritten:
        for info, data in listed:
            rewritten.addfile(info, io.BytesIO(data))
    refused(tmp_path / "b.tar", out.getvalue())


@pytest.mark.parametrize("size", [1 << 40, (1 << 63) - 1, -1])
def test_a_size_beyond_the_manifests_is_refused_without_reading_it(size: int, good: bytes, tmp_path: Path) -> None:
    names = [info.name for info, _ in members(good)]
    for name in names:
        info = hostile(name=name, mode=0o644)
        info.size = size
        header = info.tobuf(tarfile.GNU_FORMAT)
        at = good.index(name.encode() + b"\0")
        refused(tmp_path / "b.tar", good[:at] + header + good[at + 512 :])


def test_a_manifest_that_vouches_for_something_else_is_refused(good: bytes, tmp_path: Path) -> None:
    folder = unpacked(tmp_path, good)
    with pytest.raises(BundleRefused, match=r"README\.txt \(changed\)"):
        verify(with_manifest(folder, rendered(FILES | {"README.txt": b"How to ruin it.\n"})))
    with pytest.raises(BundleRefused, match=r"another \(missing\)"):
        verify(with_manifest(folder, rendered(FILES | {"another": b""})))


def test_what_is_no_bundle_is_told_so(tmp_path: Path) -> None:
    assert "no bundle" in refused(tmp_path / "b.tar", os.urandom(2048))
    other = io.BytesIO()
    with tarfile.open(fileobj=other, mode="w") as opened:
        opened.addfile(tarfile.TarInfo("documents/x"))
    assert "no bundle" in refused(tmp_path / "b.tar", other.getvalue())
    with pytest.raises(UsageError):
        verify(tmp_path / "nothing")
    with pytest.raises(BundleRefused, match="has no MANIFEST"):
        verify(tmp_path)


def test_a_file_that_changes_while_it_is_packed_is_noticed() -> None:
    with pytest.raises(BundleRefused, match=r"README\.txt"):
        archive.write(io.BytesIO(), manifest_of(FILES), None, lambda entry: io.BytesIO(FILES[entry.path] + b"x"))
