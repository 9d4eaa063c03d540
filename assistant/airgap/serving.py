"""How an Ollama server is started so that it serves this machine and talks to nobody else."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from urllib.parse import urlsplit

from assistant.airgap.addresses import is_loopback
from assistant.airgap.finding import State
from assistant.airgap.software import judged, parsed
from assistant.airgap.switches import PROXIES
from assistant.config import Config
from assistant.errors import ServerAbsent, UsageError

_VERSION_SECONDS = 10.0


def environment(address: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables of a server at `address`: no cloud, no proxies, and no model that is being copied in is removed."""
    kept = {name: value for name, value in environ.items() if name.upper() not in PROXIES}
    return kept | {"OLLAMA_HOST": address, "OLLAMA_NO_CLOUD": "1", "OLLAMA_NOPRUNE": "1", "GIN_MODE": "release"}


def program() -> str:
    """The path of `ollama`; raises ServerAbsent where there is none."""
    found = shutil.which("ollama")
    if found is None:
        raise ServerAbsent("there is no ollama on the PATH", "Install it from https://ollama.com, or from a bundle.")
    return found


def check_free(config: Config) -> str:
    """Return the address to serve at; raises UsageError where it is another machine's, or taken."""
    parts = urlsplit(config.host)
    name, port = parts.hostname or "", parts.port or 0
    if not is_loopback(name):
        raise UsageError(f"{name} is not this machine, and a server here is for this machine only", "Leave --host out.")
    kind = socket.AF_INET6 if ":" in name else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        try:
            probe.bind((name, port))
        except OSError as error:
            hint = (
                "Is a server running already? assistant doctor shows it. Or choose another port: --host 127.0.0.1:11435"
            )
            raise UsageError(f"{parts.netloc} cannot be served: {str(error.strerror).lower()}", hint) from error
    return parts.netloc


def reservation(path: str, address: str) -> str:
    """What is wrong with this version of the server, and what to do; "" where nothing is known."""
    told = subprocess.run(
        [path, "--version"], env=environment(address), capture_output=True, text=True, check=False,
        timeout=_VERSION_SECONDS,
    )  # fmt: skip
    found = re.search(r"version is (\S+)", told.stdout + told.stderr)
    finding = judged("Ollama", parsed(found[1])) if found else None
    if finding is None or finding.state is State.OK:
        return ""
    return f"Ollama {finding.said}. {finding.hint}"
