"""Files are read in processes that may crash, hang or swell; the run goes on and says what happened."""

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from assistant.config import Config
from assistant.errors import AssistantError
from assistant.reading import sandbox, worker
from assistant.reading.sandbox import read_all
from assistant.reading.scan import scan
from assistant.reading.wire import HASH_BYTES, HEADER, unpack
from assistant.types import Document, Gap, PageGap, SourceFile, StoredText

CONFIG = Config(workers=1)


def pdf(content: bytes, pages: int = 1) -> bytes:
    """A PDF whose pages share one stream, deflated twice: megabytes of content in kilobytes."""
    stream = zlib.compress(zlib.compress(content, 9), 9)
    kids = range(5, 5 + pages)
    objects = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count %d/Kids[%s]>>endobj" % (pages, b" ".join(b"%d 0 R" % number for number in kids)),
        b"3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj",
        b"4 0 obj<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream endobj" % (len(stream), stream),
    ]
    leaf = (
        b"%d 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 3 0 R>>>>>>endobj"
    )
    objects += [leaf % number for number in kids]
    return b"%PDF-1.4\n" + b"\n".join(objects) + b"\ntrailer<</Root 1 0 R>>\n%%EOF"


GOOD = pdf(b"BT /F 12 Tf 50 700 Td (Good text) Tj ET")
SLOW_PAGES = pdf(b"0 0 m 1 1 l S " * 500_000, pages=6)  # a quarter of a second a page


def files(folder: Path) -> tuple[SourceFile, ...]:
    return scan(folder, 10**9).files


def read(folder: Path, config: Config = CONFIG) -> dict[str, Document]:
    return {file.path: document for file, _, document in read_all(folder, files(folder), config)}


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "assistant.reading.worker" in " ".join(child.cmdline())]


@pytest.fixture(autouse=True)
def _no_worker_is_left() -> Iterator[None]:
    yield
    assert workers() == []


def test_files_come_in_the_order_given_with_the_hash_of_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"# Title\n\ntext")
    (tmp_path / "b.pdf").write_bytes(GOOD)
    for number in range(20):
        (tmp_path / f"c{number}.txt").write_text(f"text {number}")
    given = files(tmp_path)[::-1]
    found = list(read_all(tmp_path, iter(given), Config(workers=2)))
    assert [file for file, _, _ in found] == list(given)
    for file, read_hash, _ in found:
        assert read_hash == hashlib.sha256((tmp_path / file.path).read_bytes()).hexdigest()
    documents = {file.path: document for file, _, document in found}
    assert documents["a.md"].title == "Title"
    assert documents["b.pdf"].texts == (StoredText("Good text", 1),)
    assert documents["c7.txt"].texts[0].text == "text 7"


def test_nothing_to_read_starts_no_process(tmp_path: Path) -> None:
    assert list(read_all(tmp_path, [], CONFIG)) == []


def test_a_bomb_is_stopped_by_the_memory_limit_and_the_next_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(b"0 0 m 1 1 l S " * 10_000_000))
    (tmp_path / "b.pdf").write_bytes(GOOD)
    found = read(tmp_path, Config(workers=1, read_memory_mb=256))
    assert found["a.pdf"].gaps == (PageGap(Gap.TOO_LARGE, detail="needs more than 256 MB of memory"),)
    assert found["b.pdf"].texts


def test_pages_that_take_too_long_are_gaps_and_the_next_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(b"0 0 m 1 1 l S " * 500_000, pages=300))
    (tmp_path / "b.pdf").write_bytes(GOOD)
    found = read(tmp_path, Config(workers=1, read_seconds=1))
    assert {gap.reason for gap in found["a.pdf"].gaps} == {Gap.EMPTY, Gap.TOO_SLOW}
    assert found["b.pdf"].texts


def test_one_page_that_takes_too_long_is_stopped_by_the_processor_limit(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf(b"q Q " * 80_000_000))
    (tmp_path / "b.md").write_text("text")
    found = read(tmp_path, Config(workers=1, read_seconds=1, read_memory_mb=4000))
    assert found["a.pdf"].gaps == (PageGap(Gap.TOO_SLOW, detail="more than 1 seconds"),)
    assert found["b.md"].texts


def test_a_worker_that_hangs_is_stopped_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_GRACE_SECONDS", 0.5)
    (tmp_path / "a.pdf").write_bytes(SLOW_PAGES)
    (tmp_path / "b.md").write_text("text")

    def suspend() -> None:
        busy_worker().suspend()

    thread = threading.Thread(target=suspend)
    thread.start()
    found = read(tmp_path, Config(workers=1, read_seconds=3))
    thread.join()
    assert found["a.pdf"].gaps[0].reason is Gap.TOO_SLOW
    assert found["b.md"].texts


