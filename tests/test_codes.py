"""Numbers and codes are found whole, in whatever spelling, and not by a piece that they share with others."""

from pathlib import Path

import pytest
import tantivy
from hypothesis import given

from assistant.indexing.words import Words, writing
from assistant.language.codes import codes
from assistant.retrieval.matching import Matcher
from assistant.storage.layout import WORDS
from tests.test_words import row
from tests.texts import wild

PASSAGES = {
    1: "Section 4.2: notice is given in writing.",
    2: "Section 2.4: notice is given by the fourth day of the month.",
    3: "The laboratory is certified after ISO 27001.",
    4: "Room 27001 is not certified by ISO members.",
    5: "The annual report is a 10-K with all figures.",
    6: "All 10 reports of branch K have figures.",
    7: "A fee of $1,234.5 is due.",
    8: "A fee is due on day 5 of 234, one in all.",
    9: "Error AQ-1250 means that the sensor is wet.",
    10: "1250 sensors of type AQ are in stock.",
    11: "Orders above 40.000 Euro need two signatures.",
    12: "Orders need two signatures: 40 people may give one, 000 is their code.",
}


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Words:
    folder: Path = tmp_path_factory.mktemp("codes")
    with writing(folder) as writer:
        writer.add(row(id_, text, file=id_) for id_, text in PASSAGES.items())
        writer.commit()
    return Words(folder)


@pytest.mark.parametrize(
    ("question", "best"),
    [
        ("What does § 4.2 say about notice?", 1),
        ("What does clause 2.4 say about notice?", 2),
        ("Who is certified after ISO 27001?", 3),
        ("Who is certified after ISO-27001?", 3),
        ("Which figures are in the 10-K?", 5),
        ("Which fee is 1234.5?", 7),
        ("What does AQ1250 mean?", 9),
        ("What does AQ 1250 mean?", 9),
        ("Which orders are above 40,000?", 11),
        ("Which orders are above 40000?", 11),
    ],
)
def test_a_code_finds_the_passage_that_has_it_whole(words: Words, question: str, best: int) -> None:
    assert words.search(question, 1)[0][0] == best
    matcher = Matcher(question, words.rarity(question))
    covered = {id_: matcher.match(row(id_, text)).coverage for id_, text in PASSAGES.items()}
    assert covered[best] == max(covered.values())


def test_a_code_that_no_passage_has_takes_nothing_from_the_share_of_words(words: Words) -> None:
    assert "zx99" not in words.rarity("What is ZX-99?")["en"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$1,234.5 and 1.234.567,89", {"1234.5", "1234567.89"}),
        ("40,000 or 40.000 or 40000", {"40000"}),
        ("§ 4.2, Section 4.2, Ziffer 4.2", {"§4.2", "4.2"}),
        ("3,5 % and 12.5%", {"3.5", "12.5"}),
        ("version 1.1.2", {"1.1.2"}),
        ("in 2022, on page 5", set()),
        ("10-K, IL-2", {"10k", "il2"}),
        ("no digits at all", set()),
    ],
)
def test_one_spelling_for_each_number_and_code(text: str, expected: set[str]) -> None:
    assert codes(text) == expected


@given(wild)
def test_any_text_has_codes_of_one_word_each(text: str) -> None:
    assert all(code and not code.isspace() for code in codes(text))


def test_an_index_of_an_older_version_is_refused_and_made_anew(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    (tmp_path / WORDS).mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / WORDS))
    with pytest.raises(ValueError, match="codes"):
        Words(tmp_path)
    with writing(tmp_path) as writer:
        writer.add([row(1, "Section 4.2 holds.")])
        writer.commit()
    assert Words(tmp_path).search("§ 4.2", 1)[0][0] == 1
