"""What a question says of the document that it is about, and what it asks beyond that."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import library
from assistant.config import Config
from assistant.indexing.run import index_folder
from assistant.indexing.words import Words
from assistant.retrieval.answerable import probability
from assistant.retrieval.naming import Naming, naming, proper_names
from assistant.storage.catalog import Catalog
from tests.company import Company

PARTIES = {
    "supply": ("Alba Metals", "Bora Foundry"), "lease": ("Cerro Estates", "Dune Bakery"),
    "service": ("Elbe Cranes", "Fjord Shipping"), "license": ("Gipfel Software", "Hafen Bank"),
}  # fmt: skip
CLAUSES = {
    "Notice": "Either party may end this agreement with ninety days' notice in writing.",
    "Liability": "Liability is limited to the price of twelve months, save for intent.",
    "Confidence": "Drawings and prices are kept secret for five years after the end.",
    "Payment": "Invoices are due thirty days after they were received.",
    "Law": "The law of the seat of the first party governs this agreement.",
    "Insurance": "Each party insures what it owns against fire and theft.",
    "Delivery": "Goods leave the works on the first Monday of the month.",
    "Quality": "A batch with more than two faults in a hundred pieces is taken back.",
    "Changes": "A change of this agreement is made in writing and signed by both.",
    "Places": "Goods are handed over at the gate of the works.",
    "Tools": "Molds stay the property of whoever paid for them.",
    "Audits": "Books may be looked into once a year, on two weeks' notice.",
    "Staff": "Neither party hires the other's people for a year.",
    "Freight": "The carrier is paid by the seller up to the border and by the buyer from there on.",
}
BOILERPLATE = "Nothing in this section takes away a right that the other sections give, whoever relies on it. "


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """Four contracts of fifteen clauses each, alike but for the parties that their first lines name."""
    folder = tmp_path_factory.mktemp("contracts")
    for kind, (one, other) in PARTIES.items():
        sections = "\n\n".join(f"## {name}\n\n{text}\n\n{BOILERPLATE * 5}" for name, text in CLAUSES.items())
        opening = f"# {kind.title()} agreement\n\nThis agreement is made between {one} and {other}.\n\n"
        (folder / f"{kind}.md").write_text(opening + sections, encoding="utf-8")
    config = Config(index=tmp_path_factory.mktemp("index") / "contracts")
    list(index_folder(folder, config))
    yield config


def told(config: Config, question: str) -> Naming:
    with Catalog.open(config.index) as catalog:
        return naming(question, catalog, Words(config.index), None)


NAMED = "In the supply agreement between Alba Metals and Bora Foundry, who pays the carrier?"


def test_a_clause_that_only_names_the_document_is_no_part_of_what_is_asked(contracts: Config) -> None:
    said = told(contracts, NAMED)
    assert said.rest == "who pays the carrier?"
    assert said.strength == 1.0
    assert {"alba", "foundri"} <= said.known


@pytest.mark.parametrize(
    "question",
    ["Who pays the carrier?", "Until when are drawings kept secret, and by whom?", "", "What is agreed, then?"],
)
def test_a_question_that_names_no_document_is_whole(contracts: Config, question: str) -> None:
    said = told(contracts, question)
    assert (said.rest, said.strength) == ("", 0.0)


def test_a_question_that_is_nothing_but_a_name_is_whole(contracts: Config) -> None:
    assert told(contracts, "Alba Metals and Bora Foundry").rest == ""


def test_the_clause_asked_for_comes_before_those_that_repeat_the_names(contracts: Config) -> None:
    with library.open(contracts.index) as index:
        hits = index.search(NAMED, 3)
    assert (hits[0].path, hits[0].heading.split(" › ")[-1]) == ("supply.md", "Freight")


def test_a_clause_that_the_named_contract_lacks_is_told_from_one_that_it_has(contracts: Config) -> None:
    lead = NAMED.partition(", ")[0]
    with library.open(contracts.index) as index:
        has = index.find(NAMED)
        lacks = index.find(f"{lead}, which escrow agent holds the source code?")
        other = index.find("Which escrow agent holds the source code?")
    assert lacks.absent > 0.3 > has.absent
    assert other.absent == 0.0
    assert probability(lacks) < probability(has)


def test_a_filter_keeps_other_documents_from_being_named(contracts: Config) -> None:
    with Catalog.open(contracts.index) as catalog:
        files = [row.id for path, row in catalog.files().items() if path != "supply.md"]
        assert "alba" not in naming(NAMED, catalog, Words(contracts.index), files).known


def test_an_index_of_short_documents_takes_no_name_out_of_a_question(company: Company) -> None:
    said = told(company.config, "Which printer, on the second floor, has toner?")
    assert said.strength < 1.0


def test_of_documents_named_equally_well_the_same_one_counts_however_the_index_came_to_be(tmp_path: Path) -> None:
    folder, grown, fresh = tmp_path / "reports", Config(index=tmp_path / "grown"), Config(index=tmp_path / "fresh")
    folder.mkdir()
    for name, own in ((f"meridian-{number}", f"anchor {number}") for number in (4, 2, 5, 1, 3)):
        (folder / f"{name}.md").write_text(f"# Report\n\nOn {own}.\n\n" + " ".join(CLAUSES.values()), encoding="utf-8")
        list(index_folder(folder, grown))
    list(index_folder(folder, fresh))
    question = "Who pays the carrier by the Meridian report?"
    assert told(grown, question) == told(fresh, question)
    assert "1" in told(grown, question).known


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How many charging points does the yard in Leeds have?", ("Leeds",)),
        ("What were Alba's net sales in 2025?", ("Alba", "2025")),
        ("Does the Aquila 60 weigh more than the AQ-40?", ("Aquila", "60", "AQ-40")),
        ("Alba's sales? NASA asked. When can I go?", ("Alba", "NASA")),
        ("Who pays the carrier?", ()),
        ("Wie lange hält Strang B der USV bei voller Last in Gebäude 7?", ("USV", "7")),
        ("How Do I Get A New Key For The Garage?", ()),
        ("", ()),
        ("Who signs an order over 100,000 euros at BORA in 2026?", ("BORA", "2026")),
    ],
)
def test_a_name_has_a_capital_inside_a_sentence_or_a_digit(question: str, names: tuple[str, ...]) -> None:
    assert proper_names(question) == names


def test_names_that_the_best_passage_and_the_start_of_its_document_lack_are_noticed(contracts: Config) -> None:
    with library.open(contracts.index) as index:
        assert index.find(NAMED).lacking == 0.0
        assert index.find("In the supply agreement with Zephyr Trading, who pays the carrier to Alba?").lacking == 2.0
        assert index.find("Who pays the carrier?").lacking == 0.0


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (
            "Who approves travel to the United States and Mars?",
            "The cited passages do not mention “United States” or “Mars”.",
        ),
        ("Who approves travel outside the EU?", None),
        ("Wer entscheidet in der Abteilung über Anträge auf Urlaub?", None),
        ("What does the Travel document say on hotel costs?", None),
    ],
)
def test_an_answer_says_which_names_its_sources_do_not_mention(
    company: Company, question: str, said: str | None
) -> None:
    with library.open(company.config.index) as index:
        answer = index.ask(question, use_model=False)
    assert answer.citations
    assert [notice for notice in answer.notices if "mention" in notice] == ([] if said is None else [said])


def test_the_start_of_a_document_speaks_for_its_passages(contracts: Config) -> None:
    with library.open(contracts.index) as index:
        assert not any("mention" in notice for notice in index.ask(NAMED, use_model=False).notices)
