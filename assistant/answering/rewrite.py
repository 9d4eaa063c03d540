"""Has a model say a vague question in the words of documents; the question as it was typed is searched, too."""

from assistant.answering.prompt import harmless, visible
from assistant.models.chat import ChatModel, Message

_TOKENS = 60  # of a rewritten question, at most
_LONGEST = 300  # characters that are searched for
_PROMPT = (
    "Rewrite the question so that a search of company documents finds its answer. "
    "Use the words that such documents use, and keep names and numbers. "
    "Write only the rewritten question, in the language of the question."
)


def rewritten(question: str, model: ChatModel) -> str:
    """The question as a model writes it, on one line; empty where it writes nothing new.

    Raises ModelUnavailable where it writes nothing at all.
    """
    messages = [Message("system", _PROMPT), Message("user", f"Question: {harmless(question)}")]
    written = visible("".join(model.stream(messages, _TOKENS)))
    lines = (line.removeprefix("Question:").strip(" \t\"“”'*") for line in written.splitlines())
    text = next((" ".join(line.split()) for line in lines if line), "")[:_LONGEST]
    return "" if text.casefold() == question.strip().casefold() else text
