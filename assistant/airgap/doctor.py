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
from assistant.errors import AssistantError, SettingError


def examined(config: Config, own_file: Path, unusable: SettingError | None = None) -> Iterator[Finding]:
    """Every finding, as it is found; the server is asked last, for it may let one wait.

    `unusable` is what kept the person's settings from being used: then `config` is what is looked at instead.
    """
    yield from software()
    yield settings(own_file, unusable)
    yield from machine(config)
    yield _index(config)
    yield switches()
    yield guard()
    yield from models(config)


def settings(own_file: Path, unusable: SettingError | None) -> Finding:
    """Whether the settings can be used; among others nobody else may write them, for they name the allowed hosts."""
    if unusable:
        return wrong("Settings", str(unusable), unusable.hint)
    return ok("Settings", f"{'' if own_file.exists() else 'none of your own, which would be in '}{own_file}")


def switches() -> Finding:
    """Whether what dependencies send or download by default is off in this process."""
    undone = [name for name, value in SWITCHES.items() if os.environ.get(name) != value]
    if undone:
        return wrong("Switches", f"not as they should be: {', '.join(undone)}", "Start the assistant by its command.")
    gone = f"; taken away: {', '.join(removed)}" if removed else ""
    states = ", ".join(f"{name}={value}" for name, value in SWITCHES.items())
    return ok("Switches", f"telemetry and downloads of all dependencies are off{gone}", states)


def guard() -> Finding:
    """Whether a connection and a look-up that leave this machine are refused: both are tried, sending nothing."""
    if not egress.stands():
        return wrong("Guard", "does not refuse a connection to another machine", "Start the assistant by its command.")
    whom = "" if is_whole() else "the assistant "
    return ok("Guard", f"refuses {whom}every machine but this one and your allowed hosts")


def _index(config: Config) -> Finding:
    """Whether the index can answer."""
    from assistant.indexing.health import damaged
    from assistant.storage.catalog import Catalog
    from assistant.storage.lock import holder
    from assistant.storage.place import has_catalog, index_command

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
    files = "1 file" if counts.files == 1 else f"{counts.files:,} files"
    return ok("Index", f"{config.index} holds {files}, {counts.chunks:,} passages")
