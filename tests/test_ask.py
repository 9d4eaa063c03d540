"""What `ask` promises: only supported sentences are part of an answer, whatever a model writes or however it fails."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measure.server import free_port

from assistant.answering import ask, verify
from assistant.answering.ask import Asked
from assistant.answering.prompt import REFUSAL
from assistant.answering.record import as_json
from assistant.config import Config
from assistant.embedding.bundled import BundledEmbedder
from assistant.errors import ModelSlow, PromptTooLong, ServerAbsent, StreamBroken
from assistant.models.chat import ChatModel
from assistant.types import Answer, Evidence, Hit, Sentence, Status, Verdict
from tests.scripted import ScriptedModel
from tests.test_verify import CARRY, LEAVE, RATES, URLAUB

EVIDENCE = (LEAVE, CARRY, RATES, URLAUB)
QUESTION = "How many days of annual leave do I get in my third year?"
RIGHT = "From the third year of service the entitlement is 28 working days [1]."
CARRIED = "Up to five days may be carried over until 31 March [2]."
WRONG = "From the third year of service the entitlement is 30 working days [1]."
NAMED = Config(model="scripted:1b")

EMBEDDER = BundledEmbedder()


def pieces(
    model: ChatModel | None,
    question: str = QUESTION,
    evidence: Sequence[Evidence] = EVIDENCE,
    config: Config = Config(),  # noqa: B008 - frozen
    **more: Any,
) -> list[Sentence | Answer]:
    return list(ask.answer(question, evidence, (), model, config, EMBEDDER, index="here", **more))


def whole(
    model: ChatModel | None,
    question: str = QUESTION,
    evidence: Sequence[Evidence] = EVIDENCE,
    config: Config = Config(),  # noqa: B008 - frozen
    **more: Any,
) -> Answer:
    last = pieces(model, question, evidence, config, **more)[-1]
    assert isinstance(last, Answer)
    return last


def hit(text: str, path: str = "near.md") -> Hit:
    return Hit(path, 3, "iii", "Approvals", text, 10, 10 + len(text), 0.4, 1, "Travel")


def test_citations_are_numbered_in_order_of_first_use() -> None:
    answer = whole(ScriptedModel().enqueue(f"{CARRIED} {RIGHT} Carried days may not be paid out [2]."))
    assert answer.status is Status.ANSWERED
    assert answer.text == (
        "Up to five days may be carried over until 31 March [1]. From the third year of service the entitlement is 28 "
        "working days [2]. Carried days may not be paid out [3]."
    )
    assert [cited.number for cited in answer.citations] == [1, 2, 3]
    assert [cited.path for cited in answer.citations] == ["doc2.md", "doc1.md", "doc2.md"]
    assert (answer.model, answer.index, answer.question) == ("scripted:1b", "here", QUESTION)


def test_two_sentences_from_one_statement_share_its_number() -> None:
    answer = whole(ScriptedModel().enqueue(f"{CARRIED} Five days may be carried over in the following year [2]."))
    assert [sentence.citations for sentence in answer.sentences] == [(1,), (1,)]
    assert len(answer.citations) == 1


def test_a_sentence_is_given_before_the_model_has_ended() -> None:
    model = ScriptedModel().enqueue(f"{RIGHT} {CARRIED}")
    with closing(ask.answer(QUESTION, EVIDENCE, (), model, Config(), EMBEDDER)) as stream:
        first = next(stream)
    assert isinstance(first, Sentence)
    assert first.citations == (1,)
    assert "March" not in "".join(model.given)
    assert model.closed == 1  # closing the answer stopped the model


def test_what_is_not_supported_is_said_and_no_part_of_the_text() -> None:
    answer = whole(ScriptedModel().enqueue(f"{RIGHT} {WRONG} Managers have a notice period of six months."))
    assert answer.text == "From the third year of service the entitlement is 28 working days [1]."
    assert [sentence.reason for sentence in answer.sentences] == [
        "", "the source says 28, the answer says 30", "no source named"
    ]  # fmt: skip


def test_nothing_supported_gives_quotes_where_they_help_and_keeps_what_was_wrong() -> None:
    answer = whole(ScriptedModel().enqueue(WRONG))
    assert answer.status is Status.QUOTES
    assert answer.model is None
    assert answer.text.startswith(
        "“From the third year of service the entitlement is 28 working days per calendar year.”"
    )
    assert [(sentence.reason, sentence.citations) for sentence in answer.sentences][-1] == (
        "the source says 28, the answer says 30", ()
    )  # fmt: skip
    assert answer.notices == ("scripted:1b wrote nothing that the documents support. Quotes instead.",)


def test_nothing_supported_and_no_good_quote_is_not_in_the_documents() -> None:
    question = "Who approves rockets and rovers on Mars?"
    answer = whole(ScriptedModel().enqueue("The pilot signs it."), question, asked=[Asked(question, likely=0.05)])
    assert answer.status is Status.NOT_IN_DOCUMENTS
    assert answer.text == REFUSAL
    assert answer.citations == ()
    assert answer.closest


def test_a_refusal_is_not_in_the_documents_and_stops_the_model() -> None:
    model = ScriptedModel().enqueue(f"{REFUSAL} But I can tell you a story about it. It is long.")
    answer = whole(model)
    assert answer.status is Status.NOT_IN_DOCUMENTS
    assert answer.closest[0].path == "doc1.md"
    assert "long" not in "".join(model.given)


def test_a_refusal_after_an_answer_does_not_undo_it() -> None:
    assert whole(ScriptedModel().enqueue(f"{RIGHT} {REFUSAL}")).status is Status.ANSWERED


def test_without_evidence_the_model_is_not_asked() -> None:
    model = ScriptedModel()
    near = (hit("Travel outside the EU is approved by the head of department."),)
    (answer,) = ask.answer("Who approves travel to Mars?", (), near, model, Config(), EMBEDDER)
    assert isinstance(answer, Answer)
    assert answer.status is Status.NOT_IN_DOCUMENTS
    assert model.history == []
    (closest,) = answer.closest
    assert (closest.path, closest.page, closest.page_label) == ("near.md", 3, "iii")
    assert near[0].text[closest.start - 10 : closest.end - 10] == closest.quote


def test_without_a_model_the_documents_are_quoted() -> None:
    (answer,) = pieces(None)
    assert isinstance(answer, Answer)
    assert answer.status is Status.QUOTES
    assert answer.text == "“From the third year of service the entitlement is 28 working days per calendar year.” [1]"
    assert answer.citations[0].quote in LEAVE.text
    assert answer.timings.first_token is None


@pytest.mark.parametrize("error", [ServerAbsent("gone"), ModelSlow("slow"), StreamBroken("broken")])
def test_a_model_that_fails_before_its_first_word_gives_quotes_and_a_notice(error: Exception) -> None:
    answer = whole(ScriptedModel().enqueue([error]))
    assert answer.status is Status.QUOTES
    assert answer.notices == (f"{error} Quotes instead.",)


def test_a_model_asked_for_by_name_that_fails_raises() -> None:
    with pytest.raises(ModelSlow):
        pieces(ScriptedModel().enqueue([ModelSlow("slow")]), config=NAMED)


@pytest.mark.parametrize("config", [Config(), NAMED])
def test_of_a_stream_that_breaks_what_was_complete_is_kept(config: Config) -> None:
    answer = whole(ScriptedModel().enqueue([RIGHT, " Up to five", StreamBroken("it broke off.")]), config=config)
    assert answer.text == RIGHT
    assert len(answer.sentences) == 1
    assert answer.notices == ("it broke off. What was complete is kept.",)


def test_a_stream_that_breaks_before_anything_is_complete_gives_quotes() -> None:
    answer = whole(ScriptedModel().enqueue(["From the third", StreamBroken("it broke off.")]), config=NAMED)
    assert (answer.status, answer.notices) == (Status.QUOTES, ("it broke off. Quotes instead.",))


def test_a_model_that_repeats_itself_is_stopped_and_said_so() -> None:
    model = ScriptedModel().enqueue(f"{RIGHT} " * 50)
    answer = whole(model)
    assert len(answer.sentences) == 1
    assert answer.notices == ("scripted:1b repeated itself and was stopped.",)
    assert "".join(model.given).count("third") <= 5


def test_a_model_that_never_ends_is_stopped_and_said_so() -> None:
    model = ScriptedModel().enqueue([f"{RIGHT} ", *("La " for _ in range(5000))])
    answer = whole(model, config=Config(answer_tokens=50))
    assert len(model.given) <= 2 * 50
    assert answer.notices == ("scripted:1b did not end and was stopped.",)
    assert answer.text == RIGHT


def test_a_sentence_that_the_token_limit_cut_off_is_dropped_and_said_so() -> None:
    words = f"{RIGHT} Up to five days may".split(" ")
    answer = whole(ScriptedModel().enqueue([f"{word} " for word in words]), config=Config(answer_tokens=len(words)))
    assert answer.text == RIGHT
    assert answer.notices == (f"scripted:1b was cut off at {len(words)} tokens (answer_tokens).",)


def test_a_server_that_counts_more_tokens_is_asked_with_less_evidence() -> None:
    model = ScriptedModel().enqueue([PromptTooLong("too long")]).enqueue(RIGHT)
    assert whole(model).text == RIGHT
    first, second = (messages[1].content for messages in model.history)
    assert first.count('"""') == 8
    assert second.count('"""') == 4


