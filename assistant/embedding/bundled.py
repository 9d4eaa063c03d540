"""The embedding model that ships with the package: all-MiniLM-L6-v2, int8, run by onnxruntime.

The only door to onnxruntime. One text a call: the int8 model quantizes its activations over the whole batch, so in a
batch a text's vector would depend on its neighbors, and batches are no faster. Several texts are embedded side by side,
each on one thread: two threads that share one text wait for each other at every layer (scripts/LOG.md, "Threads").
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.embedding.embedder import PassageVectors, Vector
from assistant.embedding.snippets import pooled
from assistant.embedding.tokens import MODEL_FOLDER, count_tokens, tokenizer
from assistant.errors import AssistantError

if TYPE_CHECKING:
    from tokenizers import Encoding

_MOST_THREADS = 8  # each holds about 10 MB while it embeds
MODEL_FILE = "model.int8.onnx"
_Made = TypeVar("_Made")


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
        return _mean(self._states(text)[0])

    def embed(self, texts: Sequence[str]) -> Iterator[Vector]:
        """Embed texts side by side, one a core; the vectors come in the order of the texts."""
        yield from _side_by_side(self.embed_one, texts)

    def embed_passage(self, text: str) -> PassageVectors:
        """The vector of one text and the snippets of what stands behind its first line end, or of all of it."""
        states, starts = self._states(text)
        own = [number for number, start in enumerate(starts) if start > text.find("\n")]
        return PassageVectors(_mean(states), pooled(states[own or slice(1, -1)]))

    def embed_passages(self, texts: Sequence[str]) -> Iterator[PassageVectors]:
        """Embed passages side by side, as `embed` does."""
        yield from _side_by_side(self.embed_passage, texts)

    def count_tokens(self, text: str) -> int:
        """Tokens of `text`, without [CLS] and [SEP]."""
        return count_tokens(text)

    def _states(self, text: str) -> tuple[NDArray[np.float32], list[int]]:
        """The last hidden states of a text's tokens [tokens, 384], and where each starts; -1 for [CLS] and [SEP]."""
        encoding: Encoding = tokenizer().encode(text)
        ids, starts = encoding.ids, [start for start, _ in encoding.offsets]
        if len(ids) > self.window:
            ids, starts = [*ids[: self.window - 1], ids[-1]], starts[: self.window]
        starts[0] = starts[-1] = -1
        row = np.array([ids], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        return _session(MODEL_FOLDER / MODEL_FILE).run(None, inputs)[0][0], starts


def _mean(states: NDArray[np.float32]) -> Vector:
    mean = states.mean(axis=0)
    vector: Vector = mean / np.linalg.norm(mean)
    return vector


def _side_by_side(embed: Callable[[str], _Made], texts: Sequence[str]) -> Iterator[_Made]:
    """What `embed` makes of each text, one a core, in the order of the texts."""
    _session(MODEL_FOLDER / MODEL_FILE)  # loaded once, before the threads ask for it
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS), thread_name_prefix="embed") as threads:
        yield from threads.map(embed, texts)


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
