"""The public door for LlamaIndex programs: the assistant's own search as a retriever, and its embedder.

    from llama_index.core.query_engine import RetrieverQueryEngine
    from assistant.llamaindex import AssistantRetriever

    with AssistantRetriever("indexes/default", limit=6) as retriever:
        nodes = retriever.retrieve("How many days of annual leave do I get?")  # no model needed
        answer = RetrieverQueryEngine.from_args(retriever, llm=llm).query("How many days of annual leave do I get?")

Import this module before any other part of LlamaIndex: `assistant` switches off what dependencies send by default.
Always name the `llm`: where none is given, LlamaIndex looks for one of OpenAI's. Its Ollama class ignores proxies only
with a client of your own: `Ollama(model=..., context_window=4096, client=ollama.Client(host, trust_env=False))`.
"""

import asyncio
import hashlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from assistant import library
from assistant.config import Config
from assistant.dates import said
from assistant.indexing.pipeline import EmbedderAdapter
from assistant.types import Filter, Hit

__all__ = ["AssistantRetriever", "EmbedderAdapter"]

_log = logging.getLogger(__name__)

# Where a passage stands is for programs; a model is told what a reader would be told.
_NOT_FOR_THE_MODEL = frozenset({"page_label", "start", "end"})


class AssistantRetriever(BaseRetriever):  # type: ignore[misc]
    """The search of `assistant search` over one index; needs no model and may be called from any thread.

    A node's metadata carry `path`, `page`, `page_label`, `heading`, `start`, `end`, `title` and `date` (ISO text) of
    its passage; what a passage does not have is None. Its id depends on the path, the place and the text alone, so
    building the index again does not change it. Use it as a context manager, or `close` it.
    """

    def __init__(
        self,
        index: str | Path = "indexes/default",
        limit: int = 10,
        within: Filter = Filter(),  # noqa: B008 - frozen
        config: Config | None = None,
        **kwargs: Any,
    ) -> None:
        """Open the index; raises IndexUnusable where there is none or it must be rebuilt."""
        super().__init__(**kwargs)
        self.limit = limit
        self.within = within
        self._closed = False
        # SQLite lets one thread use a connection, and LlamaIndex calls retrievers from threads of its own.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="assistant-index")
        try:
            self._index = self._thread.submit(library.open, index, config).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def __enter__(self) -> "AssistantRetriever":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the index; safe to call again."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._index.close).result()
            self._thread.shutdown()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return self._search(query_bundle).result()

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.wrap_future(self._search(query_bundle))

    def _search(self, query_bundle: QueryBundle) -> Future[list[NodeWithScore]]:
        return self._thread.submit(self._found, query_bundle.query_str)

    def _found(self, question: str) -> list[NodeWithScore]:
        found = self._index.find(question, self.limit, self.within)
        for notice in found.notices:
            _log.warning("%s", notice)
        return [NodeWithScore(node=node(hit), score=hit.score) for hit in found.hits]


def node(hit: Hit) -> TextNode:
    """A hit as LlamaIndex's node; its source is the file, and models see only what readers would."""
    metadata = {
        "title": hit.title,
        "path": hit.path,
        "page": hit.page,
        "page_label": hit.page_label,
        "heading": hit.heading,
        "date": said(hit.date, hit.dated) or None,
        "start": hit.start,
        "end": hit.end,
    }
    hidden = [key for key, value in metadata.items() if key in _NOT_FOR_THE_MODEL or value in (None, "")]
    return TextNode(
        id_=_stable_id(hit),
        text=hit.text,
        metadata=metadata,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=[key for key in metadata if key not in ("title", "heading")],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=hit.path)},
    )


def _stable_id(hit: Hit) -> str:
    place = f"{hit.path}\0{hit.page}\0{hit.start}\0{hit.end}\0{hit.text}"
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:32]
