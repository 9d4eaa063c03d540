"""A LlamaIndex program gets the assistant's own search, and the assistant's ingestion is LlamaIndex's pipeline."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import MetadataMode
from llama_index_instrumentation.span_handlers import SimpleSpanHandler

import assistant
from assistant.config import Config
from assistant.embedding.bundled import BundledEmbedder
from assistant.errors import IndexUnusable
from assistant.indexing import embed, ingest
from assistant.indexing.pipeline import SectionParser
from assistant.indexing.run import index_folder
from assistant.llamaindex import AssistantRetriever, EmbedderAdapter, node
from assistant.types import Filter, Kind
from tests.ollama_server import CHAT_MODEL

DATA = Path(__file__).parent.parent / "data"
FILES = ("finance/travel.md", "hr/leave-policy-2026.pdf", "it/vpn.md")
QUESTIONS = ("hotel limit per night", "annual leave in the third year", "how do I set up the VPN?")


def build(folder: Path, index: Path) -> Path:
    for _ in index_folder(folder, Config(index=index)):
        pass
    return index


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("documents")
    for name in FILES:
        (root / name).parent.mkdir(exist_ok=True)
        shutil.copy(DATA / name, root / name)
    shutil.copy(DATA / "it/vpn.md", root / "it/vpn-copy.md")
    return root


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(folder, tmp_path_factory.mktemp("indexes") / "default")


@contextmanager
def recorded_spans() -> Iterator[SimpleSpanHandler]:
    """What LlamaIndex's own instrumentation sees."""
    root, handler = get_dispatcher(), SimpleSpanHandler()
    root.add_span_handler(handler)
    try:
        yield handler
    finally:
        root.span_handlers.remove(handler)


@pytest.mark.parametrize("question", QUESTIONS)
def test_nodes_are_the_hits_of_the_search(index: Path, question: str) -> None:
    with assistant.open(index) as opened, AssistantRetriever(index, limit=7) as retriever:
        hits = opened.search(question, limit=7)
        found = retriever.retrieve(question)
    assert [(item.score, item.node.text) for item in found] == [(hit.score, hit.text) for hit in hits]
    for item, hit in zip(found, hits, strict=True):
        assert item.node.metadata == {
            "path": hit.path,
            "page": hit.page,
            "page_label": hit.page_label,
            "heading": hit.heading,
            "start": hit.start,
            "end": hit.end,
            "title": hit.title,
            "date": hit.date.isoformat() if hit.date else None,
        }


def test_a_node_names_the_place_of_its_text(index: Path) -> None:
    with AssistantRetriever(index, within=Filter(kind=Kind.PDF)) as retriever, assistant.open(index) as opened:
        for item in retriever.retrieve("annual leave"):
            place = item.node.metadata
            stored = opened.stored_text(place["path"], place["page"])
            assert stored is not None
            assert stored.text[place["start"] : place["end"]] == item.node.text
            assert item.node.ref_doc_id == place["path"]


def test_ids_are_the_same_in_another_index_of_the_same_folder(folder: Path, index: Path, tmp_path: Path) -> None:
    again = build(folder, tmp_path / "again")
    with AssistantRetriever(index, limit=200) as one, AssistantRetriever(again, limit=200) as other:
        ids = [item.node_id for item in one.retrieve("leave")]
        assert sorted(ids) == sorted(item.node_id for item in other.retrieve("leave"))
    assert len(set(ids)) == len(ids) > 10


def test_the_same_paragraph_in_two_files_is_found_in_both(index: Path) -> None:
    with AssistantRetriever(index, limit=200) as retriever:
        paths = {item.node.metadata["path"] for item in retriever.retrieve("how do I set up the VPN?")}
    assert {"it/vpn.md", "it/vpn-copy.md"} <= paths


def test_an_id_changes_with_the_place_and_with_the_text(index: Path) -> None:
    with assistant.open(index) as opened:
        hit = opened.search("leave", limit=1)[0]
    others = [
        replace(hit, path="x.md"),
        replace(hit, page=99),
        replace(hit, start=hit.start + 1),
        replace(hit, text="x"),
    ]
    assert len({node(item).node_id for item in [hit, *others]}) == 5
    assert node(replace(hit, score=0.1, chunk_id=9)).node_id == node(hit).node_id


def test_limit_and_filter_are_kept(index: Path) -> None:
    with AssistantRetriever(index, limit=2, within=Filter(within="it")) as retriever:
        found = retriever.retrieve("hotel limit per night")
    assert len(found) == 2
    assert all(item.node.metadata["path"].startswith("it/") for item in found)