def test_a_question_that_does_not_fit_is_an_error_for_a_named_model() -> None:
    with pytest.raises(PromptTooLong):
        pieces(ScriptedModel(num_ctx=512), "why " * 1000, config=NAMED)


def test_a_server_that_is_absent_is_a_notice_or_for_a_named_model_an_error() -> None:
    config = Config(host=f"http://127.0.0.1:{free_port()}")
    model, (notice,) = ask.choose(config)
    assert model is None
    assert notice == f"No Ollama server at {config.host.removeprefix('http://')}; start one: assistant serve-model"
    with pytest.raises(ServerAbsent):
        ask.choose(replace(config, model="llama3"))


def test_list_items_and_rows_stand_on_their_own_lines() -> None:
    answer = whole(
        ScriptedModel().enqueue("- Carried days may not be paid out [2]\n- Parental leave is up to 30 days [1]")
    )
    assert answer.text == "- Carried days may not be paid out [1]\n- Parental leave is up to 30 days [2]"


def test_a_huge_piece_is_cut_and_the_model_stopped() -> None:
    model = ScriptedModel().enqueue([f"{RIGHT} ", "word " * 2_000_000, " never taken"])
    answer = whole(model, config=Config(answer_tokens=64))
    assert answer.status is Status.ANSWERED
    assert "scripted:1b did not end and was stopped." in answer.notices
    assert len(model.given) == 2
    assert sum(len(sentence.text) for sentence in answer.sentences) < 2000


