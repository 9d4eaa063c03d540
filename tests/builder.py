"""Builds generations of vectors in forks of one process that has imported Chroma: each costs two seconds less.

What runs is the program itself, `assistant.indexing.vectors`; only its imports are shared. tests/test_publish.py and
every test of a whole command start it as users do.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from select import select

_POLL_SECONDS = 0.05
_BUILDER = "assistant.indexing.vectors"


class Builder:
    """A process that forks for each generation; stands in for `publish._in_child`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
            start_new_session=True,
        )  # fmt: skip

    def build(self, arguments: list[str], stopping: Callable[[], bool]) -> tuple[int, str, str]:
        """Exit code, output and errors of a build; it is killed when the run is told to stop."""
        with tempfile.TemporaryDirectory() as name:
            said, complaint = Path(name) / "said", Path(name) / "complaint"
            self._order([str(said), str(complaint), *arguments])
            code = self._ended(int(self._line()), stopping)
            return code, said.read_text(), complaint.read_text()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _order(self, words: list[str]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(words) + "\n")

    def _ended(self, child: int, stopping: Callable[[], bool]) -> int:
        assert self._process.stdout
        try:
            while not select([self._process.stdout], [], [], _POLL_SECONDS)[0]:
                if stopping():
                    os.kill(child, 9)
            return int(self._line())
        except BaseException:
            os.kill(child, 9)
            self._line()
            raise

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


def _serve() -> None:
    """Fork for each line of stdin, saying the number of the fork and then how it ended."""
    import chromadb.config  # noqa: F401

    import assistant.storage.catalog  # noqa: F401

    for line in sys.stdin:
        said, complaint, *arguments = json.loads(line)
        child = os.fork()
        if not child:
            _run(said, complaint, arguments)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _run(said: str, complaint: str, arguments: list[str]) -> None:
    for path, stream in ((said, 1), (complaint, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    sys.argv = [_BUILDER, *arguments]
    code = 1
    try:
        runpy.run_module(_BUILDER, run_name="__main__")
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
