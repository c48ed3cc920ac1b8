r"""Windows event logs (.evtx).

Shows: every event the log holds, with its time, provider, account and data; of sessions (logon, logoff, refusal,
lock, reconnection) and of cleared logs also who and from where.
Does not show: what was not logged (auditing policy decides), or what the log has overwritten. The time is the
clock of the machine when the event was raised. Logons are mostly those of services and of the machine itself. An
event may have been written by any program that is allowed to; `computer` is what the event says.
Not read: the text Windows shows for an event (it stands in message files of the provider, not in the log), records
left in the free space of intact chunks, RenderingInfo of forwarded events, namespaces, processor and time counts of Execution.

Chunks whose checksums hold are read by the Rust reader `evtx`, each on its own. Every other chunk, and every record
that reader leaves out, is read record by record through python-evtx; such rows have the status `recovered`. The
records are counted apart from both readers, so that each one lost is a problem with its offset.
Times are stored in units of 100 nanoseconds and are cut to microseconds.

References:
    - J. Metz, Windows XML Event Log (EVTX) format
    - [MS-EVEN6] 2.2.12 BinXml, 2.2.13 and the event schema
    - Microsoft, "Audit logon events": 4624, 4625, 4634, 4647, 4648, 4778, 4779, 4800, 4801; "1102(S): The audit log was cleared"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

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
from parsers.formats.evtx_chunks import (
    CHUNK_SIGNATURE,
    FILE_HEADER_BYTES,
    FILE_SIGNATURE,
    Chunk,
    chunks,
    read_file_header,
)
from parsers.formats.evtx_recovery import DamagedChunk, UnreadableRecord
from parsers.formats.evtx_strict import (
    SHAPE_ERRORS,
    Event,
    Part,
    Record,
    Scalar,
    Texted,
    free_name,
    read_chunk,
)
from parsers.questions import ACCESS, CLEARED

EVENTS = Table(
    "windows_evtx",
    Column("record_number", integer, "Number of the record in this file; an exported log counts anew."),
    Column("event_record_id", integer, "Number of the event in the log it was written to."),
    Column("written_at", utc, "When the event was raised, by the clock of the machine."),
    Column("provider", text, "Program or component that raised the event."),
    Column("provider_guid", text, "Identifier of the provider."),
    Column("channel", text, "Log the event was written to."),
    Column("computer", text, "Name of the machine, as the event gives it."),
    Column("event_id", integer, "Kind of event, as the provider numbers it."),
    Column("event_version", integer, "Version of the layout of the event's data."),
    Column("qualifiers", integer, "Upper half of the number of an event of the older kind."),
    Column("level", integer, "Severity: 0 always, 1 critical, 2 error, 3 warning, 4 information, 5 verbose."),
    Column("task", integer, "Task within the provider."),
    Column("opcode", integer, "Step within the task."),
    Column("keywords", text, "Flags of the event, hex as stored."),
    Column("process_id", integer, "Process that raised the event."),
    Column("thread_id", integer, "Thread that raised the event."),
    Column("activity_id", text, "Identifier that the events of one activity share."),
    Column("related_activity_id", text, "Identifier of the activity this one belongs to."),
    Column("user_sid", text, "Security identifier the provider ran under when it raised the event."),
    Column(
        "account",
        text,
        "Account name as recorded, of events about sessions and cleared logs.",
        is_personal=True,
    ),
    Column("account_sid", text, "Security identifier of the account."),
    Column(
        "action",
        text,
        "Of a session: logon, logoff, failed, lock, unlock, connect, disconnect, or explicit (another's credentials).",
    ),
    Column("from_host", text, "Host or address the session came from."),
    Column("cleared_log", text, "Log that was cleared, of events that tell so."),
    Column(
        "event_data",
        pa.map_(pa.string(), pa.string()),
        "Data of the event by name; without a name by place from 0; nested names joined by dots.",
        is_personal=True,
    ),
    answers=(
        ACCESS(
            where="action is not null",
            at="written_at",
            account="account",
            account_sid="account_sid",
            action="action",
            from_host="from_host",
        ),
        CLEARED(where="cleared_log is not null", at="written_at", what="cleared_log", account="account"),
    ),
)

_BATCH_ROWS = 1000
_NAMES = tuple(column.name for column in EVENTS.columns)
_SECURITY = "Microsoft-Windows-Security-Auditing"
_REMOTE = "Microsoft-Windows-TerminalServices-LocalSessionManager"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What an event says about a session: the action, and the names its data has for who and from where."""

    action: str
    account: str = "TargetUserName"
    sid: str = "TargetUserSid"
    hosts: tuple[str, ...] = ("IpAddress", "WorkstationName")


