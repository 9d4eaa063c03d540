"""Part c: files under an index that are cut off, changed, deleted, swapped, replaced or emptied, one after the other.

A case is one mutation of an index that is level with its folder. Then every passage of the folder is asked for, in a
process that may not crash: each is found, or what answers says that something is wrong; nothing wrong is shown. Then
`assistant index` runs: it ends as a fresh index, or says what to do, and doing that ends as a fresh index.
"""

import pickle
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from soaking import cheap
from soaking.asking import Probe, ask, ask_by_command, probes
from soaking.compare import differences
from soaking.frame import Broken, Case, Part, forked
from soaking.rights import prepare
from soaking.runs import HANGING
from soaking.said import Said, assert_clear, command
from soaking.stages import Stage, stage

_DOCUMENTS = (20, 1, 3)  # before, added, other changes: few enough that some vectors stay younger than the generation
_ASKED_BY_COMMAND, _ASKED_OF_SLICE = 2, 12
_DELETE = re.compile(r"Delete the file .*catalog\.sqlite and run: assistant index")
_AREAS = (  # which files a mutation is for, how often of a hundred, and their names below the index
    (36, "catalog", r"catalog\.sqlite"),
    (28, "words", r"words/.+"),
    (18, "vectors", r"chroma/.+\.(bin|pickle)"),
    (10, "Chroma's tables", r"chroma/.+\.sqlite3"),
    (8, "anything", r".+"),
)
Mutation = Callable[[random.Random, Path, Stage], str | None]


def mutate(case: Case) -> None:
    """One mutation and what comes after it."""
    prepare(case.work)
    cheap.use()
    scene = stage(case, "index", *_DOCUMENTS)
    wanted = _probes(case, scene)
    index = case.work / "index"
    shutil.copytree(scene.level, index, symlinks=True)
    case.step(_mutated(case, scene, index))
    case.count("mutations")
    asked = ask(index, scene.folder(), wanted)
    case.count("asked with an error", bool(asked.error))
    case.count("asked with a notice", bool(asked.notices))
    case.count("one half of the search weaker in silence", not asked.told and asked.weaker > 0)
    for probe in case.random("asked").sample(wanted, 1 if case.sliced else _ASKED_BY_COMMAND):
        ask_by_command(case.work, index, probe.question, scene.folder())
    said = command(case.work, "index", str(scene.documents), "--index", str(index), "--yes")
    outcome = _outcome(case, scene, index, said)
    case.count("noticed when asked, and mended" if outcome == "harmless" and asked.told else outcome)


# --- mutations ---


def _mutated(case: Case, scene: Stage, index: Path) -> str:
    """Change a file below the index in one way; returns which and how."""
    source = case.random("mutation")
    while True:
        [(_, _, names)] = source.choices(_AREAS, [share for share, _, _ in _AREAS])
        below = {path.relative_to(index).as_posix(): path for path in index.rglob("*") if path.is_file()}
        files = [path for name, path in sorted(below.items()) if re.fullmatch(names, name)]
        if not files:
            continue
        path = source.choice(files)
        if (said := source.choice(MUTATIONS)(source, path, scene)) is not None:
            return f"{path.relative_to(index).as_posix()} {said}"


def _truncated(source: random.Random, path: Path, _: Stage) -> str | None:
    size = path.stat().st_size
    if not size:
        return None
    kept = source.randrange(size)
    with path.open("r+b") as file:
        file.truncate(kept)
    return f"cut off after {kept:,} of {size:,} bytes"


def _emptied(_: random.Random, path: Path, __: Stage) -> str | None:
    if not path.stat().st_size:
        return None
    path.write_bytes(b"")
    return "emptied"


def _deleted(_: random.Random, path: Path, __: Stage) -> str:
    path.unlink()
    return "deleted"


def _flipped(source: random.Random, path: Path, _: Stage) -> str | None:
    content = bytearray(path.read_bytes())
    if not content:
        return None
    bits = sorted(source.randrange(8 * len(content)) for _ in range(source.choice((1, 1, 1, 4, 64))))
    for bit in bits:
        content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    return f"with {len(bits)} bits flipped, the first in byte {bits[0] // 8:,} of {len(content):,}"


