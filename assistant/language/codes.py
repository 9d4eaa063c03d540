"""Numbers and codes as one word each: "§ 4.2", "ISO 27001", "10-K", "$1,234.5".

The words of a text are cut at every sign between letters and digits, so that "AQ-1250" is found by "1250". What
belongs together is said once more here, in one spelling: "40,000" and "40.000" are 40000, "Section 4.2" is §4.2.
"""

import re

_GROUPED = re.compile(r"(?<![\w.,])\d{1,3}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+(?:,\d+)?)(?![\d]|[.,]\d)")
_POINTED = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?![\d])")
_LONG = re.compile(r"(?<![\w.,])\d{5,}(?![\w]|[.,]\d)")  # shorter ones are years, or stand in the words as they are
_SECTION = re.compile(
    r"(?:§+|\b(?:section|sec\.|clause|article|art\.|paragraph|para\.|ziffer|ziff\.|artikel|absatz|abschnitt))\s?"
    r"(\d+(?:\.\d+)*)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"\b(?:[A-Z]{1,6}[-\u2010-\u2013/ ]\d+(?:[-./]\d+)*[A-Za-z]{0,2}|\d+[-\u2010-\u2013][A-Z]{1,3}"
    r"|[A-Za-z]{1,6}[-\u2010-\u2013]?\d+[A-Za-z]{0,2})\b(?!,\d)"
)
_SIGNS = re.compile(r"[-\u2010-\u2013/. ]")


def codes(text: str) -> frozenset[str]:
    """The numbers and codes of a text that its plain words have in pieces."""
    if not any(map(str.isdigit, text)):
        return frozenset()
    grouped = [match[0] for match in _GROUPED.finditer(text)]
    found = {_plain(number) for number in grouped}
    found.update(match[0].replace(",", ".") for match in _POINTED.finditer(text) if match[0] not in grouped)
    found.update(_LONG.findall(text))
    found.update(f"§{number}" for number in _SECTION.findall(text))
    found.update(_SIGNS.sub("", match[0]).lower() for match in _CODE.finditer(text))
    return frozenset(found)


def _plain(number: str) -> str:
    """A number with thousands set apart, without them, its fraction behind a point."""
    point = number[max(number.rfind(","), number.rfind("."))]
    whole, _, fraction = number.rpartition(point)
    if len(fraction) == 3 and (number.count(point) > 1 or not {",", "."} - {point} & set(number)):
        return re.sub(r"[.,]", "", number)
    return f"{re.sub(r'[.,]', '', whole)}.{fraction}"
