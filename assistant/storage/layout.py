"""What stands in the folder of an index, by name: each is known here alone."""

CATALOG = "catalog.sqlite"
SEAL = "seal"  # the mark of the catalog; there is none while a run writes, and after one that was killed
NEW_SEAL = f"{SEAL}.new"
LOCK = "lock"
WORDS = "words"  # a folder
GENERATIONS = "chroma"  # a folder with one for each generation
LAST_ANSWER = "last.json"  # where the sources of the last answer stand
LOG = "log.sqlite"  # what was asked and answered (assistant/log); no run makes it anew
DAMAGED = "damaged"  # left by a reader that could not use a derived index

OWN = frozenset({SEAL, NEW_SEAL, LOCK, WORDS, GENERATIONS, LAST_ANSWER, LOG, DAMAGED})  # all but the catalog
