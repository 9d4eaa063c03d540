"""How one question is judged, asked of a real index, and where a lost one was lost."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from assistant import library
from assistant.evaluation import failures
from assistant.evaluation.failures import Losses, Lost, Stage
from assistant.evaluation.judge import BUDGETS, Judge, Outcome, confidence, unknown_documents
from assistant.evaluation.places import Texts
from assistant.evaluation.questions import Piece, Question
from assistant.evaluation.summary import OWN, TWINS, answers, by_kind, compared, figures, stages
from assistant.library import Index
from assistant.retrieval.search import Found
from assistant.types import Filter
from tests.company import Company, room

AGREEMENT = "legal/supplier agreement.pdf"
LEAVE, OLD_LEAVE = "hr/leave-2026.md", "hr/leave-2023.md"
NOTICE = Question(
    "notice", "What is the notice period of the supplier agreement?", True, (Piece(AGREEMENT, (2,), "three months"),)
)
CARRY = Question(
    "carry", "How many days may be carried over until 31 March?", True, (Piece(LEAVE, (), "Up to five days may be"),)
)
LEAVES = Question("leaves", "How many working days of annual leave?", True, (Piece(LEAVE), Piece(OLD_LEAVE)))
TONER = "Where is the toner of the printer?"
MARS = Question("mars", "Who approves travel to Mars?", False)


@pytest.fixture(scope="module")
def index(company: Company) -> Iterator[Index]:
    with library.open(company.config.index) as opened:
        yield opened


@pytest.fixture(scope="module")
def judge(index: Index) -> Judge:
    return Judge(index, without_evidence=True, failures=True)


def test_a_page_that_is_found_counts_everywhere(judge: Judge) -> None:
    values = judge.outcome(NOTICE).values
    for name in ("right document@1", "right document@5", "all documents@10", "nDCG@10"):
        assert values[name] == 1.0
    assert values["evidence page@1"] == values["evidence inside 500 tokens"] == 1.0
    assert values["characters recalled, first 5"] == 1.0


def test_characters_are_counted_in_the_passages_that_hold_them(judge: Judge, index: Index) -> None:
    values = judge.outcome(CARRY).values
    first = index.find(CARRY.text, 40).hits[:5]
    shown = sum(len(hit.text) for hit in first)
    assert values["characters recalled, first 5"] == 1.0
    assert values["characters wasted, first 5"] == pytest.approx(1 - len("Up to five days may be") / shown)


def test_a_text_that_was_not_read_is_not_recalled(judge: Judge) -> None:
    absent = replace(CARRY, evidence=(*CARRY.evidence, Piece(LEAVE, (), "No such words stand in it")))
    values = judge.outcome(absent).values
    assert values["characters recalled, first 5"] == pytest.approx(22 / (22 + 25))
    assert values["evidence inside 2,000 tokens"] == 0.0
    assert values["evidence page@1"] == 1.0  # one piece is enough to lead there


def test_of_documents_alone_nothing_is_said_about_pages(judge: Judge) -> None:
    outcome = judge.outcome(LEAVES)
    assert outcome.values == {
        "right document@1": 1.0, "right document@5": 1.0, "all documents@10": 1.0, "documents' recall@5": 1.0,
        "nDCG@10": pytest.approx(1.0, abs=0.2),
    }  # fmt: skip
    assert outcome.lost is None


def test_figures_count_word_for_word_and_one_by_one(judge: Judge) -> None:
    room = Question(
        "room", "How many people does room 17 seat?", True,
        (Piece("hr/handbook.md", (), "20 people"), Piece("hr/handbook.md", (), "99 people")),
    )  # fmt: skip
    values = judge.outcome(room).values
    assert [values[f"figures inside {budget:,} tokens"] for budget in BUDGETS] == [0.5] * 4
    assert "figures inside 500 tokens" not in judge.outcome(CARRY).values


def test_a_text_that_several_pages_print_has_no_characters_to_recall(judge: Judge) -> None:
    insured = Piece(AGREEMENT, (2, 3), "50,000", repeated=True)
    values = judge.outcome(Question("sum", "How much are deliveries insured?", True, (insured,))).values
    assert values["figures inside 500 tokens"] == 1.0
    assert not [name for name in values if name.startswith("characters")]


def test_another_place_that_says_the_same_is_right(judge: Judge) -> None:
    copy = Question("hotel", "What hotel costs are refunded per night?", True, (Piece("it/printers.txt"),))
    assert judge.outcome(copy).values["right document@1"] == 0.0
    also = replace(copy, also=(Piece("finance/travel.md"), Piece("archive/travel copy.md")))
    assert judge.outcome(also).values["right document@1"] == 1.0
    assert judge.outcome(also).values["nDCG@10"] == judge.outcome(copy).values["nDCG@10"]


def test_an_unanswerable_question_has_a_confidence_and_nothing_else(judge: Judge, index: Index) -> None:
    outcome = judge.outcome(MARS)
    assert outcome == Outcome(MARS, {}, confidence(index.find(MARS.text, 40)))


def test_without_its_document_a_question_has_less_confidence(judge: Judge, index: Index) -> None:
    outcome = judge.outcome(NOTICE)
    left = index.find(NOTICE.text, 40, Filter(without=frozenset({AGREEMENT})))
    assert left.hits
    assert AGREEMENT not in {hit.path for hit in left.hits}
    assert outcome.confidence_without == confidence(left) < outcome.confidence
    assert Judge(index).outcome(NOTICE).confidence_without is None


def test_a_question_whose_evidence_is_every_document_has_no_twin(judge: Judge, index: Index) -> None:
    every = tuple(Piece(path) for path in index.catalog.files())
    assert judge.outcome(Question("all", "leave", True, every)).confidence_without is None


def test_each_half_is_judged_by_its_own_ranking(index: Index) -> None:
    wide = index.find(NOTICE.text, 600).hits
    rankings = {
        "words alone": sorted((hit for hit in wide if hit.words), key=lambda hit: -hit.words),
        "meaning alone": sorted(wide, key=lambda hit: -hit.meaning),
    }
    for half, ranking in rankings.items():
        below = next(hit for hit in wide if hit not in ranking[:5])
        for hit, page in ((ranking[0], 1.0), (ranking[:5][-1], 1.0), (below, 0.0)):
            piece = Piece(hit.path, () if hit.page is None else (hit.page,), hit.text)
            values = Judge(index, halves=True).outcome(replace(NOTICE, evidence=(piece,))).values
            assert values[f"evidence page@5, {half}"] == page
            assert f"evidence page@1, {half}" not in values
    assert not [name for name in Judge(index).outcome(NOTICE).values if name.endswith("alone")]


def test_documents_that_the_index_lacks_are_named(index: Index) -> None:
    lacking = Question("none", "?", True, (Piece("gone.md"), Piece(LEAVE), Piece("gone.md")))
    assert unknown_documents(index, [NOTICE, lacking, MARS]) == ("gone.md",)


# --- where it was lost ---


def test_a_question_that_went_well_was_not_lost(judge: Judge) -> None:
    assert judge.outcome(NOTICE).lost is None


def test_a_text_that_no_stored_text_holds_was_lost_in_reading(judge: Judge) -> None:
    lost = judge.outcome(replace(NOTICE, evidence=(Piece(LEAVE, (), "four weeks of notice"),))).lost
    assert lost is not None
    assert (lost.stage, lost.words, lost.meaning, lost.cut) == (Stage.READING, None, None, False)


@pytest.fixture(scope="module")
def losses(index: Index) -> Losses:
    return Losses(index, Texts(index.catalog))


def lost_at(losses: Losses, piece: Piece, found: Found) -> Lost:
    """Where a question's one piece was lost, as nothing was packed of what was found."""
    lost = losses.lost(Question("lost", TONER, True, (piece,)), found, ())
    assert lost is not None
    return lost


