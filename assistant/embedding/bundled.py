"""The embedding model that ships with the package: all-MiniLM-L6-v2, int8, run by onnxruntime.

The only door to onnxruntime. One text a call: the int8 model quantizes its activations over the whole batch, so in a
batch a text's vector would depend on its neighbors, and batches are no faster. Several texts are embedded side by side,
each on one thread: two threads that share one text wait for each other at every layer (scripts/LOG.md, "Threads").
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.embedding.embedder import Vector
from assistant.embedding.tokens import MODEL_FOLDER, count_tokens, tokenizer
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from tokenizers import Encoding

_MOST_THREADS = 8  # each holds about 10 MB while it embeds
MODEL_FILE = "model.int8.onnx"


class BundledEmbedder:
    """all-MiniLM-L6-v2: mean of the last hidden states, then L2 normalization (its model card)."""

    name = "bundled"
    dimensions = 384
    window = 256  # the model's own convention; longer inputs are cut

    @cached_property
    def fingerprint(self) -> str:
        """Name and digest of the model file, as SHA256SUMS beside it says."""
        return f"all-MiniLM-L6-v2-int8:{_published_digest()[:16]}"

    def embed_one(self, text: str) -> Vector:
        """Embed one text; what lies beyond the window is not seen, so callers cut before."""
        encoding: Encoding = tokenizer().encode(text)
        ids = encoding.ids
        if len(ids) > self.window:
            ids = [*ids[: self.window - 1], ids[-1]]
        row = np.array([ids], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        hidden = _session(MODEL_FOLDER / MODEL_FILE).run(None, inputs)[0][0]  # float32 [tokens, 384]
        mean = hidden.mean(axis=0)
        vector: Vector = mean / np.linalg.norm(mean)
        return vector

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts side by side, one a core; the vectors come in the order of the texts."""
        _session(MODEL_FOLDER / MODEL_FILE)  # loaded once, before the threads ask for it
        with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS), thread_name_prefix="embed") as threads:
            yield from threads.map(self.embed_one, texts)

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, without [CLS] and [SEP]."""
        return count_tokens(text)


@cache
def _session(path: Path) -> Any:
    """Load the model once a process (about 0.2 s), however many indexes are open."""
    import onnxruntime

    if not path.exists():
        raise AssistantError(f"the bundled model is missing ({path.name})", "Install the package again.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # errors only: its warnings are about devices nobody asked for
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _published_digest() -> str:
    for line in (MODEL_FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines():
        digest, name = line.split()
        if name.lstrip("*") == MODEL_FILE:
            return digest
    raise AssistantError("the bundled model's checksum is missing", "Install the package again.")
