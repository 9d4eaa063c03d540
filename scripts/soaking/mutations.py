"""Part c: files under an index that are cut off, changed, deleted, swapped, replaced or emptied, one after the other.

A case is one mutation of an index that is level with its folder. Then every passage of the folder is asked for, in a
process that may not crash: each is found, or what answers says that something is wrong; nothing wrong is shown. Then
`assistant index` runs: it ends as a fresh index, or says what to do, and doing that ends as a fresh index.
"""

import json
import pickle
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import library
from assistant.errors import AssistantError
from assistant.types import Hit
from soaking import cheap
from soaking.compare import differences
from soaking.folders import Documents
from soaking.frame import Broken, Case, Died, Part, forked
from soaking.rights import prepare
from soaking.runs import HANGING
from soaking.said import Said, assert_clear, command
from soaking.stages import Stage, stage

_DOCUMENTS = (20, 1, 3)  # before, added, other changes: few enough that some vectors stay younger than the generation
_SECOND_HALF = 5  # hits among which a passage stands that is asked for by its own text
_PROBE = 200  # characters of a passage that are asked for
_ASKED = 3
_DELETE = re.compile(r"[Dd]elete .*folder.* and run: assistant index")
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
    probes = _probes(case, scene)
    index = case.work / "index"
    shutil.copytree(scene.level, index, symlinks=True)
    case.step(_mutated(case, scene, index))
    case.count("mutations")
    noticed = _ask(case, scene, index, probes)
    said = command(case.work, "index", str(scene.documents), "--index", str(index), "--yes")
    outcome = _outcome(case, scene, index, said)
    if outcome == "harmless" and noticed:
        outcome = "noticed when asked, and mended"
    case.count(outcome)


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
        shutil.rmtree(index / name)
        shutil.copytree(scene.before / name, index / name)
        return f"with all of {name} replaced by an older copy"
    if not older.exists() or older.read_bytes() == path.read_bytes():
        return None
    shutil.copy(older, path)
    return "replaced by an older copy"


MUTATIONS: tuple[Mutation, ...] = (
    _truncated, _emptied, _deleted, _flipped, _flipped, _flipped_in_text, _overwritten, _lengthened, _swapped,
    _replaced,
)  # fmt: skip


# --- what has to hold ---


@dataclass(frozen=True, slots=True)
class Probe:
    """A passage that the whole index finds among the first when it is asked for by its own text."""

    question: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Asked:
    """What a process that asked for every passage found."""

    error: str = ""  # with which it ended
    notices: tuple[str, ...] = ()
    lost: str = ""  # the first passage that was not found
    wrong: str = ""  # the first hit that shows what does not stand in the folder
    weaker: int = 0  # passages that one half of the search did not find


def _probes(case: Case, scene: Stage) -> list[Probe]:
    """Every passage of the folder that can be asked for; made once a part."""
    file = case.shared / "probes.pickle"
    if not file.exists():
        found = forked(lambda: _all_probes(scene.level), HANGING)
        file.write_bytes(pickle.dumps(found))
    probes: list[Probe] = pickle.loads(file.read_bytes())  # noqa: S301 - our own
    return case.random("probes").sample(probes, min(len(probes), 12)) if case.sliced else probes


def _all_probes(index: Path) -> list[Probe]:
    with library.open(index) as opened:
        rows = list(opened.catalog.all_chunks())
        found = [(row, opened.search(row.text[:_PROBE], _SECOND_HALF)) for row in rows]
    probes = [
        Probe(row.text[:_PROBE], hit)
        for row, hits in found
        for hit in hits
        if (hit.path, hit.page, hit.start, hit.end) == (row.path, row.page, row.start, row.end)
    ]
    if len(probes) < 0.9 * len(rows):
        raise Broken(f"of {len(rows)} passages only {len(probes)} are found by their own text")
    return probes


