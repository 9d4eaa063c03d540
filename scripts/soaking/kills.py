"""Part a: SIGKILLs of `assistant index` at random moments, half of them while a generation is built.

A case is one life of an index: a folder is changed, indexed, and the run is killed, again and again. After each kill
the index is opened and searched; then (mostly) a run goes to its end, and the index is compared with a fresh one. In
every fifth life the process that builds a generation is the real one, in every twentieth the embedder is, too.
"""

from soaking import cheap
from soaking.folders import Documents
from soaking.frame import Case, Part
from soaking.rights import prepare
from soaking.runs import Kill, Runs
from soaking.subject import Subject

_KILLS, _KILLS_OF_SLICE = 10, 2  # of one life
_FILES, _FILES_OF_FEW = 36, 9  # few where the bundled embedder takes its time, and in a slice
_FINISHED = 0.8  # share of the kills after which a run goes to its end before the next


def live(case: Case) -> None:
    """One life of an index with ten kills."""
    prepare(case.work)
    real = case.number % 20 == 0 and not case.sliced
    if not real:
        cheap.use()
    documents = Documents(case.work / "documents", case.random("documents"))
    documents.fill(_FILES_OF_FEW if real or case.sliced else _FILES)
    runs = Runs(case.work / "log")
    if real or (case.number % 5 == 0 and not case.sliced):
        runs.real_builder, runs.build_seconds = True, 3.0
    subject = Subject(case, documents, case.work / "index", runs)
    if case.number % 2:
        subject.level()
    kills = _KILLS_OF_SLICE if case.sliced else _KILLS
    for number in range(kills):
        kill_once(subject, number)
        case.count("with the real embedder", real)
        case.count("with the real builder", runs.real_builder)
        if number == kills - 1 or case.random("finished", number).random() < _FINISHED:
            subject.level()
            subject.compare()


def kill_once(subject: Subject, number: int) -> None:
    """Change the folder and kill a run, until one was still running; every other while it builds a generation."""
    case, random = subject.case, subject.case.random("kill", number)
    building, killed = bool(number % 2), False
    while not killed:
        for _ in range(random.randint(4, 9) if building else random.randint(1, 5)):
            case.step(subject.documents.change())
        delay = subject.runs.moment(random.random(), building)
        killed = subject.killed(Kill(delay, building, alone=random.random() < 0.5))
        case.count("runs over before their kill", not killed)
    case.count("kills")
    case.count("while a generation was built", building)


PART = Part("a", "kills", times=1000, sliced=_KILLS_OF_SLICE, run=live, note=cheap.NOTE)
