r"""Support logs of Microsoft Defender (MPLog-*.log): programs whose files it scanned, files it hashed, and what it detected.

Shows: programs that were running when Defender scanned files for them, with their process number and one of those files;
programs behavior monitoring reported, with the time their process began; files looked up in the cloud, with their hashes;
detections, what was done about them and the owner of the file, blocked files, reported command lines, exclusions.
Does not show: programs none of whose files were scanned; nor, of a line of scan times, the program's folder, its account or
its start: the line is written later, and its count is that of files scanned, not of starts. A hash query shows that a file
was there, not that anybody opened it. A detection names what Defender holds the file for, which can be wrong. The log is
kept for weeks and rewritten; what it holds differs between versions of Defender, whose lines are not documented.
Not read: lines of the engine, of updates and of the cloud that name no file; performance counters; the operations and
modules of behavior monitoring; the other support logs (MPDetection, MPScanSkip, MpWppTracing).

A line's own time ends in `Z` and is UTC: in lines of detections it agrees with the FILETIME of the process beside it. Times
within blocks (`Start Time:12-15-2022 11:24:33`) are the machine's wall clock, seen from the FILETIME of the same block.

References:
    - Microsoft, "Troubleshoot performance issues related to real-time protection" (ProcessImageName, Count, EstimatedImpact)
    - CrowdStrike, "Mind the MPLog: Leveraging Microsoft Protection Logging for Forensic Investigations" (2022)
    - Th. Diot, artefacts.help, "Windows Defender - Support logs" (lines and blocks by example)
    - Fox-IT, dissect.target, plugin defender.mplog; Intrinsec, mplog_parser
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
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
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import codecs
from parsers.formats.filetime import instant
from parsers.formats.lines import MOST_SIGNS, lines
from parsers.questions import PROTECTED, RAN

_FOUND = "(threat_name is not null or kind = 'blocked_file')"
MPLOG = Table(
    "windows_mplog",
    Column("kind", text, "What the line or block is of: process_scans, behavior, hash_query, detection, detection_event, detection_cleaned, memory_detection, threat_action, resource_scan, blocked_file, unscanned_file, caching_disabled, reported_command, original_name, exclusion, protection_state."),
    Column("logged_at", utc, "When Defender wrote the line."),
    Column("logged_local", local, "When Defender wrote the line or did what the block tells, by the machine's wall clock.", is_machine_clock=True),
    Column("program_path", text, "Path of the program; its file name alone where the line gives no more."),
    Column("process_id", integer, "Process of the program."),
    Column("process_started_at", utc, "When the process of the program had started."),
    Column("target_path", text, "File or other resource the line is about, as written."),
    Column("target_kind", text, "Kind of resource, as written: file, process, regkey, folder, ..."),
    Column("threat_name", text, "Name Defender has for the threat."),
    Column("threat_action", text, "What Defender did about the threat, as written."),
    Column("detection_source", text, "What led to the detection, as written: MPSOURCE_REALTIME, MPSOURCE_SYSTEM, ..."),
    Column("reported_command", text, "Command line Defender reported, as written.", is_personal=True),
    Column("sha1", text, "SHA-1 of the file."),
    Column("sha256", text, "SHA-256 of the file."),
    Column("file_owner", text, "Owner of the file acted on, as written.", is_personal=True),
    Column("original_name", text, "Name the file's version resource gives it."),
    Column("scanned_count", integer, "Files accessed by the program that were scanned."),
    Column("scan_ms", integer, "Milliseconds spent scanning files for the program."),
    Column("longest_scan_ms", integer, "Milliseconds the longest of those scans took."),
    Column("impact_percent", integer, "Estimated part of the program's time that scanning took."),
    Column("log_note", text, "What else the line says, as written."),
    answers=(
        RAN(
            where="kind in ('process_scans', 'behavior') and program_path is not null",
            at="process_started_at",
            program_path="program_path",
        ),
        PROTECTED(where=f"{_FOUND} and target_path is not null", at="logged_at", what="target_path"),
        PROTECTED(where=f"{_FOUND} and target_path is null", at="logged_at", what="threat_name"),
    ),
)  # fmt: skip

_STAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)?\s+(.*)",
    re.ASCII | re.DOTALL,
)
_CLOCK = re.compile(r"(\d\d)-(\d\d)-(\d{4}) (\d\d):(\d\d):(\d\d)", re.ASCII)
# Atomic groups `(?>...)`: a made line with thousands of marks costs no more than its length.
_SCANS = re.compile(
    r"ProcessImageName: (?>(?P<program_path>.*?), (?:Pid: (?P<process_id>\d+), )?TotalTime: (?P<scan_ms>\d+), "
    r"Count: (?P<scanned_count>\d+), MaxTime: (?P<longest_scan_ms>\d+), MaxTimeFile: )(?P<target_path>.*), "
    r"EstimatedImpact: (?P<impact_percent>\d+)%?"
)
_QUERY = "SDN:Issuing SDN query for "
_HASHES = re.compile(r" \(sha1=(?P<sha1>[0-9A-Fa-f]{40}), sha2=(?P<sha256>[0-9A-Fa-f]{64})\)")
# Lines by what they are; the names of the groups are columns.
_LINES = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        ("memory_detection", r"Engine:EMS detection: (?P<threat_name>[^,]+), (?P<log_note>sigseq=\w+), pid=(?P<process_id>\d+)"),
        ("original_name", r'Engine:Setting original file name "(?>(?P<original_name>.*?)" for ")(?P<target_path>.*)", (?P<log_note>hr=\w+)'),
        ("caching_disabled", r"Filter caching disabled for (?P<target_path>.+?)(?: \((?P<log_note>runtime [^()]*)\))?$"),
        ("reported_command", r"Engine:command line reported as (?P<log_note>\w+): (?P<reported_command>.+)"),
        ("blocked_file", r"(?:\[RTP\] )?\[Mini-filter\] Blocked file(?:\(#\d+\))?: (?>(?P<target_path>.+?)\.? Process: )(?P<program_path>.+?), (?P<log_note>Status: .*)"),
        ("unscanned_file", r"(?:\[RTP\] )?\[Mini-filter\] Unsuccessful scan status[^:]*: (?>(?P<target_path>.+?)\.? Process: )(?P<program_path>.+?), (?P<log_note>Status: .*)"),
        ("exclusion", r"(?:\[RTP\] )?\[Exclusion\] (?P<target_path>.+) -> (?P<log_note>.+)"),
    )
)  # fmt: skip
_DETECTION = re.compile(r"DETECTION_ADD\S*\s+(?P<threat_name>\S+) (?P<rest>.+)")
_EVENT = re.compile(
    r"DETECTIONEVENT (?:(?P<detection_source>MPSOURCE_\w+) )?(?P<threat_name>\S+) (?P<rest>.+)"
)
_CLEANED = re.compile(
    r"DETECTION_CLEANEVENT (?P<detection_source>MPSOURCE_\w+) (?P<threat_action>\w+) (?P<log_note>\w+) (?P<threat_name>\S+) (?P<rest>.+)"
)
_DETECTIONS = (("detection", _DETECTION), ("detection_event", _EVENT), ("detection_cleaned", _CLEANED))
_BAG = " PropBag ["
_RESOURCE = re.compile(r"(?P<target_kind>[A-Za-z_]+):(?P<target_path>.+)", re.DOTALL)
_NEXT_RESOURCE = re.compile(r";(?=[A-Za-z_]+:)")
_PROCESS = re.compile(r"pid:(\d+)(?:,ProcessStart:(\d+))?", re.ASCII)
_NUMBERS = ("process_id", "scan_ms", "scanned_count", "longest_scan_ms", "impact_percent")
# Blocks: how they begin, how they end, what they are.
_BLOCKS = (
    ("BEGIN BM telemetry", "END BM telemetry", "behavior"),
    ("Begin Resource Scan", "End Scan", "resource_scan"),
    ("Beginning threat actions", "Finished threat actions", "threat_action"),
    ("RTP Perf Log", "END RTP Perf Log", "protection_state"),
)
_LISTS = ("Process Exclusions:", "Path Exclusions:", "Ext Exclusions:")
_MOST_LINES = 5000
_MOST_RESOURCES = 1000
_MOST_PROBLEMS = 1000
_MOST_NUMBER = (1 << 63) - 1


@parser(
    version=1,
    wants=(
        Want("**/Windows Defender/Support/MPLog-*.log", sniff=codecs.is_text),
        Want("**/MPLog-*.log", sniff=codecs.is_text, is_strict=False),
    ),
    tables=(MPLOG,),
)
def mplog(artefact: Artefact) -> Yields:
    """Rows of the lines and blocks that name a program, a file or a threat, in order; the locator is the line's number."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    reader = _Reader()
    with artefact.open() as stream:
        for number, line in enumerate(lines(stream, decoder), 1):
            yield from reader.feed(number, line)
    yield from reader.close()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


