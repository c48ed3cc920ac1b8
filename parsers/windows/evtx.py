"""Windows event logs (.evtx).

Shows: every record of the log with its channel, provider, computer, user and event data, as the machine wrote it.
Does not show: what was written before the log rolled over or was cleared; the text Windows shows for an event.
Not read: records carved from chunk slack; the message templates of the provider.

Times are TimeCreated of the record, in microseconds (the log keeps 100 ns); the time in the binary record header is 0 in many
exported logs. A record the bulk reader loses is read again by a second reader and then has the status `recovered`.

References:
    - [MS-EVEN6] EventLog Remoting Protocol Version 6.0
    - J. Metz, Windows XML Event Log (EVTX) format, libevtx documentation
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from evtx import PyEvtxParser

from parsers.contract import (
    Artefact,
    Batch,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import evtx_recovery
from parsers.questions import ACCESS, CLEARED

_ACTIONS = {
    4624: "logon",
    4625: "failed",
    4634: "logoff",
    4647: "logoff",
    4648: "logon with explicit credentials",
    4778: "reconnect",
    4779: "disconnect",
    4800: "lock",
    4801: "unlock",
}

EVENTS = Table(
    "windows_evtx",
    Column("event_record_id", integer, "Number of the record in its channel."),
    Column("written_at", utc, "When the event was written, from System/TimeCreated."),
    Column("event_id", integer, "Number of the kind of event."),
    Column("event_version", integer, "Version of the event's definition."),
    Column("level", integer, "Level: 1 critical, 2 error, 3 warning, 4 information, 5 verbose, 0 always."),
    Column("task", integer, "Task of the provider."),
    Column("opcode", integer, "Operation within the task."),
    Column("keywords", text, "Keywords as a hexadecimal mask."),
    Column("provider", text, "Name of the provider."),
    Column("provider_guid", text, "Identifier of the provider."),
    Column("channel", text, "Channel the event was written to."),
    Column("computer", text, "Name of the computer that wrote it."),
    Column("account_sid", text, "Security identifier in System/Security."),
    Column("process_id", integer, "Process that raised the event."),
    Column("thread_id", integer, "Thread that raised the event."),
    Column("activity_id", text, "Activity the event belongs to."),
    Column("action", text, "For logons and sessions: what happened."),
    Column("account", text, "For logons and cleared logs: the account meant.", is_personal=True),
    Column("from_host", text, "For logons: address or workstation the session came from."),
    Column(
        "event_data",
        pa.map_(pa.string(), pa.string()),
        "Event data by name; parts of user data with dots, unnamed ones by place.",
    ),
    answers=(
        ACCESS(
            at="written_at",
            account="account",
            account_sid="account_sid",
            action="action",
            from_host="from_host",
            where="action IS NOT NULL",
        ),
        CLEARED(
            at="written_at",
            what="channel",
            account="account",
            where="event_id IN (1102, 104) AND action IS NULL AND account IS NOT NULL",
        ),
    ),
)

_SCHEMA = EVENTS.schema()
_BATCH_ROWS = 1000
_FILE_HEADER = 4096  # libevtx documentation, 3
_CHUNK = 65536
_CHUNK_MAGIC = b"ElfChnk\0"
_RECORD_MAGIC = b"\x2a\x2a\0\0"
_FIRST_RECORD = 512
_LEAST_RECORD = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A record as its header in the chunk tells it."""

    record_id: int
    offset: int