def test_what_was_found_and_not_packed_was_lost_in_packing(losses: Losses, index: Index) -> None:
    found = index.find(TONER, 40)
    for rank in (1, 40):
        hit = found.hits[rank - 1]
        lost = lost_at(losses, Piece(hit.path, () if hit.page is None else (hit.page,), hit.text), found)
        assert (lost.stage, lost.fused) == (Stage.PACKING, rank)


def test_what_one_half_found_and_the_ranking_dropped_was_lost_in_fusion(losses: Losses, index: Index) -> None:
    wide = index.find(TONER, 600).hits
    by_meaning = sorted(wide, key=lambda hit: -hit.meaning)
    for rank in (1, 60):
        hit = by_meaning[rank - 1]
        lost = lost_at(losses, Piece(hit.path, () if hit.page is None else (hit.page,), hit.text), Found(()))
        assert (lost.stage, lost.meaning) == (Stage.FUSION, rank)


def test_what_neither_half_found_was_lost_in_retrieval(
    losses: Losses, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "CANDIDATES", 60)  # the folder is smaller than what a half gives
    by_meaning = sorted(index.find(TONER, 600).hits, key=lambda hit: -hit.meaning)
    hit = next(hit for hit in by_meaning[60:] if hit.words == 0)
    lost = lost_at(losses, Piece(hit.path, (), hit.text), Found(()))
    assert (lost.stage, lost.words, lost.cut) == (Stage.RETRIEVAL, None, False)
    assert lost.meaning is not None
    assert lost.meaning > 60


