r"""Scheduled tasks of Windows XP and Server 2003, and of `at` and programs since (.job files under Windows\Tasks).

Shows: which program was to run, with which arguments, by whom the task was made, when it ran last by the clock of the machine and
with which result.
Does not show: runs before the last; under which account it ran (that stands encrypted elsewhere); that the program did anything. A
last run of which the program could not be started may stand here too.
Not read: user and reserved data, the signature at the end, idle settings; the log of the scheduler (SchedLgU.txt).

References:
    - [MS-TSCH] 2.4.1 (FIXDLEN_DATA), 2.4.2 (variable-length data), 2.4.2.11 (triggers)
"""

from __future__ import annotations

import struct
from datetime import datetime
from typing import Any
from uuid import UUID

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    local,
    parser,
    text,
    texts,
)
from parsers.questions import RAN

JOBS = Table(
    "windows_task_job",
    Column("task_path", text, "Path of the task in the folders of the scheduler."),
    Column("task_guid", text, "Identifier of the task in the registry."),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("arguments", text, "Command line arguments.", is_personal=True),
    Column("working_path", text, "Working directory for the target."),
    Column("task_author", text, "Who made the task, as it states.", is_personal=True),
    Column("task_description", text, "Description of the task, as it states."),
    Column("last_run_local", local, "Last run, by the machine's wall clock.", is_machine_clock=True),
    Column("last_result", text, "Result of the last run as Windows codes it, eight hex digits; 0 for success."),
    Column("task_state", text, "ready, running, disabled, has_not_run, no_more_runs, not_scheduled, or the number, as last stored."),
    Column("is_task_enabled", boolean, "Whether the task is switched on; a definition that is silent is on."),
    Column("is_task_hidden", boolean, "Whether the task asks not to be shown."),
    Column("trigger_kinds", texts, "Kinds of trigger, as the definition names them."),
    Column("trigger_begin_days", texts, "First day of each trigger, year-month-day."),
    Column("windows_version", text, "Version of Windows that wrote the file: 5.1 is XP."),
    Column("process_count", integer, "Runs under way when the file was written."),
    answers=RAN(
        where="last_run_local is not null and program_path is not null and last_result not like '8007%'",
        at="last_run_local",
        program_path="program_path",
    ),
)  # fmt: skip

# 2.4.1: versions, identifier, offsets of name and triggers, retries, idle, priority, most time, result, state, flags, last run.
_FIXED = struct.Struct("<HH16s6H5I8H")
_TRIGGER = struct.Struct("<HHHHHHHHHHIIIIHHHHHH")
_TRIGGER_BYTES = 48
_FILE_VERSION = 1
_DISABLED, _HIDDEN = 0x4, 0x200
_STATES = {
    0x00041300: "ready", 0x00041301: "running", 0x00041302: "disabled", 0x00041303: "has_not_run", 0x00041304: "no_more_runs",
    0x00041305: "not_scheduled",
}  # fmt: skip
_TRIGGERS = ("once", "daily", "weekly", "monthly_date", "monthly_day", "on_idle", "at_start", "at_logon")
_TEXTS = ("program_path", "arguments", "working_path", "task_author", "task_description")
_MOST_BYTES = 1 << 20


def _is_job(head: bytes) -> bool:
    """Windows 2000 to 10, version 1 of the file, and the name of the program right behind what is fixed."""
    if len(head) < _FIXED.size + 2:
        return False
    product, version, _, name_at = struct.unpack_from("<HH16sH", head)
    return bool(version == _FILE_VERSION and name_at == _FIXED.size + 2 and 0x0400 <= product <= 0x0A00)


@parser(
    version=1,
    wants=(Want("**/*.job", sniff=_is_job, is_strict=False),),
    tables=(JOBS,),
)
def task_job(artefact: Artefact) -> Yields:
    """One row for the task of the file; its locator is `job`."""
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES)
    if len(content) < _FIXED.size + 2:
        message = f"the file has {len(content)} bytes, a task at least {_FIXED.size + 2}"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="job", message=message)
        return
    fixed = _FIXED.unpack_from(content)
    product, _, identifier, name_at, triggers_at, *_, result, state, flags = fixed[:14]
    wrong: list[tuple[str | None, str]] = []
    values: dict[str, Any] = {
        "task_path": artefact.path.rsplit("/", 1)[-1],
        "task_guid": f"{{{UUID(bytes_le=identifier)}}}".upper(),
        "last_run_local": _clock(fixed[14:], wrong),
        "last_result": f"{result:08x}",
        "task_state": _STATES.get(state, f"{state:08x}"),
        "is_task_enabled": not flags & _DISABLED,
        "is_task_hidden": bool(flags & _HIDDEN),
        "windows_version": f"{product >> 8}.{product & 0xFF}",
        "process_count": int.from_bytes(content[_FIXED.size : _FIXED.size + 2], "little"),
    }
    values |= _variable(content, name_at, wrong)
    values |= _triggers(content, triggers_at, wrong)
    yield JOBS.row("job", Status.PARTIAL if wrong else Status.OK, **values)
    for column, message in wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator="job", message=message, column=column)


def _clock(parts: tuple[int, ...], wrong: list[tuple[str | None, str]]) -> datetime | None:
    """A SYSTEMTIME of the wall clock; zeros where the task has not run."""
    if not any(parts):
        return None
    year, month, _, day, hour, minute, second, milliseconds = parts
    try:
        return datetime(year, month, day, hour, minute, second, milliseconds * 1000)  # noqa: DTZ001  a clock of no zone
    except ValueError:
        wrong.append(("last_run_local", f"a time is {parts}"))
        return None


def _variable(content: bytes, place: int, wrong: list[tuple[str | None, str]]) -> dict[str, str | None]:
    """The texts, each behind the number of its characters with the NUL that ends it."""
    found: dict[str, str | None] = {}
    for column in _TEXTS:
        count = int.from_bytes(content[place : place + 2], "little")
        end = place + 2 + 2 * count
        if place + 2 > len(content) or end > len(content):
            wrong.append(
                (column, f"a text of {count} characters at {place} does not lie in {len(content)} bytes")
            )
            return found
        stored = content[place + 2 : end].decode("utf-16-le", "replace").partition("\0")[0]
        found[column] = stored or None
        place = end
    return found


def _triggers(content: bytes, place: int, wrong: list[tuple[str | None, str]]) -> dict[str, list[str]]:
    kinds, days = [], []
    count = int.from_bytes(content[place : place + 2], "little")
    place += 2
    for _ in range(count):
        if place + _TRIGGER_BYTES > len(content):
            wrong.append(("trigger_kinds", f"{count} triggers do not lie in {len(content)} bytes"))
            break
        # 2.4.2.11: size, reserved, begin year month day, end year month day, start hour and minute, four numbers, kind.
        fields = _TRIGGER.unpack_from(content, place)
        kind = int.from_bytes(content[place + 36 : place + 40], "little")
        kinds.append(_TRIGGERS[kind] if kind < len(_TRIGGERS) else str(kind))
        days.append(f"{fields[2]:04}-{fields[3]:02}-{fields[4]:02}")
        place += _TRIGGER_BYTES
    return {"trigger_kinds": kinds, "trigger_begin_days": days}
