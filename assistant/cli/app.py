"""The commands in one place, and the one that turns errors into words and exit codes."""

import io
import sqlite3
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer
import typer.exceptions

from assistant import __version__
from assistant.cli.ask import ask_command
from assistant.cli.forget import forget_command
from assistant.cli.index import index_command
from assistant.cli.search import search_command
from assistant.cli.show import open_command, show_command
from assistant.cli.status import status_command
from assistant.cli.watch import watch_command
from assistant.errors import AssistantError

EXIT_CODES = """\
Exit codes: 0 answered, by a model or in quotes; 2 wrong usage; 3 the documents do not say; 4 no index, or it must be
rebuilt; 5 the model asked for is not available; 6 the index is in use; 7 with index --strict: some files could not be
read."""

app = typer.Typer(
    name="assistant",
    help="Ask a folder of company documents. Every sentence of the answer names its file and page.",
    epilog=EXIT_CODES,
    rich_markup_mode=None,  # plain help: rich would cost 0.1 s at every start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"assistant {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Options that stand before the command; `run` looks at --debug itself."""


app.command("index", short_help="Read a folder of documents and make them searchable.")(index_command)
app.command("ask", short_help="Answer a question from the documents.")(ask_command)
app.command("search", short_help="Show the passages that match a question best.")(search_command)
app.command("show", short_help="Print a source of the last answer and what is around it.")(show_command)
app.command("open", short_help="Open a source of the last answer at its page.")(open_command)
app.command("watch", short_help="Keep the index level with its folder.")(watch_command)
app.command("forget", short_help="Take documents out of the index at once, leaving no trace.")(forget_command)
app.command("status", short_help="Show what the index holds and whether it is current.")(status_command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error becomes two lines on stderr."""
    debug = "--debug" in arguments
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows question marks, and no error
    try:
        result: Any = app(args=list(arguments), prog_name="assistant", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except AssistantError as error:
        if debug:
            traceback.print_exc()
        return _fail(str(error), error.hint, error.exit_code)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except typer.exceptions.TyperException as error:
        return _fail(error.format_message(), "See: assistant --help, or assistant COMMAND --help", error.exit_code)
    except sqlite3.Error as error:
        if debug:
            traceback.print_exc()
        return _storage(error)
    except Exception as error:
        if debug:
            raise
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
        return _fail(f"something went wrong: {detail}", "Run it again as: assistant --debug ...", 1)


def _storage(error: sqlite3.Error) -> int:
    """The catalog's own failures, without SQLite's text: it may hold words of a document."""
    said = str(error)
    if "full" in said:
        return _fail("the disk is full; what was committed before is kept", "Make room, then run it again.", 1)
    if "locked" in said or "busy" in said:
        return _fail("the index is busy", "Try again in a moment.", 6)
    if "readonly" in said or "read-only" in said:
        return _fail("the index is read-only", "Choose another place with --index.", 2)
    if "disk I/O" in said:
        return _fail("the disk reports an error; what was committed before is kept", "Check it, then run it again.", 1)
    return _fail("the index's catalog is damaged", "Delete the index's folder and run: assistant index FOLDER", 4)


def _fail(message: str, hint: str, code: int) -> int:
    from assistant.cli.terminal import clean

    print(f"error: {clean(message)}", file=sys.stderr)
    if hint:
        print(f"       {clean(hint)}", file=sys.stderr)
    return code