@parser(
    version=1, wants=(Want("**/*.evtx", signature=b"ElfFile\0"),), tables=(EVENTS,), is_expected_on=("host",)
)
def evtx(artefact: Artefact) -> Yields:
    """Every record in file order, in batches; then what only the second reader could read; then what is lost."""
    if artefact.size < _FILE_HEADER:
        message = f"{artefact.size} bytes, less than the header of an event log ({_FILE_HEADER})"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="0", message=message)
        return
    with artefact.open() as stream:
        places, problems = _places(stream)
    waiting: dict[int, list[int]] = {}
    for place in places:
        waiting.setdefault(place.record_id, []).append(place.offset)
    rows: list[dict[str, Any]] = []
    locators: list[str] = []
    with artefact.open() as stream:
        for record_id, data in _bulk(stream, problems):
            offsets = waiting.get(record_id)
            locators.append(f"offset:{offsets.pop(0)}" if offsets else f"record:{record_id}")
            rows.append(_row(record_id, data))
            if len(rows) >= _BATCH_ROWS:
                yield _batch(rows, locators, Status.OK)
                rows, locators = [], []
    if rows:
        yield _batch(rows, locators, Status.OK)
    lost = sorted(offset for offsets in waiting.values() for offset in offsets)
    if lost:
        yield from _recovered(artefact, lost)
    yield from problems