_DESK = {"account": "AccountName", "sid": "AccountSid", "hosts": ("ClientAddress", "ClientName")}
_TERMINAL = {"account": "EventXML.User", "hosts": ("EventXML.Address",)}
_SESSIONS = {
    (_SECURITY, 4624): _Session(action="logon"),
    (_SECURITY, 4625): _Session(action="failed"),
    (_SECURITY, 4634): _Session(action="logoff"),
    (_SECURITY, 4647): _Session(action="logoff"),
    (_SECURITY, 4648): _Session(action="explicit"),
    (_SECURITY, 4778): _Session(action="connect", **_DESK),  # type: ignore[arg-type]
    (_SECURITY, 4779): _Session(action="disconnect", **_DESK),  # type: ignore[arg-type]
    (_SECURITY, 4800): _Session(action="lock"),
    (_SECURITY, 4801): _Session(action="unlock"),
    (_REMOTE, 21): _Session(action="logon", **_TERMINAL),  # type: ignore[arg-type]
    (_REMOTE, 23): _Session(action="logoff", **_TERMINAL),  # type: ignore[arg-type]
    (_REMOTE, 24): _Session(action="disconnect", **_TERMINAL),  # type: ignore[arg-type]
    (_REMOTE, 25): _Session(action="connect", **_TERMINAL),  # type: ignore[arg-type]
    ("Microsoft-Windows-TerminalServices-RemoteConnectionManager", 1149): _Session(
        action="connect", account="EventXML.Param1", hosts=("EventXML.Param3",)
    ),
    ("Microsoft-Windows-Winlogon", 7001): _Session(action="logon", sid="UserSid"),
    ("Microsoft-Windows-Winlogon", 7002): _Session(action="logoff", sid="UserSid"),
}
_UNLOCK_TYPE = "7"  # LogonType of 4624: the workstation was unlocked.
# The security log tells with 1102 that it was cleared itself, the system log with 104 which other one was.
_CLEARED = {("Microsoft-Windows-Eventlog", 1102), ("Microsoft-Windows-Eventlog", 104)}


@parser(
    version=1,
    wants=(Want("**/*.evtx", signature=FILE_SIGNATURE), Want(signature=FILE_SIGNATURE)),
    tables=(EVENTS,),
    is_expected_on=("host",),
)
def evtx(artefact: Artefact) -> Yields:
    """One row per event, in the order of the file."""
    head = artefact.head(FILE_HEADER_BYTES + len(CHUNK_SIGNATURE))
    header = read_file_header(head, artefact.size)
    if not header.is_log and not head.endswith(CHUNK_SIGNATURE):
        yield _unrecognised(head, artefact.size)
        return
    if not header.is_log:
        message = f"the file header is damaged: it begins {head[:8].hex(' ')}; the chunks are read without it"
        yield Problem(kind=ProblemKind.DAMAGED, locator="0", message=message)
    yield from header.problems
    pending = _Pending()
    with artefact.open() as stream:
        for chunk in chunks(stream, header):
            for status, locator, number, record, problem in _records(chunk):
                if pending.locators and (status != pending.status or len(pending.locators) >= _BATCH_ROWS):
                    yield from pending.given()
                pending.status = status
                if record is not None:
                    pending.add(locator, number, record)
                if problem is not None:
                    pending.problems.append(problem)
            pending.problems += chunk.problems
            if pending.problems:
                yield from pending.given()
    yield from pending.given()


def _unrecognised(head: bytes, size: int) -> Problem:
    if len(head) < len(FILE_SIGNATURE):
        return Problem(
            kind=ProblemKind.TRUNCATED,
            locator="0",
            message=f"the file has {size} bytes, an event log at least 4096",
        )
    message = f"no event log: it begins {head[:8].hex(' ')} and no chunk stands at {FILE_HEADER_BYTES}"
    return Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=message)


_Read = tuple[Status, str, int, Record | None, Problem | None]


def _records(chunk: Chunk) -> Iterator[_Read]:
    """Each record of a chunk with how it was read, or the problem it has become."""
    found = read_chunk(chunk) if chunk.is_sound and chunk.places else {}
    damaged = None
    for place in chunk.places:
        locator = str(chunk.offset + place.offset)
        if (record := found.get(place.offset)) is not None:
            yield Status.OK, locator, place.number, record, None
            continue
        # Without the free space behind the records: a broken template is looked for to the end of what is given.
        damaged = damaged or DamagedChunk(chunk.content[: max(one.end for one in chunk.places)])
        try:
            record = msgspec.convert(damaged.event(place.offset, place.end), Record)
            _require_event(record)
        except (UnreadableRecord, *SHAPE_ERRORS) as error:
            message = f"record {place.number} cannot be read: {error}"
            problem = Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message)
            yield Status.RECOVERED, locator, place.number, None, problem
        else:
            yield Status.RECOVERED, locator, place.number, record, None


