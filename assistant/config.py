"""One frozen `Config`, merged from flags, environment, the person's own file and the folder's file.

Later sources give way to earlier ones: flags, `ASSISTANT_*`, the person's `settings.toml`, `assistant.toml` in the
current folder, defaults. `assistant.toml` may have come with somebody else's folder, so it cannot name a host or
anything outside that folder; a host beyond loopback works only if the person's own file or a flag allows it.
This module reads the files it is given and knows nothing of the command line.
"""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.airgap.addresses import canonical, is_loopback
from assistant.errors import SettingError

FOLDER_FILE = "assistant.toml"
DEFAULT_PORT = 11434  # Ollama's


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting with its default."""

    index: Path = Path("indexes/default")
    embedder: str | None = None  # "bundled" or "ollama:NAME"; None: the index's own, bundled for a new one
    model: str | None = None  # chat model; None: the first that the server has
    host: str = f"http://127.0.0.1:{DEFAULT_PORT}"  # of the Ollama server
    allowed_hosts: tuple[str, ...] = ()  # beyond loopback
    num_ctx: int = 4096  # tokens of prompt and answer together
    evidence_tokens: int = 1500  # of num_ctx, at most, for passages
    answer_tokens: int = 512  # of num_ctx, for the answer
    rewrite: bool = False  # have the chat model say a question in other words, which are searched for as well
    sources: int = 10  # evidence passages in a prompt, at most
    connect_timeout: float = 3.0  # seconds
    first_token_timeout: float = 180.0  # seconds; covers the loading of the model
    max_file_mb: int = 200  # larger files are left out and named
    read_seconds: int = 120  # of wall clock for one file
    read_memory_mb: int = 1024  # address space of one reading process
    workers: int = 2  # reading processes
    log: bool = True  # of what was asked and answered
    log_text: bool = True  # with the texts; else only with what they were made from
    log_days: int = 0  # after which the log's texts are erased; 0: never
    ignore: tuple[str, ...] = ()  # patterns of paths to leave out, as in .assistantignore


# What a file that came with a folder may not set, with the reason that is shown.
_PROTECTS = "it limits what a hostile file may use of your machine"
_RECORD = "the log is your record, and not of whoever made the folder"
_OWN_FILE_ONLY = {
    "log": _RECORD,
    "log_text": _RECORD,
    "log_days": _RECORD,
    "host": "a host may only be set by you",
    "allowed_hosts": "a host may only be allowed by you",
    "embedder": "it may name a model on a server",
    "max_file_mb": _PROTECTS,
    "read_seconds": _PROTECTS,
    "read_memory_mb": _PROTECTS,
    "workers": _PROTECTS,
}
_LARGEST_FILE = 65_536  # bytes of a settings file
_NOT_FROM_ENVIRONMENT = {
    "allowed_hosts": "Use --allow-host, or your own settings file.",  # another program may have set the variable
    "ignore": "Use a settings file, or .assistantignore at the top of the documents.",  # it is a list
}

_SMALLEST = {
    "num_ctx": 512,
    "evidence_tokens": 100,
    "answer_tokens": 16,
    "sources": 1,
    "connect_timeout": 0.1,
    "first_token_timeout": 0.1,
    "max_file_mb": 1,
    "read_seconds": 1,
    "read_memory_mb": 256,
    "workers": 1,
    "log_days": 0,
}
_TOO_LARGE = 1_000_000_000


def load(flags: Mapping[str, Any], environ: Mapping[str, str], own_file: Path, folder: Path = Path()) -> Config:
    """Merge every source into one checked Config; raises SettingError naming where a wrong setting stands."""
    config = Config()
    folder_file = folder / FOLDER_FILE
    own = f"Move the line into your own settings file, {own_file}."
    config = _merged(config, _read(folder_file), lambda key: _at(folder_file, key), from_folder=folder, advice=own)
    _check_own(own_file)
    config = _merged(config, _read(own_file), lambda key: _at(own_file, key))
    config = _merged(config, _from_environment(environ), lambda key: _variable(key, environ))
    config = _merged(config, {k: v for k, v in flags.items() if v is not None}, _flag)
    return replace(config, host=checked_host(config.host, config.allowed_hosts))


def checked_host(host: str, allowed: tuple[str, ...]) -> str:
    """Return `host` as a URL; raises SettingError where it is neither on loopback nor allowed."""
    try:
        scheme, name, port = _address(host)
    except ValueError as error:
        raise SettingError(f"{host!r} is {error}", "Write it like 127.0.0.1:11434.") from error
    if not is_loopback(name) and canonical(name) not in map(canonical, allowed):
        raise SettingError(
            f"the Ollama server {name} is not on this machine, so your documents would leave it",
            f'Allow it with --allow-host {name}, or in your own settings: allowed_hosts = ["{name}"].',
        )
    bracketed = f"[{name}]" if ":" in name else name
    return f"{scheme}://{bracketed}:{port}"


# How people tell the server to listen everywhere; it is asked on loopback.
_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - nothing listens here


def _address(host: str) -> tuple[str, str, int]:
    """Scheme, name and port of a server's address; raises ValueError for what is none."""
    try:
        parts = urlsplit(host if "://" in host else f"http://{host}")
        name, port = parts.hostname or "", parts.port
    except ValueError:
        parts, name, port = urlsplit(""), "", None
    written = (name or port) and parts.scheme in ("http", "https") and parts.username is None
    if not written or not re.fullmatch(r"[\w.:%-]*", name) or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("not the address of a server")
    return parts.scheme, _EVERYWHERE.get(name, name), port or (DEFAULT_PORT if parts.scheme == "http" else 443)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.exists() and not (path.is_file() and path.stat().st_size <= _LARGEST_FILE):
            raise SettingError(f"{path} is not a file of settings", "Remove it, or name the settings by flags.")
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except RecursionError as error:
        raise SettingError(f"{path} is nested too deeply", "Remove the nested value.") from error
    except ValueError as error:  # not TOML, not UTF-8, or a number of thousands of digits
        raise SettingError(f"{path} is not valid TOML: {error}", "Mend the line, or remove the file.") from error
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}", "Check its permissions.") from error


