"""What the guard refused, as lines of the log."""

import sys
from contextlib import suppress
from pathlib import Path

from assistant.errors import LogUnusable
from assistant.log.store import note


def log_refused(index: Path) -> None:
    """Log what was refused in this process and stands in no log yet; it has been told, whatever comes of this."""
    if "assistant.airgap.egress" not in sys.modules:  # no socket was used
        return
    from assistant.airgap.egress import take_unlogged

    for refusal in take_unlogged():
        with suppress(LogUnusable):
            note(index, "refused", f"{refusal.module} tried to {refusal.attempt}")
