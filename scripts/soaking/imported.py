"""Everything that an indexing or asking process imports, imported once; its forks start in a hundredth of the time.

Nothing is used here: chromadb and tantivy start threads at their first use, and a fork has none of them.
"""

import chromadb.api.rust
import numpy.random
import onnxruntime
import tantivy

from assistant import library
from assistant.cli import app
from assistant.cli.output import progress, records, report
from assistant.embedding import bundled, tokens
from assistant.indexing import pipeline, publish, run, vectors, words

tokens.tokenizer()  # used by one text at a time, it starts no threads

IMPORTED = (
    chromadb, numpy, onnxruntime, tantivy, library, app, progress, records, report, bundled,
    pipeline, publish, run, vectors, words,
)  # fmt: skip
