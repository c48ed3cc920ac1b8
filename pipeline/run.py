"""The stages in order; the only module that knows the order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pipeline import case as cases
from pipeline import intake
from pipeline.custody.log import CustodyLog, versions
from pipeline.custody.record import Actor, Tool
from pipeline.decide import stage as decide
from pipeline.errors import CaseError
from pipeline.extract import stage as extract
from pipeline.match import stage as match
from pipeline.outcome import Outcome, outcome_of
from pipeline.progress import Progress
from pipeline.report import stage as report
from pipeline.scope import stage as scope
from pipeline.work.job import Limits
from pipeline.work.session import Session

# Each stage is a module that states READS and WRITES and gives `run(session)`.
STAGES: tuple[tuple[str, ModuleType], ...] = (
    ("intake", intake),
    ("extract", extract),
    ("match", match),
    ("scope", scope),
    ("decide", decide),
    ("report", report),
)
# What a command runs up to, stage by stage.
_WITHDRAWN = "withdrawn: "
COMMANDS = {"ingest": "extract", "scope": "scope", "decide": "decide", "report": "report"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is told beside the case."""

    rule_folders: tuple[Path, ...] = ()
    workers: int | None = None
    limits: Limits = Limits()
    command: tuple[str, ...] = ()


def run(root: Path, until: str, progress: Progress, options: Options | None = None) -> Outcome:
    """Run the stages of a case up to one of the commands; what is done already is not done again.

    Raises:
        CaseError: case.toml cannot be used, or there is no evidence.
        BusyError: another run holds the case.
        CustodyError: the custody log cannot be continued.
        RuleError: a rule file cannot be used.
    """
    chosen = options or Options()
    case = cases.load(root)
    if not case.evidence:
        raise CaseError(
            f"case {case.number} has no evidence: put items into {case.evidence_folder} or name them in case.toml"
        )
    libraries = versions()
    tool = Tool(
        name="kanshiki",
        version=libraries["kanshiki"],
        libraries={k: v for k, v in libraries.items() if k != "kanshiki"},
    )
    actor = Actor(name=case.examiner or "unknown")
    with CustodyLog.open(case.root, case.number, case.zone, actor) as log:
        session = Session(
            case=case,
            log=log,
            progress=progress,
            tool=tool,
            command=chosen.command,
            limits=chosen.limits,
            workers=chosen.workers,
            rule_folders=chosen.rule_folders,
        )
        session.start()
        _record_rulings(session)
        for name, stage in STAGES:
            stage_run: Callable[[Session], None] = stage.run
            stage_run(session)
            if name == COMMANDS[until]:
                break
        session.finish()
        progress.finish()
        log.seal()
        return outcome_of(session)


def _record_rulings(session: Session) -> None:
    """An examiner's ruling enters custody before anything rests on it, once, and so does that it stands no longer."""
    told: dict[str, None] = {}
    for record in session.log.records:
        if record.action == "rule_ruling" and record.note:
            if record.note.startswith(_WITHDRAWN):
                told.pop(record.note.removeprefix(_WITHDRAWN), None)
            else:
                told[record.note] = None
    now = dict.fromkeys(
        f"on {one.on}: {one.decision!r}; by {one.by}; reason: {one.reason}" for one in session.case.rulings
    )
    for note in (
        *(f"{_WITHDRAWN}{one}" for one in told if one not in now),
        *(one for one in now if one not in told),
    ):
        session.log.append("rule_ruling", note=note)
