"""The questions that one question is made of: two in one, or a comparison of years or of things.

A pure reading of the question in English and German, without a model. A search for the whole finds passages that have
a little of everything; a search for each part finds what that part asks. A part stands for itself ("and how does it
compare?" is none), and the whole is searched, too.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.indexing.words import stop_words
from assistant.retrieval.naming import proper_names
from assistant.types import Hit

_MOST = 4  # parts of a question
_STEP = 0.0001  # scores have four digits
_WORDS = 2  # of a part that are no stop words, at least ...
_NAMELESS = 4  # ... and where an earlier part names something and this one does not: it may speak of the same
_PREPOSITION = (
    r"(?:about|after|at|by|for|from|in|of|on|since|to|under|until|with|within|ab|an|auf|aus|bei|bis|für|mit|nach|seit|um"
    r"|unter|von|vor|zu) "
)
_ASKING = (
    r"(?:how|what|which|who|whom|whose|(?:when|where|why)(?! (?:an?|he|i|it|my|our|she|the|they|we|you|your)\b)"
    r"|wann|warum|was|welche[mnrs]?|wem|wen|wer|wessen|wie|wieviel|wo|woher|wohin)"
)
_VERB = (
    r"(?:are|can|could|did|do|does|is|may|must|should|was|were|will|would|bekomm\w+|darf|dürfen|gibt|gilt"
    r"|ist|kann|können|muss|müssen|sind|soll|sollen|wird|werden)"
)
_SUBJECT = (
    r"(?:all|an?|any|each|every|he|i|my|our|she|the|there|they|we|you|your|das|dem|den|der|die|eine?[mnrs]?|es|ich|man"
    r"|meine?[mnrs]?|sie|unsere?[mnrs]?|wir)"
)
_STARTS = rf"(?:(?:{_PREPOSITION})?{_ASKING}|{_VERB} {_SUBJECT})\b"
_JOINT = re.compile(rf"(?:\s*[,;])?\s+(?:and|as well as|und|sowie)(?: also| auch)? (?={_STARTS})", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=\?)\s+")
_LEAD = re.compile(rf"(?!{_STARTS})[^?]*?,\s+(?={_STARTS})", re.IGNORECASE)  # "In the lease of Alba and Bora, …"
_QUESTION = re.compile(rf"(?:^|[,;:.]\s+){_STARTS}", re.IGNORECASE)
# What says that a part speaks of another one, unless it has named things of its own before.
_POINTS = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|this|these|those|he|him|his|she|her|hers|so|such(?! as)|same|former"
    r"|the ones?|latter|dies(?:e[mnrs]?)?|er|ihn|ihm|ihre?[mnrs]?|sein(?:e[mnrs]?)?|dessen|deren|davon|dafür|daran"
    r"|darauf|damit|dazu|dabei)\b",
    re.IGNORECASE,
)
# In German the same in small letters; with a capital it is whom one speaks to.
_SPEAKS_OF = re.compile(rf"{_POINTS.pattern}|(?-i:\b(?:sie|es)\b)", re.IGNORECASE)
_ACT = re.compile(
    r"\b(?:do|does|did|done|tun|tut|machen|macht) (?:it|so|this|that|es|das)\b", re.IGNORECASE
)  # no thing
# What is compared with its own past is one thing.
_EARLIER = re.compile(
    r"\b(?:previous|prior|past|earlier|preceding|before|last|vorherig\w*|vorig\w*|früher\w*|bisherig\w*|letzte[mnrs]?"
    r"|vorjahr\w*)\b",
    re.IGNORECASE,
)
_YEAR = r"(?:Q[1-4] |FY ?|fiscal(?: year)? )?\b(?:19|20)\d\d\b"
_YEARS = re.compile(  # "from 2021 to 2022", "2013, 2014, and 2015"
    rf"(?:(?P<ends>from|between|von|zwischen) )?(?P<first>{_YEAR})"
    r"(?P<others>(?:(?:,? (?:and|or|to|until|with|than|versus|vs\.?|compared (?:to|with)|und|oder|bis|mit|im vergleich"
    r" zu)"
    rf"(?: in)? |, | ?[-–] ?){_YEAR})+)",
    re.IGNORECASE,
)
_ONE_YEAR = re.compile(_YEAR, re.IGNORECASE)
_COMPARED = re.compile(
    r"\b(?:differences?\s+between|differ\s+between|compar(?:e|ing|ison\s+(?:of|between))|unterschiede?\s+zwischen"
    r"|vergleich\w*(?:\s+(?:von|zwischen))?)\s+(?!(?:to|with|against|mit)\b)(?P<one>[^,;:?]+?)\s+(?:and|with|to|versus|vs\.?|und|mit)\s+(?P<other>[^,;:?]+)",
    re.IGNORECASE,
)
_VERSUS = re.compile(
    r"\s*,?\s+(?:versus|vs\.?|(?:as\s+)?(?:compared|opposed)\s+(?:to|with)|im\s+(?:vergleich|gegensatz)\s+zu[mr]?)\s+"
    r"(?P<other>[^,;:?]+)",
    re.IGNORECASE,
)
_ALIKE = 3  # words at most that stand against each other: "in Leeds versus in Oslo"
_TOLD = re.compile(r"\w+")
_STOP = frozenset(stop_words("xx"))
_MEASURES = frozenset(("long", "often", "soon", "lange", "oft", "dauert", "hoch"))  # they ask how much of it there is


def parts(question: str) -> tuple[str, ...]:
    """The questions that stand for themselves in a question, in their order; nothing where it is one."""
    question = " ".join(question.split())
    found = _asked_apart(question) or _years_apart(question) or _things_apart(question)
    return tuple(found[:_MOST]) if len(found) > 1 else ()


def spoken_of(question: str) -> tuple[str, str, str] | None:
    """A question and one behind it that speaks of the same thing: "How long is it kept and who may restore it?".

    The first, the second with what it speaks of put in, and the second as it was asked; None where there are not two.
    """
    first, *others = _JOINT.split(" ".join(question.split()))
    if len(others) != 1 or parts(question) or not _asks(first):
        return None
    points = _SPEAKS_OF.search(others[0])
    lead = _LEAD.match(first)
    named = first.removeprefix(lead[0]) if lead else first
    thing = " ".join(word for word in _TOLD.findall(_ONE_YEAR.sub("", named)) if word.lower() not in _STOP | _MEASURES)
    if points is None or not thing or _ACT.search(others[0]):
        return None
    return first, f"{others[0][: points.start()]}{thing}{others[0][points.end() :]}", others[0]


def _asked_apart(question: str) -> list[str]:
    """Each of several questions, those that begin with "and" behind what leads the first one in."""
    found: list[str] = []
    for sentence in _SENTENCE.split(question):
        lead = _LEAD.match(sentence)
        first, *others = _JOINT.split(sentence)
        if not (_stands(first, found) if found else _asks(first)):
            continue
        found.append(first)
        before = [first.removeprefix(lead[0]) if lead else first]
        found += [other if lead is None else lead[0] + other for other in others if _stands(other, before)]
    return found if len(found) > 1 else []


def _years_apart(question: str) -> list[str]:
    """The question for each of the years that it names in a row."""
    match = _YEARS.search(question)
    if match is None:
        return []
    lead = "in " if match["ends"] else ""
    years = dict.fromkeys([match["first"], *_ONE_YEAR.findall(match["others"])])
    return [f"{question[: match.start()]}{lead}{year}{question[match.end() :]}" for year in years]


def _things_apart(question: str) -> list[str]:
    """The question for each of two things that it compares, without the other one."""
    match = _COMPARED.search(question) or _VERSUS.search(question)
    if match is None or any(_EARLIER.search(thing) or _POINTS.search(thing) for thing in match.groups()):
        return []
    if match.re is _COMPARED:
        one, other = match.span("one"), match.span("other")
        return [_without(question, [(one[1], other[1])]), _without(question, [(one[0], other[0])])]
    number = len(match["other"].split())
    if number > _ALIKE:
        return []
    before = question[: match.start()].split(" ")
    kept = before[: -min(number, len(before) - 1)]
    return [_without(question, [match.span()]), f"{' '.join(kept)} {question[match.start('other') :]}".strip()]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + text[end:]
    return text


def _asks(piece: str, least: int = _WORDS) -> bool:
    """Whether a piece asks something and has words of its own."""
    return bool(_QUESTION.search(piece)) and len(_told(piece)) >= least


def _stands(piece: str, before: Sequence[str]) -> bool:
    """Whether a piece that follows others asks something that can be understood without them."""
    points = _POINTS.search(piece)
    leans = any(map(proper_names, before)) and not proper_names(piece)
    own = points is None or len(_told(piece[: points.start()])) >= _WORDS
    return own and _asks(piece, _NAMELESS if leans else _WORDS)


def _told(text: str) -> set[str]:
    """The words of a text that are no stop words."""
    return {word for word in _TOLD.findall(text.lower()) if word not in _STOP}


def fairly(rankings: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of a question and of its parts, each once, in no order: the best of each part scores as the best of all.

    A passage counts where it stands best. Of the best ones that of the whole is first, then the parts in their order.
    """
    if len(rankings) == 1:
        return list(rankings[0])
    tops = [max((hit.score for hit in hits), default=0.0) for hits in rankings]
    best: dict[int, Hit] = {}
    for number, (hits, top) in enumerate(zip(rankings, tops, strict=True)):
        raised = (max(tops) - _STEP * number) / (top or 1.0)
        for hit in hits:
            score = max(0.0, round(hit.score * raised, 4))
            if hit.chunk_id not in best or score > best[hit.chunk_id].score:
                best[hit.chunk_id] = replace(hit, score=score)
    return list(best.values())
