"""A question as it may be asked: text of a length that search and prompt can take."""

from assistant.errors import UsageError

LONGEST = 4_000  # characters


def valid(question: str) -> str:
    """The question as text that can be tokenized and sent: without lone surrogates.

    Raises UsageError for one that is empty or too long.
    """
    text = question.encode("utf-8", "replace").decode("utf-8")
    if not text.strip():
        raise UsageError("the question is empty", 'Write it in quotes behind the command: "How many days of leave?"')
    if len(text) > LONGEST:
        raise UsageError(f"the question is longer than {LONGEST:,} characters", "Ask something shorter.")
    return text
