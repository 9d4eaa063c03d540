"""Part b: an I/O error at every write of a small run and at some of larger ones, disks that are full or too small.

A case is one fault in a run of `assistant index` that has files to add, change, move and delete, and a generation to
build. Where the run fails, its error has to be one that a person can act upon; what was there before has to answer,
also while the disk still fails; and the next run has to end as a fresh index. A fault that a run survives has to have
been harmless. Full disks are small ones of memory where this machine lets us mount them, else limits of a file's size.
"""

import ctypes
import errno
import os
import random
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from soaking import cheap
from soaking.compare import assert_same
from soaking.faults import Fault, watched
from soaking.frame import Broken, Case, Part, forked
from soaking.rights import prepare
from soaking.runs import HANGING, Runs
from soaking.said import Guard, Said, assert_clear, command, forked_code
from soaking.stages import Stage, stage
from soaking.subject import Subject

_TIMES = 2_000
_SAMPLED = {"full": 60, "large": 200, "first": 100}  # cases of each kind; the rest are all of the small run
_DOCUMENTS = {"small": (5, 3, 4), "large": (24, 60, 16), "first": (0, 6, 0)}  # before, added, other changes
_MEGABYTE = 1 << 20
_REFUSED = 3
_MS_REMOUNT, _MS_PRIVATE, _CLONE_NEWNS = 32, 1 << 18 | 1 << 14, 0x00020000  # linux/mount.h, linux/sched.h


def fail(case: Case) -> None:
    """One fault, chosen by the case's number."""
    prepare(case.work)
    cheap.use()
    kind, fault = _chosen(case)
    small = kind == "full" and (case.sliced or case.number % 2)
    scene = _stage(case, "small" if small else "large" if kind == "full" else kind)
    case.count("faults")
    if kind == "full":
        _on_a_full_disk(case, scene)
        return
    case.count(f"in the {kind} run")
    index = _copied(scene, case.work / "index")
    _run(case, scene, index, fault)


def _chosen(case: Case) -> tuple[str, Fault]:
    """The kind of the case and its fault; all writes of the small run come by in a full run, shuffled by the seed."""
    random_ = case.random("fault")
    if case.sliced:
        kind = ("small", "full", "small", "first")[case.number % 4]
        return kind, _any_fault(random_, _stage(case, kind).writes if kind != "full" else 1)
    writes = _stage(case, "small").writes
    small = [Fault(number, errno.EIO, lasting=number % 3 == 0) for number in range(1, writes + 1)]
    small += [Fault(number, errno.ENOSPC, lasting=True) for number in range(1, writes + 1, 4)]
    plan: list[tuple[str, Fault | None]] = [(kind, None) for kind, count in _SAMPLED.items() for _ in range(count)]
    plan += [("small", fault) for fault in small]
    if len(plan) > _TIMES:
        raise Broken(f"the small run has {writes} writes: {len(plan)} faults do not fit into {_TIMES}")
    random.Random(case.seed).shuffle(plan)
    kind, chosen = plan[case.number % len(plan)]
    if chosen is None:
        chosen = _any_fault(random_, _stage(case, kind).writes if kind != "full" else 1)
    return kind, chosen


def _any_fault(random_: random.Random, writes: int) -> Fault:
    return Fault(random_.randint(1, writes), random_.choice((errno.EIO, errno.ENOSPC)), random_.random() < 0.5)


def _run(case: Case, scene: Stage, index: Path, fault: Fault) -> None:
    """A run that meets an injected fault, and what comes after it."""
    failed: list[str] = []

    def guard(function: Callable[[], int]) -> int:
        seen = watched(function, index, fault)
        failed.extend(seen.failed)
        case.step(f"{fault}: {seen.failed[0] if seen.failed else 'not reached'}")
        return seen.code

    real = case.number % 20 == 0 and not case.sliced
    case.count("with the real builder", real)
    case.step(str(fault))
    said = command(
        case.work, "index", str(scene.documents), "--index", str(index), "--yes", "--quiet", guard=guard, real=real
    )
    case.count("never reached", not failed)
    subject = _subject(case, scene, index)
    if said.code:
        everything = Fault(1, fault.errno, lasting=True)
        _look_while(subject, scene, lambda function: watched(function, index, everything).code, may_refuse=True)
    _judge(subject, scene, said)


