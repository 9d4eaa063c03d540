"""A question as it may be asked: text of a length that search and prompt can take, and its language."""

from collections.abc import Mapping

from assistant.errors import UsageError
from assistant.language.detection import language_asked

LONGEST = 4_000  # characters
_NAMES = {"en": "English", "de": "German"}


def other_language(question: str, files: Mapping[str, int]) -> tuple[str, ...]:
    """That the documents are in another language than the question, in one line; nothing where that is not plain.

    `files` counts documents by language, under "" those of which none is known: at most half may be.
    """
    asked = language_asked(question)
    known = max(files, key=lambda language: files[language], default="")
    if not asked or not known or asked in files or len(files.keys() - {""}) > 1:
        return ()
    return (f"The question is in {_NAMES[asked]}, the documents are in {_NAMES[known]}: ask in {_NAMES[known]}.",)


def valid(question: str) -> str:
    """The question as text that can be tokenized and sent: without lone surrogates.

    Raises UsageError for one that is empty, too long, or no text.
    """
    text = question.encode("utf-8", "replace").decode("utf-8")
    if "\0" in text:
        raise UsageError("the question is not text", "Was a file given that is none? Write the question in words.")
    if not text.strip():
        raise UsageError("the question is empty", 'Write it in quotes behind the command: "How many days of leave?"')
    if len(text) > LONGEST:
        raise UsageError(f"the question is longer than {LONGEST:,} characters", "Ask something shorter.")
    return text