def _require_event(record: Record) -> None:
    """Refuse what damage has left nothing of: every event names its provider or its kind."""
    system = record.Event.System
    if _attributes(system.Provider).get("Name") is None and _content(system.EventID) is None:
        raise UnreadableRecord("neither a provider nor a kind of event is in it")


class _Pending:
    """Rows and problems that are not yielded yet; values are made typed column by column, which is where the time goes."""

    def __init__(self) -> None:
        self.status = Status.OK
        self.locators: list[str] = []
        self.problems: list[Problem] = []
        self._columns: list[tuple[Any, ...]] = []

    def add(self, locator: str, number: int, record: Record) -> None:
        """Keep a record."""
        try:
            self._columns.append(_row(record.Event, number))
        except RecursionError:
            message = f"the data of record {number} is nested too deep to be laid out"
            self.problems.append(Problem(kind=ProblemKind.LIMIT, locator=locator, message=message))
        else:
            self.locators.append(locator)

    def given(self) -> Yields:
        """A batch of the rows, then the problems; a value that cannot be read is null and a problem. Nothing is left behind."""
        if self.locators:
            told: list[tuple[int, Problem]] = []
            arrays: list[pa.Array] = [
                self._array(column, values, told)
                for column, values in zip(EVENTS.columns, zip(*self._columns, strict=True), strict=True)
            ]
            rows = pa.RecordBatch.from_arrays(arrays, names=list(_NAMES))
            yield Batch(table=EVENTS, locators=pa.array(self.locators), rows=rows, status=self.status)
            yield from (problem for _, problem in sorted(told, key=lambda one: one[0]))
        yield from self.problems
        self.locators, self.problems, self._columns = [], [], []

    def _array(self, column: Column, values: tuple[Any, ...], told: list[tuple[int, Problem]]) -> pa.Array:
        """The values of one column; those the fast way refuses are looked at one by one."""
        if column.name == "event_data":
            return _map_array(values)
        try:
            return _fast_array(column, values)
        except (pa.ArrowException, OverflowError, TypeError):
            pass
        read: Callable[[Any], Any] = _SLOW.get(column.type, _string)
        found = []
        for place, value in enumerate(values):
            try:
                found.append(read(value))
            except ValueError:
                found.append(None)
                message = f"{column.name} cannot be read: {str(value)[:60]!r}"
                problem = Problem(
                    kind=ProblemKind.DAMAGED,
                    locator=self.locators[place],
                    message=message,
                    column=column.name,
                )
                told.append((place, problem))
        array = pa.array(found, column.type)
        return _folded(array) if column.name in _GUIDS else array


def _fast_array(column: Column, values: tuple[Any, ...]) -> pa.Array:
    """The values of a column that all have the type they mostly have.

    Raises:
        ArrowException, OverflowError, TypeError: one has another type or cannot be read.
    """
    if column.type == utc:
        # An event's time is UTC whether it says so or not; texts of one form alone are read here.
        texts = pa.array(values, text)
        is_utc = pc.all(pc.ends_with(texts, "Z")).as_py()
        return texts.cast(utc) if is_utc else texts.cast(pa.timestamp("us")).cast(utc)
    array = pa.array(values, column.type)
    return _folded(array) if column.name in _GUIDS else array


def _folded(guids: pa.Array) -> pa.Array:
    return pc.utf8_lower(pc.utf8_trim(guids, "{}"))


def _map_array(values: tuple[dict[str, str | None], ...]) -> pa.Array:
    """A column of maps from flat lists: several times faster than from pairs."""
    offsets = [0]
    names: list[str] = []
    texts: list[str | None] = []
    for one in values:
        names += one
        texts += one.values()
        offsets.append(len(names))
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(names, text), pa.array(texts, text)
    )


def _row(event: Event, number: int) -> tuple[Any, ...]:
    """The values of a row as the reader gives them, in the order of the columns."""
    system = event.System
    provider = _attributes(system.Provider)
    execution = _attributes(system.Execution)
    correlation = _attributes(system.Correlation)
    name = _string(provider.get("Name"))
    event_id = _content(system.EventID)
    channel = _content(system.Channel)
    data = event_data(event)
    return (
        number,
        _content(system.EventRecordID),
        _attributes(system.TimeCreated).get("SystemTime") or None,
        name,
        provider.get("Guid"),
        channel,
        _content(system.Computer),
        event_id,
        _content(system.Version),
        _attributes(system.EventID).get("Qualifiers"),
        _content(system.Level),
        _content(system.Task),
        _content(system.Opcode),
        _content(system.Keywords),
        execution.get("ProcessID"),
        execution.get("ThreadID"),
        correlation.get("ActivityID"),
        correlation.get("RelatedActivityID"),
        _attributes(system.Security).get("UserID"),
        *_told(name, event_id, channel, data),
        data,
    )


