"""How commands are written and found: plain names in their help, and an unknown one is said in our words."""

from difflib import get_close_matches
from typing import Any

from typer.core import TyperCommand, TyperGroup

from assistant.errors import UsageError


def arguments(command: Any) -> list[str]:
    """The arguments of a command as its usage line has them: "N", "[FOLDER]", "[QUESTION]..."."""
    return [
        (one.metavar if one.required else f"[{one.metavar}]") + ("" if one.nargs == 1 else "...")
        for one in command.params
        if one.param_type_name == "argument"
    ]


class Command(TyperCommand):
    """A command whose help names arguments as a person writes them, and no types of a program."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as typer calls it
        """What stands behind the command's name in its usage line."""
        return ["[OPTIONS]", *arguments(self)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments and the options with what they mean."""
        parameters: list[Any] = self.get_params(ctx)
        named = [(one.metavar, one.help) for one in parameters if one.param_type_name == "argument"]
        options = [one.get_help_record(ctx) for one in parameters if one.param_type_name == "option"]
        for title, rows in (("Arguments", named), ("Options", options)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl([row for row in rows if row is not None])


class Commands(TyperGroup):
    """Commands of which an unknown one is said with the nearest that there is."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the arguments begin with; raises UsageError where there is none."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.list_commands(ctx), 1)
            meant = f"Did you mean {ctx.command_path} {near[0]}? " if near else ""
            raise UsageError(f"{ctx.command_path} has no command “{args[0]}”", f"{meant}See: {ctx.command_path} --help")
        return super().resolve_command(ctx, args)
