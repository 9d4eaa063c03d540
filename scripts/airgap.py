#!/usr/bin/env python3
"""Shows that nothing leaves: every command once where there is no network, with strace watching.

    scripts/airgap.py            both namespaces, and a server on a network of its own where `ollama` is on the PATH

Each part runs in a network namespace of its own (`unshare -rnm`), with a home that is read-only, variables and files
that would lead documents away (`assistant.airgap.hostile`), and every process under strace. Exit code 1 where anything
was tried, a file was written elsewhere, or a command ended as it should not.
"""

import argparse
import compileall
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

from assistant.airgap.hostile import ELSEWHERE, HOST, SETTINGS, VARIABLES, furnish  # noqa: E402
from assistant.airgap.trace import Trace, read_trace, traced, tracer  # noqa: E402

PROGRAM = str(ROOT / ".venv" / "bin" / "assistant")
QUESTION = "hotel limit per night"
CHAT, EMBEDDING = "smollm2:135m", "all-minilm"
SERVER = "127.0.0.1:11435"
LAN, NEIGHBOR, NAME = "10.9.8.7", "10.9.8.8", "gpu.lan"  # addresses of a namespace that leads nowhere
PARTS = ("loopback", "nothing", "lan")
_SHORT = ("ASSISTANT_SOURCES", "1"), ("ASSISTANT_EVIDENCE_TOKENS", "150"), ("ASSISTANT_ANSWER_TOKENS", "16")
_HARMLESS = ("/dev/null", "/dev/tty", "/proc/self/")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part runs, all of it removed afterwards."""

    root: Path

    @property
    def current(self) -> Path:
        """The current folder, with documents, a hostile `.env` and the index."""
        return self.root / "current"

    @property
    def environ(self) -> dict[str, str]:
        """Hostile variables, a home that is read-only, settings and temporary files in places of their own."""
        own = {"HOME": self.root / "home", "XDG_CONFIG_HOME": self.root / "config", "TMPDIR": self.root / "tmp"}
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "OLLAMA_MODELS") if name in os.environ}
        return kept | {name: str(path) for name, path in own.items()} | VARIABLES | HOST | dict(_SHORT)

    def outside(self, trace: Trace, *more: Path) -> set[str]:
        """Files that were written anywhere but in the index, the settings and the temporary folder."""
        allowed = [self.current / "indexes", self.root / "config", self.root / "tmp", *more]
        inside = (*_HARMLESS, *(str(path) for path in allowed))
        return {path for name in trace.written if not (path := os.path.join(self.current, name)).startswith(inside)}  # noqa: PTH118 - a name as the kernel was given it


@dataclass
class Run:
    """The commands of a part, one after the other; `failures` counts what should not be."""

    place: Place
    strace: str
    failures: int = 0
    host: str = SERVER

    def __call__(self, *arguments: str, codes: Sequence[int] = (0,), host: bool = True, before: Sequence[str] = (),
                 reaches: Sequence[str] = ()) -> None:  # fmt: skip
        """Run a command under strace and say what it tried; `reaches` are the addresses that it may."""
        command = [*before, PROGRAM, *arguments, *(["--host", self.host] if host else [])]
        environ = self.place.environ
        if not host:
            environ.pop("OLLAMA_HOST")
        output = self.place.root / "trace.txt"
        finished, trace = traced(self.strace, command, self.place.current, environ, output)
        self.judge(" ".join(arguments), trace, reaches, () if finished.returncode in codes else finished.stderr[-300:])

    def judge(self, said: str, trace: Trace, reaches: Sequence[str], complaint: object, *more: Path) -> None:
        """Print one line about a trace, and what is wrong with it."""
        leaks = [address for address in trace.leaks if address.name not in reaches]
        looked_up = [] if reaches or more else [text for text in trace.attempts if "looking up" in text]
        wrong = [*map(str, leaks), *looked_up, *sorted(self.place.outside(trace, *more))]
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


def quoting(run: Run) -> None:
    """Every command that needs no server."""
    place, viewer = run.place, run.place.root / "viewer"
    viewer.mkdir()
    for name in ("xdg-open", "open"):
        shutil.copy("/bin/true", viewer / name)
    questions = '{"id": "h", "question": "hotel limit", "answerable": true, "evidence": [{"doc": "travel.md"}]}\n'
    (place.current / "questions.jsonl").write_text(questions)
    run("--version", host=False)
    run("--help", host=False)
    run("doctor", codes=(0,))
    run("index", "docs")
    run("index")
    run("index", "--verify", "--dry-run")
    run("ask", "--no-model", QUESTION)
    run("ask", "--fresh", "--json", QUESTION)
    run("search", QUESTION, "--explain", host=False)
    run("show", "1", host=False)
    run("open", "1", host=False, before=["env", f"PATH={viewer}:{os.environ['PATH']}"])
    run("status")
    run("evaluate", "questions.jsonl", host=False)
    run("doctor", "--json")
    run("doctor", "--offline-proof", host=False)
    run("watch", host=False, codes=(0, 130), before=["timeout", "--preserve-status", "-s", "INT", "20"])
    run("forget", "travel.md", "--yes", host=False)
    run.host = f"http://{ELSEWHERE}:11434"
    run("ask", QUESTION, codes=(2,))
    run.host = SERVER
    (place.current / "assistant.toml").write_text(SETTINGS)
    run("ask", QUESTION, codes=(2,))
    (place.current / "assistant.toml").unlink()


def asking(run: Run) -> None:
    """The server as we tell people to start it, and the commands that use it."""
    with serving(run):
        run("index", "docs", "--embedder", f"ollama:{EMBEDDING}", "--index", "indexes/other")
        run("ask", QUESTION, "--model", CHAT, "--index", "indexes/other", codes=(0, 3))
        run("status")
        run("doctor")
        run("ask", QUESTION, "--model", "gpt-oss:120b-cloud", "--index", "indexes/other", codes=(5,))


@contextmanager
def serving(run: Run) -> Iterator[None]:
    """`assistant serve-model` under strace, judged when the block ends."""
    home, output = run.place.root / "server", run.place.root / "server.txt"
    home.mkdir()
    command = [run.strace, "-f", "-qq", "-s", "256", "-e", "trace=network,openat,mkdirat", "-o", str(output)]
    process = subprocess.Popen(
        [*command, PROGRAM, "serve-model", "--host", SERVER],
        cwd=run.place.current, env=run.place.environ | {"HOME": str(home)}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answered(SERVER)
        yield
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
    trace = read_trace(output.read_text(errors="replace").splitlines())
    # Ollama asks for "localhost" when it starts a model (llm/server.go), so the files of names are read; a question
    # that left, to any resolver, would be among the addresses all the same.
    run.judge("serve-model", trace, (), "", home, Path(os.environ["OLLAMA_MODELS"]))


def lan(run: Run) -> None:
    """A server on an address that is not loopback: refused, then allowed in the person's own settings."""
    subprocess.run(["ip", "address", "add", f"{LAN}/32", "dev", "lo"], check=True)
    subprocess.run(["ip", "address", "add", f"{NEIGHBOR}/32", "dev", "lo"], check=True)
    hosts = run.place.root / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{LAN} {NAME}\n{NEIGHBOR} other.lan\n")
    subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)
    environ = os.environ | {"OLLAMA_HOST": "0.0.0.0:11434", "OLLAMA_NO_CLOUD": "1", "OLLAMA_NOPRUNE": "1"}
    server = subprocess.Popen(["ollama", "serve"], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    settings = run.place.root / "config" / "assistant" / "settings.toml"
    try:
        answered(f"{LAN}:11434")
        run("index", "docs")
        run.host = LAN
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        settings.write_text(f'allowed_hosts = ["{LAN}"]\n')
        run("ask", QUESTION, "--model", CHAT, codes=(0, 3), reaches=[LAN])
        run.host = NEIGHBOR
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        settings.write_text(f'allowed_hosts = ["{NAME}"]\n')
        run.host = NAME
        run("ask", QUESTION, "--model", CHAT, codes=(0, 3), reaches=[LAN])
        run.host = "other.lan"
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        print(f"  a process that may reach {NAME} alone: {guarded()}")
    finally:
        server.terminate()
        server.wait()


def guarded() -> str:
    """What a process that may reach NAME alone can reach, asked of the sockets themselves."""
    program = f"""
import assistant, socket
assistant.guard_process(["{NAME}"])
def reaches(host):
    try:
        socket.create_connection((host, 11434), timeout=5).close()
    except Exception as error:
        return type(error).__name__
    return "reached"
print({{host: reaches(host) for host in ("{NAME}", "{LAN}", "other.lan", "{NEIGHBOR}", "127.0.0.1")}})
"""
    python = str(ROOT / ".venv" / "bin" / "python")
    return subprocess.run([python, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def answered(address: str) -> None:
    """Wait until a server answers; raises TimeoutError where it does not within a minute."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            opener.open(f"http://{address}/api/version", timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"no server answers at {address}")


def inside(part: str, root: Path) -> int:
    """Run one part in the namespace that this process has been given."""
    place = Place(root)
    for name in ("current/docs", "home", "config/assistant", "tmp"):
        (root / name).mkdir(parents=True)
    for name in ("finance/travel.md", "hr/leave-policy-2023.pdf"):
        shutil.copy(ROOT / "data" / name, place.current / "docs")
    furnish(place.current)
    subprocess.run(["mount", "--bind", str(root / "home"), str(root / "home")], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(root / "home")], check=True)
    if part != "nothing":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    run = Run(place, tracer() or sys.exit("airgap: there is no strace that may trace"))
    ollama = shutil.which("ollama") is not None and "OLLAMA_MODELS" in os.environ
    if part == "lan":
        lan(run) if ollama else print("  left out: no ollama on the PATH")
    else:
        quoting(run)
        if part == "loopback":
            asking(run) if ollama else print("  the server: left out, no ollama on the PATH")
    return run.failures


def main() -> int:
    """Run the parts, each in a namespace of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="of loopback, nothing, lan [all]")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return min(inside(arguments.parts[0], Path(arguments.inside)), 100)
    compileall.compile_dir(ROOT / "assistant", quiet=1)  # as pip does when it installs
    failures = 0
    for part in arguments.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="airgap-") as root:
            print(f"{part}: {'loopback is down' if part == 'nothing' else 'nothing but loopback'}", flush=True)
            itself = [sys.executable, __file__, part, "--inside", root]
            failures += subprocess.run(["unshare", "-rnm", *itself], check=False).returncode
    print("Nothing left this machine." if not failures else f"{failures} things are wrong.")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
