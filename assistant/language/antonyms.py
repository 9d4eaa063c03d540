"""Words that say the opposite of each other: English and German, in general use, each with its inflected forms."""

from assistant.language.terms import words

# One side | the other side, the words of a side may each stand for it.
_PAIRS = """
high higher highest | low lower lowest
large larger largest big | small smaller smallest
more most | less least fewer
many | few
long longer longest | short shorter shortest
early earlier | late later
old older oldest | new newer newest young younger
fast faster | slow slower
strong stronger | weak weaker
good better best | bad worse worst
positive | negative
internal | external
inside | outside
indoor | outdoor
public | private
first | last
maximum | minimum
full-time | part-time
gross | net
fixed | variable
senior | junior
superior | inferior
wholesale | retail
domestic | foreign
direct | indirect
active | inactive
present | absent
open opened opens opening | close closed closes closing
buy buys bought purchase purchased | sell sells sold sale
borrow borrows borrowed | lend lends lent
hire hires hired | dismiss dismissed fire fired
win wins won | lose loses lost
accept accepts accepted | reject rejects rejected refuse refuses refused
include includes included including | exclude excludes excluded excluding
increase increases increased increasing | decrease decreases decreased decreasing reduce reduces reduced reducing
rise rises rose raised raises | fall falls fell lowered lowers
gain gains gained | loss losses
profit profits | loss losses
income | expense expenses
asset assets | liability liabilities
debit debits debited | credit credits credited
add adds added | deduct deducts deducted remove removes removed
grant grants granted | deny denies denied withdraw withdraws withdrawn
start starts started begin begins began | end ends ended stop stops stopped
enable enables enabled | disable disables disabled
activate activates activated activation | inhibit inhibits inhibited inhibition
upregulated | downregulated
promote promotes promoted | prevent prevents prevented
improve improves improved | worsen worsens worsened impair impairs impaired
encrypted | unencrypted
paid | unpaid
lawful | unlawful
valid | invalid
possible | impossible
approved | rejected refused
above | below
over | under
north northern | south southern
east eastern | west western
left | right
hoch hohe hohen höher | niedrig niedrige niedrigen niedriger gering geringe
groß große großen größer | klein kleine kleinen kleiner
mehr | weniger
viele | wenige
lang länger lange | kurz kürzer kurze
früh früher | spät später
alt alte alten älter | neu neue neuen neuer jung jünger
innen intern interne | außen extern externe
öffentlich öffentliche | privat private
vollzeit | teilzeit
brutto | netto
offen geöffnet öffnet | geschlossen schließt
kaufen kauft gekauft | verkaufen verkauft
angenommen | abgelehnt
einschließlich inklusive | ausschließlich exklusive
erhöht erhöhen steigt steigen stieg gestiegen | gesenkt senken sinkt sinken sank gesunken
gewinn | verlust
beginnt beginnen begann | endet enden endete
aktiviert | deaktiviert
bezahlt bezahlte | unbezahlt unbezahlte
gültig | ungültig
oben oberhalb | unten unterhalb
links | rechts
""".strip()


def _sides() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    pairs = [line.split(" | ") for line in _PAIRS.splitlines()]
    return tuple((frozenset(one.split()), frozenset(other.split())) for one, other in pairs)


_OPPOSED = _sides()


def opposite(text: str, source: str) -> tuple[str, str] | None:
    """A word of `text` and the one of `source` that says its opposite, where neither text has both."""
    mine, theirs = frozenset(words(text)), frozenset(words(source))
    for one, other in (*_OPPOSED, *((other, one) for one, other in _OPPOSED)):
        if mine & one and theirs & other and not mine & other and not theirs & one:
            return min(mine & one), min(theirs & other)
    return None
