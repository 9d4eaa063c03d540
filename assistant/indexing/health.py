"""Which of the indexes that are derived from the catalog are missing or damaged, by their marks: nothing is opened."""

from pathlib import Path

from assistant.indexing import mend, publish
from assistant.storage.catalog import Catalog

WORDS_INDEX = "words index"
VECTORS_STORE = "vectors' store"


def store_damaged(catalog: Catalog, index: Path) -> bool:
    """Whether there should be a generation of vectors and it is not as it was built."""
    return publish.state(catalog)[0] != 0 and not publish.is_intact(catalog, index)


def damaged(catalog: Catalog, index: Path) -> tuple[str, ...]:
    """What the next run makes anew; without it, questions are answered by the other half, or more slowly."""
    whole = mend.words_trusted(catalog, index) or catalog.get("words") == mend.FORGETTING  # that is no damage
    words = () if whole else (WORDS_INDEX,)
    return (*words, *((VECTORS_STORE,) if store_damaged(catalog, index) else ()))
