"""Cuts text into sentences, table rows and headings with exact offsets, at once or while it is still being written.

Decisions are made from left to right and never look further ahead than the next line, so a stream gives the same
units as the whole text. Abbreviations, ordinals and dates are those of English and German.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.language.terms import STOP, vocabulary

LONGEST = 600  # characters of one unit; what never ends is cut here

_STOPS = ".!?…。！？"
_CLOSERS = "\"'”’“»›)]*_"
_MARK = re.compile(r"\[\s*\d+(?:\s*[,;–-]\s*\d+)*\s*\]\.?")
_MARK_BEGUN = re.compile(r"\[[\d\s,;–-]*")
_LINE_START = re.compile(r"(?:[-*•–·▪◦]\s|#{1,6}\s|```|~~~|>\s|\(?\d{1,3}[.)]\s+\S|\(?[a-z]\)\s|\|)")
_ORDINAL_START = re.compile(r"\d{1,2}\.\s+([^\W\d_]+)")
_NUMBER_WORD = re.compile(r"(?:^|[\s(])(\d+(?:\.\d+)*)$")
_WORD_BEFORE = re.compile(r"[\w.&äöüß-]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_LOOKAHEAD = 200  # characters of the next line that decide

_MONTHS = vocabulary(
    """
    januar jänner februar märz april mai juni juli august september oktober november dezember january february march
    may june july october december jan feb mrz apr jun jul aug sep sept okt oct nov dez dec
    """
)
_ORDINAL_NOUNS = vocabulary(
    """
    jahr jahres jahrhundert quartal quartals halbjahr monat monats tag tages tage werktag werktags arbeitstag woche
    kalenderjahr dienstjahr dienstjahres lebensjahr lebensjahres geschäftsjahr etage stock obergeschoss stufe absatz
    abschnitt kapitel auflage fassung mahnung rate klasse
    """
)
_BEFORE_ORDINAL = vocabulary(
    """
    am im vom zum zur bis ab seit der die das dem den des jeder jede jedes jeden jedem ein eine einem einen einer
    pro und bzw
    """
)
_ALWAYS = vocabulary(
    """
    mr mrs ms dr prof st vs e.g i.e cf z.b d.h i.d.r bzw ca approx evtl ggf gem inkl exkl vgl lt sog bspw zzgl abzgl
    hr fr dipl ing med mind insb einschl ausschl i.e.s u.u z.t s.o s.u gegr geb mio mrd tsd
    """
)
_BEFORE_NUMBER = (
    vocabulary("no nos nr nrn art sec sect fig figs vol max min p pp s abs abb abschn ch par para tab ziff bd rn")
    | _MONTHS
)
_AT_END_TOO = vocabulary("etc usw inc ltd co corp gmbh u.a o.ä a.m p.m al u.s u.k dept est usf jr sr bros ca")
_STARTERS = vocabulary(
    """
    the a an it this that these those in if for from on at to we you they he she there employees all each every when
    while where after before as by no any please der die das es ein eine dieser diese dieses im am wir sie er bei
    für wenn nach vor ab bis mit alle jeder jede zum zur auch
    """
)
_VERBS = vocabulary(
    """
    is are was were be been has have had will shall may must can should would does do you your we our they their it he
    she this these those which who whose ist sind war waren wird werden wurde hat haben muss müssen kann können soll
    sollen darf dürfen sie wir ihr es dass dieser diese dieses welche wenn if when
    """
)
_LABELS = vocabulary(
    """
    section article chapter annex appendix part schedule table figure page version abschnitt artikel kapitel anhang
    anlage teil tabelle abbildung seite clause paragraph ziffer
    """
)


class Form(StrEnum):
    """What a unit looks like."""

    SENTENCE = "sentence"
    ROW = "row"  # of a table
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, table row or heading: text[start:end], without the space around it."""

    start: int
    end: int
    form: Form


def split(text: str) -> list[Unit]:
    """Cut `text` into units in order: every character that is not space is in exactly one."""
    return list(_units(text, 0, final=True))


