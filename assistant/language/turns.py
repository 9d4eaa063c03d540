"""Words that turn the meaning of a sentence: "only", "unless", "at least", "lose", in English and German."""

from collections.abc import Sequence

from assistant.language.terms import words


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


# What narrows a statement; each may be said as the other ("not without approval", "only with approval").
_NARROWING = _phrases(
    "only, solely, exclusively, except, except for, excluding, unless, nur, lediglich, ausschließlich, außer, "
    "ausgenommen, es sei denn"
)
_NARROWED = _phrases(
    "without, other than, apart from, limited to, restricted to, ohne, sofern nicht, wenn nicht, if not"
)
# A bound of a figure, with what a source may say instead.
_BOUNDS = (
    (
        _phrases("at least, no less than, not less than, a minimum of, mindestens, wenigstens"),
        _phrases("minimum, min, no fewer than, or more, or longer, oder mehr"),
    ),
    (
        _phrases("up to, at most, no more than, not more than, a maximum of, bis zu, höchstens, maximal"),
        _phrases(
            "maximum, max, limit, limits, limited, cap, capped, exceed, exceeds, exceeding, or less, within, "
            "oder weniger, überschreiten, obergrenze, innerhalb"
        ),
    ),
)
# What takes away or refuses, with what a source may say instead.
_TURNING = (
    (
        _phrases(
            "lose, loses, losing, lost, ends, ended, expire, expires, expired, lapse, lapses, lapsed, forfeit, "
            "forfeits, forfeited, stop, stops, stopped, cease, ceases, cancel, cancels, canceled, cancelled, "
            "verlieren, verliert, verloren, verfallen, verfällt, verfiel, erlischt, erlöschen, endet, enden, entfällt, "
            "entfallen, gestrichen"
        ),
        _phrases("no longer, loss, end, expiry, cancellation, nicht mehr, verlust, verfall, ende"),
    ),
    (
        _phrases(
            "refuse, refuses, refused, reject, rejects, rejected, deny, denies, denied, forbid, forbids, forbidden, "
            "prohibit, prohibits, prohibited, banned, ablehnen, lehnt, abgelehnt, verbieten, verbietet, verboten, "
            "untersagt, verweigern, verweigert"
        ),
        _phrases("not, never, no, cannot, mustn't, nicht, kein, keine, keinen, keiner, niemals"),
    ),
)

# How often something is, with what a source may say instead.
_OFTEN = (
    _phrases("always, regularly, usually, frequently, often, immer, regelmäßig, häufig, oft, gewöhnlich"),
    _phrases(
        "every, each, all, any, never, whenever, regular, usual, frequent, common, commonly, typically, generally, "
        "normally, routinely, repeatedly, continuously, daily, weekly, monthly, quarterly, annually, yearly, "
        "jede, jeder, jedes, jeden, jedem, alle, allen, stets, täglich, wöchentlich, monatlich, jährlich, "
        "üblicherweise, meist, meistens, nie, niemals, viele, many, most"
    ),
)


def turned(text: str, near: str) -> str:
    """The word by which `text` narrows or turns what `near`, a source with its neighbors, says; empty without one."""
    return _added(text, near, ((_NARROWING, _NARROWED), _OFTEN, *_TURNING))


def bounded(text: str, source: str) -> str:
    """The "at least" or "up to" that `text` puts to a figure that is plain in `source`; empty without one."""
    return _added(text, source, _BOUNDS)


def _added(text: str, source: str, groups: Sequence[tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    mine, theirs = _spaced(text), _spaced(source)
    for said, instead in groups:
        found = _first(mine, said)
        if found and not _first(theirs, said) and not _first(theirs, instead):
            return found
    return ""


def _spaced(text: str) -> str:
    return f" {' '.join(words(text))} "


def _first(spaced: str, phrases: Sequence[str]) -> str:
    return next((phrase for phrase in phrases if f" {phrase} " in spaced), "")
