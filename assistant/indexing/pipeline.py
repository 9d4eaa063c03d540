"""Cutting and embedding as LlamaIndex ingestion pipelines (with `assistant/llamaindex.py` its only door).

Importing this module costs about two seconds, so it is imported only when there is something to read or embed.
Neither the docstore, nor the cache, nor a vector store of LlamaIndex is used: they lose documents when an embedding
fails, hash whole calls, and add where they should replace (PITFALLS.md). What is kept is kept by the catalog.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser.interface import NodeParser
from llama_index.core.schema import BaseNode, MetadataMode, TextNode
from llama_index.core.schema import Document as LlamaDocument
from pydantic import PrivateAttr

from assistant.embedding.embedder import Embedder, PassageVectors
from assistant.indexing.cut import embedded_text, spans, subject
from assistant.types import Chunk, Document, Section


class SectionParser(NodeParser):  # type: ignore[misc]
    """Cuts each text at its sections, as `assistant.indexing.cut` does.

    A node's metadata carries `section`, `start`, `end` and `headings`: LlamaIndex finds its own offsets by searching
    for the text, which goes wrong where a text repeats.
    """

    include_metadata: bool = False
    include_prev_next_rel: bool = False

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex lists the parser."""
        return "SectionParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [parsed for node in nodes for parsed in _parse(node)]


class EmbedderAdapter(BaseEmbedding):  # type: ignore[misc]
    """One of our embedders as LlamaIndex's `BaseEmbedding`."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder, **kwargs: Any) -> None:
        super().__init__(model_name=embedder.fingerprint, **kwargs)
        self._embedder = embedder

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex lists the embedding."""
        return "EmbedderAdapter"

    def _get_text_embedding(self, text: str) -> list[float]:
        vector: list[float] = self._embedder.embed_one(text).tolist()
        return vector

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self._embedder.embed(texts)]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


class PassageAdapter(EmbedderAdapter):
    """The same for the passages of an index, which have more than a vector."""

    @classmethod
    def class_name(cls) -> str:
        """Name under which LlamaIndex lists the embedding."""
        return "PassageAdapter"

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:
        """Give each node its vector, and its snippets as metadata, for which LlamaIndex has no field."""
        vectors = self._embedder.embed_passages([node.get_content(MetadataMode.NONE) for node in nodes])
        for node, made in zip(nodes, vectors, strict=True):
            node.embedding, node.metadata["snippets"] = made.vector.tolist(), made.snippets
        return nodes


def cut_documents(documents: Sequence[Document]) -> list[list[Chunk]]:
    """The chunks of each document, cut by one pipeline run."""
    inputs = [
        LlamaDocument(
            text=text.text,
            metadata={
                "document": number,
                "text_number": text_number,
                "subject": subject(document),
                "sections": [
                    (section, s.start, s.end, s.headings)
                    for section, s in enumerate(document.sections)
                    if s.text_number == text_number
                ],
            },
        )
        for number, document in enumerate(documents)
        for text_number, text in enumerate(document.texts)
    ]
    chunks: list[list[Chunk]] = [[] for _ in documents]
    for node in IngestionPipeline(transformations=[SectionParser()], disable_cache=True).run(documents=inputs):
        data = node.metadata
        chunks[data["document"]].append(
            Chunk(
                section=data["section"],
                start=data["start"],
                end=data["end"],
                headings=data["headings"],
                embedded_text=embedded_text(data["subject"], data["headings"], node.text),
            )
        )
    return chunks


def embed_passages(texts: Sequence[str], embedder: Embedder) -> Iterator[PassageVectors]:
    """The vectors of each passage, by one pipeline run."""
    nodes = [TextNode(text=text) for text in texts]
    for node in IngestionPipeline(transformations=[PassageAdapter(embedder)], disable_cache=True).run(nodes=nodes):
        yield PassageVectors(np.array(node.embedding, dtype=np.float32), node.metadata["snippets"])


def _parse(node: BaseNode) -> Iterator[TextNode]:
    text = node.get_content()
    origin = {key: node.metadata[key] for key in ("document", "text_number", "subject")}
    for number, start, end, headings in node.metadata["sections"]:
        section = Section(origin["text_number"], start, end, tuple(headings))
        for first, last in spans(text, section):
            place = {"section": number, "start": first, "end": last, "headings": section.headings}
            yield TextNode(text=text[first:last], metadata=origin | place)