def test_a_piece_that_repeats_itself_is_left_in_its_middle() -> None:
    answer = whole(ScriptedModel().enqueue([f"{RIGHT} " * 3 + CARRIED + " And so on."]))
    assert [sentence.text for sentence in answer.sentences] == [RIGHT.replace(" [1]", "")]
    assert "scripted:1b repeated itself and was stopped." in answer.notices


def test_the_record_is_plain_json_with_its_fields_in_order() -> None:
    record = as_json(whole(ScriptedModel().enqueue(f"{RIGHT} {WRONG}")))
    assert json.loads(json.dumps(record)) == record
    assert list(record) == [
        "schema", "question", "status", "text", "sentences", "citations", "closest", "left_open", "differences",
        "confidence", "findings", "model", "index", "notices", "entry", "timings",
    ]  # fmt: skip
    assert list(record["citations"][0]) == [
        "number", "path", "page", "page_label", "heading", "quote", "start", "end", "score", "date",
        "dated", "date_from", "state", "superseded_by",
    ]  # fmt: skip
    assert 0 < record["sentences"][1].pop("score") < 0.5
    assert record["sentences"][1] == {
        "text": "From the third year of service the entitlement is 30 working days.",
        "citations": [1],
        "verdict": "unsupported",
        "reason": "the source says 28, the answer says 30",
        "shown": False,
        "findings": [
            {"check": "words", "passed": True, "detail": "6 of 6 words"},
            {"check": "figures", "passed": False, "detail": "the source says 28, the answer says 30"},
        ],
    }
    assert [record["citations"][0][name] for name in ("date", "dated", "state")] == [
        "2026-02-01",
        "document",
        "current",
    ]


# --- what the answer says of itself ---

LEAVE_AND_GYM = "How many days of leave do I get in my third year, and who cleans the gym on Mars?"
PARTS = (
    Asked("How many days of leave do I get in my third year", likely=0.9),
    Asked("who cleans the gym on Mars?", likely=0.01),
)


@pytest.mark.parametrize("model", [None, ScriptedModel().enqueue(RIGHT)])
def test_of_two_questions_the_one_that_is_left_open_is_named(model: ScriptedModel | None) -> None:
    answer = whole(model, LEAVE_AND_GYM, asked=PARTS)
    assert answer.status is (Status.QUOTES if model is None else Status.ANSWERED)
    assert answer.left_open == ("who cleans the gym on Mars?",)
    assert answer.text.endswith("\nThe documents do not say: who cleans the gym on Mars?")


def test_what_a_model_leaves_out_and_the_documents_say_is_quoted() -> None:
    parts = (Asked("How many days of leave do I get in my third year"), Asked("who approves travel outside the EU?"))
    answer = whole(ScriptedModel().enqueue(RIGHT), f"{parts[0].text}, and {parts[1].text}", asked=parts)
    assert answer.left_open == ()
    assert answer.text.endswith("“Travel outside the EU is approved by the head of department.” [2]")


