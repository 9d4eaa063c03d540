"""Words of office prose that say the same, and irregular forms of one verb: English and German, compared by stems.

Narrow on purpose: two words stand in one group only where either may take the other's place in any rule.
"""

from collections.abc import Iterable

from assistant.language.terms import stem

_GROUPS = """
get gets got gotten receive obtain
approximately about roughly around circa
prior previous earlier
subsequent later following next
sufficient enough adequate
primarily mainly chiefly mostly largely
frequently often
immediately promptly instantly
entire whole complete full
necessary needed required
important significant major
purpose aim goal objective
obligation duty
permission approval consent authorization
error mistake
method approach
part portion share
quantity number amount
cost expense
fee charge
damage harm
danger hazard
problem issue
answer reply response respond
goods merchandise products
item article
shop store
city town
area region
country nation
job position role post
salary pay wage remuneration
contract agreement
law statute
lawyer attorney
doctor physician
drug medication medicine
disease illness
study research
result outcome finding
demonstrate indicate reveal display
discover detect identify
assess evaluate measure
test examine check verify
reduce lower diminish
raise elevate
improve enhance
affect influence impact
enable allow
ensure guarantee
avoid prevent
try attempt
expect anticipate
plan intend
quick fast rapid
simple easy
difficult hard
correct right accurate
wrong incorrect
main principal primary
delete remove erase
add append insert
create generate
choose pick
click press tap
phone telephone smartphone
website site
photo picture image
money funds
corporation company business
colleague coworker
power authority
buy bought purchase acquire
begin began begun start commence
end finish conclude
need require
help assist
keep kept retain
show shown display
give gave given grant provide offer
ask request
tell told inform notify
send sent submit
lead led head
contain include comprise
allow permit
forbid forbidden forbade prohibit
reimburse refund
use utilize
employee staff personnel worker workforce
company firm enterprise
customer client
supplier vendor
car vehicle
yearly annual annually
choose chose chosen select
change alter modify amend
repair fix
resign quit
hire recruit
trip travel journey
vacation holiday
illness sickness
ill sick
additional further extra
large big
live reside
located situated
establish found founded
build built construct
happen occur
film movie
rise rose risen increase grow grew grown climb
fall fell fallen decrease decline drop
die died
make made produce
pay paid
take took taken
write wrote written
sell sold
hold held
find found
leave left
become became
go went gone
come came
win won
know knew known
see saw seen
say said
bring brought
teach taught
spend spent
lose lost
meet met
run ran
speak spoke spoken
break broke broken
drive drove driven
wear wore worn
draw drew drawn
understand understood
stand stood
bear bore born
child children
person people
man men
woman women
erhalten erhält bekommen bekommt
ungefähr etwa circa rund
vertrag vereinbarung
kosten ausgaben
gebühr entgelt
genehmigung zustimmung erlaubnis
ende ablauf
beginn anfang
prüfen überprüfen kontrollieren
löschen entfernen
wählen auswählen
senden schicken übermitteln
rechner computer
handy mobiltelefon smartphone
foto bild
beginnen beginnt begann starten startet
enden endet
benötigen brauchen
kaufen erwerben
leiten leitet führen führt
firma unternehmen betrieb
mitarbeiter mitarbeitende beschäftigte angestellte arbeitnehmer
auto fahrzeug wagen
gehalt lohn
genehmigen bewilligen
erlaubt gestattet
verboten untersagt
mitteilen melden
zahlen bezahlen
sofort unverzüglich umgehend
geben gibt gab
gehen geht ging
nehmen nimmt nahm
steigen steigt stieg
sinken sinkt sank
"""


def _by_stem(groups: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in groups.strip().splitlines():
        stems = frozenset(map(stem, line.split()))
        for one in stems:
            found[one] = found.get(one, frozenset()) | stems
    return found


_SAME = _by_stem(_GROUPS)


def synonyms(word: str) -> frozenset[str]:
    """The stems that may stand in the place of the stem `word`, itself included."""
    return _SAME.get(word, frozenset((word,)))


def any_synonym(word: str, others: Iterable[str]) -> bool:
    """Whether one of `others` may stand in the place of `word`."""
    return not synonyms(word).isdisjoint(others)
