"""From what both halves say of some passages to one ranking of them; nothing is read or opened here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.indexing.words import Rarity
from assistant.retrieval.asked import asked
from assistant.retrieval.matching import Matched, Matcher
from assistant.retrieval.naming import Naming
from assistant.retrieval.parts import fairly
from assistant.retrieval.rank import Rest, Signals, scores
from assistant.retrieval.series import in_series
from assistant.retrieval.tables import figures
from assistant.storage.rows import ChunkRow
from assistant.types import Hit

_FIRST = 10  # hits that the best one is compared with
_NAMED = 0.1  # how clearly a question names a document, from which on others may be named as well


@dataclass(frozen=True, slots=True)
class Pool:
    """The passages among which the best are found, with what each half of the search says of them, by chunk id."""

    rows: Mapping[int, ChunkRow]
    cosines: Mapping[int, float]
    snippets: Mapping[int, float]  # cosines of the nearest snippet, where a passage has any
    rest: Mapping[int, float]  # cosines with what is asked beyond the name of a document; none where none is named
    rest_snippets: Mapping[int, float]
    bm25: Mapping[int, float]
    documents: Mapping[int, float]  # how well the question names each file
    newest: Mapping[str, str]  # by family

    def shares(self) -> dict[int, float]:
        """BM25 of each passage over that of the best."""
        top = max(self.bm25.values(), default=0.0) or 1.0
        return {id_: self.bm25.get(id_, 0.0) / top for id_ in self.rows}

    def best_shares(self) -> dict[int, float]:
        """The highest of these shares in each file."""
        best: dict[int, float] = {}
        for id_, share in self.shares().items():
            file = self.rows[id_].file
            best[file] = max(best.get(file, 0.0), share)
        return best


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits of one question, in no order, with what they were made from."""

    question: str
    hits: Sequence[Hit]
    rows: Mapping[int, ChunkRow]
    newest: Mapping[str, str]  # by family
    named: Naming
    lead: float  # of the best hit over the tenth, or the last
    absent: float  # share of the question's words that the document which it names has nowhere

    def with_others(self, others: "Sequence[Ranking]") -> "Ranking":
        """The ranking of a question in which each of its parts, or its other wording, has the same right."""
        every = [self, *others]
        return replace(
            self,
            hits=fairly([ranking.hits for ranking in every]),
            rows={id_: row for ranking in every for id_, row in ranking.rows.items()},
            newest={family: last for ranking in every for family, last in ranking.newest.items()},
            lead=max(ranking.lead for ranking in every),
            absent=min(ranking.absent for ranking in every),
        )


def ranked(question: str, pool: Pool, named: Naming, rarity: Rarity) -> Ranking:
    """A hit for each passage of the pool, with its score."""
    rows = list(pool.rows.values())
    matcher = Matcher(question, rarity, named.known)
    matched = [matcher.match(row) for row in rows]
    signals = _signals(pool, matched, named)
    rests = [
        Rest(
            cosine=(cosine := pool.rest.get(row.id, 0.0)),
            snippet=pool.rest_snippets.get(row.id, cosine),
            coverage=one.rest,
            row=one.row,
            figures=figures(row.text),
        )
        for row, one in zip(rows, matched, strict=True)
    ]
    marks = scores(signals, rests, [row.file for row in rows], named.strength)
    if named.strength >= _NAMED:
        marks = in_series(marks, asked(question), rows, [one.document for one in signals])
    hits = [_hit(row, pool, one, mark) for row, one, mark in zip(rows, signals, marks, strict=True)]
    absent = _absent(matcher, rows, matched, marks) if named.strength and marks else 0.0
    return Ranking(question, hits, pool.rows, pool.newest, named, _lead(marks), named.strength * absent)


def _signals(pool: Pool, matched: Sequence[Matched], named: Naming) -> list[Signals]:
    shares, best = pool.shares(), pool.best_shares()
    return [
        Signals(
            cosine=(cosine := pool.cosines.get(row.id, 0.0)),
            snippet=pool.snippets.get(row.id, cosine),
            words=shares[row.id],
            coverage=one.coverage,
            headings=one.headings,
            phrases=one.phrases,
            document=pool.documents.get(row.file, 0.0) / (named.share or 1.0),
            document_words=best[row.file],
        )
        for row, one in zip(pool.rows.values(), matched, strict=True)
    ]


def _hit(row: ChunkRow, pool: Pool, signals: Signals, mark: float) -> Hit:
    return Hit(
        path=row.path,
        page=row.page,
        page_label=row.page_label,
        heading=" › ".join(row.headings),
        text=row.text,
        start=row.start,
        end=row.end,
        score=round(mark, 4),
        chunk_id=row.id,
        title=row.title,
        date=row.date,
        dated=row.dated,
        family=row.family,
        edition=row.edition,
        newest=pool.newest.get(row.family, ""),
        meaning=round(signals.cosine, 4),
        words=round(pool.bm25.get(row.id, 0.0), 4),
        rest=round(pool.rest[row.id], 4) if row.id in pool.rest else None,
        coverage=round(signals.coverage, 4),
    )


def _absent(matcher: Matcher, rows: Sequence[ChunkRow], matched: Sequence[Matched], marks: Sequence[float]) -> float:
    """The share of the question's words that no passage of the best one's document has, of those that were found."""
    first = rows[max(range(len(rows)), key=lambda number: round(marks[number], 4))]
    own = (one for row, one in zip(rows, matched, strict=True) if row.file == first.file)
    return matcher.absent(first.language, own)


def _lead(marks: Sequence[float]) -> float:
    """How far the best score stands above the tenth, or the last."""
    best = sorted(marks, reverse=True)[:_FIRST]
    return best[0] - best[-1] if best else 0.0
