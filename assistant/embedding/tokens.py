"""The bundled model's tokenizer: counts tokens and says where each one stands.

Cutting and packing count with it whatever model embeds or answers, so that both work without any server.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL_FOLDER = Path(__file__).parent / "model"

# WordPiece turns any word of over 100 characters into one unknown token, and characters for private use (PDFs with
# fonts of their own are full of them) into none: a chunk of "200 tokens" could then be a megabyte. Longer tokens, and
# longer stretches without one, are counted as several of this length.
_LONGEST = 24


@cache
def tokenizer() -> "Tokenizer":
    """Load the tokenizer once a process (about 15 ms)."""
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(MODEL_FOLDER / "tokenizer.json"))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def token_spans(text: str) -> list[tuple[int, int]]:
    """Where each token of `text` stands: (start, end) in code points, ascending, none longer than 24 characters."""
    spans: list[tuple[int, int]] = []
    seen = 0
    for start, end in tokenizer().encode(text, add_special_tokens=False).offsets:
        if start - seen > _LONGEST:
            spans += _parts(text, seen, start)
        if end - start > _LONGEST:
            spans += _parts(text, start, end)
        else:
            spans.append((start, end))
        seen = max(seen, end)
    return spans + _parts(text, seen, len(text)) if len(text) - seen > _LONGEST else spans


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A stretch in parts of at most 24 characters, without those that are white space only."""
    parts = [(at, min(at + _LONGEST, end)) for at in range(start, end, _LONGEST)]
    return [part for part in parts if text[slice(*part)].strip()]


def count_tokens(text: str) -> int:
    """Tokens of `text`, without the model's own marks."""
    return len(token_spans(text))
