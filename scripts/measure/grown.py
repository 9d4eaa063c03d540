"""Grows a folder like a company's: departments, years and projects with markdown and text files, seeded.

A file has about ten passages of everyday length: a section or paragraph is one, because it stays below the length at
which the assistant cuts. Common words are common and rare ones rare, as in real text.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

PASSAGES = 10  # of a file, on average
_FEWEST, _MOST = 4, 16  # of a file
_PROJECTS = 6  # a department and year: of 10,000 files about 15 lie side by side
_SECTION_WORDS = (45, 125)  # of a markdown section
_PARAGRAPH_WORDS = (100, 125)  # of a text file: two of them are too long for one passage
_TEXT_SHARE = 0.2  # of the files, the rest is markdown
_SHARED_SHARE = 0.03  # of the markdown sections, those that stand word for word in other files, too


def _listed(text: str, separator: str | None = None) -> list[str]:
    return [item.strip() for item in text.split(separator)]


_DEPARTMENTS = _listed("finance hr it legal logistics marketing operations product quality sales")
_TOPICS = _listed("""travel leave pension salary overtime training security backup laptop network contract supplier
    invoice tender audit budget forecast warehouse delivery returns customs packaging maintenance inspection
    calibration recall complaint campaign pricing discount onboarding parking canteen insurance safety waste energy
    privacy archive""")
_KINDS = _listed("policy report minutes manual checklist agreement memo plan review handbook notice summary")
_HEADINGS = _listed(
    """Scope, Purpose, Responsibilities, Deadlines, Approval, Exceptions, Costs, Reporting, Definitions, Procedure,
    Records, Contact, Entitlement, Notice period, Payment terms, Risk assessment, Open questions, Next steps, Results,
    Summary, Equipment, Working hours, Carry-over, Escalation, Access rights, Delivery dates, Acceptance, Liability""",
    ",",
)

# The most common first: their frequencies fall with their rank, as in any language.
_WORDS = _listed("""the of and to in a is for be on that by with are as or not from this must which at it has when
    will can each may all other only than within before after between during until their who whose any such no new
    same more year month week day hour date time department manager employee customer supplier office team company group
    document report form list number amount price cost payment invoice order contract agreement policy rule case
    request decision approval change review meeting plan project product service system work person place building
    machine part unit material quality test result value limit level rate share increase decrease total average
    first second third last next early late open closed valid complete written signed internal external local
    national annual monthly weekly daily regular special general main small large high low short long good better
    information data record file copy original version draft page table figure section paragraph reference address
    account bank credit debit tax fee budget fund travel hotel train flight car visit training course teacher
    student health safety accident damage repair risk security access key door room floor storage warehouse
    delivery transport ship truck road bridge water energy heat light paper metal wood glass plastic oil gas
    computer laptop server network software program password user message phone letter mail language question
    answer reason purpose effect condition exception period deadline notice leave holiday absence illness
    doctor family child school market sale offer discount brand campaign press media partner member board
    committee court law judge claim duty right interest capital profit loss debt loan asset share owner
    begin end start stop use make give take send receive pay buy sell hire train teach learn check measure
    record report sign approve reject accept refuse return replace remove add store keep protect inform ask
    decide agree explain describe follow lead support require allow prevent reduce improve extend cancel""")
_WEIGHTS = list(accumulate(1 / (rank + 4) for rank in range(len(_WORDS))))
_SYLLABLES = _listed("an bel cor dan el fen gar hol ing kar lund mar nor ost per quist ros sen tor ul vik wes")
_BEGINNING = date(2016, 1, 4)


def grow(folder: Path, files: int, seed: int = 4) -> list[Path]:
    """Make `files` files below `folder`, which must not exist; returns their paths, in the order they were made."""
    chance = random.Random(seed)
    shared = [_words(chance, *_SECTION_WORDS) for _ in range(20)]
    paths = [folder / _path(chance, number) for number in range(files)]
    for number, path in enumerate(paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        passages = _FEWEST + number * 5 % (_MOST - _FEWEST + 1)  # each number as often as any other
        path.write_text(_written(chance, path, passages, shared), encoding="utf-8")
    return paths


def rewrite(path: Path, seed: int) -> None:
    """Write a file anew: as many passages, all of other words."""
    passages = len(path.read_text(encoding="utf-8").split("\n\n")) // (1 if path.suffix == ".txt" else 2)
    text = _written(random.Random(seed), path, max(passages, 1), [])
    path.write_text(text, encoding="utf-8")


def _written(chance: random.Random, path: Path, passages: int, shared: Sequence[str]) -> str:
    if path.suffix == ".txt":
        return "\n\n".join(_words(chance, *_PARAGRAPH_WORDS) for _ in range(passages)) + "\n"
    return _markdown(chance, path, passages, shared)


def _path(chance: random.Random, number: int) -> Path:
    year = chance.randint(2016, 2026)
    name = f"{chance.choice(_TOPICS)}-{chance.choice(_KINDS)}-{number:05d}"
    suffix = ".txt" if chance.random() < _TEXT_SHARE else ".md"
    project = chance.choice(_TOPICS[:_PROJECTS])
    return Path(chance.choice(_DEPARTMENTS), str(year), project, name + suffix)


def _markdown(chance: random.Random, path: Path, passages: int, shared: Sequence[str]) -> str:
    parts: list[str] = []
    if chance.random() < 0.3:  # front matter is a passage of its own
        day = _BEGINNING + timedelta(chance.randrange(3_800))
        parts.append(f"---\ntitle: {_title(chance, path)}\ndate: {day}\nowner: {_name(chance)}\n---")
        passages -= 1
    else:
        parts.append(f"# {_title(chance, path)}")
    for _ in range(passages):
        parts.append(f"## {chance.choice(_HEADINGS)} {chance.choice(_TOPICS)}")
        repeats = shared and chance.random() < _SHARED_SHARE
        parts.append(chance.choice(shared) if repeats else _words(chance, *_SECTION_WORDS))
    return "\n\n".join(parts) + "\n"


def _title(chance: random.Random, path: Path) -> str:
    return f"{path.stem.rpartition('-')[0].replace('-', ' ').capitalize()} of {_name(chance)} {chance.randint(1, 99)}"


def _words(chance: random.Random, fewest: int, most: int) -> str:
    """Sentences of so many words together, with a name, a number or a code in most of them."""
    return " ".join(_sentences(chance, chance.randint(fewest, most)))


def _sentences(chance: random.Random, words: int) -> Iterator[str]:
    while words > 0:
        length = min(words, chance.randint(7, 19))
        sentence = chance.choices(_WORDS, cum_weights=_WEIGHTS, k=length)
        kind, at = chance.random(), chance.randrange(length)
        if kind < 0.3:
            sentence[at] = _name(chance)
        elif kind < 0.6:
            sentence[at] = str(chance.randint(2, 900))
        elif kind < 0.7:
            sentence[at] = f"{chance.choice('ABCDEFGHKLMNPRSTVX')}{chance.randint(1_000, 99_999)}"
        sentence[0] = sentence[0][0].upper() + sentence[0][1:]
        yield " ".join(sentence) + "."
        words -= length


def _name(chance: random.Random) -> str:
    """A name of a person or place: rare words, thousands of them."""
    return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 3))).capitalize()