class _Reader:
    """Makes rows of lines; a block is held until it ends."""

    def __init__(self) -> None:
        self._kind = ""
        self._end = ""
        self._begun = 0
        self._held: list[tuple[int, str]] = []
        self._problems: list[Problem] = []
        self._told = 0
        self._stamped = 0
        self._last = 0
        self._is_partial = False

    def feed(self, number: int, line: str) -> Yields:
        """Take the next line."""
        self._last = number
        if len(line) >= MOST_SIGNS:
            message = f"the line is longer than {MOST_SIGNS} signs; only those are read"
            self._problem(ProblemKind.LIMIT, number, message)
            self._is_partial = True
        line = line.lstrip("\ufeff").rstrip()
        begun = next((one for one in _BLOCKS if one[0] in line and one[1] not in line), None)
        if self._kind and (self._end in line or begun is not None or len(self._held) >= _MOST_LINES):
            yield from self._finish(is_ended=self._end in line)
        if begun is not None:
            self._begun, (_, self._end, self._kind) = number, begun
            self._stamped += 1
        elif found := _STAMP.fullmatch(line):
            # A line of its own may be written between those of a block.
            self._stamped += 1
            yield from self._line(number, found)
        elif self._kind:
            self._held.append((number, line))
        self._is_partial = False
        yield from self._given()

    def close(self) -> Yields:
        """What is left when the log ends."""
        if self._kind:
            yield from self._finish(is_ended=False)
        yield from self._given()
        if self._told > _MOST_PROBLEMS:
            message = f"{self._told - _MOST_PROBLEMS} more problems of this log are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{self._last}", message=message)
        if not self._stamped:
            message = f"no line of {self._last} begins with a time, as those of a support log of Defender do"
            yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)

    def _line(self, number: int, found: re.Match[str]) -> Yields:
        """The rows of a line with a time of its own."""
        body = found[9].rstrip()
        for kind, values in _of_line(body):
            values |= self._stamp(number, found)
            yield self._row(number, kind, values)

    def _stamp(self, number: int, found: re.Match[str]) -> dict[str, Any]:
        """The time of a line: UTC where it says so, the machine's wall clock where it names no zone."""
        year, month, day, hour, minute, second = (int(one) for one in found.groups()[:6])
        micro, zone = int((found[7] or "0").ljust(6, "0")), found[8]
        try:
            at = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
            if zone is None:
                return {"logged_local": at.replace(tzinfo=None)}
            if zone != "Z":
                ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
                at = at.replace(tzinfo=timezone(-ahead if zone[0] == "-" else ahead)).astimezone(UTC)
        except (ValueError, OverflowError):
            self._damage(number, f"no time: {found[0][:40]!r}", "logged_at")
            return {}
        return {"logged_at": at}

    def _finish(self, *, is_ended: bool) -> Yields:
        """The rows of the block held."""
        kind, held, begun = self._kind, self._held, self._begun
        self._kind, self._held = "", []
        if not is_ended:
            message = f"the block ({kind}) that begins here has no end"
            self._problem(ProblemKind.TRUNCATED, begun, message)
            self._is_partial = True
        match kind:
            case "behavior":
                yield from self._behavior(begun, held)
            case "threat_action":
                yield from self._actions(begun, held)
            case "resource_scan":
                yield from self._scan(begun, held)
            case _:
                yield from self._state(held)
        self._is_partial = False

    def _behavior(self, begun: int, held: list[tuple[int, str]]) -> Yields:
        told = {name: value for _, line in held for name, _, value in (line.strip().partition(":"),)}
        values: dict[str, Any] = {"program_path": told.get("ImagePath") or None}
        if wall := told.get("CreationTime"):
            values["logged_local"] = self._wall(begun, wall)
        if process := told.get("ProcessID"):
            values["process_id"] = self._number(begun, process, "process_id")
        if started := told.get("ProcessCreationTime"):
            values["process_started_at"] = self._filetime(begun, started)
        values["log_note"] = told.get("Taint Info") or None
        yield self._row(begun, "behavior", values)

    def _actions(self, begun: int, held: list[tuple[int, str]]) -> Yields:
        """One row for each file acted on, one for a threat without a file."""
        common: dict[str, Any] = {}
        threat: dict[str, Any] = {}
        row: dict[str, Any] = {}
        at, file_at = begun, begun
        for number, line in held:
            name, _, value = line.strip().partition(":")
            if name == "Start time":
                common["logged_local"] = self._wall(number, value)
            elif name == "Threat Name":
                if row or threat:
                    yield self._row(file_at if row else at, "threat_action", (row or threat) | common)
                threat, row, at = {"threat_name": value}, {}, number
            elif name == "Path":
                if row:
                    yield self._row(file_at, "threat_action", row | common)
                row, file_at = threat | {"target_path": value}, number
            else:
                _act(row or threat, name, value)
        if row or threat:
            yield self._row(file_at if row else at, "threat_action", (row or threat) | common)

    def _scan(self, begun: int, held: list[tuple[int, str]]) -> Yields:
        """One row for each resource of each threat found; one for what was to be scanned where none was."""
        common: dict[str, Any] = {}
        threat: str | None = None
        schema: str | None = None
        asked: list[tuple[int, dict[str, Any]]] = []
        found = False
        for number, line in held:
            name, _, value = line.strip().partition(":")
            if name == "Start Time":
                common["logged_local"] = self._wall(number, value)
            elif name == "Scan Source":
                common["detection_source"] = value
            elif name == "Threat Name":
                threat = value
            elif name == "Resource Schema":
                schema = value
            elif name == "Resource Path":
                values = {"target_kind": schema, "target_path": value, "threat_name": threat} | common
                if threat is None:
                    asked.append((number, values))
                else:
                    found = True
                    yield self._row(number, "resource_scan", values)
        for number, values in [] if found else asked:
            yield self._row(number, "resource_scan", values)

    def _state(self, held: list[tuple[int, str]]) -> Yields:
        """The state of the protections, and one row for each exclusion listed."""
        listed = ""
        for number, line in held:
            # The entries of a list are indented, its head and all else is not.
            is_entry, told = line[:1].isspace(), line.strip()
            name, _, value = told.partition(":")
            if name == "Plugin States":
                yield self._row(number, "protection_state", {"log_note": value.strip()})
            elif not is_entry:
                listed = name.removesuffix(" Exclusions").lower() if told in _LISTS else ""
            elif listed and told:
                yield self._row(number, "exclusion", {"target_path": told, "target_kind": listed})

    def _row(self, number: int, kind: str, values: dict[str, Any]) -> Any:
        for name in _NUMBERS:
            if isinstance(values.get(name), str):
                values[name] = self._number(number, values[name], name)
        if started := values.pop("started", None):
            values["process_started_at"] = self._filetime(number, started)
        status = Status.PARTIAL if self._is_partial else Status.OK
        return MPLOG.row(f"line:{number}", status, kind=kind, **values)

    def _number(self, number: int, told: str, column: str) -> int | None:
        if told.isascii() and told.isdigit() and len(told) < 20 and int(told) <= _MOST_NUMBER:
            return int(told)
        self._damage(number, f"no number: {told[:40]!r}", column)
        return None

    def _filetime(self, number: int, told: str) -> datetime | None:
        ticks = self._number(number, told, "process_started_at")
        try:
            return None if ticks is None else instant(ticks)
        except ValueError as error:
            self._damage(number, str(error), "process_started_at")
            return None

    def _wall(self, number: int, told: str) -> datetime | None:
        """A wall clock of a block: month, day, year."""
        found = _CLOCK.fullmatch(told.strip())
        if found is not None:
            month, day, year, hour, minute, second = (int(one) for one in found.groups())
            try:
                return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
            except ValueError:
                pass
        self._damage(number, f"no time: {told[:40]!r}", "logged_local")
        return None

    def _damage(self, number: int, message: str, column: str) -> None:
        self._is_partial = True
        self._problem(ProblemKind.DAMAGED, number, message, column)

    def _problem(self, kind: ProblemKind, number: int, message: str, column: str | None = None) -> None:
        self._told += 1
        if self._told <= _MOST_PROBLEMS:
            self._problems.append(
                Problem(kind=kind, locator=f"line:{number}", message=message, column=column)
            )

    def _given(self) -> Yields:
        yield from self._problems
        self._problems = []


