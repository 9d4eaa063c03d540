"""Every check of a claim against one statement, in the order in which their reasons are told."""

from collections.abc import Callable

from assistant.answering.checks import (
    binding,
    compared,
    direction,
    existence,
    hedged,
    measures,
    names,
    negation,
    order,
    parts,
    reach,
    reported,
    roles,
    scope,
    subject,
    table,
    tense,
    voice,
    wording,
)
from assistant.answering.checks.claim import Claim, Match

# Each gives what is wrong, in words, or nothing.
CHECKS: tuple[tuple[str, Callable[[Claim, Match], str]], ...] = (
    ("names", names.unknown),
    ("negation", negation.changed),
    ("scope", scope.opposed),
    ("obligation", scope.allowed),
    ("agent", names.agent),
    ("units", measures.unit),
    ("narrowing", scope.narrowed),
    ("condition", scope.dropped),
    ("reported", reported.reported),
    ("expectation", hedged.hedged),
    ("tense", tense.past),
    ("additional", measures.additional),
    ("spelling", names.misspelled),
    ("letters", names.lettered),
    ("inverted", scope.inverted),
    ("table", table.cell),
    ("place of figures", measures.misplaced),
    ("place of names", names.replaced),
    ("subject", subject.other),
    ("subject's head", subject.headed),
    ("existence", existence.joined),
    ("pairs", order.paired),
    ("binding", binding.rebound),
    ("part", parts.counted),
    ("part's subject", parts.subjects),
    ("comparison", compared.exchanged_sides),
    ("roles", roles.swapped),
    ("voice", voice.reversed_voice),
    ("verb", roles.verb),
    ("direction", direction.reversed_),
    ("kind of days", direction.kind_added),
    ("quantity", reach.quantified),
    ("limits", reach.unlimited),
)

# Words in the place of others, which may say the same: where the meaning is near, a reader is to compare them.
WORDINGS: tuple[tuple[str, Callable[[Claim, Match], str]], ...] = (
    ("subject moved", subject.moved),
    ("verb exchanged", roles.exchanged),
    ("words exchanged", wording.exchanged),
    ("words of others", wording.borrowed),
)
