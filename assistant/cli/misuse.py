"""A command that was typed wrong, in our own words: what is wrong with it, and how it is written.

typer keeps its kinds of errors to itself, so they are told apart by their names; one that is not known here is said as
typer says it.
"""

from difflib import get_close_matches
from typing import Any

from typer.core import TyperGroup
from typer.exceptions import TyperException

from assistant.errors import UsageError


class Commands(TyperGroup):
    """Commands of which an unknown one is said in our words, with the nearest that there is."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments begin with; raises UsageError where there is none."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            meant = f"Did you mean {ctx.command_path} {near[0]}? " if near else ""
            raise UsageError(f"{ctx.command_path} has no command “{args[0]}”", f"{meant}See: {ctx.command_path} --help")
        return super().resolve_command(ctx, args)


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
    arguments = [one for one in context.command.params if one.param_type_name == "argument"]
    parts = [one.metavar if one.required else f"[{one.metavar}]" for one in arguments]
    return f"Write it like this: {' '.join([context.command_path, *parts])}. See: {context.command_path} --help"
