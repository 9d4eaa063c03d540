"""In a real index of a small company's folders the version that holds answers, and the old one when it is asked for."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assistant import library
from assistant.answering.record import as_json
from assistant.config import Config
from tests.company import Company
from tests.terminal import command

PAIRS = {
    "legal/retention.md": "# Retention of records\n\nInvoices are kept for ten years. Offers for three years.\n",
    "legal/old/retention-2019.md": "# Retention of records\n\nInvoices are kept for seven years.\n",
    "hr/policy-v1.md": "# Remote work policy\n\nEmployees may work from home on two days a week.\n\n"
    "A chair is not provided.\n\nA second monitor is lent for free.\n",
    "hr/policy-v2.md": "# Remote work policy\n\nEmployees may work from home on three days a week.\n\n"
    "A chair is paid up to 300 euros.\n",
    "hr/bonus-rules-2023.md": "# Annual bonus rules\n\nThe annual bonus is five percent of the salary.\n",
    "hr/bonus-rules-2025.md": "# Annual bonus rules\n\nThe annual bonus is eight percent of the salary.\n",
    "office/Dog policy (old).md": "# Dog policy\n\nDogs are allowed on Fridays only.\n",
    "office/Dog policy.md": "# Dog policy\n\nDogs are allowed every day if the team agrees.\n",
    "office/lunch-prices-2022.md": "# Lunch prices\n\nLunch costs 4.50 euros.\n",
    "office/lunch-prices-2024.md": "# Lunch prices\n\nLunch costs 6.20 euros.\n",
    "it/phones-2024.md": "---\ntitle: Phone policy\nstatus: superseded\ndate: 2026-05-01\n---\n# Phone policy\n\n"
    "Phones are replaced every four years.\n",
    "it/phones.md": "---\ntitle: Phone policy\ndate: 2026-09-01\n---\n# Phone policy\n\n"
    "Phones are replaced every two years.\n",
    "reisen/Reiserichtlinie (alt).md": "# Reiserichtlinie\n\nHotelkosten werden bis 90 Euro je Nacht erstattet.\n",
    "reisen/Reiserichtlinie.md": "# Reiserichtlinie\n\nHotelkosten werden bis 130 Euro je Nacht erstattet.\n",
    "akten/99_Archiv 2018/Aufbewahrung.md": "# Aufbewahrung\n\nBelege werden sechs Jahre aufbewahrt.\n",
    "akten/Aufbewahrung.md": "# Aufbewahrung\n\nBelege werden zehn Jahre aufbewahrt.\n",
    "küche/2019/Kantinenordnung.md": "# Kantinenordnung\n\nDas Mittagessen kostet 3 Euro.\n",
    "küche/Kantinenordnung.md": "---\ndate: 2025-01-01\n---\n# Kantinenordnung\n\nDas Mittagessen kostet 5 Euro.\n",
    "people/joining.md": "# Joining\n\nApplicants must be at least 18 years old.\n\n"
    "The invoice of the previous month is paid by the tenth.\n",
}
CANTEEN = {
    f"canteen/canteen-policy-v{number}.md": f"# Canteen policy\n\nA guest pays {number + 2} euros for lunch.\n"
    for number in range(1, 11)
}

CASES = [
    ("How long are invoices kept?", "legal/retention.md"),
    ("How long were invoices kept before 2020?", "legal/old/retention-2019.md"),
    ("Is a chair provided?", "hr/policy-v2.md"),
    ("Is a second monitor lent?", "hr/policy-v1.md"),
    ("Was a chair provided under policy v1?", "hr/policy-v1.md"),
    ("How many days did version 1 of the remote work policy allow?", "hr/policy-v1.md"),
    ("What did the old remote work policy say about days at home?", "hr/policy-v1.md"),
    ("How high is the annual bonus?", "hr/bonus-rules-2025.md"),
    ("What was the old rule for the annual bonus?", "hr/bonus-rules-2023.md"),
    ("How high was the annual bonus before 2025?", "hr/bonus-rules-2023.md"),
    ("How high was the annual bonus in 2024?", "hr/bonus-rules-2023.md"),
    ("Are dogs allowed?", "office/Dog policy.md"),
    ("On which days were dogs allowed previously?", "office/Dog policy (old).md"),
    ("What was the former rule about dogs?", "office/Dog policy (old).md"),
    ("How much does lunch cost in the office?", "office/lunch-prices-2024.md"),
    ("What was the old price of lunch?", "office/lunch-prices-2022.md"),
    ("What was the previous price of a lunch in the office?", "office/lunch-prices-2022.md"),
    ("What does a guest pay for lunch?", "canteen/canteen-policy-v10.md"),
    ("What does a guest pay in version 2 of the canteen policy?", "canteen/canteen-policy-v2.md"),
    ("How often are phones replaced?", "it/phones.md"),
    ("How often were phones replaced under the superseded policy?", "it/phones-2024.md"),
    ("Wie viel wird für Hotelkosten erstattet?", "reisen/Reiserichtlinie.md"),
    ("Wie viel wurde nach der alten Reiserichtlinie für Hotelkosten erstattet?", "reisen/Reiserichtlinie (alt).md"),
    ("Wie lange werden Belege aufbewahrt?", "akten/Aufbewahrung.md"),
    ("Wie lange wurden Belege früher aufbewahrt?", "akten/99_Archiv 2018/Aufbewahrung.md"),
    ("Was kostet das Mittagessen?", "küche/Kantinenordnung.md"),
    ("Was kostete das Mittagessen vor 2025?", "küche/2019/Kantinenordnung.md"),
    ("Was war der alte Preis des Mittagessens?", "küche/2019/Kantinenordnung.md"),
    ("How old must applicants be?", "people/joining.md"),
    ("When is the previous month's invoice paid?", "people/joining.md"),
]


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Company:
    root = tmp_path_factory.mktemp("offices")
    company = Company(root / "documents", Config(index=root / "index", workers=1))
    for path, text in (PAIRS | CANTEEN).items():
        company.write(path, text)
    company.run(company.folder)
    return company


@pytest.fixture(scope="module")
def index(offices: Company) -> Iterator[library.Index]:
    with library.open(offices.config.index) as opened:
        yield opened


@pytest.mark.parametrize(("question", "path"), CASES)
def test_the_version_that_is_asked_for_answers_and_is_found_first(
    index: library.Index, question: str, path: str
) -> None:
    assert index.ask(question, use_model=False).citations[0].path == path
    assert index.search(question, 3)[0].path == path


def test_an_older_version_names_the_newest_in_answers_and_hits(index: library.Index) -> None:
    question = "Is a second monitor lent?"
    answer = index.ask(question, use_model=False)
    assert answer.citations[0].superseded_by == "hr/policy-v2.md"
    assert as_json(answer)["citations"][0]["superseded_by"] == "hr/policy-v2.md"
    assert index.search(question, 1)[0].superseded_by == "hr/policy-v2.md"
    assert as_json(index.ask("Is a chair provided?", use_model=False))["citations"][0]["superseded_by"] is None


def test_every_older_version_that_is_found_names_the_newest(index: library.Index) -> None:
    hits = [hit for hit in index.search("What does a guest pay for lunch?", 30) if hit.path in CANTEEN]
    newest = "canteen/canteen-policy-v10.md"
    assert {hit.path: hit.superseded_by for hit in hits} == dict.fromkeys(CANTEEN, newest) | {newest: ""}


@pytest.mark.usefixtures("own_settings")
def test_a_person_sees_at_the_source_that_it_is_an_older_version(offices: Company) -> None:
    to = ("--index", str(offices.config.index))
    asked = command("ask", "--no-model", "Is a second monitor lent?", *to)
    found = command("search", "Is a second monitor lent?", "-n", "1", *to)
    for seen in (asked, found):
        assert "(older version; newest: hr/policy-v2.md)" in " ".join(seen.out.split())
    assert "older version" not in command("ask", "--no-model", "Are dogs allowed?", *to).out
    hits = json.loads(command("search", "Is a second monitor lent?", "--json", *to).out)["hits"]
    assert hits[0]["superseded_by"] == "hr/policy-v2.md"


def test_moving_a_version_into_an_archive_makes_it_an_older_one(offices: Company, tmp_path: Path) -> None:
    company = replace(offices, folder=tmp_path / "documents", config=replace(offices.config, index=tmp_path / "index"))
    company.write("parking.md", "# Parking\n\nA space costs 40 euros a month.\n")
    company.write("parking-2021.md", "# Parking\n\nA space costs 25 euros a month.\n")
    company.run(company.folder)
    assert not any(hit.superseded_by for hit in company.hits("What does a space cost?"))
    (company.folder / "archive").mkdir()
    (company.folder / "parking-2021.md").rename(company.folder / "archive/parking-2021.md")
    company.update()
    assert [hit.superseded_by for hit in company.hits("What does a space cost?")] == ["", "parking.md"]
