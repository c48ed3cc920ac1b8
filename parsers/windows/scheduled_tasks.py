r"""Scheduled tasks: their definitions in System32\Tasks, and what SOFTWARE keeps of them (Schedule\TaskCache).

Shows: which tasks are set up, what they start, as whom and by which kinds of trigger; from the registry also when each
was created, last started and last completed, and whether the scheduler's tree still names it.
Does not show: earlier runs (see the event log of the task scheduler), nor that the program a task started did its work.
`registered_at` and author are what the definition says and anyone can write. A task that was deleted is in neither
place. `ran` is answered with the last start of tasks that start a program, but for those whose result is that of a start
that failed; what was started may have been another program before the last change.
Not read: tasks of Windows XP (.job), triggers beyond their kind, triggers and security descriptors in the registry,
the data of actions that send mail or show a message, the hash that ties the two places together.

References:
    - Microsoft, Task Scheduler Schema
    - "Windows Registry Analysis - Today's Episode: Tasks" (cyber.wtf, 2022): DynamicInfo and Actions
    - J. Metz, Windows Registry knowledge base, "Task scheduler"; @port139, "Task Scheduler Registry key and Last Run Time"
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any

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
    utc,
)
from parsers.formats import codecs
from parsers.formats.regf import LOG_SUFFIXES, SIGNATURE, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.task_definition import (
    NAMESPACE,
    Action,
    CutError,
    Definition,
    moment,
    read_actions,
    read_xml,
)
from parsers.questions import RAN

_SOURCE = Column("task_source", text, "file (definition) or registry (cache of the scheduler).")
_TASK = Column("task_path", text, "Path of the task in the folders of the scheduler.")
_PROGRAM = Column(
    "program_path", text, "Path of the program, as stored; its name alone where no path is known."
)

TASKS = Table(
    "windows_scheduled_task",
    _SOURCE,
    _TASK,
    Column("task_guid", text, "Identifier of the task in the registry."),
    _PROGRAM,
    Column("action_count", integer, "Actions the task has."),
    Column("trigger_kinds", texts, "Kinds of trigger, as the definition names them."),
    Column(
        "runs_as", text, "Account it runs as, or of a driver the object's name, as stored.", is_personal=True
    ),
    Column("run_level", text, "Rights it runs with, as the definition names them."),
    Column("task_author", text, "Who made the task, as it states.", is_personal=True),
    Column("task_description", text, "Description of the task, as it states."),
    Column("registered_at", utc, "When the task was registered, as it states with a time zone."),
    Column("registered_local", local, "When the task was registered, as it states without a time zone."),
    Column("task_created_at", utc, "When the scheduler has put the task up."),
    Column("last_run_at", utc, "Last run of the program, as the artefact tells it."),
    Column("last_completed_at", utc, "When a run last came to its end."),
    Column(
        "last_result", text, "Result of the last run as Windows codes it, eight hex digits; 0 for success."
    ),
    Column("is_task_enabled", boolean, "Whether the task is switched on; a definition that is silent is on."),
    Column("is_task_hidden", boolean, "Whether the task asks not to be shown."),
    Column("is_in_tree", boolean, "Whether the tree that Windows lists tasks from names it."),
    Column(
        "has_security_descriptor",
        boolean,
        "Whether the tree holds its security descriptor; without it Windows hides it.",
    ),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    # 8007....: Windows could not start it (no such file, no right), or the program has ended with such a number.
    answers=RAN(
        where="last_run_at is not null and program_path is not null and last_result not like '8007%'",
        at="last_run_at",
        program_path="program_path",
    ),
)
ACTIONS = Table(
    "windows_scheduled_task_action",
    _SOURCE,
    _TASK,
    Column("action_place", integer, "Place among the actions of the task, from 1."),
    Column("action_kind", text, "exec, com_handler, email or message."),
    _PROGRAM,
    Column("arguments", text, "Command line arguments.", is_personal=True),
    Column("working_path", text, "Working directory for the target."),
    Column("com_class_id", text, "Class of the COM object that is called."),
)

_CACHE = r"Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache"
_MOST_BYTES = 4 << 20
# DynamicInfo: 3, created, last start, state, result; since Windows 8 also last completion.
_DYNAMIC = struct.Struct("<IQQII")


def is_definition(head: bytes) -> bool:
    """Whether the first bytes are a task's definition, in any encoding Windows writes one in."""
    return any(NAMESPACE.encode(codec) in head for codec in ("ascii", "utf-16-le", "utf-16-be"))