def _bulk(stream: BinaryIO, problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records as the Rust reader gives them; its errors are kept, since the comparison with the headers tells what is lost."""
    try:
        records = iter(PyEvtxParser(stream, 1).records_json())
    except (RuntimeError, OSError, ValueError) as error:
        problems.append(
            Problem(kind=ProblemKind.DAMAGED, locator="0", message=f"the header cannot be read: {error}")
        )
        return
    while True:
        try:
            record: Any = next(records)
            yield int(record["event_record_id"]), msgspec.json.decode(record["data"], type=dict[str, Any])
        except StopIteration:
            return
        except (RuntimeError, OSError, ValueError, KeyError, msgspec.DecodeError):
            # Which record it was, the headers know.
            continue


def _places(stream: BinaryIO) -> tuple[list[_Place], list[Problem]]:
    """Every record header in every chunk, and what is wrong with the chunks themselves."""
    places: list[_Place] = []
    problems: list[Problem] = []
    stream.seek(_FILE_HEADER)
    offset = _FILE_HEADER
    while chunk := stream.read(_CHUNK):
        if chunk.startswith(_CHUNK_MAGIC):
            found = list(_in_chunk(chunk, offset))
            places += found
            problems += _chunk_problems(chunk, offset, found)
        elif any(chunk):
            problems.append(
                Problem(
                    kind=ProblemKind.DAMAGED,
                    locator=f"offset:{offset}",
                    message="a chunk without its signature; its records are lost",
                )
            )
        offset += len(chunk)
    return places, problems


def _in_chunk(chunk: bytes, base: int) -> Iterator[_Place]:
    free = struct.unpack_from("<I", chunk, 48)[0] if len(chunk) >= 52 else 0
    end = min(free if _FIRST_RECORD <= free <= _CHUNK else _CHUNK, len(chunk))
    position = _FIRST_RECORD
    while position + _LEAST_RECORD <= end and chunk[position : position + 4] == _RECORD_MAGIC:
        size, record_id = struct.unpack_from("<IQ", chunk, position + 4)
        if size < _LEAST_RECORD or position + size > _CHUNK:
            return
        yield _Place(record_id=record_id, offset=base + position)
        position += size


def _chunk_problems(chunk: bytes, base: int, found: list[_Place]) -> list[Problem]:
    """A chunk that is cut short, or whose header names more records than stand in it."""
    if len(chunk) < _CHUNK:
        message = f"the last chunk is cut short: {len(chunk)} of {_CHUNK} bytes"
        return [Problem(kind=ProblemKind.TRUNCATED, locator=f"offset:{base}", message=message)]
    first, last = struct.unpack_from("<QQ", chunk, 8)
    expected = last - first + 1
    if found and 0 < expected < 4000 and expected > len(found):
        message = f"the chunk's header names records {first} to {last} ({expected}), {len(found)} stand in it"
        return [Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{base}", message=message)]
    return []


def _recovered(artefact: Artefact, lost: list[int]) -> Yields:
    """What the second reader makes of the records the first one lost; each that stays lost is a problem."""
    with artefact.open() as stream:
        content = stream.read()
    rows, locators, problems = [], [], []
    for offset, outcome in evtx_recovery.records(content, lost):
        if isinstance(outcome, str):
            problems.append(
                Problem(
                    kind=ProblemKind.DAMAGED,
                    locator=f"offset:{offset}",
                    message=f"a record is lost: {outcome}",
                )
            )
            continue
        record_id, data = outcome
        rows.append(_row(record_id, data))
        locators.append(f"offset:{offset}")
    if rows:
        yield _batch(rows, locators, Status.RECOVERED)
    yield from problems


def _batch(rows: list[dict[str, Any]], locators: list[str], status: Status) -> Batch:
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in _SCHEMA]
    return Batch(
        table=EVENTS,
        locators=pa.array(locators, pa.string()),
        rows=pa.RecordBatch.from_arrays(columns, schema=_SCHEMA),
        status=status,
    )


def _row(record_id: int, data: dict[str, Any]) -> dict[str, Any]:
    event = _dict(data.get("Event"))
    system = _dict(event.get("System"))
    execution = _attributes(system.get("Execution"))
    provider = _attributes(system.get("Provider"))
    event_id = _integer(system.get("EventID"))
    values = dict(_event_data(event))
    action = _ACTIONS.get(event_id or 0) if _plain(system.get("Channel")) == "Security" else None
    return {
        "event_record_id": record_id,
        "written_at": _instant(_attributes(system.get("TimeCreated")).get("SystemTime")),
        "event_id": event_id,
        "event_version": _integer(system.get("Version")),
        "level": _integer(system.get("Level")),
        "task": _integer(system.get("Task")),
        "opcode": _integer(system.get("Opcode")),
        "keywords": _plain(system.get("Keywords")),
        "provider": _plain(provider.get("Name")) or _plain(provider.get("EventSourceName")),
        "provider_guid": _plain(provider.get("Guid")),
        "channel": _plain(system.get("Channel")),
        "computer": _plain(system.get("Computer")),
        "account_sid": _plain(_attributes(system.get("Security")).get("UserID")),
        "process_id": _integer(execution.get("ProcessID")),
        "thread_id": _integer(execution.get("ThreadID")),
        "activity_id": _plain(_attributes(system.get("Correlation")).get("ActivityID")),
        "action": action,
        "account": _account(event_id, values, has_action=action is not None),
        "from_host": _first(values, "IpAddress", "WorkstationName", "ClientAddress") if action else None,
        "event_data": list(values.items()),
    }


def _account(event_id: int | None, values: dict[str, str | None], *, has_action: bool) -> str | None:
    if has_action:
        return _first(values, "TargetUserName", "AccountName", "SubjectUserName")
    if event_id in (1102, 104):
        return _first(values, "LogFileCleared.SubjectUserName", "SubjectUserName")
    return None


def _event_data(event: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for part in ("EventData", "UserData", "DebugData", "ProcessingErrorData"):
        yield from _flat("", event.get(part))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str | None]]:
    """Nested values with dotted names; attributes of elements are left out, unnamed parts have their place as name."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in ("#attributes", "#text") and not isinstance(inner, list):
                if name == "#text":
                    yield prefix or "0", _plain(inner)
                continue
            short = "" if name in ("#text", "Data") and not isinstance(inner, dict) else name
            yield from _flat(f"{prefix}.{short}".strip("."), inner)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _flat(f"{prefix}.{position}".strip("."), inner)
    elif value is not None:
        yield prefix or "0", _plain(value)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _attributes(value: Any) -> dict[str, Any]:
    return _dict(_dict(value).get("#attributes"))


def _plain(value: Any) -> str | None:
    if isinstance(value, dict):
        return _plain(value.get("#text"))
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _integer(value: Any) -> int | None:
    told = _plain(value)
    if told is None:
        return None
    try:
        number = int(told, 16) if told.lower().startswith("0x") else int(told)
    except ValueError:
        return None
    return number if -(1 << 63) <= number < 1 << 63 else None


def _instant(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.replace(" UTC", "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _first(values: dict[str, str | None], *names: str) -> str | None:
    for name in names:
        value = values.get(name)
        if value not in (None, "", "-"):
            return value
    return None