def test_a_question_that_speaks_of_the_one_before_it_is_answered_or_left_open_by_itself() -> None:
    question = "How many days may be carried over and until when must they be taken?"
    both = ask.apart(Asked(question))
    assert [one.said for one in both] == ["How many days may be carried over", "until when must they be taken?"]
    answer = whole(None, question, asked=both)
    assert answer.left_open == ()
    assert "31 March" in answer.text
    question = "How many days of leave do I get and who may cancel them?"
    assert whole(None, question, (LEAVE,), asked=ask.apart(Asked(question))).left_open == ("who may cancel them?",)


def test_half_a_question_that_does_not_say_what_it_wants_is_left_where_it_stands() -> None:
    asked = Asked("How many days of leave are there and how does it compare?")
    assert ask.apart(asked) == (asked,)


def test_nothing_of_two_questions_answered_is_one_refusal() -> None:
    asked = (Asked("who cleans the gym on Mars?", likely=0.01), Asked("who paints it?", likely=0.01))
    answer = whole(None, "Who cleans the gym on Mars, and who paints it?", asked=asked)
    assert (answer.status, answer.left_open) == (Status.NOT_IN_DOCUMENTS, ())


def test_documents_that_differ_are_both_cited_with_their_dates() -> None:
    other = replace(LEAVE, number=5, path="old.md", date=date(2023, 3, 1), text=LEAVE.text.replace("28", "26"))
    answer = whole(ScriptedModel().enqueue(RIGHT), evidence=(*EVIDENCE, other))
    (difference,) = answer.differences
    assert (difference.newer_says, difference.older_says) == ("28\nworking days".replace("\n", " "), "26 working days")
    assert [answer.citations[number - 1].path for number in (difference.newer, difference.older)] == [
        LEAVE.path, "old.md"
    ]  # fmt: skip
    assert answer.text.splitlines()[-1] == (
        "The documents differ: “28 working days” [1] (1 Feb 2026), “26 working days” [2] (1 Mar 2023)."
    )


def test_what_is_removed_takes_no_number_before_what_is_shown() -> None:
    answer = whole(ScriptedModel().enqueue(f"{WRONG} {CARRIED}"))
    assert [(one.shown, one.citations) for one in answer.sentences] == [(False, (2,)), (True, (1,))]


def test_a_sentence_supported_in_part_is_shown_with_its_reason_and_left_out_if_strict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    check = verify.check

    def partly(*arguments: Any) -> verify.Checked:
        """As if only a part of each sentence were held."""
        return replace(check(*arguments), verdict=Verdict.PARTLY, reason="the source says less")

    monkeypatch.setattr(verify, "check", partly)
    answer = whole(ScriptedModel().enqueue(RIGHT))
    assert [(one.shown, one.verdict, one.citations) for one in answer.sentences] == [(True, Verdict.PARTLY, (1,))]
    strict = whole(ScriptedModel().enqueue(RIGHT), strict=True)
    assert strict.status is not Status.ANSWERED
    assert [one.reason for one in strict.sentences if not one.shown] == ["the source says less"]


def test_every_way_to_an_answer_or_a_refusal_is_told() -> None:
    mars = "Who approves rockets and rovers on Mars?"
    silent = [Asked(mars, likely=0.01)]
    found = {
        "model": whole(ScriptedModel().enqueue(REFUSAL)),
        "support": whole(ScriptedModel().enqueue("The pilot signs it."), mars, asked=silent),
        "quote": whole(None, mars, asked=silent),
        "passages": whole(None, mars, (), asked=silent),
    }
    for answer in found.values():
        assert (answer.status, answer.text, answer.citations) == (Status.NOT_IN_DOCUMENTS, REFUSAL, ())
        assert not all(finding.passed for finding in answer.findings)
    assert found["model"].findings[-1].detail == "scripted:1b wrote that the documents do not say"


_WRITTEN = st.lists(
    st.sampled_from([RIGHT, WRONG, CARRIED, REFUSAL, "[7]", "Ja.", "\n- ", "30 days", "<b>", "[1][2]", "?", " "])
    | st.text(max_size=20),
    max_size=12,
)


@given(_WRITTEN)
def test_whatever_a_model_writes_marks_and_citations_agree_and_quotes_are_verbatim(written: list[str]) -> None:
    answer = whole(ScriptedModel().enqueue(written))
    numbers = [cited.number for cited in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    by_path = {item.path: item for item in EVIDENCE}
    for cited in (*answer.citations, *answer.closest):
        item = by_path[cited.path]
        assert item.text[cited.start - item.start : cited.end - item.start] == cited.quote
    for sentence in answer.sentences:
        assert set(sentence.citations) <= set(numbers)
        assert sentence.citations or not sentence.shown
        assert (sentence.verdict is Verdict.SUPPORTED) == (not sentence.reason)
    assert (answer.status is Status.ANSWERED) == (answer.model is not None)
    if answer.status is not Status.NOT_IN_DOCUMENTS:
        assert any(sentence.shown for sentence in answer.sentences)