_NOTHING: tuple[None, ...] = (None,) * 5


def _told(
    provider: str | None, event_id: Scalar, channel: Scalar, data: dict[str, str | None]
) -> tuple[str | None, ...]:
    """Account, its identifier, action, host and cleared log of an event that speaks of one."""
    if type(event_id) is not int:
        event_id = _integer(event_id)
    kind = (provider, event_id)
    session = _SESSIONS.get(kind)  # type: ignore[arg-type]
    if session is None:
        if kind not in _CLEARED:
            return _NOTHING
        who = (data.get("LogFileCleared.SubjectUserName"), data.get("LogFileCleared.SubjectUserSid"))
        return *who, None, None, data.get("LogFileCleared.Channel") or _string(channel)
    is_unlock = session.action == "logon" and data.get("LogonType") == _UNLOCK_TYPE
    host = next((found for name in session.hosts if (found := data.get(name)) not in (None, "", "-")), None)
    action = "unlock" if is_unlock else session.action
    return data.get(session.account), data.get(session.sid), action, host, None


def event_data(event: Event) -> dict[str, str | None]:
    """The data of an event as texts: of EventData by its own names, of all else with the names of what is around."""
    found: dict[str, str | None] = {}
    # Nearly every event has plain names and values alone.
    if type(event.EventData) is dict and event.UserData is None:
        for name, value in event.EventData.items():
            kind = type(value)
            if name[:1] == "#" or (kind is not str and kind is not int and value is not None):
                found.clear()
                break
            found[name] = (value if kind is str else None if value is None else str(value)) or None
    if not found:
        _flatten(event.EventData, "", found)
    _flatten(event.UserData, "", found)
    for name in ("BinaryEventData", "DebugData", "ProcessingErrorData"):
        if (value := getattr(event, name)) is not None:
            _flatten(value, name, found)
    return found


def _flatten(value: Any, path: str, found: dict[str, str | None]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if type(inner) is str and not path and name not in found and not name.startswith("#"):
                found[name] = inner or None  # nearly every value comes this way
            elif name == "#attributes" and isinstance(inner, dict):
                for attribute, told in inner.items():
                    if not attribute.startswith("xmlns"):
                        _keep(f"{path or 'Data'}.{attribute}", told, found)
            elif name == "#text":
                _flatten(inner, path, found)
            elif name == "Data" and not path and isinstance(inner, dict) and set(inner) == {"#text"}:
                texts = inner["#text"]
                for place, one in enumerate(texts if isinstance(texts, list) else [texts]):
                    _keep(str(place), one, found)
            else:
                _flatten(inner, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            _flatten(one, f"{path}.{place}" if path else str(place), found)
    elif path or value is not None:
        _keep(path or "0", value, found)


def _keep(name: str, value: Any, found: dict[str, str | None]) -> None:
    """Keep a value as text; the readers differ on whether an empty text is one, here it is none."""
    found[free_name(name, found)] = _string(value) or None


def _content(part: Part) -> Scalar:
    found = part.text if type(part) is Texted else part
    return None if found == "" else found  # type: ignore[return-value]


_EMPTY: dict[str, Scalar] = {}


def _attributes(part: Part) -> dict[str, Scalar]:
    return part.attributes if type(part) is Texted else _EMPTY


def _string(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _integer(value: Any) -> int | None:
    """A number that fits a column of 64 bits with sign; None where it is none."""
    try:
        return _number(value)
    except ValueError:
        return None


def _number(value: Any) -> int | None:
    """A number that fits a column of 64 bits with sign.

    Raises:
        ValueError: it is none.
    """
    if value is None or value == "":
        return None
    try:
        found = int(value, 0) if isinstance(value, str) else int(value)
    except OverflowError as error:
        raise ValueError(str(error)) from error
    if not -(1 << 63) <= found < 1 << 63:
        raise ValueError("it does not fit 64 bits")
    return found


def _time(value: Any) -> datetime | None:
    """The instant an event states; it is UTC whether it says so or not.

    Raises:
        ValueError: it is none.
    """
    if value is None or value == "":
        return None
    at = datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


_SLOW: dict[pa.DataType, Callable[[Any], Any]] = {integer: _number, utc: _time}
_GUIDS = ("provider_guid", "activity_id", "related_activity_id")