def _open_to_others(own_file: Path) -> Path | None:
    """The person's own settings, or the folder that they or a link to them lead to, where somebody else may write it.

    A group may where it is the person's alone, as on systems that give each user a group of the same number.
    """
    if not own_file.exists():
        return None
    for path in (own_file, own_file.parent, own_file.resolve().parent):
        status = path.stat()
        others = status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and status.st_gid != os.geteuid())
        if others or status.st_uid not in (os.geteuid(), 0):
            return path
    return None


def _check_own(own_file: Path) -> None:
    """Raise SettingError where somebody else may have written the person's own settings: they name the hosts."""
    with suppress(OSError):  # `_read` says what is wrong with it
        if path := _open_to_others(own_file):
            raise SettingError(
                f"others may write {path}, so what {own_file} says need not be yours",
                f"Look through it, then: chown $USER {path}; chmod go-w {path}",
            )


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if environ.get("OLLAMA_HOST"):
        values["host"] = environ["OLLAMA_HOST"]
    for name, value in environ.items():
        if name.startswith("ASSISTANT_"):
            values[name.removeprefix("ASSISTANT_").lower()] = value
    for key in _NOT_FROM_ENVIRONMENT.keys() & values.keys():
        raise SettingError(f"{key} cannot be set by the variable ASSISTANT_{key.upper()}", _NOT_FROM_ENVIRONMENT[key])
    return values


def _merged(
    config: Config,
    values: Mapping[str, Any],
    where: Callable[[str], str],
    from_folder: Path | None = None,
    advice: str = "",
) -> Config:
    known = {field.name for field in fields(Config)}
    for key, value in values.items():
        if key not in known:
            raise SettingError(
                f"unknown setting {key!r} ({where(key)})", f"Known settings: {', '.join(sorted(known))}."
            )
        if from_folder is not None and key in _OWN_FILE_ONLY:
            raise SettingError(f"{key!r} cannot be set in {where(key)}: {_OWN_FILE_ONLY[key]}", advice)
        parsed = _parsed(key, value, where)
        if from_folder is not None and key == "index" and not _lies_below(parsed, from_folder):
            raise SettingError(f"'index' leads out of this folder ({where(key)})", "Use a path below it, or --index.")
        config = replace(config, **{key: parsed})
    return config


def _lies_below(path: Path, folder: Path) -> bool:
    """Whether a path stays in a folder, links on its way followed."""
    return (folder / path).resolve().is_relative_to(folder.resolve())


def _parsed(key: str, value: Any, where: Callable[[str], str]) -> Any:
    default = getattr(Config(), key)
    try:
        if key == "index":
            return Path(_text(value)).expanduser()
        if key in ("allowed_hosts", "ignore"):
            return tuple(_text(item) for item in _list(value))
        if isinstance(default, bool):
            return _truth(value)
        if isinstance(default, int | float):
            return _number(key, value, type(default))
        if key == "host":
            _address(_text(value))
        return _text(value)
    except (RuntimeError, TypeError, ValueError) as error:  # RuntimeError: "~name" of nobody
        raise SettingError(_wrong(key, value, str(error), where(key)), _kind_of(key)) from error


def _wrong(key: str, value: Any, error: str, where: str) -> str:
    """What is wrong with a value: "--index is empty", "num_ctx = 'lots': not a whole number (a.toml, line 2)"."""
    if where.startswith("--"):
        return f"{where} is empty" if value in ("", [""], ("",)) else f"{where} {value!r}: {error}"
    return f"{key} = {value!r}: {error} ({where})"


def _kind_of(key: str) -> str:
    """What a setting takes, in words."""
    default = getattr(Config(), key)
    if isinstance(default, bool):
        return "Write true or false."
    if isinstance(default, int | float):
        return f"Write a {'whole ' if isinstance(default, int) else ''}number from {_SMALLEST[key]:,}."
    return "Give it a value, or leave it out for the default."


def _truth(value: Any) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):  # as a variable says it
        return value.strip().lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _number(key: str, value: Any, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, bool) or (isinstance(value, float) and kind is int):
        raise ValueError("not a whole number" if kind is int else "not a number")
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise ValueError("not a whole number" if kind is int else "not a number") from None
    if not _SMALLEST[key] <= number < _TOO_LARGE:
        raise ValueError(f"must be at least {_SMALLEST[key]} and below {_TOO_LARGE:,}")
    return number


def _text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("not a text")
    return value.strip()


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError("not a list")
    return list(value)


def _at(path: Path, key: str) -> str:
    pattern = re.compile(rf"""\s*(\[+\s*)?["']?{re.escape(key)}["']?\s*[=.\]]""")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if pattern.match(line):
            return f"{path}, line {number}"
    return str(path)


def _variable(key: str, environ: Mapping[str, str]) -> str:
    name = f"ASSISTANT_{key.upper()}"
    return f"variable {name if name in environ else 'OLLAMA_HOST'}"


def _flag(key: str) -> str:
    return {"allowed_hosts": "--allow-host"}.get(key, f"--{key.replace('_', '-')}")
