"""Compares what an index finds with what a fresh one does: the same passages with the same cosines and words.

Every passage is asked for, so that nothing depends on who comes first. The scores may differ where the words index
still counts passages that were removed, as tantivy does until it merges: BM25, and how rare a word is, depend on it.
Where there are none, scores and order are the same, too, but for a trifle: when tantivy merges, it adds up the lengths
of passages anew from the one byte that it keeps of each.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant import library
from assistant.types import Hit

_Place = tuple[str, int | None, int, int]  # path, page, start, end
_ROUNDED = 0.00011  # two numbers that are rounded to four digits and were nearly the same before
_MERGED = 0.002  # of two scores, where one index has been merged
_COUNTED = 0.3  # by which removed passages can move a score: the weights of BM25 and coverage (retrieval/search.py)
_REACH = 0.03  # of the vectors, which an undamaged graph may not reach (scripts/LOG.md, "HNSW settings")
_FIRST = 10  # hits that a person sees


def unlike_answers(index: Path, fresh: Path, questions: Sequence[str], total: int) -> Iterator[str]:
    """Everything in which the answers of two indexes of `total` passages differ."""
    near = _MERGED if not (removed(index) or removed(fresh)) else _COUNTED
    with library.open(index) as ours, library.open(fresh) as theirs:
        for question in questions:
            found, wanted = ours.find(question, total), theirs.find(question, total)
            if found.notices or wanted.notices:
                yield f"{question!r}: there are notices: {found.notices}, in the fresh index {wanted.notices}"
            hits, due = _by_place(found.hits), _by_place(wanted.hits)
            either = hits | due
            odd = sorted(hits.keys() ^ due.keys(), key=str)
            # Chroma's graph cannot reach every vector from everywhere; one that has a word of the question is found.
            if any(either[place].words > 0 for place in odd) or total - len(hits.keys() & due.keys()) > _REACH * total:
                yield f"{question!r} finds {len(hits)} of {total} passages, the fresh index {len(due)}: {odd[:1]}"
                continue
            for place in hits.keys() & due.keys():
                hit = hits[place]
                if (what := _unlike(hit, due[place], near)) is not None:
                    yield f"{question!r}, {place}: {what}"
            first, then = ours.search(question, _FIRST), theirs.search(question, _FIRST)
            if near == _MERGED and (odd := _in_another_order(first, then)):
                yield f"{question!r}: {odd} are not in the order of the fresh index"


def removed(index: Path) -> int:
    """Removed passages that the words index still counts."""
    segments = json.loads((index / "words/meta.json").read_text(encoding="utf-8"))["segments"]
    return sum(segment["deletes"]["num_deleted_docs"] for segment in segments if segment["deletes"])


def _by_place(hits: Sequence[Hit]) -> dict[_Place, Hit]:
    return {(hit.path, hit.page, hit.start, hit.end): hit for hit in hits}


def _unlike(hit: Hit, due: Hit, near: float) -> str | None:
    """In what two hits for one passage differ, None where they are alike."""
    if abs(hit.meaning - due.meaning) > _ROUNDED:
        return f"cosine {hit.meaning}, in the fresh index {due.meaning}"
    if (hit.words > 0) != (due.words > 0):
        return f"BM25 {hit.words}, in the fresh index {due.words}"
    if abs(hit.score - due.score) > near:
        return f"score {hit.score}, in the fresh index {due.score}"
    for name in ("text", "title", "heading", "page_label", "date", "dated", "family", "edition", "newest"):
        if getattr(hit, name) != getattr(due, name):
            return f"{name} {getattr(hit, name)!r}, in the fresh index {getattr(due, name)!r}"
    return None


def _in_another_order(hits: Sequence[Hit], due: Sequence[Hit]) -> list[_Place]:
    """The places of both at which other passages stand whose scores are not the same but for rounding."""
    pairs = zip(_by_place(hits).items(), _by_place(due).items(), strict=True)
    return [here for (here, hit), (there, other) in pairs if here != there and abs(hit.score - other.score) > _MERGED]
