"""What a date in a document's name means, by the word that says what the document is.

The lists need not be complete: a word that is in none of them makes no document supersede another.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What another date makes of a document of the same name."""

    RULES = "another version"  # policy, price list, Richtlinie
    OWN = "another thing"  # minutes, contract, Rechnung
    YEARLY = "another year's"  # report, budget, Jahresabschluss


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OUT_OF_FORCE = _words("old former superseded obsolete outdated archived alte alter altes ehemalige veraltete")

_RULES = _words("""
    policy policies rule rules regulation regulations periods terms conditions rates fees prices pricelist tariff
    tariffs allowance allowances benefits entitlement entitlements procedure procedures process guideline guidelines
    guide handbook manual instruction instructions standard standards template templates form checklist conduct
    bylaws catalog catalogue datasheet spec specification specifications requirements charter runbook playbook faq
    ordnung regel agb preise verfahren prozess vorlage muster pflichtenheft lastenheft spezifikation konzept sätze
    zulagen organigramm notfallplan
    """)
_RULES_END = (
    "richtlinie", "richtlinien", "ordnung", "regelung", "regelungen", "regeln", "fristen", "bedingungen", "preisliste",
    "tarif", "tarife", "gebühren", "leitfaden", "handbuch", "anleitung", "anweisung", "vorlage", "formular",
    "checkliste", "satzung", "katalog", "datenblatt", "merkblatt", "leitlinie", "leitlinien", "verzeichnis",
    "grundsätze",
)  # fmt: skip
_OWN = _words("""
    minutes meeting agenda invoice receipt payslip statement letter mail email memo note notes newsletter release
    announcement contract agreement lease nda msa sow amendment addendum order offer quote quotation proposal
    application certificate ticket incident case timesheet log logbook transcript interview cv resume protocol
    presentation slides photo scan quittung beleg bewerbung zeugnis zertifikat lebenslauf notiz notizen aktennotiz
    lieferschein gutschrift mahnung
    """)
_OWN_END = (
    "protokoll", "vertrag", "vereinbarung", "rechnung", "abrechnung", "schreiben", "brief", "sitzung", "besprechung",
    "auftrag", "bestellung", "angebot", "mitteilung", "tagesordnung", "auszug", "bescheinigung", "bescheid", "nachtrag",
)  # fmt: skip
_YEARLY = _words("report reports review figures results survey budget forecast accounts summary audit analysis")
_YEARLY_END = ("bericht", "abschluss", "bilanz", "umfrage", "planung", "auswertung", "übersicht", "zahlen", "plan")

# The word that says what a thing is stands before these: "minutes of the policy committee".
_THEN_WHAT = _words("of for on about with from to by der des die das für zu zur zum über von vom mit an")
_SAYS_NOTHING = _words("""
    readme index summary overview main document doc file untitled scan img image page notes misc todo changelog
    license dokument datei unbenannt übersicht seite bild
    """)


def kind_of(core: str) -> Kind | None:
    """The kind that the last telling word before "of", "for", "über" names; None where none tells."""
    words = core.split()
    until = next((number for number, word in enumerate(words) if number and word in _THEN_WHAT), len(words))
    for word in reversed(words[:until]):
        if word in _OWN or word.endswith(_OWN_END):
            return Kind.OWN
        if word in _RULES or word.endswith(_RULES_END):
            return Kind.RULES
        if word in _YEARLY or word.endswith(_YEARLY_END):
            return Kind.YEARLY
    return None


def says_nothing(core: str) -> bool:
    """Whether a name has no word that tells what the document is about: "readme", "scan 0017"."""
    return not any(len(word) > 2 and word.isalpha() and word not in _SAYS_NOTHING for word in core.split())
