"""What the guard refused is a line of the log, once."""

from contextlib import suppress
from dataclasses import replace

from assistant import library
from assistant.airgap import egress
from assistant.errors import EgressRefused
from assistant.log.entry import SAID, Kind
from assistant.log.store import Log
from tests.company import Company


def _look_up() -> None:
    with suppress(EgressRefused):  # as a dependency hides it
        egress.check("socket.getaddrinfo", ("documents.invalid", 80), whole_process=True)


def test_a_refusal_that_its_caller_hid_is_logged_when_the_index_is_closed(own_company: Company) -> None:
    egress.take_unlogged()
    with library.Index(own_company.config):
        _look_up()
    with library.Index(own_company.config):
        pass
    events = [entry for entry in Log(own_company.config.index).entries() if entry.kind is Kind.EVENT]
    assert [(entry.facts["what"], str(entry.text(SAID)).partition(" tried to ")[2]) for entry in events] == [
        ("refused", "look up documents.invalid")
    ]


def test_a_refusal_while_indexing_is_logged(own_company: Company) -> None:
    egress.take_unlogged()
    _look_up()
    list(own_company.run(own_company.folder))
    assert [entry.kind for entry in Log(own_company.config.index).entries()][-1:] == [Kind.EVENT]


def test_nothing_is_logged_where_the_person_wants_no_log(own_company: Company) -> None:
    egress.take_unlogged()
    with library.Index(replace(own_company.config, log=False)):
        _look_up()
    assert not [entry for entry in Log(own_company.config.index).entries() if entry.kind is Kind.EVENT]
    egress.take_unlogged()
