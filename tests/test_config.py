"""What `load` promises: sources in their order, every wrong setting named with its place, no host by accident."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.airgap.addresses import is_loopback
from assistant.config import Config, checked_host, load
from assistant.errors import SettingError

KEYS = [field.name for field in fields(Config)]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The person's own settings file, not written yet."""
    return tmp_path / "own" / "settings.toml"


def merged(
    own: Path, mine: str = "", folders: str = "", environ: Mapping[str, str] = {}, **flags: Any
) -> Config:  # fmt: skip
    """Load with these texts in the two files; the folder is the own file's grandparent."""
    own.parent.mkdir(exist_ok=True)
    own.write_text(mine, encoding="utf-8")
    folder = own.parent.parent
    (folder / "assistant.toml").write_text(folders, encoding="utf-8")
    return load(flags, environ, own, folder)


def refused(own: Path, **sources: Any) -> SettingError:
    with pytest.raises(SettingError) as caught:
        merged(own, **sources)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    return caught.value


def test_without_any_source_the_defaults_hold(own: Path) -> None:
    assert load({}, {}, own, own.parent) == Config()


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Config().num_ctx = 1  # type: ignore[misc]


def test_each_source_gives_way_to_the_one_before_it(own: Path) -> None:
    sources: dict[str, Any] = {
        "num_ctx": 1001,
        "environ": {"ASSISTANT_NUM_CTX": "1002"},
        "mine": "num_ctx = 1003",
        "folders": "num_ctx = 1004",
    }
    for expected in (1001, 1002, 1003, 1004):
        assert merged(own, **sources).num_ctx == expected
        del sources[next(iter(sources))]
    assert merged(own).num_ctx == Config().num_ctx


def test_a_flag_that_was_not_given_changes_nothing(own: Path) -> None:
    assert merged(own, mine='model = "qwen3:4b"', model=None).model == "qwen3:4b"


def test_the_ollama_variable_is_weaker_than_the_assistants_and_stronger_than_the_files(own: Path) -> None:
    variables = {"OLLAMA_HOST": "127.0.0.1:1002"}
    assert merged(own, mine='host = "127.0.0.1:1003"', environ=variables).host == "http://127.0.0.1:1002"
    variables["ASSISTANT_HOST"] = "127.0.0.1:1001"
    assert merged(own, environ=variables).host == "http://127.0.0.1:1001"


def test_an_empty_ollama_variable_means_none(own: Path) -> None:
    assert merged(own, environ={"OLLAMA_HOST": ""}).host == Config().host


def test_values_from_the_environment_are_read_as_their_settings_are(own: Path) -> None:
    environ = {"ASSISTANT_INDEX": "~/x", "ASSISTANT_CONNECT_TIMEOUT": "1.5", "ASSISTANT_SOURCES": " 3 "}
    config = merged(own, environ=environ)
    assert (config.index, config.connect_timeout, config.sources) == (Path.home() / "x", 1.5, 3)


@pytest.mark.parametrize("line", ["num_ctxx = 5", "num_ctx = 'many'", "num_ctx = 4.5", "num_ctx = true", "num_ctx = 3",
                                  "num_ctx = 1_000_000_000_000", "connect_timeout = nan", "connect_timeout = inf",
                                  "index = '  '", "index = 7", "index = '~nobody-at-all/x'", "model = ['a']",
                                  "[index]", "[[model]]", "num_ctx.x = 1", '"model" = ""',
                                  "sources = 2020-01-01"])  # fmt: skip
def test_a_wrong_line_is_named_with_file_and_line(own: Path, line: str) -> None:
    key = line.strip('[]"').partition(" ")[0].partition(".")[0].strip('"]')
    for source in ("mine", "folders"):
        error = refused(own, **{source: f"# settings\n\nanswer_tokens = 300\n{line}\n"})
        file = own if source == "mine" else own.parent.parent / "assistant.toml"
        assert f"{file}, line 4" in str(error)
        assert key in str(error)


@pytest.mark.parametrize("value", ["http://[", "127.0.0.1:99999", "ftp://localhost", "http://me:secret@localhost",
                                   "http://", "local host", "http://localhost/v1", "http://localhost?x=1"])  # fmt: skip
def test_what_is_no_address_of_a_server_is_named_with_its_place(own: Path, value: str) -> None:
    error = refused(own, mine=f"workers = 1\nhost = {json.dumps(value)}")
    assert f"{own}, line 2" in str(error)
    assert "variable OLLAMA_HOST" in str(refused(own, environ={"OLLAMA_HOST": value}))
    with pytest.raises(SettingError, match="not the address of a server"):
        checked_host(value, ())


def test_a_wrong_variable_and_a_wrong_flag_are_named(own: Path) -> None:
    assert "variable ASSISTANT_NUM_CTX" in str(refused(own, environ={"ASSISTANT_NUM_CTX": "many"}))
    assert "variable ASSISTANT_COLOUR" in str(refused(own, environ={"ASSISTANT_COLOUR": "red"}))
    assert "--evidence-tokens" in str(refused(own, evidence_tokens=1))


