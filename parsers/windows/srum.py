r"""Use of network, processor and disk by program and account, from Windows' resource usage monitor (SRUDB.dat).

Shows: that a program moved so many bytes over an interface, used the processor and the disk, or stood in front of
the user, under an account, within the interval a row counts; how long the machine was connected to a network.
Does not show: the moment within the interval. Windows writes about once an hour and when it shuts down: `interval_ended_at`
is the end of the interval, which begins with the row written before and may be longer than an hour. Nor does it show
what was sent, to whom, or that a person was there. Bytes of a service count for the service's account. What was
counted after the last writing may stand in the registry (SOFTWARE, SRUM\Extensions) and is not here. Rows are kept 30
to 60 days, those of the timeline 7.
Not read: batteries and energy, VPN use and providers other than those named here; transaction logs; deleted records.

References:
    - Y. Khatri, "Forensic implications of System Resource Usage Monitor (SRUM) data in Windows 8", Digital
      Investigation 12 (2015)
    - J. Metz, "System Resource Usage Monitor (SRUM)" (Windows knowledge base)
    - Microsoft, NET_LUID (ifdef.h); [MS-DTYP] 2.4.2.2 (SID)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from parsers.contract import Artefact, Column, ProblemKind, Table, Want, Yields, integer, parser, text, utc
from parsers.formats import filetime
from parsers.formats.ese import SIGNATURE_OFFSET, Database, open_database
from parsers.formats.ese_pages import SIGNATURE
from parsers.formats.ese_values import Field, sid, text_of
from parsers.questions import NETWORK, RAN

_WHO = (
    Column("record_id", integer, "Number Windows gave the record in its table."),
    Column("interval_ended_at", utc, "When the row was written: the end of the interval it counts, about an hour long."),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("package_full_name", text, "Full name of the package of a Store application."),
    Column("hosted_service", text, "Service that ran in the program, or alone where only it is named."),
    Column("program_identity", text, "Identity of the program or service as stored, whole."),
    Column("account_sid", text, "Security identifier of the account."),
)  # fmt: skip
_INTERFACE = (
    Column("interface_type", text, "Kind of network interface: ethernet, wifi, mobile, tunnel, ppp, or its number."),
    Column("interface_luid", text, "Identifier of the interface, sixteen upper-case hex digits."),
    Column("network_profile_id", integer, "Wireless profile, as numbered in the registry; 0 for none."),
)  # fmt: skip
NETWORK_USE = Table(
    "windows_srum_network",
    *_WHO,
    *_INTERFACE,
    Column("sent_bytes", integer, "Bytes that left."),
    Column("received_bytes", integer, "Bytes that came in."),
    answers=NETWORK(
        sent_bytes="sent_bytes", received_bytes="received_bytes", program_path="program_path", account="account_sid"
    ),
)  # fmt: skip
CONNECTIVITY = Table(
    "windows_srum_connectivity",
    *(one for one in _WHO if one.name in ("record_id", "interval_ended_at", "account_sid")),
    *_INTERFACE,
    Column("connection_started_at", utc, "When the connection began."),
    Column("connected_seconds", integer, "How long it was connected within the interval."),
    answers=NETWORK(at="connection_started_at", account="account_sid"),
)
_COUNTERS = {
    "foreground_cycle_count": ("ForegroundCycleTime", "Processor cycles used in the foreground."),
    "background_cycle_count": ("BackgroundCycleTime", "Processor cycles used in the background."),
    "foreground_read_bytes": ("ForegroundBytesRead", "Bytes read from disk in the foreground."),
    "foreground_written_bytes": ("ForegroundBytesWritten", "Bytes written to disk in the foreground."),
    "background_read_bytes": ("BackgroundBytesRead", "Bytes read from disk in the background."),
    "background_written_bytes": ("BackgroundBytesWritten", "Bytes written to disk in the background."),
    "face_time": ("FaceTime", "FaceTime as stored, a duration whose unit Microsoft does not state."),
}
APPLICATION = Table(
    "windows_srum_application",
    *_WHO,
    *(Column(name, integer, meaning) for name, (_, meaning) in _COUNTERS.items()),
    answers=RAN(program_path="program_path", account="account_sid"),
)
TIMELINE = Table(
    "windows_srum_timeline",
    *_WHO,
    Column("span_ended_at", utc, "End of the span the row counts, as the provider tells it."),
    Column("span_milliseconds", integer, "Length of that span."),
    Column("in_focus_seconds", integer, "Seconds the program's window had the focus within the span."),
    Column("user_input_seconds", integer, "Seconds with input by a user within the span."),
    Column("keyboard_seconds", integer, "Seconds with input from a keyboard within the span."),
    Column("mouse_seconds", integer, "Seconds with input from a mouse within the span."),
    Column("network_raw_bytes", integer, "Bytes over the network within the span, as the provider counts them."),
    answers=RAN(program_path="program_path", account="account_sid"),
)  # fmt: skip
NOTIFICATION = Table(
    "windows_srum_notification",
    *_WHO,
    Column("notification_type", integer, "Kind of push notification, as Windows numbers it."),
    Column("payload_bytes", integer, "Size of the notification's content."),
)

# NET_LUID, ifdef.h: the interface type (IANA ifType) stands in the upper 16 bits.
_INTERFACES = {
    6: "ethernet",
    71: "wifi",
    243: "mobile",
    244: "mobile",
    131: "tunnel",
    23: "ppp",
    24: "loopback",
}
# `!!name!time the program was linked!size![service group] [service]`, the name empty-prefixed; packages carry theirs.
_NAMED = re.compile(
    r"(?P<package>[^!]*)!(?P<app>[^!]*)!(?P<name>[^!]+)!\d{4}/\d\d/\d\d:[\d:]+!\w*!(?P<rest>.*)", re.DOTALL
)
_SERVICE = re.compile(r"\[([^\]]*)\]\s*$")
_SERVED = re.compile(r"(?P<path>.*\S)\s+\[[^\]]+\]", re.DOTALL)
_MOST_CHARACTERS = (
    4096  # a path has at most 32767; what is longer than this is kept whole and not taken apart
)
# IdType of SruDbIdMapTable.
_APP, _SERVICE_ID, _PACKAGE, _SID = 0, 1, 2, 3
_BASE = {"record_id": Field(name="AutoIncId"), "interval_ended_at": Field(name="TimeStamp"), "app": Field(name="AppId"), "user": Field(name="UserId")}  # fmt: skip
_OVER = {"luid": Field(name="InterfaceLuid"), "network_profile_id": Field(name="L2ProfileId")}


@parser(
    version=1,
    wants=(
        Want("**/sru/SRUDB.dat", signature=SIGNATURE, offset=SIGNATURE_OFFSET, is_shared=True),
        Want("**/SRUDB*", signature=SIGNATURE, offset=SIGNATURE_OFFSET, is_strict=False, is_shared=True),
    ),
    tables=(NETWORK_USE, CONNECTIVITY, APPLICATION, TIMELINE, NOTIFICATION),
    is_expected_on=("host",),
)
def srum(artefact: Artefact) -> Yields:
    """One row for each record of the network, connectivity, application, timeline and notification tables."""
    with open_database(artefact) as database:
        if database.is_open and not database.has(_ID_MAP):
            message = f"the database has no table {_ID_MAP}: programs and accounts stay numbers"
            database.tell(ProblemKind.DAMAGED, _ID_MAP, message)
        yield from database.problems()
        if not database.is_open:
            return
        names = _names(database)
        yield from database.problems()
        for identifier, (table, fields) in _TABLES.items():
            if database.has(identifier):
                yield from _rows(database, identifier, table, fields, names)


def _rows(
    database: Database,
    identifier: str,
    table: Table,
    fields: Mapping[str, Field],
    names: Mapping[int, dict[str, Any]],
) -> Yields:
    known = {column.name for column in table.columns}
    for record in database.records(identifier, {**_BASE, **fields}, key="record_id"):
        values, place = record.values, record.locator
        who = [names.get(values.pop(key, None) or 0) for key in ("app", "user")]
        if table is not CONNECTIVITY and who[0] is None:
            database.tell(ProblemKind.DAMAGED, place, f"its program is not in {_ID_MAP}", "program_path")
        if "luid" in fields:
            values |= _interface(values.pop("luid", None))
        found = {**(who[0] or {}), **values, "account_sid": (who[1] or {}).get("account_sid")}
        yield table.row(place, record.status, **{key: one for key, one in found.items() if key in known})
        yield from database.problems()
    yield from database.problems()


def _names(database: Database) -> dict[int, dict[str, Any]]:
    """What each number of a program or account stands for."""
    found: dict[int, dict[str, Any]] = {}
    fields = {"type": Field(name="IdType"), "index": Field(name="IdIndex"), "blob": Field(name="IdBlob")}
    for record in database.records(_ID_MAP, fields) if database.has(_ID_MAP) else ():
        kind, index, blob = (record.values.get(key) for key in ("type", "index", "blob"))
        if index is None:
            continue
        try:
            found[index] = (
                {}
                if blob is None
                else {"account_sid": sid(blob)}
                if kind == _SID
                else program(text_of(blob), kind)
            )
        except ValueError as error:
            column = "account_sid" if kind == _SID else "program_path"
            database.tell(ProblemKind.DAMAGED, f"{_ID_MAP}#{index}", str(error), column)
            found[index] = {}
    return found


def program(stored: str, kind: int | None) -> dict[str, Any]:
    """Path, package and service in the identity of a program."""
    found: dict[str, Any] = {"program_identity": stored}
    if len(stored) > _MOST_CHARACTERS:
        return found
    if kind == _SERVICE_ID:
        return found | {"hosted_service": stored}
    if named := _NAMED.fullmatch(stored):
        service = _SERVICE.search(named["rest"])
        is_service = service is not None and named["rest"].count("[") > 1
        found["program_path"] = named["name"]
        found["package_full_name"] = named["package"] or None
        found["hosted_service"] = service[1] if service is not None and is_service else None
    elif kind == _PACKAGE:
        found["package_full_name"] = stored
    elif served := _SERVED.fullmatch(stored):
        found["program_path"] = served["path"]
    elif "\\" in stored:
        found["program_path"] = stored
    return found


def _interface(luid: int | None) -> dict[str, Any]:
    if luid is None:
        return {}
    unsigned = luid & 0xFFFFFFFFFFFFFFFF
    kind = unsigned >> 48
    return {"interface_luid": f"{unsigned:016X}", "interface_type": _INTERFACES.get(kind, str(kind))}


def _unsigned(value: int, bits: int) -> int:
    """A counter stored as a signed number."""
    unsigned = value & ((1 << bits) - 1)
    if unsigned >> 63:
        raise ValueError(f"{unsigned} is no count")
    return unsigned


_COUNT_64, _COUNT_32 = partial(_unsigned, bits=64), partial(_unsigned, bits=32)
_ID_MAP = "SruDbIdMapTable"
_TABLES: dict[str, tuple[Table, dict[str, Field]]] = {
    "{973F5D5C-1D90-4944-BE8E-24B94231A174}": (
        NETWORK_USE,
        {
            **_OVER,
            "sent_bytes": Field(name="BytesSent", convert=_COUNT_64),
            "received_bytes": Field(name="BytesRecvd", convert=_COUNT_64),
        },
    ),
    "{DD6636C4-8929-4683-974E-22C046A43763}": (
        CONNECTIVITY,
        {
            **_OVER,
            "connection_started_at": Field(name="ConnectStartTime", convert=filetime.instant),
            "connected_seconds": Field(name="ConnectedTime", convert=_COUNT_32),
        },
    ),
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA89}": (
        APPLICATION,
        {name: Field(name=stored, convert=_COUNT_64) for name, (stored, _) in _COUNTERS.items()},
    ),
    "{5C8CF1C7-7257-4F13-B223-970EF5939312}": (
        TIMELINE,
        {
            "span_ended_at": Field(name="EndTime", convert=filetime.instant),
            "span_milliseconds": Field(name="SpanMS", convert=_COUNT_32),
            "in_focus_seconds": Field(name="InFocusS", convert=_COUNT_32),
            "user_input_seconds": Field(name="UserInputS", convert=_COUNT_32),
            "keyboard_seconds": Field(name="KeyboardInputS", convert=_COUNT_32),
            "mouse_seconds": Field(name="MouseInputS", convert=_COUNT_32),
            "network_raw_bytes": Field(name="NetworkBytesRaw", convert=_COUNT_64),
        },
    ),
    "{D10CA2FE-6FCF-4F6D-848E-B2E99266FA86}": (
        NOTIFICATION,
        {
            "notification_type": Field(name="NotificationType"),
            "payload_bytes": Field(name="PayloadSize", convert=_COUNT_32),
        },
    ),
}
