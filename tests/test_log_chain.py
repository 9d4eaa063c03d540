"""What the chain promises: every part of an entry is in its digest, and a digest tells nothing of its text."""

from assistant.log.chain import START, canonical, link, salt, text_digest

ENTRY = (START, 1, "2026-02-01T10:00:00.000+00:00", "question", '{"texts":{}}')


def test_a_change_of_any_part_changes_the_link() -> None:
    before, number, time, kind, facts = ENTRY
    others = [
        link("1" * 64, number, time, kind, facts),
        link(before, 2, time, kind, facts),
        link(before, number, "2026-02-01T10:00:00.001+00:00", kind, facts),
        link(before, number, time, "feedback", facts),
        link(before, number, time, kind, '{"texts":{ }}'),
    ]
    assert len({link(*ENTRY), *others}) == 6


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert link(START, 1, "ab", "c", "d") != link(START, 1, "a", "bc", "d")
    assert link(START, 1, 'a","b', "c", "d") != link(START, 1, "a", 'b","c', "d")


def test_the_same_text_has_another_digest_under_another_salt() -> None:
    assert text_digest(salt(), "yes") != text_digest(salt(), "yes")
    assert text_digest(b"s" * 16, "yes") == text_digest(b"s" * 16, "yes")


def test_a_value_has_one_text() -> None:
    assert canonical({"b": [1, None], "a": "ü"}) == canonical({"a": "ü", "b": [1, None]}) == '{"a":"ü","b":[1,null]}'
