"""The command line: words, tables and exit codes, and nothing else."""

import sys


def main() -> None:
    """Run the command that `sys.argv` names and exit with its code (the table in the README)."""
    from assistant.cli.app import run

    sys.exit(run(sys.argv[1:]))
