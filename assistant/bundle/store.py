"""Models in the folder of an Ollama server: each is a manifest, and the blobs that it names by their SHA-256.

The server checks these sums when it pulls a model, never when it loads one, so here they are checked at every copy.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.bundle.manifest import MODELS, Entry
from assistant.bundle.verify import digest
from assistant.errors import AssistantError, ModelMissing
from assistant.models.server import is_cloud, refused_remote

_REGISTRY, _LIBRARY, _LATEST = "registry.ollama.ai", "library", "latest"
_PART = re.compile(r"[A-Za-z0-9][\w.-]{0,79}", re.ASCII)
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_LICENSE = "application/vnd.ollama.image.license"
_LARGEST_MANIFEST = 1 << 20  # bytes; also of a model's configuration
_SYSTEM_STORES = ("/usr/share/ollama/.ollama/models", "/var/lib/ollama/models")  # of a service's own user


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a model, where it stands here and where it belongs in a bundle."""

    entry: Entry
    path: Path


def canonical(name: str) -> str:
    """A model's name with its tag, as servers list it: `all-minilm` is `all-minilm:latest`."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:{_LATEST}"


def stored(name: str, environ: Mapping[str, str] = os.environ) -> list[StoredFile]:
    """Every file of one model, each with the size and SHA-256 that it has to have; raises AssistantError."""
    if is_cloud(name):
        raise refused_remote(name)
    within = _manifest_path(name)
    store = next((store for store in _stores(environ) if (store / within).is_file()), None)
    if store is None:
        looked = ", ".join(map(str, _stores(environ)))
        raise ModelMissing(f"no model {name} in {looked}", f"Get it with: ollama pull {name}. Or set OLLAMA_MODELS.")
    path = store / within
    blobs = list(_blobs(_read_json(path, name), name))
    source = f"Ollama's store: {canonical(name)}"
    stated = next((_first_line(store / "blobs" / blob[0]) for blob in blobs if blob[2] == _LICENSE), "not stated")
    files = [StoredFile(Entry(f"{MODELS}/{within}", path.stat().st_size, digest(path), stated, source), path)]
    for file, size in {file: size for file, size, _ in blobs}.items():
        entry = Entry(f"{MODELS}/blobs/{file}", size, file.removeprefix("sha256-"), stated, source)
        files.append(StoredFile(entry, store / "blobs" / file))
    _check_local(store / "blobs" / blobs[0][0], name)
    return files


def _stores(environ: Mapping[str, str]) -> list[Path]:
    """Where models may stand, the place that the person named before all others."""
    own = environ.get("OLLAMA_MODELS")
    return [Path(own)] if own else [Path.home() / ".ollama" / "models", *map(Path, _SYSTEM_STORES)]


def _manifest_path(name: str) -> str:
    """Where a model's manifest stands below the store; raises ModelMissing for what is no model's name."""
    path, _, tag = canonical(name).rpartition(":")
    parts = path.split("/")
    parts = [_REGISTRY, _LIBRARY][: max(0, 3 - len(parts))] + parts
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in (*parts, tag)):
        raise ModelMissing(f"{name!r} is not the name of a model", "ollama list shows the names.")
    return "/".join(["manifests", *parts, tag])


def _blobs(manifest: Mapping[str, Any], name: str) -> Iterator[tuple[str, int, str]]:
    """File name, size and kind of each blob that a manifest names, its configuration first."""
    try:
        for layer in (manifest["config"], *manifest["layers"]):
            match = _DIGEST.fullmatch(layer["digest"])
            if match is None or type(layer["size"]) is not int:
                raise ValueError
            yield f"sha256-{match[1]}", layer["size"], str(layer.get("mediaType"))
    except (KeyError, TypeError, ValueError):
        raise _damaged(name) from None


def _check_local(config: Path, name: str) -> None:
    """Raise where a model's configuration says that it runs elsewhere."""
    said = _read_json(config, name)
    if said.get("remote_host") or said.get("remote_model"):
        raise refused_remote(name)


def _read_json(path: Path, name: str) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_LARGEST_MANIFEST))
    except (OSError, ValueError, RecursionError):
        raise _damaged(name) from None
    if not isinstance(value, dict):
        raise _damaged(name)
    return value


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            lines = (" ".join(line.split()) for line in file)
            return next((line for line in lines if line), "not stated")[:100]
    except OSError:
        return "not stated"


def _damaged(name: str) -> AssistantError:
    return AssistantError(f"the model {name} is damaged in Ollama's store", f"Get it again: ollama pull {name}")