def busy_worker() -> psutil.Process:
    """The worker, once it has been at work for a while."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for child in workers():
            if child.cpu_times().user > 0.6:
                return child
        time.sleep(0.02)
    raise AssertionError("no worker was ever busy")


def test_a_worker_killed_from_outside_is_replaced_and_its_file_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SLOW_PAGES)
    (tmp_path / "b.md").write_text("text")
    killed: list[int] = []

    def kill() -> None:
        child = busy_worker()
        killed.append(child.pid)
        child.send_signal(signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    found = read(tmp_path)
    thread.join()
    assert killed
    assert found["a.pdf"].gaps == (PageGap(Gap.EMPTY, tuple(range(1, 7)), "drawings without text"),)
    assert found["b.md"].texts


def test_a_worker_that_crashes_costs_its_own_file_only(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SLOW_PAGES)
    (tmp_path / "b.md").write_text("text")
    thread = threading.Thread(target=lambda: busy_worker().send_signal(signal.SIGSEGV))
    thread.start()
    found = read(tmp_path)
    thread.join()
    assert found["a.pdf"].gaps == (PageGap(Gap.DAMAGED, detail="the reader crashed"),)
    assert found["b.md"].texts


def test_closing_the_iterator_ends_the_workers_in_the_middle_of_their_files(tmp_path: Path) -> None:
    for name in ("b.pdf", "c.pdf"):
        (tmp_path / name).write_bytes(SLOW_PAGES)
    (tmp_path / "a.md").write_text("text")
    results = read_all(tmp_path, files(tmp_path), Config(workers=2))
    next(results)
    assert workers()
    started = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 2
    assert workers() == []


def test_workers_end_when_the_process_that_asked_them_is_killed(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    code = f"""
import psutil, time
from pathlib import Path
from assistant.config import Config
from assistant.reading.sandbox import read_all
from assistant.reading.scan import scan
results = read_all(Path({str(tmp_path)!r}), scan(Path({str(tmp_path)!r}), 10**9).files * 2, Config(workers=1))
next(results)
print(psutil.Process().children()[0].pid, flush=True)
time.sleep(60)
"""
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 10
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_no_more_files_are_asked_for_than_are_looked_ahead(tmp_path: Path) -> None:
    for number in range(100):
        (tmp_path / f"{number}.md").write_text("text")
    asked: list[SourceFile] = []

    def asking() -> Iterator[SourceFile]:
        for file in files(tmp_path):
            asked.append(file)
            yield file

    with closing(read_all(tmp_path, asking(), CONFIG)) as results:  # type: ignore[type-var]
        next(results)
        assert len(asked) <= 6


def test_files_that_changed_since_the_scan_are_unreadable_with_the_reason(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "sub").mkdir(parents=True)
    outside.mkdir()
    for name in ("gone.md", "link.md", "pipe.md", "grown.md", "sub/a.md", "whole.md"):
        (inside / name).write_text("text")
    found = files(inside)
    (outside / "a.md").write_text("secret")
    for name in ("gone.md", "link.md", "pipe.md", "sub/a.md"):
        (inside / name).unlink()
    (inside / "link.md").symlink_to(outside / "a.md")
    os.mkfifo(inside / "pipe.md")
    (inside / "sub").rmdir()
    (inside / "sub").symlink_to(outside)
    (inside / "grown.md").write_bytes(b"x" * 1_000_001)
    results = list(read_all(inside, found, Config(workers=1, max_file_mb=1)))
    assert {file.path: [(gap.reason, gap.detail) for gap in document.gaps] for file, _, document in results} == {
        "gone.md": [(Gap.UNREADABLE, "it has gone since the folder was listed")],
        "link.md": [(Gap.UNREADABLE, "leads out of the folder")],
        "sub/a.md": [(Gap.UNREADABLE, "leads out of the folder")],
        "pipe.md": [(Gap.UNREADABLE, "not a regular file")],
        "grown.md": [(Gap.TOO_LARGE, "1,000,001 bytes of at most 1,000,000")],
        "whole.md": [],
    }
    assert {read_hash for _, read_hash, document in results if document.gaps} == {""}


def test_a_worker_that_cannot_start_is_an_error_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.md").write_text("text")
    monkeypatch.setattr(sandbox, "_START", "raise SystemExit('broken installation')")
    with pytest.raises(AssistantError, match="broken installation") as caught:
        read(tmp_path)
    assert caught.value.hint


@pytest.mark.parametrize("answer", [b"", b"x" * 64, b"x" * 64 + HEADER.pack(False, 3, 0) + b"[1]", b"\xff" * 99])
def test_a_worker_that_answers_nonsense_is_ended(
    answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.md").write_text("text")
    code = f"import sys; sys.stdout.buffer.write(b'R' + {answer!r}); sys.stdout.flush(); sys.stdin.readline()"
    monkeypatch.setattr(sandbox, "_START", f"'assistant.reading.worker'; {code}")
    assert read(tmp_path)["a.md"].gaps == (PageGap(Gap.DAMAGED, detail="the reader crashed"),)


def test_an_answer_too_large_to_keep_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_LARGEST_ANSWER", 1_000)
    (tmp_path / "a.md").write_text("text " * 1_000)
    assert read(tmp_path)["a.md"].gaps[0].reason is Gap.TOO_LARGE


def started_worker(code: str) -> str:
    """What `code` prints after a worker's limits were set."""
    start = (
        "import sys; from assistant.reading import worker; worker.limit_for_good(500); worker.limit_for_one_file(9);"
    )
    result = subprocess.run(
        [sys.executable, "-c", f"{start} sys.addaudithook(worker._refuse); {code}"],
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return (result.stdout + result.stderr).strip()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import socket; socket.socket()", "a reader may not use socket"),
        ("import subprocess; subprocess.run(['true'])", "a reader may not use"),
        ("import os; os.system('true')", "a reader may not use"),
        ("import os; os.write(os.open('written', os.O_RDWR | os.O_CREAT), b'x')", "File too large"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CORE, (1, 1))", "not allowed"),
        ("bytearray(600_000_000)", "MemoryError"),
        ("print('reads')", "reads"),
    ],
)
def test_a_worker_has_no_network_no_programs_no_files_and_no_way_to_lift_its_limits(
    code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if os.geteuid() == 0 and "RLIMIT_CORE" in code:
        pytest.skip("root may lift limits")
    assert said in started_worker(code)


def test_a_library_that_prints_does_not_reach_the_answers(tmp_path: Path) -> None:
    request = json.dumps({"root": str(tmp_path), "path": "a.md", "kind": "md"}) + "\n"
    (tmp_path / "a.md").write_text("text")
    noisy = "import os; from assistant.reading import worker as w; old = w._read\n"
    noisy += "def noise(*a): os.write(1, b'noise'); os.write(2, b'noise'); print('noise', flush=True); return old(*a)\n"
    noisy += "w._read = noise; w.main()"
    result = subprocess.run(
        [sys.executable, "-c", noisy, "500", "9", "1000"],
        input=request.encode(),
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        check=True,
    )
    assert result.stderr == b""
    ends, size, refused = HEADER.unpack(result.stdout[1 + HASH_BYTES :][: HEADER.size])
    assert (ends, refused) == (False, 0)
    assert unpack(result.stdout[1 + HASH_BYTES + HEADER.size :][:size]).texts == (StoredText("text"),)
    assert len(result.stdout) == 1 + HASH_BYTES + HEADER.size + size


def answered(folder: Path, path: str, kind: str) -> tuple[str, Document]:
    """What a worker sends about one file, without the process around it."""
    channel = io.BytesIO()
    worker.answer({"root": str(folder), "path": path, "kind": kind}, channel, 10, 1_000, 4_000)
    sent = channel.getvalue()
    return sent[:HASH_BYTES].decode().strip(), unpack(sent[HASH_BYTES + HEADER.size :])


def test_a_worker_reads_each_kind_with_its_own_reader_and_says_why_it_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(GOOD)
    (tmp_path / "a.md").write_text("# Title\n\ntext")
    (tmp_path / "big.md").write_bytes(b"x" * 1_001)
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "out.md").symlink_to("/etc/hosts")
    assert answered(tmp_path, "a.pdf", "pdf")[1].page_count == 1
    assert answered(tmp_path, "a.md", "md")[1].title == "Title"
    for path, reason in (
        ("big.md", Gap.TOO_LARGE),
        ("folder.md", Gap.UNREADABLE),
        ("out.md", Gap.UNREADABLE),
        ("gone.md", Gap.UNREADABLE),
    ):
        read_hash, document = answered(tmp_path, path, "md")
        assert (read_hash, [gap.reason for gap in document.gaps]) == ("", [reason])


def test_a_reader_that_fails_or_runs_out_of_memory_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("text")
    assert answered(tmp_path, "a.txt", "txt")[1].texts == (StoredText("text"),)
    for error, gap in (
        (KeyError("x"), PageGap(Gap.DAMAGED, detail="the reader failed: KeyError")),
        (MemoryError(), PageGap(Gap.TOO_LARGE, detail="needs more than 4000 MB of memory")),
    ):

        def fail(data: bytes, error: Exception = error) -> Document:
            raise error

        monkeypatch.setattr(worker, "read_plain", fail)
        read_hash, document = answered(tmp_path, "a.txt", "txt")
        assert (read_hash, document.gaps) == (hashlib.sha256(b"text").hexdigest(), (gap,))