@pytest.mark.parametrize("value", ["'a.example'", "[1]", "['']", "true"])
def test_allowed_hosts_are_a_list_of_names(own: Path, value: str) -> None:
    assert f"{own}, line 1" in str(refused(own, mine=f"allowed_hosts = {value}"))


def test_a_flag_may_be_a_path(own: Path) -> None:
    assert merged(own, index=Path("a/b")).index == Path("a/b")


def test_an_unknown_key_is_answered_with_the_known_ones(own: Path) -> None:
    assert all(key in refused(own, mine="modle = 'x'").hint for key in KEYS)


@pytest.mark.parametrize("line", ["host = '127.0.0.1:1'", "allowed_hosts = ['a.example']", "embedder = 'ollama:x'"])
def test_a_file_that_came_with_a_folder_names_no_host_and_no_embedder(own: Path, line: str) -> None:
    error = refused(own, folders=f"\n{line}")
    assert f"{own.parent.parent / 'assistant.toml'}, line 2" in str(error)
    assert "your own settings file" in error.hint
    own_config = merged(own, mine=line)
    assert own_config != Config()


@pytest.mark.parametrize("place", ["/tmp/x", "../x", "indexes/../../x", "~/x"])
def test_a_file_that_came_with_a_folder_names_no_index_outside_of_it(own: Path, place: str) -> None:
    assert "leads out of this folder" in str(refused(own, folders=f"index = '{place}'"))
    assert merged(own, mine=f"index = '{place}'").index == Path(place).expanduser()
    assert merged(own, folders="index = 'indexes/a'").index == Path("indexes/a")


def test_hosts_cannot_be_allowed_by_the_environment(own: Path) -> None:
    assert "ASSISTANT_ALLOWED_HOSTS" in str(refused(own, environ={"ASSISTANT_ALLOWED_HOSTS": "a.example"}))


def test_own_settings_that_others_may_write_are_not_ones_own(own: Path) -> None:
    merged(own, mine="allowed_hosts = ['gpu.example']")
    own.chmod(0o666)
    with pytest.raises(SettingError, match="others may write"):
        load({}, {}, own, own.parent)
    own.chmod(0o664)
    if own.stat().st_gid == os.geteuid():  # as where every user has a group of the same number
        assert load({}, {}, own, own.parent).allowed_hosts == ("gpu.example",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to a group that it is not in")
def test_own_settings_that_a_group_may_write_are_not_ones_own(own: Path) -> None:
    merged(own, mine="allowed_hosts = ['gpu.example']")
    own.chmod(0o664)
    os.chown(own, -1, 12345)
    with pytest.raises(SettingError, match="others may write"):
        load({}, {}, own, own.parent)


def test_own_settings_in_a_folder_that_others_may_write_are_not_ones_own(tmp_path: Path) -> None:
    shared, private = tmp_path / "shared", tmp_path / "private"
    for folder in (shared, private):
        folder.mkdir()
    (shared / "settings.toml").write_text("num_ctx = 2048")
    (private / "settings.toml").symlink_to(shared / "settings.toml")
    assert load({}, {}, private / "settings.toml", tmp_path).num_ctx == 2048
    shared.chmod(0o777)  # whoever may replace the file may write it
    for folder in (shared, private):
        with pytest.raises(SettingError, match=f"others may write {shared}"):
            load({}, {}, folder / "settings.toml", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_own_settings_of_somebody_else_are_not_ones_own(own: Path) -> None:
    merged(own, mine="allowed_hosts = ['gpu.example']")
    os.chown(own, 12345, 12345)
    with pytest.raises(SettingError, match="others may write"):
        load({}, {}, own, own.parent)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("127.9.9.9:80", "http://127.9.9.9:80"),
        ("localhost:1234/", "http://localhost:1234"),
        ("LocalHost", "http://localhost:11434"),
        ("http://127.0.0.1:5", "http://127.0.0.1:5"),
        ("https://localhost", "https://localhost:443"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - nothing listens here
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":8080", "http://127.0.0.1:8080"),
        ("[::]:8080", "http://[::1]:8080"),
        ("[::1]", "http://[::1]:11434"),
        ("http://[::1]:99", "http://[::1]:99"),
    ],
)
def test_every_way_to_write_this_machine_is_taken(own: Path, host: str, address: str) -> None:
    assert merged(own, environ={"OLLAMA_HOST": host}).host == address


@pytest.mark.parametrize("host", ["ollama.example", "http://192.0.2.1:11434", "[2001:db8::1]", "127.0.0.1.example",
                                  "localhost.example", "128.0.0.1", "http://127.0.0.1@192.0.2.1", "2130706433",
                                  "[::ffff:192.0.2.1]"])  # fmt: skip
