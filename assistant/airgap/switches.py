"""Switches off what dependencies send or download by default.

`assistant/__init__.py` imports this module before anything else, so that no dependency can be imported first.
It knows nothing of the dependencies but the names of their switches, and imports none of them.
"""

import os
from collections.abc import MutableMapping

SWITCHES = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime >= 1.29 looks up names from native code when imported
    "ANONYMIZED_TELEMETRY": "False",  # chromadb
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "",  # chromadb: traces go nowhere
    "OTEL_SDK_DISABLED": "true",  # opentelemetry, which chromadb brings
    "HF_HUB_OFFLINE": "1",  # huggingface_hub, which tokenizers brings
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",  # one text a call: threads only cost, and forks warn
    "DO_NOT_TRACK": "1",
}

# Set by a person for other programs, harmful here: proxies would receive requests meant for loopback, a foreign
# cache folder makes tiktoken download, and Chroma's client would follow these to another machine.
REMOVED = ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR")
REMOVED_PREFIXES = ("CHROMA_", "OTEL_EXPORTER_")
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")

removed: dict[str, str] = {}  # what this process found set, and took away; pip needs the proxies to make a bundle


def apply(environ: MutableMapping[str, str] = os.environ) -> None:
    """Set every switch in `environ` and remove the variables that would undo one; safe to call again."""
    for name in list(environ):
        if name in REMOVED or name.upper() in PROXIES or name.upper().startswith(REMOVED_PREFIXES):
            value = environ.pop(name)
            if name not in SWITCHES:
                removed[name] = value
    environ.update(SWITCHES)
