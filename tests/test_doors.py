"""One heavy library has one door, and no test leaves this machine."""

import ast
import socket
from pathlib import Path

import pytest

import assistant

PACKAGE = Path(assistant.__file__).parent
DOORS = {
    "pypdf": ("reading/*",),
    "pypdfium2": ("reading/*",),
    "chromadb": ("indexing/vectors.py",),
    "tantivy": ("indexing/words.py",),
    "ollama": ("models/ollama.py", "embedding/ollama.py"),
    "onnxruntime": ("embedding/bundled.py",),
    "pathspec": ("reading/ignore.py",),
    "watchfiles": ("indexing/watch.py",),
    "llama_index": ("indexing/pipeline.py", "llamaindex.py"),
}


def imported(source: str) -> set[str]:
    """The distributions' top-level names that a module imports anywhere in it, by statement or by name."""
    roots = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            roots.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            roots |= {str(part.value).partition(".")[0] for part in node.args if isinstance(part, ast.Constant)}
    return roots


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_has_no_second_door(library: str) -> None:
    users = [path for path in sorted(PACKAGE.rglob("*.py")) if library in imported(path.read_text(encoding="utf-8"))]
    inside = [path for path in users if any(path.relative_to(PACKAGE).match(door) for door in DOORS[library])]
    assert inside, f"nothing imports {library} any more: take its row out of DOORS"
    assert users == inside


@pytest.mark.parametrize(
    "source",
    ["import chromadb", "from chromadb.config import Settings", "def f():\n    import chromadb.api as a",
     "importlib.import_module('chromadb.config')", "__import__('chromadb')",
     "if TYPE_CHECKING:\n    from chromadb import Client"],
)  # fmt: skip
def test_every_way_of_importing_counts_as_a_door(source: str) -> None:
    assert "chromadb" in imported(source)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.1),
        lambda: socket.getaddrinfo("example.org", 443),
        lambda: socket.gethostbyname("example.org"),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        lambda: socket.create_connection(("2001:db8::1", 80), timeout=0.1),
    ],
    ids=["connect", "look up", "look up by name", "send", "IPv6"],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_test_that_leaves_this_machine_fails(attempt: "object", loopback_only: list[str]) -> None:
    assert callable(attempt)
    with pytest.raises(PermissionError, match="may not leave this machine"):
        attempt()
    assert len(loopback_only) == 1
    loopback_only.clear()  # it was meant


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
