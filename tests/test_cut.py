"""What cutting promises: nothing lost, nothing twice, exact offsets, and every passage fits the embedder's window."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.tokens import count_tokens, token_spans, tokenizer
from assistant.indexing.cut import (
    CHUNK_TOKENS,
    CONTEXT_TOKENS,
    context_line,
    cut,
    embedded_text,
    searchable,
    spans,
    subject,
)
from assistant.indexing.pipeline import cut_documents
from assistant.types import Document, Section, StoredText
from tests.texts import documents, wild

SENTENCE = "The entitlement is 28 working days per calendar year. "


def passages(text: str, limit: int = CHUNK_TOKENS) -> list[str]:
    return [text[start:end] for start, end in spans(text, Section(0, 0, len(text)), limit)]


@settings(max_examples=70)
@given(documents())
def test_every_visible_character_is_in_exactly_one_chunk_of_its_own_section(document: Document) -> None:
    chunks = list(cut(document))
    for section in document.sections:
        text = document.texts[section.text_number].text
        reached = section.start
        inside = [chunk for chunk in chunks if document.sections[chunk.section].text_number == section.text_number
                  and section.start <= chunk.start < section.end]  # fmt: skip
        for chunk in inside:
            assert not text[reached : chunk.start].strip()
            assert chunk.end <= section.end
            assert text[chunk.start : chunk.end] == text[chunk.start : chunk.end].strip() != ""
            assert chunk.headings == section.headings
            reached = chunk.end
        assert not text[reached : section.end].strip()
        chunks = [chunk for chunk in chunks if chunk not in inside]
    assert not chunks, "chunks outside of every section"


@settings(max_examples=70)
@given(documents())
def test_what_is_embedded_fits_the_window_and_is_the_passage_with_its_context(document: Document) -> None:
    for chunk in cut(document):
        text = document.texts[document.sections[chunk.section].text_number].text[chunk.start : chunk.end]
        assert chunk.embedded_text == embedded_text(subject(document), chunk.headings, text)
        if searchable(text):  # a soft hyphen alone is nothing to find
            assert chunk.embedded_text.splitlines()[-1] == searchable(text)
        assert len(tokenizer().encode(chunk.embedded_text).ids) <= BundledEmbedder.window
        assert count_tokens(searchable(text)) <= CHUNK_TOKENS


@settings(max_examples=40)
@given(documents())
def test_the_pipeline_cuts_the_same_chunks(document: Document) -> None:
    assert cut_documents([document, document]) == [list(cut(document))] * 2


@given(wild, st.integers(1, 60))
def test_any_limit_is_kept_to_the_end_of_the_text(text: str, limit: int) -> None:
    found = passages(text, limit)
    assert "".join("".join(found).split()) == "".join(text.split())
    if limit > 8:  # a single character can be several tokens
        assert all(count_tokens(searchable(passage)) <= limit for passage in found)


def test_half_a_long_word_is_cut_by_what_the_model_makes_of_the_half() -> None:
    text = "word " * (CHUNK_TOKENS - 3) + "Ab0" * 600
    assert max(len(tokenizer().encode(passage).ids) for passage in passages(text)) <= CHUNK_TOKENS + 2


@given(wild, st.lists(wild, max_size=4))
def test_a_context_line_is_one_short_line(title: str, headings: list[str]) -> None:
    line = context_line(title, tuple(headings))
    assert "\n" not in line
    assert count_tokens(line) <= CONTEXT_TOKENS


def test_a_context_line_names_the_title_and_the_headings_from_the_outermost() -> None:
    assert context_line("Leave policy", ("Annual leave", "Carry-over")) == "Leave policy › Annual leave › Carry-over"
    assert context_line("Leave\n policy", ()) == "Leave policy"


def test_what_does_not_fit_the_context_line_is_left_out_from_the_outside() -> None:
    line = context_line("Title", ("outer " * 40, "middle " * 20, "inner"))
    assert line == "Title › " + " ".join(["middle"] * 20) + " › inner"
    assert context_line("Title", ("inner " * 99,)).startswith("Title › inner inner")
    assert count_tokens(context_line("long " * 99, ("inner " * 99,))) <= CONTEXT_TOKENS


def test_a_short_section_is_one_passage_without_the_white_space_around_it() -> None:
    text = f"\n\n  {SENTENCE * 3}\n \n"
    assert list(spans(text, Section(0, 0, len(text)))) == [(4, 4 + len(SENTENCE) * 3 - 1)]
    assert passages(" \n\t ") == []


def test_passages_end_at_the_best_place_there_is() -> None:
    words = "word " * 150
    ends = {
        "paragraph": f"{words}.\n\n{words} One. Two.\n{words}",
        "list item": f"{words} One. Two\n- {words} {words}",
        "sentence": f"{words}goes on. Then {words} {words}",
        "line": f"{words}goes\non {words} {words}",
        "word": f"{words}{words}{words}",
    }
    first = {kind: passages(text)[0] for kind, text in ends.items()}
    assert first["paragraph"] == f"{words}."
    assert first["list item"] == f"{words} One. Two"
    assert first["sentence"] == f"{words}goes on."
    assert first["line"] == f"{words}goes"
    assert first["word"].endswith(" word")


def test_rows_of_a_table_are_not_torn() -> None:
    table = "| City | Hotel | Meals |\n|---|---|---|\n" + "| Berlin | 140 EUR | 35 EUR |\n" * 60
    assert len(passages(table)) > 1
    assert all(passage.startswith("|") and passage.endswith("|") for passage in passages(table))


def test_the_last_two_passages_share_what_is_left() -> None:
    sizes = [count_tokens(passage) for passage in passages(SENTENCE * 19)]
    assert len(sizes) == 2
    assert min(sizes) > CHUNK_TOKENS / 3


def test_a_megabyte_without_a_space_is_cut_too() -> None:
    found = passages("Ab0" * 100_000)
    assert "".join(found) == "Ab0" * 100_000
    assert max(map(len, found)) <= CHUNK_TOKENS * 24


def test_words_are_joined_over_line_ends_for_finding_only() -> None:
    assert searchable("Ent-\nwicklung und Kosten-\nNutzen soft\u00adhyphen  a\n b") == (
        "Entwicklung und Kosten- Nutzen softhyphen a b"
    )
    document = Document("T", (StoredText("Ent-\nwicklung"),), (Section(0, 0, 13),))
    (chunk,) = cut(document)
    assert (chunk.start, chunk.end, chunk.embedded_text) == (0, 13, "T\nEntwicklung")


def test_a_section_is_cut_where_it_stands_in_its_text() -> None:
    text = "First part.\nSecond part."
    sections = (Section(0, 0, 12, ("A",)), Section(0, 12, 24, ("B",)))
    chunks = list(cut(Document("T", (StoredText(text),), sections)))
    assert [(chunk.start, chunk.end, chunk.headings) for chunk in chunks] == [(0, 11, ("A",)), (12, 24, ("B",))]
    assert token_spans(text[12:])[0] == (0, 6)
