"""Asks an index for every passage of its folder, in a process that may not crash, and judges what it answers."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import library
from assistant.errors import AssistantError
from assistant.types import Hit
from soaking.folders import Documents
from soaking.frame import Broken, Died, forked
from soaking.runs import HANGING
from soaking.said import assert_clear, command

_HITS = 5  # among which a passage stands that is asked for by its own text
_LENGTH = 200  # characters of a passage that are asked for
_NEAR = 0.001  # of two cosines of the same passage and question


@dataclass(frozen=True, slots=True)
class Probe:
    """A passage that a whole index finds among the first when it is asked for by its own text."""

    question: str
    hit: Hit


@dataclass(frozen=True, slots=True)
class Asked:
    """What a process that asked for every passage found."""

    error: str = ""  # with which it ended
    notices: tuple[str, ...] = ()
    lost: str = ""  # the first passage that was not found
    wrong: str = ""  # the first hit that shows what does not stand in the folder
    weaker: int = 0  # passages that one half of the search did not find, or not as well

    @property
    def told(self) -> bool:
        """Whether a person would know that something is wrong."""
        return bool(self.error or self.notices)


def probes(index: Path) -> list[Probe]:
    """Every passage of a whole index that can be asked for; raises Broken where those are too few."""
    with library.open(index) as opened:
        rows = list(opened.catalog.all_chunks())
        found = [(row, opened.search(row.text[:_LENGTH], _HITS)) for row in rows]
    own = [
        Probe(row.text[:_LENGTH], hit)
        for row, hits in found
        for hit in hits
        if (hit.path, hit.page, hit.start, hit.end) == (row.path, row.page, row.start, row.end)
    ]
    if len(own) < 0.9 * len(rows):
        raise Broken(f"of {len(rows)} passages only {len(own)} are found by their own text")
    return own


def asked(index: Path, documents: Documents, wanted: Sequence[Probe]) -> Asked:
    """Ask for every passage. What the command would answer with two lines is an error; all else is raised."""
    notices: set[str] = set()
    lost, wrong, weaker = "", "", 0
    try:
        with library.open(index) as opened:
            for probe in wanted:
                found = opened.find(probe.question, _HITS)
                notices |= set(found.notices)
                hit = next((hit for hit in found.hits if _same_place(hit, probe.hit)), None)
                if hit is None:
                    lost = lost or f"{probe.hit.path}, page {probe.hit.page}: {probe.question[:40]!r}"
                else:
                    weaker += (hit.words > 0) != (probe.hit.words > 0) or abs(hit.meaning - probe.hit.meaning) > _NEAR
                wrong = wrong or _wrong(found.hits, hit, probe.hit, documents)
    except (AssistantError, sqlite3.Error) as error:
        return Asked(error=str(error), wrong=wrong)
    return Asked("", tuple(sorted(notices)), lost, wrong, weaker)


def ask(index: Path, documents: Documents, wanted: Sequence[Probe]) -> Asked:
    """As `asked`, in a fork; raises Broken where it crashes, shows what is wrong, or loses a passage in silence."""
    try:
        result = forked(lambda: asked(index, documents, wanted), HANGING)
    except Died as died:
        raise Broken(f"the asking process crashed: {died}") from None
    assert_honest(result)
    return result


def assert_honest(result: Asked) -> None:
    """Raise Broken for a wrong text, and for a passage that is lost without a word."""
    if result.wrong:
        raise Broken(f"wrong text is shown{'' if result.told else ' in silence'}: {result.wrong}")
    if result.lost and not result.told:
        raise Broken(f"silent loss: {result.lost}")


def ask_by_command(work: Path, index: Path, question: str, documents: Documents) -> None:
    """Raise Broken where the command neither answers in true quotes nor says in two lines what is wrong."""
    said = command(work, "ask", question, "--no-model", "--json", "--index", str(index))
    texts = [page for pages in documents.contents.values() for page in pages]
    if said.code not in (0, 3):
        assert_clear(said, texts)
        return
    squeezed = ["".join(text.split()) for text in texts]
    for citation in json.loads(said.out)["citations"]:
        if not any("".join(citation["quote"].split()) in text for text in squeezed):
            raise Broken(f"the answer quotes what stands nowhere: {citation['quote'][:60]!r}")


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