def _flipped_in_text(source: random.Random, path: Path, scene: Stage) -> str | None:
    """A letter of a document's text becomes another, where the file holds any."""
    content = bytearray(path.read_bytes())
    texts = [page for pages in scene.folder().contents.values() for page in pages]
    words = {word.encode() for text in texts for word in re.findall(r"[a-z]{7,}", text)}
    places = [match.start() for word in sorted(words) for match in re.finditer(word, content)]
    if not places:
        return None
    place = source.choice(places)
    content[place] ^= 1 + source.randrange(3)
    path.write_bytes(content)
    return f"with another letter in byte {place:,}"


def _overwritten(source: random.Random, path: Path, _: Stage) -> str | None:
    content = bytearray(path.read_bytes())
    if not content:
        return None
    length = min(len(content), source.choice((1, 16, 512, 4096)))
    at = source.randrange(len(content) - length + 1) // length * length
    content[at : at + length] = source.choice((bytes(length), source.randbytes(length)))
    path.write_bytes(content)
    return f"with {length:,} bytes overwritten from byte {at:,} of {len(content):,}"


def _lengthened(source: random.Random, path: Path, _: Stage) -> str:
    with path.open("ab") as file:
        file.write(source.randbytes(source.choice((1, 100, 4096))))
    return "lengthened"


def _swapped(source: random.Random, path: Path, _: Stage) -> str | None:
    index = next(parent for parent in path.parents if parent.name == "index")
    others = [other for other in sorted(index.rglob("*")) if other.is_file() and other != path]
    alike = [other for other in others if other.suffix == path.suffix]
    other = source.choice(alike if alike and source.random() < 0.7 else others)
    aside = index.parent / "aside"
    path.rename(aside)
    other.rename(path)
    aside.rename(other)
    return f"swapped with {other.relative_to(index)}"


def _replaced(source: random.Random, path: Path, scene: Stage) -> str | None:
    """An older copy of the file takes its place, or of all that stands in its folder."""
    index = next(parent for parent in path.parents if parent.name == "index")
    relative = path.relative_to(index)
    older = scene.before / relative
    if len(relative.parts) > 1 and source.random() < 0.4:
        name = relative.parts[0]
        if _contents(scene.before / name) == _contents(index / name):
            return None
        shutil.rmtree(index / name)
        shutil.copytree(scene.before / name, index / name)
        return f"with all of {name} replaced by an older copy"
    if not older.exists() or older.read_bytes() == path.read_bytes():
        return None
    shutil.copy(older, path)
    return "replaced by an older copy"


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


MUTATIONS: tuple[Mutation, ...] = (
    _truncated, _emptied, _deleted, _flipped, _flipped, _flipped_in_text, _overwritten, _lengthened, _swapped,
    _replaced,
)  # fmt: skip


# --- what has to hold ---


def _probes(case: Case, scene: Stage) -> list[Probe]:
    """What is asked for; made once a part."""
    file = case.shared / "probes.pickle"
    if not file.exists():
        file.write_bytes(pickle.dumps(forked(lambda: probes(scene.level), HANGING)))
    wanted: list[Probe] = pickle.loads(file.read_bytes())  # noqa: S301 - our own
    return case.random("probes").sample(wanted, min(len(wanted), _ASKED_OF_SLICE)) if case.sliced else wanted


def _outcome(case: Case, scene: Stage, index: Path, said: Said) -> str:
    """Whether a run after the mutation found an index to its liking, mended it, or said what to do, which works."""
    documents = scene.folder()
    outcome = "mended" if re.search(r"\b[Mm]ended\b|made anew", said.out + said.err) else "harmless"
    if said.code:
        lines = Said(said.code, said.out, "".join(said.err.splitlines(keepends=True)[-2:]))
        assert_clear(lines, [page for pages in documents.contents.values() for page in pages])
        if not _DELETE.search(" ".join(said.err.split())):
            raise Broken(f"an error that does not say what to do: {said.last}")
        (index / "catalog.sqlite").unlink(missing_ok=True)
        again = command(case.work, "index", str(scene.documents), "--index", str(index), "--yes")
        if again.code:
            raise Broken(f"what the error advised does not help: {again.last}")
        outcome = "reported"
    documents.settle()
    questions = [documents.question() for _ in range(3)]
    found = forked(lambda: list(differences(index, scene.fresh, questions)), HANGING)
    if found:
        raise Broken(f"after a run that ended with {said.code}: {found[0]}")
    return outcome


PART = Part("c", "mutations", times=500, sliced=6, run=mutate, note=cheap.NOTE)