def _ask(case: Case, scene: Stage, index: Path, probes: Sequence[Probe]) -> bool:
    """Ask for every passage and by the command; returns whether anything was said. Raises Broken for what is silent."""
    documents = scene.folder()
    try:
        asked = forked(lambda: _asked(index, documents, probes), HANGING)
    except Died as died:
        raise Broken(f"the asking process crashed: {died}") from None
    said = bool(asked.error or asked.notices)
    if asked.wrong:
        raise Broken(f"wrong text is shown{'' if said else ' in silence'}: {asked.wrong}")
    if asked.lost and not said:
        raise Broken(f"silent loss: {asked.lost}")
    case.count("asked with an error", bool(asked.error))
    case.count("asked with a notice", bool(asked.notices))
    case.count("one half of the search weaker in silence", not said and asked.weaker > 0)
    for probe in case.random("asked").sample(probes, _ASKED if not case.sliced else 1):
        _ask_by_command(case, index, probe.question, documents)
    return said


def _asked(index: Path, documents: Documents, probes: Sequence[Probe]) -> Asked:
    """In a fork: ask for every passage. What the command would answer with two lines is an error, all else passes."""
    notices: set[str] = set()
    lost, wrong, weaker = "", "", 0
    try:
        with library.open(index) as opened:
            for probe in probes:
                found = opened.find(probe.question, _SECOND_HALF)
                notices |= set(found.notices)
                hit = next((hit for hit in found.hits if _same_place(hit, probe.hit)), None)
                if hit is None:
                    lost = lost or f"{probe.hit.path}, page {probe.hit.page}: {probe.question[:40]!r}"
                elif (hit.words > 0) != (probe.hit.words > 0) or abs(hit.meaning - probe.hit.meaning) > 0.001:
                    weaker += 1
                wrong = wrong or _wrong(found.hits, hit, probe.hit, documents)
    except (AssistantError, sqlite3.Error) as error:
        return Asked(error=str(error), wrong=wrong)
    return Asked("", tuple(sorted(notices)), lost, wrong, weaker)


def _same_place(one: Hit, other: Hit) -> bool:
    return (one.path, one.page, one.start, one.end) == (other.path, other.page, other.start, other.end)


def _wrong(hits: Sequence[Hit], hit: Hit | None, due: Hit, documents: Documents) -> str:
    """What a hit shows that does not stand in the folder, empty where all is right."""
    for other in hits:
        if not documents.held(other):
            return f"{other.path}, page {other.page}: {other.text[:60]!r}"
    if hit is not None and (hit.title, hit.heading, hit.date) != (due.title, due.heading, due.date):
        return f"{hit.path}: {(hit.title, hit.heading, hit.date)}, it should be {(due.title, due.heading, due.date)}"
    return ""


def _ask_by_command(case: Case, index: Path, question: str, documents: Documents) -> None:
    """The command answers, or says in two lines what is wrong."""
    said = command(case.work, "ask", question, "--no-model", "--json", "--index", str(index))
    if said.code not in (0, 3):
        assert_clear(said, [page for pages in documents.contents.values() for page in pages])
        return
    texts = ["".join(page.split()) for pages in documents.contents.values() for page in pages]
    for citation in json.loads(said.out)["citations"]:
        if not any("".join(citation["quote"].split()) in text for text in texts):
            raise Broken(f"the answer quotes what stands nowhere: {citation['quote'][:60]!r}")


def _outcome(case: Case, scene: Stage, index: Path, said: Said) -> str:
    """Whether a run after the mutation found an index to its liking, mended it, or said what to do, which works."""
    documents = scene.folder()
    outcome = "mended" if re.search(r"\b[Mm]ended\b|made anew", said.out + said.err) else "harmless"
    if said.code:
        lines = Said(said.code, said.out, "".join(said.err.splitlines(keepends=True)[-2:]))
        assert_clear(lines, [page for pages in documents.contents.values() for page in pages])
        if not _DELETE.search(said.err):
            raise Broken(f"an error that does not say what to do: {said.last}")
        shutil.rmtree(index)
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
