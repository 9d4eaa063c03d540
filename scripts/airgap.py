#!/usr/bin/env python3
"""Shows that nothing leaves: every command once where there is no network, with strace watching.

    scripts/airgap.py [PART...]                    the clone's own program
    scripts/airgap.py --bundle assistant.tar ...   installs from the bundle first, and tries what was installed

Each part runs in a network namespace of its own (`unshare -rnm`), with a home that is read-only, variables and files
that would lead documents away (`assistant.airgap.hostile`), and every process under strace: `loopback` with nothing
else, `nothing` without even that, `lan` with a server on an address that is not loopback's. Where `ollama` is on the
PATH, a real server answers; a bundle then has to bring its models. `assistant bundle` alone is not tried: it may use
the network. Exit code 1 where anything was tried, a file was written elsewhere, or a command ended as it should not.
"""

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

from measure.server import answered  # noqa: E402
from measure.watched import LOCAL, Place, Run, serving  # noqa: E402

from assistant.airgap.hostile import ELSEWHERE, SETTINGS, furnish  # noqa: E402

QUESTION = "hotel limit per night"
TO_A_MODEL = "Who approves travel outside the EU?"
CHAT, EMBEDDING = "smollm2:135m", "all-minilm"
LAN, NEIGHBOR, NAME = "10.9.8.7", "10.9.8.8", "gpu.lan"  # addresses of a namespace that leads nowhere
PARTS = ("loopback", "nothing", "lan")


def install(run: Run, bundle: Path) -> None:
    """Install from the bundle, and verify it and what came of it."""
    place = run.place
    subprocess.run(["tar", "xf", bundle, "-C", place.root], check=True)
    folder = next(place.root.glob("assistant-*"))
    command = ["sh", str(folder / "install.sh"), "--prefix", str(place.prefix)]
    mirror = {"PIP_INDEX_URL": f"http://{ELSEWHERE}/simple", "PIP_EXTRA_INDEX_URL": f"http://{ELSEWHERE}/more"}
    written = [place.prefix, *([place.models] if place.models else [])]
    print(run.watch("sh install.sh", command, place.environ | mirror, writes=written))
    shutil.rmtree(folder)
    run("verify", str(bundle), host=False)
    run("verify", str(place.prefix), host=False)


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
    run("feedback", "1", "good", host=False)
    for words in ([], ["show", "1"], ["verify"], ["export"]):
        run("log", *words, host=False)
    run("status")
    run("evaluate", "questions.jsonl", host=False)
    run("doctor", "--json")
    run("doctor", "--offline-proof", host=False)
    run("watch", host=False, codes=(0, 130), before=["timeout", "--preserve-status", "-s", "INT", "20"])
    run("forget", "travel.md", "--yes", host=False)
    run.host = f"http://{ELSEWHERE}:11434"
    run("ask", QUESTION, codes=(2,))
    run.host = LOCAL
    (place.current / "assistant.toml").write_text(SETTINGS)
    run("ask", QUESTION, codes=(2,))
    (place.current / "assistant.toml").unlink()


def asking(run: Run) -> None:
    """The server as we tell people to start it, and the commands that use it."""
    with serving(run):
        run("index", "docs", "--embedder", f"ollama:{EMBEDDING}", "--index", "indexes/other")
        answer(run, "--index", "indexes/other")
        run("status")
        run("doctor")
        run("ask", QUESTION, "--model", "gpt-oss:120b-cloud", "--index", "indexes/other", codes=(5,))


def answer(run: Run, *arguments: str, reaches: Sequence[str] = ()) -> None:
    """Ask the model, and print what it answered."""
    said = run("ask", TO_A_MODEL, "--json", "--model", CHAT, *arguments, codes=(0, 3), reaches=reaches)
    told = json.loads(said or "{}")
    print(f"        {told.get('model')} of the server, {told.get('status')}: {told.get('text')}", flush=True)


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
        answered(f"http://{LAN}:11434")
        run("index", "docs")
        run.host = LAN
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        settings.write_text(f'allowed_hosts = ["{LAN}"]\n')
        answer(run, reaches=[LAN])
        run.host = NEIGHBOR
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        settings.write_text(f'allowed_hosts = ["{NAME}"]\n')
        run.host = NAME
        answer(run, reaches=[LAN])
        run.host = "other.lan"
        run("ask", QUESTION, "--model", CHAT, codes=(2,))
        print(f"  a process that may reach {NAME} alone: {guarded()}", flush=True)
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


def inside(part: str, root: Path, bundle: Path | None) -> int:
    """Run one part in the namespace that this process has been given."""
    place = Place(root, installed=bundle is not None)
    for name in ("current/docs", "home", "config/assistant", "tmp"):
        (root / name).mkdir(parents=True)
    for name in ("finance/travel.md", "hr/leave-policy-2023.pdf"):
        shutil.copy(ROOT / "data" / name, place.current / "docs")
    furnish(place.current)
    subprocess.run(["mount", "--bind", str(root / "home"), str(root / "home")], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(root / "home")], check=True)
    if part != "nothing":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    run = Run(place)
    if bundle:
        install(run, bundle)
    ollama = shutil.which("ollama") is not None and place.models is not None
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
    parser.add_argument("--bundle", type=Path, metavar="OUT.tar", help="install from it, and try what was installed")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return min(inside(arguments.parts[0], arguments.inside, arguments.bundle), 100)
    compileall.compile_dir(ROOT / "assistant", quiet=1)  # as pip does when it installs
    bundle = ["--bundle", str(arguments.bundle.absolute())] if arguments.bundle else []
    failures = 0
    for part in arguments.parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="airgap-") as root:
            print(f"{part}: {'loopback is down' if part == 'nothing' else 'nothing but loopback'}", flush=True)
            itself = [sys.executable, __file__, part, "--inside", root, *bundle]
            failures += subprocess.run(["unshare", "-rnm", *itself], check=False).returncode
    print("Nothing left this machine." if not failures else f"{failures} things are wrong.")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
