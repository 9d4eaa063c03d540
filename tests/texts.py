"""Texts as bad as real files have them, for properties: long words, no spaces, emoji, private use, tables, lists."""

import base64
import hashlib
from itertools import pairwise

from hypothesis import strategies as st

from assistant.types import Document, Section, StoredText

_NOISE = (
    base64.b64encode(b"".join(hashlib.sha256(bytes([n])).digest() for n in range(250)))
    .decode()
    .replace("+", "A")
    .replace("/", "B")
)

_FRAGMENTS = [
    "Annual leave is 28 days. ", "Hotel costs: 140 euros!\n", "\n\n", "\n", " ", "\t", "- item\n", "(a) point ", "1. ",
    "| Berlin | 140 EUR |\n", "## Head\n", "Überstunden wer-\nden ", "soft\u00adhyphen ", "“quoted.” ", "naïve café ",
    "日本語テキスト", "ภาษาไทย", "हिन्दी", "עברית ", "e\u0301" * 9, "👩\u200d👩\u200d👧\U0001f1e9\U0001f1ea", "ﬃ½㎯İ",
    "\ue001" * 30, "\u200b" * 40, "\U000e0041", "\u2028", "\u00a0", ".", "…", "%", "https://a.example/b?c=d&e=f ",
]  # fmt: skip

_noise = st.integers(1, 2000).flatmap(lambda size: st.integers(0, 9000).map(lambda at: _NOISE[at : at + size]))
_repeated = st.builds(lambda fragment, times: fragment * times, st.sampled_from(_FRAGMENTS), st.integers(1, 120))
_pieces = st.one_of(st.sampled_from(_FRAGMENTS), _repeated, _noise, st.text(st.characters(codec="utf-8"), max_size=60))

wild = st.lists(_pieces, max_size=12).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document of a few such texts, each covered by sections without gaps or overlap."""
    texts = draw(st.lists(wild, max_size=3))
    sections = []
    for number, text in enumerate(texts):
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)) | {0, len(text)})
        for start, end in pairwise(cuts):
            headings = draw(st.lists(wild, max_size=3))
            sections.append(Section(number, start, end, tuple(headings)))
    return Document(draw(wild), tuple(StoredText(text) for text in texts), tuple(sections))
