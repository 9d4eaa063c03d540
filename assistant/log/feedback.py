"""What a person thinks of an answer, as an entry behind it."""

from assistant.config import Config
from assistant.errors import UsageError
from assistant.log.entry import RIGHT, Kind
from assistant.log.replay import question
from assistant.log.store import Log, New

LONGEST_RIGHT = 10_000  # characters of a right answer


def judge(config: Config, number: int, good: bool, right: str = "") -> int:
    """Log a judgment on the answer of entry `number`, with the right answer where it is known; returns its own number.

    Raises UsageError where that entry is no question, and LogUnusable where nothing can be logged.
    """
    if len(right) > LONGEST_RIGHT:
        raise UsageError(f"the right answer is longer than {LONGEST_RIGHT:,} characters", "Write a shorter one.")
    log = Log(config.index)
    question(log, number)
    texts = {RIGHT: right} if right and config.log_text else {}
    facts = {"of": number, "verdict": "good" if good else "bad"}
    return log.append(lambda: New(Kind.FEEDBACK, facts, texts))
