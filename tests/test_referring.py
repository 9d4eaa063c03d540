"""What speaks of a removed sentence is removed with it, and nothing else is."""

import pytest

from tests.scripted import ScriptedModel
from tests.test_ask import whole
from tests.test_verify import evidence

STEPS = evidence(
    1,
    "The client is set up by the server team. Press the button to start the client. Then close the window. The window "
    "may stay open on a laptop. This will not delete the files of the client.",
    "Client",
)
ENDS = "This will not delete the files of the client [1]."
FALSE = "The client needs 40 minutes of the server team [1]."


def last(written: str) -> tuple[bool, str]:
    """Whether the last sentence that was written is shown, and why not."""
    answer = whole(ScriptedModel().enqueue(written), "How is the client set up while its window stays open?", (STEPS,))
    written_last = next(one for one in reversed(answer.sentences) if one.findings and one.verdict)
    return written_last.shown, written_last.reason


def test_what_speaks_of_a_removed_sentence_is_removed_too() -> None:
    opened = "The client is set up by the server team [1]."
    assert last(f"{opened} {FALSE} {ENDS}") == (False, "it speaks of a sentence that was removed")


@pytest.mark.parametrize(
    "written",
    [
        ENDS,  # it speaks of the question
        f"The client is set up by the server team [1]. {ENDS}",
        f"What is set up? {ENDS}",
        f"{FALSE} The client is set up by the server team [1].",  # it speaks of nothing before it
        f"The window may stay open on a laptop [1]. {FALSE} {ENDS}",  # its source follows on what is shown
    ],
)
def test_what_speaks_of_nothing_removed_stays(written: str) -> None:
    assert last(written) == (True, "")
