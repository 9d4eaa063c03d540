"""`assistant serve-model`: an Ollama server for this machine alone, in the foreground."""

import os
import sys

from assistant.cli.options import Host, config_from


def serve_model_command(host: Host = None) -> int:
    """Start `ollama serve` for this machine alone: on loopback, with its cloud switched off and no proxies.

    Ctrl-C ends it. To download models through a proxy, start `ollama serve` yourself.

    Example: assistant serve-model
    """
    from assistant.airgap.serving import check_free, environment, program, reservation

    config = config_from(host=host)
    path = program()
    address = check_free(config)
    if said := reservation(path, address):
        print(said, file=sys.stderr)
    print(f"Serving models at {address}, for this machine only. Ctrl-C ends it.", flush=True)
    os.execve(path, [path, "serve"], environment(address))  # noqa: S606 - the server takes this process's place
