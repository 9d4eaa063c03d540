"""What is promised of a manifest: it reads back as it was written, and whatever else is in it is refused."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.bundle.manifest import Entry, check_paths, parse, render
from assistant.errors import BundleRefused
from tests.bundled import FILES, manifest_of, rendered

HASH = "0" * 64


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    whole = json.loads(rendered())
    change(whole)
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def test_a_manifest_reads_back_as_it_was_written() -> None:
    assert parse(rendered()) == manifest_of(FILES)


def first(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole["files"][0].update(values)


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../x", "/etc/passwd", "a//b", "./a", "a/.", "", "a/", "C:/x", "a\\b", "a\0b", "a\nb", "a\x1b[2J",
     "a\u202eb", "e\u0301", "x" * 300, "\ud800"],
)  # fmt: skip
def test_a_name_that_leads_out_or_cannot_be_shown_is_refused(path: str) -> None:
    with pytest.raises(BundleRefused):
        check_paths([path])


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        (["a", "a"], "listed twice"),
        (["b", "a"], "out of order"),
        (["A", "a"], "case does not count"),
        (["STRASSE", "straße"], "case does not count"),
        (["a", "a/b"], "a file and as a folder"),
        (["A", "a/b"], "a file and as a folder"),
    ],
)
def test_names_that_would_be_one_file_somewhere_are_refused(paths: list[str], said: str) -> None:
    with pytest.raises(BundleRefused, match=said):
        check_paths(paths)


@pytest.mark.parametrize(
    "change",
    [
        first(size=-1), first(size=True), first(size=1.5), first(size="1"), first(size=1 << 60),
        first(sha256="0" * 63), first(sha256="A" * 64), first(sha256=None), first(path=1), first(license="a\x1bb"),
        first(more=1), lambda whole: whole["files"][0].pop("source"), lambda whole: whole["files"].append("x"),
        lambda whole: whole.update(files={}), lambda whole: whole.update(targets={}), lambda whole: whole.update(x=1),
        lambda whole: whole.update(targets={"win-amd64": "1.0"}), lambda whole: whole.update(targets=["linux"]),
        lambda whole: whole.update(version="../x"), lambda whole: whole.update(version=1),
        lambda whole: whole.update(schema=2),
        lambda whole: whole["files"].append(whole["files"][0]),
    ],
)  # fmt: skip
def test_a_value_that_nobody_writes_is_refused(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(BundleRefused):
        parse(changed(change))


@pytest.mark.parametrize(
    "text",
    [
        rendered().replace(b'"schema": 1,', b'"schema": 1, "schema": 1,'),
        rendered().replace(b'"size": 0,', b'"size": 5, "size": 0,'),
        rendered().replace(b'"schema": 1', b'"schema": 1.0'),
        rendered().replace(b'"size": 0', b'"size": NaN'),
        rendered() + b" ",
        rendered().replace(b'"MIT"', b'"\\u004dIT"'),
        b"[" * 100_000,
        b"\xff\xfe",
        b"",
        b"[]",
        b"1" * 5000,
        b" " * (17 << 20),
    ],
    ids=["key twice", "inner key twice", "float", "NaN", "space behind", "escaped", "deep", "not UTF-8", "empty",
         "list", "long number", "too large"],
)  # fmt: skip
def test_a_text_that_is_not_as_it_is_written_is_refused(text: bytes) -> None:
    with pytest.raises(BundleRefused):
        parse(text)


@given(st.data())
def test_no_flipped_bit_of_a_manifest_reads_as_the_same_manifest(data: st.DataObject) -> None:
    whole = bytearray(rendered())
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    with suppress(BundleRefused):
        assert parse(bytes(whole)) != manifest_of(FILES)


def test_every_entry_says_license_and_source() -> None:
    listed = json.loads(render(manifest_of(FILES)))["files"]
    assert all(set(entry) == set(Entry.__slots__) for entry in listed)