def test_what_no_passage_holds_and_neither_half_found_was_cut_apart(losses: Losses) -> None:
    lost = lost_at(losses, Piece("hr/handbook.md", (), "".join(room(number) for number in (40, 41, 42))), Found(()))
    assert (lost.stage, lost.cut) == (Stage.CUTTING, True)


def test_a_figure_that_several_pages_print_is_lost_where_none_of_them_is_packed(losses: Losses, index: Index) -> None:
    question = Question("sum", "insured deliveries", True, (Piece(AGREEMENT, (2, 3), "50,000", repeated=True),))
    found = index.find(question.text, 40)
    assert losses.lost(question, found, index.packed(found)) is None
    lost = losses.lost(question, found, ())
    assert lost is not None
    assert (lost.stage, lost.fused) == (Stage.PACKING, 1)


def test_the_earliest_loss_of_a_question_is_told(losses: Losses, index: Index) -> None:
    pieces = (Piece(LEAVE, (), "Up to five days"), Piece(LEAVE, (), "four weeks of notice"))
    lost = losses.lost(Question("two", TONER, True, pieces), index.find(TONER, 40), ())
    assert lost is not None
    assert (lost.stage, lost.piece) == (Stage.READING, pieces[1])


def test_documents_that_are_not_among_the_first_five_are_lost_with_the_best_of_them(losses: Losses) -> None:
    question = Question("far", TONER, True, (Piece("none.md"), Piece("it/printers.txt")))
    lost = losses.lost(question, Found(()), ())
    assert lost is not None
    assert (lost.stage, lost.piece.doc, lost.words) == (Stage.FUSION, "it/printers.txt", 1)
    alone = losses.lost(replace(question, evidence=question.evidence[:1]), Found(()), ())
    assert alone is not None
    assert alone.stage is Stage.RETRIEVAL


# --- all together ---


def test_every_measure_is_over_the_questions_that_have_it(judge: Judge) -> None:
    outcomes = [judge.outcome(question) for question in (NOTICE, CARRY, LEAVES, MARS)]
    rows = {row.measure: row for row in figures(list(answers(outcomes).values()))}
    assert rows["right document@1"].questions == 3
    assert rows["evidence page@5"].questions == 2
    assert rows["right document@1"].interval.value == 1.0
    assert rows[f"answerable or {OWN}, AUC"].questions == 4
    assert rows[f"answerable or {OWN}, AUC"].interval.value == 1.0
    assert rows[f"answerable or {TWINS}, AUC"].questions == 3


def test_kinds_are_told_apart_where_there_are_several(judge: Judge) -> None:
    outcomes = [judge.outcome(replace(NOTICE, kind="page")), judge.outcome(replace(CARRY, kind="text"))]
    assert list(by_kind(outcomes)) == ["page", "text"]
    assert by_kind(outcomes)["page"][0].questions == 1
    assert by_kind(outcomes[:1]) == {}


def test_two_settings_are_compared_over_the_questions_of_both(judge: Judge) -> None:
    outcomes = [judge.outcome(question) for question in (NOTICE, CARRY, MARS)]
    asked = answers(outcomes)
    worse = answers([replace(one, values={"nDCG@10": 0.25} if one.values else {}) for one in outcomes]) | {
        "new": asked["carry"]
    }
    rows = {row.measure: row for row in compared(asked, worse)}
    assert set(rows) == {"nDCG@10"} | {row for row in rows if OWN in row or TWINS in row}
    row = rows["nDCG@10"]
    assert (row.value, row.other, row.difference.value, row.questions) == (1.0, 0.25, -0.75, 2)
    assert rows[f"answerable or {OWN}, AUC"].difference.value == 0.0
    assert compared(asked, {}) == ()


def test_stages_are_counted_with_what_each_half_missed(judge: Judge) -> None:
    reading = judge.outcome(replace(NOTICE, evidence=(Piece(LEAVE, (), "four weeks of notice"),)))
    rows = {row.stage: row for row in stages([reading, judge.outcome(NOTICE)])}
    assert list(rows) == list(Stage)
    row = rows[Stage.READING]
    assert (row.questions, row.not_by_words, row.not_by_meaning, row.cut) == (1, 1, 1, 0)
    assert sum(row.questions for row in rows.values()) == 1
