"""Jobs that run the stock stack: LlamaIndex's own reader, splitter and embedding of an Ollama server, and Chroma.

Its defaults are kept. Three things are not stock, because it would not run otherwise. The PDF reader stands here: that
of llama-index-readers-file asks for pypdf below 7 and cannot be installed beside ours; it makes one document a page
with pypdf's text and page label, as that package does. Texts are cut to the model's window before they are sent: Ollama
refuses longer ones since 0.13.5, though it is documented to cut them (ollama/ollama#14186); what it refuses all the
same is cut once more. And nltk's data are read from a copy: nltk refuses files that uv has hard-linked.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_index.core
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import BaseNode, Document, MetadataMode

from assistant.embedding.tokens import tokenizer
from measure.figures import Ingested, Job
from measure.ours import MARKS, count

MODEL = "all-minilm"
_SPARE = 32  # tokens: the server counts up to 21 more than the bundled tokenizer did on contracts, and refuses the text


class PdfReader(BaseReader):  # type: ignore[misc]
    """A document for each page of a PDF, by pypdf."""

    def load_data(self, file: Path, extra_info: dict[str, Any] | None = None) -> list[Document]:
        """Text and printed label of each page."""
        import pypdf

        named = {"file_name": file.name} | (extra_info or {})
        with file.open("rb") as stream:
            pdf = pypdf.PdfReader(stream)
            return [
                # The labels are asked for at each page, as that package does: pypdf makes all of them each time.
                Document(text=page.extract_text(), metadata={"page_label": pdf.page_labels[number]} | named)
                for number, page in enumerate(pdf.pages)
            ]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of one text that the server's model reads, but a few."""

    tokens: int


def window(job: Job, measured: Callable[[], None]) -> Window:
    """Load the server's model, and see how much it reads of a text that is too long."""
    import ollama

    with ollama.Client(job.server, trust_env=False) as client:
        reply = client.embed(MODEL, "word " * 1_500, keep_alive="60m")
    measured()
    return Window(int(reply.prompt_eval_count or 0) - _SPARE)


def ingest(job: Job, measured: Callable[[], None]) -> Ingested:
    """The stock stack as it stands."""
    import ollama
    from llama_index.embeddings.ollama import OllamaEmbedding

    class CutEmbedding(OllamaEmbedding):  # type: ignore[misc]
        def _format_text(self, text: str) -> str:
            places = tokenizer().encode(text, add_special_tokens=False).offsets
            return text if len(places) <= limit else text[: places[limit - 1][1]]

        def get_general_text_embeddings(self, texts: list[str]) -> Any:
            try:
                return super().get_general_text_embeddings(texts)
            except ollama.ResponseError:
                if len(texts) > 1:
                    return [vector for text in texts for vector in self.get_general_text_embeddings([text])]
                if len(texts[0]) < limit:
                    raise  # it cannot be for its length
                return self.get_general_text_embeddings([texts[0][: len(texts[0]) * 9 // 10]])

    limit = job.window - MARKS
    embedding = CutEmbedding(MODEL, job.server, client_kwargs={"trust_env": False}, keep_alive="60m")
    return _ingest(job, embedding, job.window, measured)


def ingest_with_our_embedder(job: Job, measured: Callable[[], None]) -> Ingested:
    """The stock stack with the assistant's embedder in the place of Ollama's."""
    from assistant.embedding.bundled import BundledEmbedder
    from assistant.llamaindex import EmbedderAdapter

    embedder = BundledEmbedder()
    embedder.embed_one("loaded")
    return _ingest(job, EmbedderAdapter(embedder), embedder.window, measured)


def _ingest(job: Job, embedding: BaseEmbedding, window: int, measured: Callable[[], None]) -> Ingested:
    """The pipeline, stage by stage, so that each can be timed."""
    _copied_nltk_data(Path(job.index))
    from llama_index.core import SimpleDirectoryReader
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    store = _store(Path(job.index))
    splitter = SentenceSplitter()
    start = time.perf_counter()
    paths = [Path(job.folder) / file for file in job.files]
    documents = SimpleDirectoryReader(input_files=paths, file_extractor={".pdf": PdfReader()}).load_data()
    read_at = time.perf_counter()
    nodes = IngestionPipeline(transformations=[splitter]).run(documents=documents)
    cut_at = time.perf_counter()
    nodes = IngestionPipeline(transformations=[embedding]).run(nodes=nodes)
    embedded_at = time.perf_counter()
    store.add(nodes)
    total = time.perf_counter() - start
    measured()
    tokens, kept = count(_embedded_texts(nodes), window)
    return Ingested(
        files=len(job.files),
        pages=sum("page_label" in document.metadata for document in documents),
        passages=len(nodes),
        tokens=tokens,
        tokens_embedded=kept,
        reading_seconds=read_at - start,
        embedding_seconds=embedded_at - cut_at,
        total_seconds=total,
    )


def _embedded_texts(nodes: Sequence[BaseNode]) -> list[str]:
    return [node.get_content(MetadataMode.EMBED) for node in nodes]


def _store(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings
    from llama_index.vector_stores.chroma import ChromaVectorStore

    settings = Settings(_env_file=None, is_persistent=True, anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder / "chroma"), settings=settings)
    return ChromaVectorStore(chroma_collection=client.create_collection("stock", embedding_function=None))


def _copied_nltk_data(folder: Path) -> None:
    package = Path(llama_index.core.__file__).parent / "_static" / "nltk_cache"
    copy = Path(tempfile.mkdtemp(dir=folder)) / "nltk"
    os.environ["NLTK_DATA"] = str(shutil.copytree(package, copy))
