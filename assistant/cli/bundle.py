"""`assistant bundle`: one archive with everything that a machine without a network needs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.options import AsJson, Quiet

if TYPE_CHECKING:
    from assistant.bundle.make import Made


def bundle_command(
    out: Annotated[Path, typer.Argument(metavar="OUT.tar", help="The archive to write.")],
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", metavar="NAME", help="linux-x86_64, macos-arm64-cp312, ... [this one]. Repeatable."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", metavar="NAME", help="A chat or embedding model that Ollama has here. Repeatable."),
    ] = None,
    index: Annotated[
        list[Path] | None,
        typer.Option("--index", metavar="PATH", help="An index to take along, with the text in it. Repeatable."),
    ] = None,
    ollama: Annotated[
        Path | None, typer.Option("--ollama", metavar="PATH", help="The Ollama server's own archive, to take along.")
    ] = None,
    sign: Annotated[
        Path | None, typer.Option("--sign", metavar="KEY", help="Sign with this private key (ssh-keygen).")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> int:
    """Make one archive from which a machine without a network installs the assistant, with models and indexes.

    Uses the network, for wheels that are not here yet; the same inputs give the same bytes.

    Example: assistant bundle assistant.tar --model llama3.1:8b --index indexes/policies
    """
    from platformdirs import user_cache_path

    from assistant.bundle import target
    from assistant.bundle.make import Order, make

    order = Order(
        out=out,
        targets=tuple(
            {str(found): found for found in map(target.parse, platform)}.values() if platform else [target.here()]
        ),
        models=tuple(model or ()),
        indexes=tuple(index or ()),
        server=ollama,
        key=sign,
        cache=user_cache_path("assistant") / "wheels",
    )
    made = make(order, lambda text: None if quiet or as_json else print(text, file=sys.stderr, flush=True))
    if as_json:
        from assistant.cli.output.records import plain, print_json

        print_json({"schema": 1} | plain(made))
    elif not quiet:
        _print(made)
    return 0


def _print(made: "Made") -> None:
    from assistant.cli.output.terminal import line

    machines = " and ".join(f"{name} ({_system(name)} {oldest})" for name, oldest in made.manifest.targets.items())
    print(f"{line(made.path)}: {len(made.manifest.files):,} files, {made.size / 1e6:,.1f} MB, for {machines}")
    print(f"SHA-256 {made.sha256}{'' if made.signed else '; not signed'}")
    if any(entry.path.startswith("indexes/") for entry in made.manifest.files):
        print("It holds the text of the indexed documents: whoever has the archive can read them.")
    print(f"On the other machine: tar xf {line(Path(made.path).name)} && sh {made.manifest.folder}/install.sh")


def _system(name: str) -> str:
    return "glibc" if name.startswith("linux") else "macOS"