class Splitter:
    """Cuts a text that arrives in pieces; gives exactly the units that `split` gives for the whole."""

    def __init__(self) -> None:
        self.text = ""
        self._at = 0

    def feed(self, piece: str) -> list[Unit]:
        """Take the next piece and return the units that are complete now."""
        self.text += piece
        return self._take(final=False)

    def close(self) -> list[Unit]:
        """Return what is left: the text has ended."""
        return self._take(final=True)

    def _take(self, final: bool) -> list[Unit]:
        found = list(_units(self.text, self._at, final))
        self._at = found[-1].end if found else self._at
        return found


def _units(text: str, at: int, final: bool) -> Iterator[Unit]:
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if at == len(text):
            return
        end = _end(text, at, final)
        if end is None:
            return
        stop = at + len(text[at:end].rstrip())
        yield Unit(at, stop, _form(text[at:stop]))
        at = end


def _end(text: str, start: int, final: bool) -> int | None:
    """Where the unit that begins at `start` ends; None where more text has to decide."""
    whole_line = text[start] in "|#" or text.startswith(("```", "~~~"), start)
    for at in range(start, min(len(text), start + LONGEST)):
        if text[at] == "\n":
            ends = True if whole_line else _line_ends_unit(text, start, at, final)
            if ends is None:
                return None
            if ends:
                return at
        elif text[at] in _STOPS and not whole_line:
            end = _after_stop(text, start, at, final)
            if end is None:
                return None
            if end:
                return end
    if len(text) - start > LONGEST:
        return _cut(text, start)
    return len(text) if final else None