@parser(
    version=1,
    wants=(
        *hive_wants("SOFTWARE"),
        Want("**/System32/Tasks/**/*", sniff=is_definition),
        Want("**/Tasks/**/*", sniff=is_definition, is_strict=False),
    ),
    tables=(TASKS, ACTIONS),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def scheduled_tasks(artefact: Artefact) -> Yields:
    """One row for each task and one for each of its actions, from a definition or from the SOFTWARE hive."""
    if artefact.head(4) == SIGNATURE:
        yield from _from_hive(artefact)
    else:
        yield from _from_file(artefact)


def _from_file(artefact: Artefact) -> Yields:
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES)
    codec = codecs.decide(content)
    told, replaced = codecs.decode(content, codec)
    found = read_xml(told)
    problems = list(_file_problems(artefact, found, codec, replaced))
    if found is not None:
        row, more = _defined(found)
        problems += more
        path = _task_path(artefact.path) or found.uri
        common = {"task_source": "file", "task_path": path}
        yield TASKS.row("0", Status.PARTIAL if problems else Status.OK, **common, **row)
        yield from _action_rows(found.actions, "0", Status.PARTIAL if problems else Status.OK, common)
    yield from problems


def _file_problems(
    artefact: Artefact, found: Definition | None, codec: str, replaced: int
) -> Iterator[Problem]:
    if artefact.size > _MOST_BYTES:
        message = f"the file has {artefact.size} bytes, the first {_MOST_BYTES} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator=str(_MOST_BYTES), message=message)
    if replaced:
        message = f"{replaced} bytes are not {codec}; they stand in the texts as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)
    if found is None:
        message = "no definition of a task, or one with a document type, which is not read"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)
    elif found.broken:
        kind = ProblemKind.TRUNCATED if found.is_cut else ProblemKind.DAMAGED
        yield Problem(kind=kind, locator="0", message=f"the definition breaks off: {found.broken}")


def _defined(found: Definition) -> tuple[dict[str, Any], list[Problem]]:
    """The columns of a definition, and what of it could not be read."""
    row: dict[str, Any] = {
        "program_path": _program(found.actions),
        "action_count": None if found.broken else len(found.actions),
        "trigger_kinds": found.triggers,
        "runs_as": found.runs_as,
        "run_level": found.run_level,
        "task_author": found.author,
        "task_description": found.description,
        # [TSS] enabledType: true where the element is left out; not so where the definition breaks off before it.
        "is_task_enabled": True if found.is_enabled is None and not found.broken else found.is_enabled,
        "is_task_hidden": found.is_hidden,
    }
    if found.registered is None:
        return row, []
    try:
        at = moment(found.registered)
    except (ValueError, OverflowError):
        message = f"{found.registered[:60]!r} is no date"
        problem = Problem(kind=ProblemKind.DAMAGED, locator="0", message=message, column="registered_at")
        return row, [problem]
    return row | {"registered_local" if at.tzinfo is None else "registered_at": at}, []


def _task_path(path: str) -> str | None:
    """The path in the scheduler's folders, which is that below the folder Tasks."""
    marker = "/system32/tasks/"
    at = path.casefold().find(marker)
    return None if at < 0 else "\\" + path[at + len(marker) :].replace("/", "\\")


def _program(actions: list[Action]) -> str | None:
    """The first program a task starts."""
    return next((one.program for one in actions if one.program), None)


def _action_rows(actions: list[Action], locator: str, status: Status, common: dict[str, Any]) -> Yields:
    for place, one in enumerate(actions, 1):
        yield ACTIONS.row(
            f"{locator}:{place}",
            status,
            **common,
            action_place=place,
            action_kind=one.kind,
            program_path=one.program,
            arguments=one.arguments,
            working_path=one.folder,
            com_class_id=one.class_id,
        )


