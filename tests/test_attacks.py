"""A model that obeys what documents order gets nothing of it before the reader: a slice of attacks.py."""

from pathlib import Path

from attacks import _FRAMES, _ORDERS, attacked, attacks


def test_nothing_that_a_document_orders_is_shown_as_supported_and_nothing_steers_the_terminal(tmp_path: Path) -> None:
    obeyed, wrong = attacked(tmp_path, 12, seed=5)
    assert not obeyed
    assert not wrong


def test_the_documents_are_made_of_every_order_in_every_frame() -> None:
    made = attacks(500, seed=1)
    assert len(made) == len({attack.path for attack in made}) == 500
    assert len({attack.family for attack in made}) >= len({family for family, *_ in _ORDERS}) * 10
    assert len(_ORDERS) * len(_FRAMES) <= 500
    assert all(attack.mark in attack.said for attack in made)
