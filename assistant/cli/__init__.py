"""The command line: words, tables and exit codes, and nothing else."""

import os
import signal
import sys

from assistant import guard_process


def main() -> None:
    """Run the command that `sys.argv` names and exit with its code (the table in the README)."""
    guard_process()
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # Nothing is at stake while the commands are imported, nor while the process ends.
        signal.signal(signal.SIGINT, _leave)
    from assistant.cli.app import run

    code = run(sys.argv[1:])
    if "assistant.airgap.egress" in sys.modules:  # a socket was used
        from assistant.cli.telling import tell_refused

        tell_refused(code)
    sys.exit(code)


def _leave(*_: object) -> None:
    """End at once, without a word: a traceback would be no news."""
    os._exit(130)