def _cut(text: str, start: int) -> int:
    """Where a unit that is too long is cut: at the last space of its second half, if there is one."""
    window = text[start : start + LONGEST]
    space = max(window.rfind(" "), window.rfind("\n"))
    return start + (space if space > LONGEST // 2 else LONGEST)


def _after_stop(text: str, start: int, at: int, final: bool) -> int | None:
    """The end of the sentence whose full stop stands at `at`, with its quotes and marks; 0 where it is no end."""
    end = at + 1
    while end < len(text) and text[end] in _STOPS:
        end += 1
    while end < len(text) and text[end] in _CLOSERS:
        end += 1
    end, next_at, marked = _after_marks(text, end, final)
    if next_at >= len(text) or (_MARK_BEGUN.fullmatch(text, next_at) and not final):
        return end if final else None
    if next_at == end and not marked and text[at] not in "。！？":
        return 0
    if "\n\n" in text[end:next_at] or marked:
        return end
    if text[next_at].islower():
        return 0
    if text[at] != "." or text[at - 1 : at] == "." or end > at + 1:
        return end
    return _after_full_stop(text, start, at, next_at, final=final)


def _after_full_stop(text: str, start: int, at: int, next_at: int, *, final: bool) -> int | None:
    """As `_after_stop`, for a full stop before a capital, a figure or a sign at `next_at`."""
    end = at + 1
    word = re.compile(r"\w*\.?").match(text, next_at)
    if word and word.end() == len(text) and not final:
        return None
    return 0 if _abbreviated(text[start:at], word.group().rstrip(".") if word else "") else end


def _after_marks(text: str, end: int, final: bool) -> tuple[int, int, bool]:
    """The end with the marks behind it, where the next text begins, and whether there was a mark."""
    marked = False
    while True:
        next_at = end
        while next_at < len(text) and text[next_at].isspace():
            next_at += 1
        mark = _MARK.match(text, next_at)
        if not mark or "\n\n" in text[end:next_at]:
            return end, next_at, marked
        if mark.end() == len(text) and not final:  # its own full stop may still come
            return end, len(text), True
        end, marked = mark.end(), True


def _abbreviated(before: str, following: str) -> bool:
    """Whether the full stop between `before` and the word `following` belongs to an abbreviation or an ordinal."""
    number = _NUMBER_WORD.search(before)
    if number:
        return _ordinal(before[: number.start()], number.group(1), following)
    match = _WORD_BEFORE.search(before)
    word = match.group().lower().strip(".") if match else ""
    if word in _ALWAYS:
        return True
    if word in _BEFORE_NUMBER or word.endswith("str"):
        return following[:1].isdigit()
    if word in _AT_END_TOO or _INITIALS.fullmatch(word):
        return following.lower() not in _STARTERS
    return bool(re.fullmatch(r"[ivxlc]+", before.strip().lower()))


def _ordinal(before: str, number: str, following: str) -> bool:
    if not before.strip():  # "1. Scope", "3.2. Carry-over"
        return True
    if following.lower() in _MONTHS | _ORDINAL_NOUNS:
        return True
    if "." in number or int(number) > 31:
        return False
    if following[:1].isdigit():  # "3. 4. 2025"
        return True
    last = re.search(r"([^\W\d_]+)\s*$", before)
    return bool(last and last.group(1).lower() in _BEFORE_ORDINAL)


def _line_ends_unit(text: str, start: int, at: int, final: bool) -> bool | None:
    """Whether the line end at `at` ends the unit; None where the next line has not been read far enough."""
    next_end = text.find("\n", at + 1)
    if next_end < 0 and not final and len(text) - at - 1 < _LOOKAHEAD:
        return None
    limit = at + 1 + _LOOKAHEAD
    following = text[at + 1 : limit if next_end < 0 else min(next_end, limit)].strip()
    line_start = text.rfind("\n", 0, at) + 1
    line = text[max(line_start, start) : at].strip()
    if not following or not line:
        return True
    whole = start <= line_start  # what a sentence leaves of its line looks like a row by chance
    if (whole and is_row(line)) or is_row(following):
        return True
    if _starts_item(following):
        return True
    before = text[text.rfind("\n", 0, max(line_start - 1, 0)) + 1 : max(line_start - 1, 0)].strip()
    return _short(text[line_start:at].strip(), max(len(before), len(following)), following)


def _starts_item(line: str) -> bool:
    ordinal = _ORDINAL_START.match(line)
    if ordinal and ordinal.group(1).lower() in _MONTHS | _ORDINAL_NOUNS:
        return False
    return bool(_LINE_START.match(line))


def _short(line: str, width: int, following: str) -> bool:
    """Whether a line without a full stop stops well before the paragraph's width, as headings and entries do."""
    if line[-1] in ",;(–-/&" or not (following[0].isupper() or following[0].isdigit()):
        return False
    last = line.rsplit(maxsplit=1)[-1].lower()
    return last not in STOP and len(line) < 0.65 * width


def is_row(line: str) -> bool:
    """Whether a line looks like a row of a table: columns, or mostly figures and no running text."""
    line = line.strip()
    if line.startswith("|") or line.count("|") >= 2 or "\t" in line or re.search(r"\S {3,}\S", line):
        return True
    parts = line.split()
    if not 2 <= len(parts) <= 30 or line[-1] in ".!?:;," or _starts_item(line):
        return False
    if not (line[0].isupper() or line[0].isdigit() or line[0] in "€$£+-") or ". " in line:
        return False
    figures = [any(mark.isdigit() for mark in word) for word in parts]
    if parts[0].lower() in _LABELS or (figures[0] and sum(figures) == 1):  # "Annex 2", "3.2 Carry-over"
        return False
    running = sum(word.lower() in STOP for word in parts)
    if not running:
        return sum(figures) * 3 >= len(parts)
    # "Night 21:54 to 6:06 30 percent" is a row; a line of a paragraph has a verb, or breaks off at a small word
    whole = parts[-1].lower() not in STOP and not any(
        word.lower().strip(",") in _VERBS and word != "May" for word in parts
    )
    return whole and sum(figures) * 5 >= len(parts) and len(line) <= 90


def _form(unit: str) -> Form:
    if unit.startswith("#"):
        return Form.HEADING
    if "\n" in unit:
        return Form.SENTENCE
    if is_row(unit):
        return Form.ROW
    plain = unit.rstrip("*_ ")
    titled = unit.lstrip("*_ ")[:1].isupper() or unit[:1].isdigit()
    if titled and len(unit) <= 90 and plain[-1:] not in (*_STOPS, ";", ",", "]") and not _LINE_START.match(unit):
        return Form.HEADING
    return Form.SENTENCE