def _on_a_full_disk(case: Case, scene: Stage) -> None:
    """A run on a disk with room for a part of what it writes, and what comes after it."""
    share = case.random("room").random()
    with _disk(case.work / "disk") as mounted:
        index = _copied(scene, case.work / "disk" / "index")
        held = _bytes(index)
        if mounted:
            room = held + int(share * 1.5 * _bytes(scene.fresh)) + 4096
            case.step(f"a disk of {room:,} bytes, {held:,} of them used")
            case.count("on small disks of memory")
            _resize(case.work / "disk", room)
            guard: Guard = forked_code
        else:
            largest = int(share * 1.2 * max(path.stat().st_size for path in scene.fresh.rglob("*")))
            case.step(f"no file above {largest:,} bytes")
            case.count("with limits of a file's size")
            guard = _limited(largest)
        said = command(case.work, "index", str(scene.documents), "--index", str(index), "--yes", "--quiet", guard=guard)
        subject = _subject(case, scene, index)
        if said.code:
            _look_while(subject, scene, guard)
        if mounted:
            _resize(case.work / "disk", 512 * _MEGABYTE)
        _judge(subject, scene, said)


def _judge(subject: Subject, scene: Stage, said: Said) -> None:
    """What a run said of its fault is right, and the index is or becomes what a fresh one is."""
    case = subject.case
    if said.code:
        case.count("errors said")
        assert_clear(said, _texts(scene))
        if "Delete" in said.err:
            raise Broken(f"a failing disk is told as damage that it is not: {said.last}")
        subject.look()
        subject.level()
    else:
        case.count("survived")
    case.step(f"{case.steps[0]}: compare, the run had ended with {said.code}: {said.last if said.code else ''}")
    questions = [subject.documents.question() for _ in range(3)]
    forked(lambda: assert_same(subject.index, scene.fresh, questions), HANGING)


def _look_while(subject: Subject, scene: Stage, guard: Guard, may_refuse: bool = False) -> None:
    """Search while the disk still fails; where nothing at all can be written, a search may be refused in two lines."""
    case, note = subject.case, subject.case.work / "broken"

    def look() -> int:
        try:
            subject.look()
        except Broken as broken:
            note.write_text(str(broken), encoding="utf-8")
            return _REFUSED if "cannot be opened" in str(broken) else 1
        return 0

    case.step(f"{case.steps[-1]}: search while the disk still fails")
    code = guard(look)
    if code == _REFUSED and may_refuse:
        question = subject.documents.question()
        assert_clear(command(case.work, "search", question, "--index", str(subject.index), guard=guard), _texts(scene))
        case.count("searches refused while nothing could be written")
    elif code:
        raise Broken(note.read_text(encoding="utf-8") if note.exists() else f"the search ended with {code}")


def _stage(case: Case, kind: str) -> Stage:
    return stage(case, kind, *_DOCUMENTS[kind])


def _subject(case: Case, scene: Stage, index: Path) -> Subject:
    finished = scene.before.exists()
    return Subject(case, scene.folder(), index, Runs(case.work / "log"), finished=finished)


def _copied(scene: Stage, index: Path) -> Path:
    if scene.before.exists():
        shutil.copytree(scene.before, index)
    else:
        index.mkdir(parents=True, mode=0o700)
    return index


def _texts(scene: Stage) -> list[str]:
    return [page for pages in scene.folder().contents.values() for page in pages]


def _bytes(folder: Path) -> int:
    """What the files below take on a disk."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*"))


def _limited(largest: int) -> Guard:
    """Runs a function in a fork that can make no file larger than this."""

    def limited(function: Callable[[], int]) -> int:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
        return function()

    return lambda function: forked_code(lambda: limited(function))


@contextmanager
def _disk(place: Path) -> Iterator[bool]:
    """A disk of memory at `place`, seen by this process and its children alone; False where none can be mounted."""
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    mounted = (
        libc.unshare(_CLONE_NEWNS) == 0
        and libc.mount(None, b"/", None, ctypes.c_ulong(_MS_PRIVATE), None) == 0
        and libc.mount(b"disk", os.fsencode(place), b"tmpfs", ctypes.c_ulong(0), b"size=512m") == 0
    )
    yield mounted
    if mounted:
        os.chdir(place.parent)
        libc.umount2(os.fsencode(place), 2)  # MNT_DETACH


def _resize(place: Path, size: int) -> None:
    """Let the disk hold so many bytes, in whole pages."""
    libc = ctypes.CDLL(None, use_errno=True)
    option = f"size={size}".encode()
    if libc.mount(b"disk", os.fsencode(place), b"tmpfs", ctypes.c_ulong(_MS_REMOUNT), option):
        raise OSError(ctypes.get_errno(), "mount")


PART = Part("b", "faults", times=_TIMES, sliced=4, run=fail, note=cheap.NOTE)
