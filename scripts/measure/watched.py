"""Commands under strace where nothing may leave: what each tried, and which files it wrote that it should not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from assistant.airgap.hostile import HOST, VARIABLES
from assistant.airgap.trace import TRACED, Trace, read_trace, traced, tracer
from measure.server import answered

ROOT = Path(__file__).parent.parent.parent
LOCAL = "127.0.0.1:11435"  # the server's address
_SHORT = {"ASSISTANT_SOURCES": "1", "ASSISTANT_EVIDENCE_TOKENS": "150", "ASSISTANT_ANSWER_TOKENS": "40"}
_HARMLESS = ("/dev/null", "/dev/tty", "/proc/self/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part runs, all of it removed afterwards."""

    root: Path
    installed: bool  # from a bundle, below this place; else the clone's own program runs

    @property
    def current(self) -> Path:
        """The current folder, with documents, a hostile `.env` and the index."""
        return self.root / "current"

    @property
    def prefix(self) -> Path:
        """Where a bundle is installed to."""
        return self.root / "prefix"

    @property
    def models(self) -> Path | None:
        """The folder of the server's models; None where there is none."""
        named = os.environ.get("OLLAMA_MODELS")
        return self.root / "models" if self.installed else Path(named) if named else None

    @property
    def program(self) -> str:
        """The assistant that is tried."""
        return str(self.prefix / "bin" / "assistant" if self.installed else ROOT / ".venv" / "bin" / "assistant")

    @property
    def environ(self) -> dict[str, str]:
        """Hostile variables, a home that is read-only, settings and temporary files in places of their own."""
        own = {"HOME": self.root / "home", "XDG_CONFIG_HOME": self.root / "config", "TMPDIR": self.root / "tmp"}
        if self.models:
            own["OLLAMA_MODELS"] = self.models
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {name: str(path) for name, path in own.items()} | VARIABLES | HOST | _SHORT

    def outside(self, trace: Trace, *more: Path) -> set[str]:
        """Files that were written anywhere but in the index, the settings and the temporary folder."""
        allowed = [self.current / "indexes", self.root / "config", self.root / "tmp", *more]
        inside = (*_HARMLESS, *(str(path) for path in allowed))
        return {path for name in trace.written if not (path := os.path.join(self.current, name)).startswith(inside)}  # noqa: PTH118 - a name as the kernel was given it


@dataclass
class Run:
    """The commands of a part, one after the other; `failures` counts what should not be."""

    place: Place
    host: str = LOCAL
    failures: int = 0
    strace: tuple[str, ...] = field(
        default_factory=lambda: tracer() or sys.exit("airgap: there is no strace that may trace")
    )

    def __call__(self, *arguments: str, codes: Sequence[int] = (0,), host: bool = True, before: Sequence[str] = (),
                 reaches: Sequence[str] = ()) -> str:  # fmt: skip
        """Run a command of the assistant, say what it tried and return what it printed; `reaches` are the addresses
        that it may."""
        command = [*before, self.place.program, *arguments, *(["--host", self.host] if host else [])]
        environ = self.place.environ
        if not host:
            environ.pop("OLLAMA_HOST")
        return self.watch(" ".join(arguments), command, environ, codes=codes, reaches=reaches)

    def watch(self, said: str, command: Sequence[str], environ: dict[str, str], *, codes: Sequence[int] = (0,),
              reaches: Sequence[str] = (), writes: Sequence[Path] = ()) -> str:  # fmt: skip
        """Run a command under strace, judge it, and return what it printed."""
        finished, trace = traced(self.strace, command, self.place.current, environ, self.place.root / "trace.txt")
        complaint = "" if finished.returncode in codes else f"{finished.returncode}: {finished.stderr[-300:]}"
        self.judge(said, trace, reaches=reaches, complaint=complaint, writes=writes)
        return finished.stdout

    def judge(self, said: str, trace: Trace, *, reaches: Sequence[str] = (), complaint: object = "",
              writes: Sequence[Path] = (), asks_localhost: bool = False) -> None:  # fmt: skip
        """Print one line about a trace, and what is wrong with it."""
        leaks = [address for address in trace.leaks if address.name not in reaches]
        quiet = not reaches and not asks_localhost
        looked_up = [text for text in trace.attempts if "looking up" in text] if quiet else []
        wrong = [*map(str, leaks), *looked_up, *sorted(self.place.outside(trace, *writes))]
        if trace.rings or complaint:
            wrong.append(f"io_uring {trace.rings}, {complaint or 'ended as it should'}")
        reached = sorted({address.name for address in trace.inet if address.port})
        print(
            f"  {'ok   ' if not wrong else 'WRONG'} {said[:66]:<66} {trace.processes:>3} threads  {' '.join(reached)}"
        )
        for text in wrong:
            print(f"        {text}")
        sys.stdout.flush()
        self.failures += len(wrong)


@contextmanager
def serving(run: Run) -> Iterator[None]:
    """`assistant serve-model` under strace, judged when the block ends."""
    home, output, models = run.place.root / "server", run.place.root / "server.txt", run.place.models
    home.mkdir()
    process = subprocess.Popen(
        [*run.strace, "-e", TRACED, "-o", str(output), run.place.program, "serve-model", "--host", LOCAL],
        cwd=run.place.current, env=run.place.environ | {"HOME": str(home)}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answered(f"http://{LOCAL}")
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    trace = read_trace(output.read_text(errors="replace").splitlines())
    # Ollama asks for "localhost" when it starts a model (llm/server.go), so the files of names are read; a question
    # that left, to any resolver, would be among the addresses all the same.
    run.judge("serve-model", trace, writes=[home, *([models] if models else [])], asks_localhost=True)
