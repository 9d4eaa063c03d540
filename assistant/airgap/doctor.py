"""Looks at everything that an answer, or its privacy, depends on, and says what to do about what is wrong."""

import os
from collections.abc import Iterator
from pathlib import Path

from assistant.airgap import egress
from assistant.airgap.finding import Finding, note, ok, wrong
from assistant.airgap.guard import is_whole
from assistant.airgap.machine import machine
from assistant.airgap.models import models
from assistant.airgap.software import software
from assistant.airgap.switches import SWITCHES, removed
from assistant.config import Config
from assistant.errors import AssistantError


def examined(config: Config, own_file: Path) -> Iterator[Finding]:
    """Every finding, as it is found; the server is asked last, for it may let one wait."""
    yield from software()
    yield from machine(config, own_file)
    yield _index(config)
    yield switches()
    yield guard()
    yield from models(config)


def switches() -> Finding:
    """Whether what dependencies send or download by default is off in this process."""
    undone = [name for name, value in SWITCHES.items() if os.environ.get(name) != value]
    if undone:
        return wrong("Switches", f"not as they should be: {', '.join(undone)}", "Start the assistant by its command.")
    states = ", ".join(f"{name}={value}" for name, value in SWITCHES.items())
    gone = f"; taken away: {', '.join(removed)}" if removed else "; no proxies or foreign addresses were set"
    return ok("Switches", f"{states}{gone}")


def guard() -> Finding:
    """Whether a connection and a look-up that leave this machine are refused: both are tried, sending nothing."""
    if not egress.stands():
        return wrong("Guard", "does not refuse a connection to another machine", "Start the assistant by its command.")
    whose = "connections and look-ups" if is_whole() else "the assistant's connections and look-ups"
    return ok("Guard", f"refuses {whose} beyond this machine and the hosts that you allowed")


def _index(config: Config) -> Finding:
    """Whether the index can answer."""
    from assistant.indexing.catalog import Catalog
    from assistant.indexing.health import damaged
    from assistant.indexing.lock import holder
    from assistant.indexing.place import has_catalog, index_command

    try:
        if not has_catalog(config.index):
            return note(
                "Index", f"there is none at {config.index}", f"Make it with: {index_command(config.index, 'FOLDER')}"
            )
        with Catalog.open(config.index) as catalog:
            broken = () if holder(config.index) else damaged(catalog, config.index)
            counts = catalog.counts()
    except AssistantError as error:
        return wrong("Index", str(error), error.hint)
    if broken:
        return wrong("Index", f"missing or damaged: {', '.join(broken)}", f"Mend it: {index_command(config.index)}")
    return ok("Index", f"{config.index} holds {counts.files:,} files, {counts.chunks:,} passages")