def _from_hive(artefact: Artefact) -> Yields:
    with open_hive(artefact) as hive:
        cache = hive.key(_CACHE) if hive.root is not None else None
        if cache is not None or is_hive_or_lost(hive, artefact, "SOFTWARE"):
            yield from hive.problems()
        if cache is None:
            return
        tree = _tree(hive, hive.key("Tree", cache))
        tasks = hive.key("Tasks", cache)
        for key in () if tasks is None else hive.subkeys(tasks):
            yield from _cached(hive, key, tree.pop(key.name.casefold(), None))
        yield from hive.problems()
        for guid, (key, has_descriptor) in tree.items():
            yield TASKS.row(
                key.path,
                hive.status(),
                task_source="registry",
                task_path=_tree_path(key),
                task_guid=guid.upper(),
                is_in_tree=True,
                has_security_descriptor=has_descriptor,
                key_written_at=key.written_at,
                is_replayed=hive.is_replayed,
            )


def _tree(hive: Hive, top: Key | None) -> dict[str, tuple[Key, bool]]:
    """The tasks the tree names, by their identifier, and whether each has a security descriptor."""
    found: dict[str, tuple[Key, bool]] = {}
    for key in () if top is None else hive.walk(top):
        values = hive.named(key)
        guid = hive.as_text(values["Id"], "task_guid")
        if guid:
            found.setdefault(guid.casefold(), (key, values["SD"] is not None))
    return found


def _tree_path(key: Key) -> str:
    """The path of a task below the key Tree."""
    return "\\" + key.path.partition("\\TaskCache\\Tree\\")[2]


def _cached(hive: Hive, key: Key, named: tuple[Key, bool] | None) -> Yields:
    """A task of the cache with its actions."""
    values = hive.named(key)
    actions, is_whole = _actions(hive, values["Actions"])
    path = hive.as_text(values["Path"], "task_path") or (None if named is None else _tree_path(named[0]))
    common = {"task_source": "registry", "task_path": path}
    row = {
        "task_guid": key.name.upper(),
        "program_path": _program(actions),
        "action_count": len(actions) if is_whole else None,
        "task_author": hive.as_text(values["Author"], "task_author"),
        "task_description": hive.as_text(values["Description"], "task_description"),
        "is_in_tree": named is not None,
        "has_security_descriptor": None if named is None else named[1],
        "key_written_at": key.written_at,
        "is_replayed": hive.is_replayed,
        **_registered(hive, values["Date"]),
        **_dynamic(hive, values["DynamicInfo"]),
    }
    status = hive.status()
    yield TASKS.row(key.path, status, **common, **row)
    yield from _action_rows(actions, key.path, status, common)
    yield from hive.problems()


def _actions(hive: Hive, value: Value | None) -> tuple[list[Action], bool]:
    """The actions up to where they cannot be read further, and whether these are all."""
    found: list[Action] = []
    if value is None:
        return found, False
    try:
        for one in read_actions(value.content):
            found.append(one)
    except CutError as error:
        hive.tell(ProblemKind.TRUNCATED, value.locator, f"the actions break off: {error}")
    except ValueError as error:
        hive.tell(ProblemKind.UNSUPPORTED, value.locator, str(error))
    else:
        return found, True
    return found, False


def _registered(hive: Hive, value: Value | None) -> dict[str, datetime]:
    told = hive.as_text(value, "registered_at")
    if value is None or not told:
        return {}
    try:
        at = moment(told)
    except (ValueError, OverflowError):
        hive.tell(ProblemKind.DAMAGED, value.locator, f"{told[:60]!r} is no date", "registered_at")
        return {}
    return {"registered_local" if at.tzinfo is None else "registered_at": at}


def _dynamic(hive: Hive, value: Value | None) -> dict[str, Any]:
    """What changes with each run: when it was put up, started and completed, and with which result."""
    if value is None:
        return {}
    if len(value.content) < _DYNAMIC.size:
        message = f"{_DYNAMIC.size} bytes were expected, {len(value.content)} are there"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, "last_run_at")
        return {}
    _, created, started, _, result = _DYNAMIC.unpack_from(value.content)
    found = {
        "task_created_at": hive.instant_of(created, value.locator, "task_created_at"),
        "last_run_at": hive.instant_of(started, value.locator, "last_run_at"),
        "last_result": f"{result:08X}",
    }
    if len(value.content) >= _DYNAMIC.size + 8:
        (completed,) = struct.unpack_from("<Q", value.content, _DYNAMIC.size)
        found["last_completed_at"] = hive.instant_of(completed, value.locator, "last_completed_at")
    return found
