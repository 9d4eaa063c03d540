"""An evaluation embeds each text once, and gets the vectors that the embedder gives."""

import numpy as np

from assistant.embedding.bundled import BundledEmbedder
from assistant.embedding.embedder import Vector
from assistant.evaluation.remembering import Remembering


class Counting(BundledEmbedder):
    """The bundled embedder, and how often it embedded."""

    embedded = 0

    def embed_one(self, text: str) -> Vector:
        self.embedded += 1
        return super().embed_one(text)


def test_a_text_is_embedded_once_and_has_its_own_vector() -> None:
    counting = Counting()
    remembering = Remembering(counting)
    texts = ["annual leave", "notice period", "annual leave"]
    vectors = [*remembering.embed(texts), remembering.embed_one("notice period")]
    assert counting.embedded == 2
    for text, vector in zip([*texts, "notice period"], vectors, strict=True):
        assert np.array_equal(vector, BundledEmbedder().embed_one(text))
    assert remembering.count_tokens("annual leave") == BundledEmbedder().count_tokens("annual leave")