def _of_line(body: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a line says, without its time: kind and columns, once for each resource it names."""
    if found := _SCANS.fullmatch(body):
        yield "process_scans", found.groupdict()
        return
    if body.startswith(_QUERY):
        if values := _query(body.removeprefix(_QUERY)):
            yield "hash_query", values
        return
    for kind, pattern in _DETECTIONS:
        if found := pattern.fullmatch(body):
            values = found.groupdict()
            for one in _resources(values.pop("rest")):
                yield kind, values | one
            return
    for kind, pattern in _LINES:
        if found := pattern.match(body):
            yield kind, found.groupdict()
            return


def _query(told: str) -> dict[str, Any]:
    """Path and hashes of a file looked up; mostly the path stands in brackets again, and may hold brackets itself."""
    begin = told.rfind(" (sha1=")
    found = None if begin < 0 else _HASHES.fullmatch(told[begin:])
    if found is None:
        return {}
    paths = told[:begin]
    half = (len(paths) - 3) // 2
    if paths == f"{paths[:half]} ({paths[:half]})":
        return {"target_path": paths[:half], **found.groupdict()}
    path, _, other = paths.partition(" (")
    return {"target_path": path, "log_note": other.removesuffix(")") or None, **found.groupdict()}


def _resources(told: str) -> Iterator[dict[str, Any]]:
    r"""The resources of a detection: `file:C:\a;process:pid:1,ProcessStart:2;`."""
    whole, bag, _ = told.rpartition(_BAG)
    whole = (whole if bag else told).rstrip("; ")
    for one in _NEXT_RESOURCE.split(whole, maxsplit=_MOST_RESOURCES):
        found = _RESOURCE.fullmatch(one)
        values: dict[str, Any] = {"target_path": one} if found is None else found.groupdict()
        if process := _PROCESS.fullmatch(values["target_path"]):
            values |= {"process_id": process[1], "started": process[2]}
        yield values


def _act(row: dict[str, Any], name: str, value: str) -> None:
    """What a line within a block of actions adds to the file acted on."""
    if name == "Action":
        row["threat_action"] = value
    elif name == "File to act on SHA1":
        row["sha1"] = value.lower()
    elif name == "File owner":
        row["file_owner"] = value
    elif name.startswith("File cleaned"):
        row["log_note"] = name