def test_another_machine_is_refused_wherever_it_is_named(own: Path, host: str) -> None:
    for source in ({"environ": {"OLLAMA_HOST": host}}, {"environ": {"ASSISTANT_HOST": host}}, {"host": host},
                   {"mine": f"host = '{host}'"}):  # fmt: skip
        refused(own, **source)


def test_the_refusal_says_how_to_allow_the_host_and_that_works(own: Path) -> None:
    environ = {"OLLAMA_HOST": "GPU.example:8080"}
    error = refused(own, environ=environ)
    assert "--allow-host gpu.example" in error.hint
    assert 'allowed_hosts = ["gpu.example"]' in error.hint
    assert merged(own, environ=environ, allowed_hosts=["gpu.example"]).host == "http://gpu.example:8080"
    assert merged(own, environ=environ, mine='allowed_hosts = ["GPU.example"]').host == "http://gpu.example:8080"
    refused(own, environ=environ, mine='allowed_hosts = ["example"]')


def test_an_allowed_ipv6_address_may_be_written_with_or_without_brackets(own: Path) -> None:
    for written in ("2001:db8::1", "[2001:db8::1]"):
        config = merged(own, host="[2001:db8::1]:80", allowed_hosts=[written])
        assert config.host == "http://[2001:db8::1]:80"


@given(st.text(max_size=60) | st.ip_addresses().map(str) | st.from_regex(r"https?://[\[\]:\w.@%/-]{0,30}"))
def test_a_host_that_nobody_allowed_is_this_machine_or_refused(host: str) -> None:
    try:
        address = checked_host(host, ())
    except SettingError:
        return
    name = address.partition("://")[2].rpartition(":")[0].strip("[]")
    assert is_loopback(name)
    assert checked_host(address, ()) == address


@pytest.mark.parametrize("content", [b"num_ctx = ", b"\xff\xfe", b"num_ctx = 1\nnum_ctx = 2", b"x = " + b"[" * 9000,
                                     b"num_ctx = " + b"9" * 9000, b"\xef\xbb\xbfnum_ctx = 1000"])  # fmt: skip
def test_a_file_that_is_not_toml_is_named(own: Path, content: bytes) -> None:
    own.parent.mkdir()
    own.write_bytes(content)
    with pytest.raises(SettingError, match=r"settings\.toml"):
        load({}, {}, own, own.parent)


def test_a_settings_file_that_cannot_be_read_is_named(own: Path) -> None:
    own.mkdir(parents=True)
    with pytest.raises(SettingError, match=r"settings\.toml is not a file of settings"):
        load({}, {}, own, own.parent)


def toml(value: Any) -> str:
    """A value as TOML; JSON's strings are TOML's."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value).replace("NaN", "nan").replace(
        "Infinity", "inf"
    )  # fmt: skip


texts = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20)
leaves = texts | st.integers() | st.floats() | st.booleans() | st.dates() | st.times() | st.datetimes()
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


def loads_or_names_the_place(content: str, own_source: bool, environ: Mapping[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "settings.toml" if own_source else "assistant.toml")
        file.write_text(content, encoding="utf-8")
        try:
            config = load({}, environ, Path(folder, "settings.toml"), Path(folder))
        except SettingError as error:
            assert error.hint
            return
        assert isinstance(config, Config)


@given(st.sampled_from(KEYS) | texts, values, st.booleans())
def test_no_value_breaks_loading(key: str, value: Any, own_source: bool) -> None:
    loads_or_names_the_place(f"{json.dumps(key)} = {toml(value)}\n", own_source, {})


@given(st.text(max_size=80), st.booleans())
def test_no_file_breaks_loading(content: str, own_source: bool) -> None:
    loads_or_names_the_place(content.encode("utf-8", "replace").decode(), own_source, {})


@given(st.sampled_from([*KEYS, "nonsense"]), st.text(max_size=30))
def test_no_variable_breaks_loading(key: str, value: str) -> None:
    loads_or_names_the_place("", True, {f"ASSISTANT_{key.upper()}": value})


@pytest.mark.parametrize("key", ["max_file_mb", "read_seconds", "read_memory_mb", "workers"])
def test_a_folder_may_not_lift_the_limits_that_protect_a_person(tmp_path: Path, key: str) -> None:
    (tmp_path / "assistant.toml").write_text(f"{key} = 500\n", encoding="utf-8")
    with pytest.raises(SettingError, match="limits what a hostile file may use"):
        load({}, {}, tmp_path / "none.toml", tmp_path)


def test_a_link_does_not_lead_the_index_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "folder" / "way").symlink_to(tmp_path / "outside")
    (tmp_path / "folder" / "assistant.toml").write_text('index = "way/index"\n', encoding="utf-8")
    with pytest.raises(SettingError, match="leads out of this folder"):
        load({}, {}, tmp_path / "none.toml", tmp_path / "folder")


def test_settings_are_read_from_an_ordinary_small_file_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "assistant.toml")
    with pytest.raises(SettingError, match="is not a file of settings"):
        load({}, {}, tmp_path / "none.toml", tmp_path)
