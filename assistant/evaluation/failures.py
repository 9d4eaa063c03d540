"""Says at which stage of the road the evidence of a lost question was lost."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.evaluation.places import Place, Texts, holds, prints
from assistant.evaluation.questions import Piece, Question
from assistant.library import PACKED_HITS, Index
from assistant.retrieval.search import CANDIDATES, Found
from assistant.types import Evidence, Hit

WIDE = 600  # hits that ranks are looked up in: what one half ranks high may be far down in the fused ranking
_FIRST_DOCUMENTS = 5


class Stage(StrEnum):
    """Where evidence can be lost, in the order of the road."""

    READING = "not in the text that was read"
    CUTTING = "cut apart"
    RETRIEVAL = "found neither by words nor by meaning"
    FUSION = "lost in fusion"
    PACKING = "lost in packing"


@dataclass(frozen=True, slots=True)
class Lost:
    """Where one piece of evidence was lost; ranks count from 1, None where it is beyond the first 600."""

    stage: Stage
    piece: Piece
    cut: bool  # its text stands in no passage as a whole
    words: int | None  # rank of the best passage of the piece by BM25 alone
    meaning: int | None  # by cosine alone
    fused: int | None  # in the ranking that is used


class Losses:
    """Looks up in one open index where evidence was lost."""

    def __init__(self, index: Index, texts: Texts) -> None:
        self._index = index
        self._texts = texts
        self._cuts: defaultdict[Place, list[tuple[int, int]]] = defaultdict(list)
        for row in index.catalog.all_chunks():
            self._cuts[row.path, row.page].append((row.start, row.end))

    def lost(self, question: Question, found: Found, packed: Sequence[Evidence]) -> Lost | None:
        """The earliest loss among the question's evidence, None where nothing was lost."""
        if not question.is_placed:
            first = list(dict.fromkeys(hit.path for hit in found.hits))[:_FIRST_DOCUMENTS]
            missed = [] if set(first) & set(question.documents) else list(question.evidence)
        else:
            missed = [piece for piece in question.evidence if not any(self._is_in(item, piece) for item in packed)]
        if not missed:
            return None
        wide = self._index.find(question.text, WIDE).hits
        losses = [self._loss(piece, found, wide) for piece in missed]
        losses.sort(key=lambda loss: list(Stage).index(loss.stage))
        # Where documents as a whole are the evidence, one would have done: the question was lost with the last.
        return losses[0 if question.is_placed else -1]

    def _is_in(self, passage: Evidence | Hit, piece: Piece) -> bool:
        if piece.repeated:
            return prints(passage, piece)
        return holds(passage, piece, self._texts)

    def _loss(self, piece: Piece, found: Found, wide: Sequence[Hit]) -> Lost:
        words = self._rank(piece, sorted((hit for hit in wide if hit.words), key=lambda hit: -hit.words))
        meaning = self._rank(piece, sorted(wide, key=lambda hit: -hit.meaning))
        fused = self._rank(piece, found.hits) or self._rank(piece, wide)
        cut = self._is_cut(piece)
        if piece.text and not self._texts.spans(piece):
            stage = Stage.READING
        elif piece.is_placed and self._rank(piece, found.hits[:PACKED_HITS]):
            stage = Stage.PACKING
        elif min(words or WIDE, meaning or WIDE) <= CANDIDATES:
            stage = Stage.FUSION
        else:
            stage = Stage.CUTTING if cut else Stage.RETRIEVAL
        return Lost(stage, piece, cut, words, meaning, fused)

    def _rank(self, piece: Piece, hits: Sequence[Hit]) -> int | None:
        return next((rank for rank, hit in enumerate(hits, 1) if self._is_in(hit, piece)), None)

    def _is_cut(self, piece: Piece) -> bool:
        """Whether no passage holds the piece's text as a whole, though the text that was read does."""
        spans = self._texts.spans(piece)
        return bool(spans) and not any(
            start <= span.start and span.end <= end for span in spans for start, end in self._cuts[span.place]
        )