def test_it_may_be_called_from_any_thread_and_from_a_loop(index: Path) -> None:
    with AssistantRetriever(index, limit=3) as retriever, ThreadPoolExecutor(4) as threads:
        expected = [item.node_id for item in retriever.retrieve(QUESTIONS[0])]
        for found in threads.map(retriever.retrieve, [QUESTIONS[0]] * 8):
            assert [item.node_id for item in found] == expected
        assert [item.node_id for item in asyncio.run(retriever.aretrieve(QUESTIONS[0]))] == expected


def test_no_index_is_the_librarys_own_error(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable):
        AssistantRetriever(tmp_path / "none")


def test_closing_twice_is_harmless(index: Path) -> None:
    retriever = AssistantRetriever(index)
    retriever.close()
    retriever.close()


def test_a_missing_store_of_vectors_is_logged_and_costs_no_hit(
    index: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with AssistantRetriever(index) as retriever:
        expected = [item.node_id for item in retriever.retrieve(QUESTIONS[0])]
    damaged = shutil.copytree(index, tmp_path / "damaged", ignore=shutil.ignore_patterns("chroma"))
    with AssistantRetriever(damaged) as retriever, caplog.at_level(logging.WARNING, "assistant.llamaindex"):
        assert [item.node_id for item in retriever.retrieve(QUESTIONS[0])] == expected
    assert "assistant index" in caplog.text


def test_a_model_sees_where_a_passage_stands_but_no_offsets(index: Path) -> None:
    with AssistantRetriever(index, limit=1) as retriever:
        shown = retriever.retrieve("hotel limit per night")[0].node.get_content(MetadataMode.LLM)
    head, _, passage = shown.partition("\n\n")
    assert head.splitlines() == [
        "title: Travel Guideline",
        "path: finance/travel.md",
        "heading: Hotels",
        "date: 2026-01-12",
    ]
    assert "140 euros" in passage


@pytest.mark.ollama
def test_a_query_engine_answers_from_the_hits_with_a_real_model(
    index: Path, ollama_host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from llama_index.llms.ollama import Ollama
    from ollama import Client

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # where nothing listens
    options = {"num_predict": 24, "seed": 7}
    with (
        closing(Client(ollama_host, trust_env=False, timeout=300)) as client,
        AssistantRetriever(index, limit=2) as retriever,
        assistant.open(index) as opened,
    ):
        llm = Ollama(CHAT_MODEL, ollama_host, 0.0, context_window=1024, additional_kwargs=options, client=client)
        answer = RetrieverQueryEngine.from_args(retriever, llm=llm).query(QUESTIONS[0])
        hits = opened.search(QUESTIONS[0], limit=2)
    assert [item.node.text for item in answer.source_nodes] == [hit.text for hit in hits]
    assert str(answer).strip()


def test_the_parser_and_the_embedding_are_parts_of_any_pipeline() -> None:
    text = "Leave is 28 days. " * 120
    half = len(text) // 2
    sections = [(7, 0, half, ("One",)), (8, half, len(text), ("Two",))]
    document = LlamaDocument(
        text=text, metadata={"document": 0, "text_number": 0, "subject": "Leave", "sections": sections}
    )
    embedder = BundledEmbedder()
    nodes = IngestionPipeline(transformations=[SectionParser(), EmbedderAdapter(embedder)]).run(documents=[document])
    places = [(item.metadata["start"], item.metadata["end"]) for item in nodes]
    assert [text[start:end] for start, end in places] == [item.text for item in nodes]
    assert len(places) > 2
    assert sorted(places) == places
    assert {(item.metadata["section"], item.metadata["headings"]) for item in nodes} == {(7, ("One",)), (8, ("Two",))}
    seen = nodes[0].get_content(MetadataMode.EMBED)
    assert nodes[0].embedding == pytest.approx(embedder.embed_one(seen).tolist())


def test_a_run_of_the_index_is_a_run_of_llamaindexs_pipeline(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SectionParser._parse_nodes
    open_around_parser: list[set[str]] = []

    def watched(self: SectionParser, *args: Any, **kwargs: Any) -> Any:
        open_around_parser.append({name.partition("-")[0] for name in spans.open_spans})
        return real(self, *args, **kwargs)

    monkeypatch.setattr(SectionParser, "_parse_nodes", watched)
    for module in (ingest, embed):
        monkeypatch.setattr(module, "_FEW", 0)  # small runs call parser and embedder themselves
    with recorded_spans() as spans:
        build(folder, tmp_path / "index")
    assert len(open_around_parser) == len(FILES) + 1
    assert all("IngestionPipeline.run" in names for names in open_around_parser)
    parents = {(span.parent_id or "").partition("-")[0] for span in spans.completed_spans if is_embedding(span.id_)}
    assert parents and all(parent.startswith(("IngestionPipeline", "PassageAdapter")) for parent in parents)


def is_embedding(span: str) -> bool:
    return span.startswith("PassageAdapter.")
