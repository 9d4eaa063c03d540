"""`assistant feedback`: what a person thinks of an answer, kept in the log."""

from typing import Annotated

import typer

from assistant.cli.options import AsJson, IndexPath, Quiet, config_from
from assistant.cli.show import number
from assistant.errors import UsageError


def _verdict(written: str) -> str:
    if written not in ("good", "bad"):
        raise UsageError(f"{written} is neither good nor bad", "Write it like this: assistant feedback 12 good")
    return written


def feedback_command(
    entry: Annotated[int, typer.Argument(parser=number, metavar="N", help="Number of the answer in the log.")],
    verdict: Annotated[str, typer.Argument(parser=_verdict, metavar="good|bad", help="What you think of it.")],
    right: Annotated[str, typer.Argument(metavar="RIGHT_ANSWER", help="The right answer, if you know it.")] = "",
    index: IndexPath = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Say whether an answer was right; `assistant log` shows the numbers.

    Example: assistant feedback 12 bad "28 working days"
    """
    from assistant.cli.output.records import print_json
    from assistant.log.feedback import judge

    config = config_from(index=index)
    own = judge(config, entry, verdict == "good", right)
    if as_json:
        print_json({"schema": 1, "index": str(config.index), "entry": own, "of": entry, "verdict": verdict})
    elif not quiet:
        print(f"Logged as entry {own}: answer {entry} is {verdict}.")
        if right and not config.log_text:
            print("The right answer was not kept: the setting log_text is false.")
    return 0
