"""The figures of a measurement, as values that travel between processes as JSON."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """What a measuring process is asked to do; a field that a job does not need stays empty."""

    name: str
    folder: str = ""
    files: tuple[str, ...] = ()  # relative to the folder
    index: str = ""  # where to build, or which to use
    server: str = ""  # address of the Ollama server
    window: int = 0  # tokens of one text that the server's model reads
    texts: int = 0  # how many to take


@dataclass(frozen=True, slots=True)
class Ingested:
    """From files to searchable vectors, once."""

    files: int
    pages: int
    passages: int
    tokens: int  # of all that was to be embedded, by the bundled tokenizer, without [CLS] and [SEP]
    tokens_embedded: int  # what the model's window let through
    reading_seconds: float
    embedding_seconds: float
    total_seconds: float  # from the first file to the last vector stored; imports are done before
    model_seconds: float | None = None  # of the embedding's, those inside the bundled model, its loading left out

    @property
    def pages_a_second(self) -> float:
        """Of reading; ours includes cutting and the words index, which the stock stack does later or not at all."""
        return self.pages / self.reading_seconds

    @property
    def tokens_a_second(self) -> float:
        """Of embedding, counting what was really embedded."""
        return self.tokens_embedded / self.embedding_seconds


@dataclass(frozen=True, slots=True)
class Bare:
    """The bundled model alone: one text a call a core, nothing else."""

    texts: int
    tokens_embedded: int
    seconds: float

    @property
    def tokens_a_second(self) -> float:
        """Of embedding, counting what was really embedded."""
        return self.tokens_embedded / self.seconds


@dataclass(frozen=True, slots=True)
class Peak:
    """The most memory that a tree of processes held at one moment."""

    megabytes: float
    kind: str  # PSS where the system tells it, else USS
    parts: tuple[tuple[str, float], ...]  # (process, megabytes) at that moment, largest first
    samples: int
