"""A command that was typed wrong, in our own words: what is wrong with it, and how it is written.

typer keeps its kinds of errors to itself, so they are told apart by their names; one that is not known here is said as
typer says it.
"""

from typing import Any

from typer.exceptions import TyperException

from assistant.cli.commands import arguments


def misuse(error: TyperException) -> tuple[str, str]:
    """What is wrong with a command line, and what to do."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "assistant"
    see = f"See: {path} --help" if context is not None else "See: assistant COMMAND --help"
    match type(error).__name__:
        case "NoSuchOption":
            return f"{path} has no option {error.option_name}", _nearest(error, see)  # type: ignore[attr-defined]
        case "BadOptionUsage":
            return f"{error.option_name} {_lacks(error)}", see  # type: ignore[attr-defined]
        case "MissingParameter":
            return f"{error.param.metavar} is missing", _written(context)  # type: ignore[attr-defined]
        case "UsageError" if context is not None:  # all else is said by our own parsers and commands
            return f"{path} was given more than it takes", _written(context)
    return error.format_message(), see


def _nearest(error: Any, see: str) -> str:
    """The options that somebody may have meant."""
    meant = sorted(error.possibilities or ())
    return f"Did you mean {' or '.join(meant)}? {see}" if meant else see


def _lacks(error: Any) -> str:
    return "takes no value" if "not take" in error.format_message() else "needs a value behind it"


def _written(context: Any) -> str:
    """How the command is written: "Write it like this: assistant log show N"."""
    typed = " ".join([context.command_path, *arguments(context.command)])
    return f"Write it like this: {typed}. See: {context.command_path} --help"
