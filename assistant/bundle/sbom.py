"""The bundle's parts as CycloneDX 1.6 lists them, without a time: the same parts give the same text."""

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from assistant.bundle.manifest import MODELS, SERVER, WHEELS, Entry

SBOM = "sbom.cdx.json"
_OURS = "pkg:generic/assistant"


def sbom(version: str, entries: Iterable[Entry]) -> bytes:
    """The list of what other people made: packages, models, the model server."""
    components = [part for entry in entries for part in _components(entry)]
    named = json.dumps(components, sort_keys=True)
    whole = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, named)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"{_OURS}@{version}",
                "name": "assistant",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
        "dependencies": [{"ref": f"{_OURS}@{version}", "dependsOn": sorted(part["bom-ref"] for part in components)}],
    }
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def _components(entry: Entry) -> Iterator[dict[str, Any]]:
    hashes = [{"alg": "SHA-256", "content": entry.sha256}]
    licenses = [] if entry.license == "not stated" else [{"license": {"name": entry.license}}]
    common = {"bom-ref": entry.path, "hashes": hashes, "licenses": licenses}
    folder, _, file = entry.path.partition("/")
    if folder == WHEELS and entry.source.startswith("PyPI "):
        name, _, version = entry.source.removeprefix("PyPI ").partition("==")
        yield {"type": "library", **common, "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
    elif folder == MODELS and file.startswith("manifests/"):
        name = "/".join(file.split("/")[2:-1])
        yield {"type": "machine-learning-model", **common, "name": name, "version": file.rpartition("/")[2]}
    elif folder == SERVER:
        yield {"type": "application", **common, "name": "ollama", "description": file}
