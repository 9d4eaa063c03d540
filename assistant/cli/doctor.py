"""`assistant doctor`: what is wrong with this machine, the index or the server, and that nothing leaves."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.options import AllowHost, AsJson, Host, IndexPath, config_from, own_settings

if TYPE_CHECKING:
    from assistant.airgap.finding import Finding
    from assistant.airgap.proof import Proof

OfflineProof = Annotated[
    bool, typer.Option("--offline-proof", help="Index and ask under hostile settings; show every attempt to leave.")
]
ShowAll = Annotated[bool, typer.Option("--all", help="Also what is known and harmless, and the state of every switch.")]
_NAME_COLUMNS = 13


def doctor_command(
    index: IndexPath = None,
    host: Host = None,
    allow_host: AllowHost = None,
    offline_proof: OfflineProof = False,
    show_all: ShowAll = False,
    as_json: AsJson = False,
) -> int:
    """Check what answers, and their privacy, depend on: 0 where nothing is wrong, 1 where something is.

    Example: assistant doctor --offline-proof
    """
    from assistant.airgap.doctor import examined
    from assistant.airgap.finding import State
    from assistant.config import Config
    from assistant.errors import SettingError

    if offline_proof:
        return _prove(as_json)
    unusable: SettingError | None = None
    try:
        config = config_from(index=index, host=host, allow_host=allow_host)
    except SettingError as error:
        config, unusable = Config(index=Path(index[0])) if index else Config(), error
    findings = []
    for finding in examined(config, own_settings(), unusable):
        findings.append(finding)
        if not as_json:
            print("\n".join(finding_lines(finding, show_all)), flush=True)
    failed = any(finding.state is State.WRONG for finding in findings)
    if as_json:
        _print_findings(findings, failed)
    else:
        print(summary(findings))
    return int(failed)


def finding_lines(finding: "Finding", show_all: bool = False) -> Iterator[str]:
    """A finding as lines: how it stands, what it is about, what was found, and below it what to do."""
    from assistant.cli.output.terminal import line, wrapped

    indent = " " * (7 + _NAME_COLUMNS)
    yield wrapped(f"{finding.state.value:<7}{finding.name:<{_NAME_COLUMNS}}{line(finding.said)}", hanging=indent)
    if show_all and finding.detail:
        yield wrapped(line(finding.detail), indent=indent, hanging=indent)
    if finding.hint:
        yield wrapped(f"→ {line(finding.hint)}", indent=indent, hanging=f"{indent}  ")


def summary(findings: Iterable["Finding"]) -> str:
    """How many findings have to be mended, and how many are worth knowing."""
    states = [finding.state.value for finding in findings]
    wrong, notes = states.count("wrong"), states.count("note")
    noted = f"{notes} note{'' if notes == 1 else 's'}"
    if wrong:
        return f"{wrong} of {len(states)} checks found something wrong, {noted}."
    return f"Nothing is wrong, {noted}."


def _print_findings(findings: Iterable["Finding"], failed: bool) -> None:
    from assistant.cli.output.records import plain, print_json

    checks: list[dict[str, Any]] = [plain(finding) | {"state": finding.state.value} for finding in findings]
    print_json({"schema": 1, "ok": not failed, "checks": checks})


def _prove(as_json: bool) -> int:
    from assistant.airgap.proof import prove
    from assistant.cli.output.records import plain, print_json

    proof = prove()
    if as_json:
        print_json({"schema": 1, "ok": proof.holds} | plain(proof))
    else:
        print("\n".join(proof_lines(proof)))
    return int(not proof.holds)


def proof_lines(proof: "Proof") -> Iterator[str]:
    """What was run, what watched it, and every attempt to leave."""
    from assistant.cli.output.terminal import line, wrapped

    for step in proof.steps:
        yield wrapped(f"{'ok' if step.holds else 'wrong':<7}{line(step.said)}", hanging=" " * 7)
        yield from (wrapped(line(attempt), indent=" " * 7) for attempt in step.attempts)
    yield wrapped(f"Watched by: {proof.watched_by}.")
    number = sum(len(step.attempts) for step in proof.steps)
    tried = f"{number} attempt{'' if number == 1 else 's'} to leave this machine." if number else ""
    yield tried or ("Nothing tried to leave this machine." if proof.holds else "Not everything could be shown.")
