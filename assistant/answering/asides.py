"""What a passage says of its document and not of its subject: its title again, that it is superseded, what was changed.

Such lines name the document better than any rule in it does, and answer no question but one about the document.
"""

import re

from assistant.answering.passages import Passage, Statement
from assistant.language.numbers import figures, missing
from assistant.language.sentences import Form
from assistant.language.terms import content

_DOCUMENT = r"(?:document|policy|rules?|version|edition|dokument|richtlinie|regelung|fassung)"
_NOTICES = (
    rf"(?:(?:this|the|these|diese[rs]?|die) {_DOCUMENT}\b[^.]{{0,20}})?\b(?:superseded|replaced|ersetzt|abgelöst)\s+"
    r"(?:(?:on|since|from|am|seit|ab|zum)\b[^.]{0,30})?(?:by|durch)\b",
    rf"(?:(?:it|they|sie|this {_DOCUMENT}) )?(?:supersedes?|replaces?|ersetzt) "
    r"(?:the|die|das|den|der|all|alle|version)\b",
    r"(?:in force|effective|valid|gültig|in kraft)\s+(?:(?:on|from|since|as of|ab|seit|vom)\s+)?(?:the )?\d",
    r".{0,80}\b(?:version|edition|fassung|revision) [\d.]+,? (?:in force|valid|effective|gültig|in kraft)\b",
)
_NOTICE = re.compile(rf"\W*(?:{'|'.join(_NOTICES)})", re.IGNORECASE | re.DOTALL)
_HISTORY = re.compile(
    r"(?:(?:list|history|table|log) of )?(?:changes|amendments|revisions)"
    r"|(?:change|revision|version|document)s?[ -]?(?:log|history)"
    r"|änderungen|(?:änderungs|versions|dokument(?:en)?)[ -]?(?:historie|verzeichnis|protokoll|geschichte|liste)",
    re.IGNORECASE,
)
_ASKS_OF_IT = re.compile(
    r"\b(?:chang\w*|amend\w*|revis\w*|supersed\w*|replac\w*|version\w*|editions?|history|geändert\w*|änder\w*|ersetz\w*"
    r"|fassung\w*|abgelöst\w*|effect|effective|force|valid|kraft|gültig|gilt)\b",
    re.IGNORECASE,
)
_OF_ITSELF, _OF_CHANGES = 0.2, 0.06  # a list of changes says what holds, among what does not
_VERSION = re.compile(r"\b(?:version|edition|revision|fassung|ausgabe) \d", re.IGNORECASE)
_NUMBERED = frozenset(content("document version edition revision number Dokument Fassung Ausgabe Nummer"))
_NUMBER = re.compile(r"^[\d.\s]+")


def is_title(passage: Passage, statement: Statement) -> bool:
    """Whether a statement only says again what its document or its section is called, or what number it has."""
    above = f"{passage.evidence.title}\n{passage.evidence.heading}"
    new = frozenset(content(statement.text)) - frozenset(content(above))
    numbered = statement.unit.form is not Form.SENTENCE and bool(_VERSION.search(statement.text))
    return new <= _NUMBERED and (numbered or not missing(statement.figures, figures(above)))


def aside(question: str, passage: Passage, statement: Statement) -> float:
    """What a statement's score loses for being about its document, where the question is not."""
    if _ASKS_OF_IT.search(question):
        return 0.0
    text, start = passage.evidence.text, statement.unit.start
    if _NOTICE.match(statement.text) or _NOTICE.match(_before(text, start)):
        return _OF_ITSELF
    innermost = passage.evidence.heading.rpartition(" › ")[2].strip()
    return _OF_CHANGES if _HISTORY.fullmatch(_NUMBER.sub("", innermost)) else 0.0


def _before(text: str, start: int) -> str:
    """The sentence before, where it stands in the same paragraph."""
    above = text[:start].rpartition("\n\n")[2].rstrip()
    return re.split(r"(?<=[.!?])\s+", above)[-1] if above else ""
