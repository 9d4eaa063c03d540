"""The commands in one place, and what runs one of them."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from assistant import __version__
from assistant.cli.ask import ask_command
from assistant.cli.bundle import bundle_command
from assistant.cli.commands import Command, Commands
from assistant.cli.doctor import doctor_command
from assistant.cli.door import guarded
from assistant.cli.evaluate import evaluate_command
from assistant.cli.feedback import feedback_command
from assistant.cli.forget import forget_command
from assistant.cli.index import index_command
from assistant.cli.log import log_app
from assistant.cli.search import search_command
from assistant.cli.serve_model import serve_model_command
from assistant.cli.show import open_command, show_command
from assistant.cli.status import status_command
from assistant.cli.stopping import STOPPED_CODE, Stopped, interruptible, was_interrupted
from assistant.cli.telling import told
from assistant.cli.verify import verify_command
from assistant.cli.watch import watch_command
from assistant.errors import UsageError

EXIT_CODES = """\
Exit codes: 0 answered, by a model or in quotes; 1 something else went wrong; 2 wrong usage; 3 the documents do not
say; 4 no index, or it must be rebuilt; 5 the model asked for is not available; 6 the index is in use; 7 with index
--strict: some files could not be read; 8 something tried to reach another machine, and was refused; 9 a bundle is not
what its manifest says; 130 stopped with Ctrl-C."""

app = typer.Typer(
    name="assistant",
    cls=Commands,
    invoke_without_command=True,  # so that it is said in our words
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
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - it has been printed
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,  # noqa: ARG001
) -> None:
    """Options that stand before the command; `run` looks at --debug itself."""
    if context.invoked_subcommand is None:
        raise UsageError("there is no command", 'Ask with: assistant ask "…". See: assistant --help')


app.command("index", cls=Command, short_help="Read a folder of documents and make them searchable.")(index_command)
app.command("ask", cls=Command, short_help="Answer a question from the documents.")(ask_command)
app.command("search", cls=Command, short_help="Show the passages that match a question best.")(search_command)
app.command("show", cls=Command, short_help="Print a source of the last answer and what is around it.")(show_command)
app.command("open", cls=Command, short_help="Open a source of the last answer at its page.")(open_command)
app.add_typer(log_app, name="log", short_help="Show what was asked and answered, and that nobody changed it.")
app.command("feedback", cls=Command, short_help="Say whether an answer was right.")(feedback_command)
app.command("watch", cls=Command, short_help="Keep the index level with its folder.")(watch_command)
app.command("forget", cls=Command, short_help="Take documents out of the index at once, leaving no trace.")(
    forget_command
)
app.command("status", cls=Command, short_help="Show what the index holds and whether it is current.")(status_command)
app.command("doctor", cls=Command, short_help="Check this machine, the index and that nothing leaves.")(doctor_command)
app.command("serve-model", cls=Command, short_help="Start an Ollama server for this machine alone.")(
    serve_model_command
)
app.command("evaluate", cls=Command, short_help="Measure on known questions how well things are found.")(
    evaluate_command
)
app.command("bundle", cls=Command, short_help="Make one archive for a machine without a network.")(bundle_command)
app.command("verify", cls=Command, short_help="Compare a bundle or an installation with its manifest.")(verify_command)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every error becomes two lines on stderr."""
    with guarded():
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        with interruptible():
            result: Any = app(args=list(arguments), prog_name="assistant", standalone_mode=False)
            sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except BrokenPipeError:
        return 0  # whoever read the output has read enough
    except SystemExit as ended:  # what typer makes of it
        if isinstance(ended.__context__, BrokenPipeError):
            return 0
        raise
    except (KeyboardInterrupt, Stopped) as stopped:
        from assistant.cli.output.terminal import line

        with suppress(BrokenPipeError):  # whoever read it is gone, too
            print(line(str(stopped)), file=sys.stderr)
        return STOPPED_CODE
    except Exception as error:
        if was_interrupted():
            return STOPPED_CODE
        return told(error, debug="--debug" in arguments)
