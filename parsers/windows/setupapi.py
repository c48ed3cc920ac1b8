r"""Device installation logs (setupapi.dev.log, its rotated copies, setupapi.upgrade.log; setupapi.log of Windows XP).

Shows: when Windows set up, changed or removed which device, by its instance identifier, and how that ended; the first
installation of a USB storage device is close to its first connection.
Does not show: later connections of a device already set up, what was copied, who was logged on. Times are the
machine's wall clock: the log names no zone, and a clock set wrong, moved or in summer time is not told. Logs are
rotated, cut and rewritten by upgrades of Windows, so that a device absent here may have been connected.
Not read: the steps within a section (drivers searched and chosen, signatures); of a section of Windows XP only what
names a device.

References:
    - Microsoft, "SetupAPI Text Logs" (format of a text log section header, body and footer)
    - Microsoft, "Troubleshooting Device Installation with the SetupAPI Log File" (Windows XP: section markers, #I121, #I123)
    - Microsoft, "Device Instance IDs"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
)
from parsers.formats import codecs
from parsers.formats.device_keys import device_in, instance_names
from parsers.formats.lines import MOST_SIGNS, lines
from parsers.questions import DEVICE

SECTIONS = Table(
    "windows_setupapi",
    Column("section_title", text, "What was done, as the log words it."),
    Column("section_subject", text, "What it was done to: a device, a driver's file, a class."),
    Column("device_instance_id", text, "Device instance identifier, as written."),
    Column("enumerator", text, "Enumerator of the device: USB, USBSTOR, SCSI, ...; of a volume or portable device, that of the disk in its name."),
    Column("device_type", text, "Kind of storage device as USBSTOR names it: Disk, CdRom, ..."),
    Column("vendor", text, "Vendor as the device states it."),
    Column("product", text, "Product as the device states it."),
    Column("revision", text, "Revision as the device states it."),
    Column("vendor_id", text, "USB vendor number, four hex digits."),
    Column("product_id", text, "USB product number, four hex digits."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("is_serial_generated", boolean, "Whether Windows made up the serial number."),
    Column("started_local", local, "When the section began, by the machine's wall clock.", is_machine_clock=True),
    Column("ended_local", local, "When the section ended, by the machine's wall clock.", is_machine_clock=True),
    Column("boot_local", local, "When Windows had started that wrote the section, by the machine's wall clock.", is_machine_clock=True),
    Column("exit_status", text, "How it ended, as the log words it."),
    Column("error_count", integer, "Lines of the section marked as errors."),
    answers=DEVICE(
        where="device_serial is not null and (enumerator = 'USBSTOR' or vendor_id is not null)",
        device_serial="device_serial",
        vendor="vendor",
        product="product",
        is_serial_generated="is_serial_generated",
    ),
)  # fmt: skip

_HEADS = ("[Device Install Log]", "[SetupAPI Log]", "[BeginLog]")
_TIME = r"(\d{4})/(\d{1,2})/(\d{1,2}) (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,6}))?"
_TITLE = re.compile(r">>>\s+\[(.*)\]\s*")
_START = re.compile(r">>>\s+Section start (.*)")
_END = re.compile(r"<<<\s+Section end (.*)")
_EXIT = re.compile(r"<<<\s+\[Exit status: (.*)\]\s*")
_BOOT = re.compile(r"\[Boot Session: (.*)\]\s*")
# Windows XP: [date time process.counter title]; a line of a verbose log has its time in front.
_XP_SECTION = re.compile(rf"\[({_TIME}) \d+\.\d+(?:\.\d+)?(?: (.*))?\]\s*")
_XP_LINE = re.compile(r"(?:@ [\d:.]+ )?#([-A-Z])(\d{3}) (.*)")
_XP_DEVICE = re.compile(
    r'(?:Device install|Doing (?:full|copy-only) install) of "([^"]+)"(?: (finished successfully))?'
)
# Enumerator, model and instance; a path of a file has a colon or more parts.
_DEVICE = re.compile(r"([A-Za-z][A-Za-z0-9_]*|\{[0-9A-Fa-f-]{36}\})\\([^\\:]+)\\([^\\]+)")
_CLOCK = re.compile(_TIME)
_MOST_DEVICES = 100
_MOST_PROBLEMS = 1000


@parser(
    version=1,
    wants=(
        Want("**/setupapi.*.log", sniff=codecs.is_text),
        Want("**/setupapi.log", sniff=codecs.is_text),
        Want("**/setupapi.log.*", sniff=codecs.is_text),
    ),
    tables=(SECTIONS,),
    is_expected_on=("host",),
)
def setupapi(artefact: Artefact) -> Yields:
    """One row per section, of Windows XP one per device of a section; the locator is the number of its first line."""
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


@dataclass(slots=True, kw_only=True)
class _Section:
    """A section being read."""

    line: int
    title: str | None
    subject: str | None = None
    boot: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    exit_status: str | None = None
    error_count: int = 0
    is_closed: bool = False
    is_xp: bool = False
    devices: dict[str, str | None] = field(default_factory=dict)
    is_partial: bool = False


class _Reader:
    """Makes sections of lines."""

    def __init__(self) -> None:
        self._section: _Section | None = None
        self._boot: datetime | None = None
        self._count = 0
        self._told = 0
        self._problems: list[Problem] = []
        self._is_known = False
        self._last = 0

    def feed(self, number: int, line: str) -> Yields:
        """Take the next line; gives the section before where the line begins another."""
        self._last = number
        if len(line) >= MOST_SIGNS:
            message = f"the line is longer than {MOST_SIGNS} signs; only those are read"
            self._problem(ProblemKind.LIMIT, number, message)
        if number == 1 or line.startswith("["):
            self._is_known |= line.strip("\ufeff \t") in _HEADS
        if line.startswith(("<<<", ">>>")):
            if found := _TITLE.fullmatch(line):
                yield from self._finish(is_last=False)
                title, _, subject = found[1].partition(" - ")
                self._section = _Section(
                    line=number, title=title.strip() or None, subject=subject.strip() or None, boot=self._boot
                )
            elif self._section is not None:
                self._frame(number, line, self._section)
        elif found := _BOOT.fullmatch(line):
            self._boot = self._clock(found[1], number, "boot_local")
        elif found := _XP_SECTION.fullmatch(line):
            yield from self._finish(is_last=False)
            self._section = _Section(line=number, title=found[9] or None, is_closed=True, is_xp=True)
            self._section.started = self._clock(found[1], number, "started_local")
        elif self._section is not None:
            self._within(line, self._section)

    def close(self) -> Yields:
        """The last section, and what is to be said of the whole."""
        yield from self._finish(is_last=True)
        yield from self._given()
        if self._told > _MOST_PROBLEMS:
            message = f"{self._told - _MOST_PROBLEMS} more problems of this log are not listed"
            yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{self._last}", message=message)
        if not self._count and not self._is_known:
            message = f"neither a head nor a section of a device installation log in {self._last} lines"
            yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)

    def _frame(self, number: int, line: str, section: _Section) -> None:
        """A line of a section's header or footer."""
        if found := _START.fullmatch(line):
            section.started = self._clock(found[1], number, "started_local")
        elif found := _END.fullmatch(line):
            section.ended = self._clock(found[1], number, "ended_local")
            section.is_closed = True
        elif found := _EXIT.fullmatch(line):
            section.exit_status = found[1].strip() or None
            section.is_closed = True
        else:
            self._problem(ProblemKind.DAMAGED, number, f"no header or footer of a section: {line[:80]!r}")
            section.is_partial = True

    def _within(self, line: str, section: _Section) -> None:
        """A line of a section's body."""
        if not section.is_xp:
            section.error_count += line.startswith("!!!")
        elif found := _XP_LINE.match(line):
            section.error_count += found[1] == "E"
            device = _XP_DEVICE.search(found[3])
            if device and (device[1] in section.devices or len(section.devices) < _MOST_DEVICES):
                section.devices[device[1]] = device[2] or section.devices.get(device[1])

    def _clock(self, told: str, number: int, column: str) -> datetime | None:
        """A wall clock time; null and a problem where it is none."""
        at = _wall(told)
        if at is None:
            self._problem(ProblemKind.DAMAGED, number, f"no time: {told[:60]!r}", column)
            if self._section is not None:
                self._section.is_partial = True
        return at

    def _problem(self, kind: ProblemKind, number: int, message: str, column: str | None = None) -> None:
        self._told += 1
        if self._told <= _MOST_PROBLEMS:
            self._problems.append(
                Problem(kind=kind, locator=f"line:{number}", message=message, column=column)
            )

    def _finish(self, *, is_last: bool) -> Yields:
        section = self._section
        self._section = None
        if section is not None:
            self._count += 1
            if not section.is_closed:
                why = "the log ends within it" if is_last else "another begins within it"
                kind = ProblemKind.TRUNCATED if is_last else ProblemKind.DAMAGED
                self._problem(kind, section.line, f"the section has no end: {why}")
                section.is_partial = True
            yield from _rows(section)
        yield from self._given()

    def _given(self) -> Yields:
        yield from self._problems
        self._problems = []


def _wall(told: str) -> datetime | None:
    """A date and time of a wall clock, None where it is none."""
    found = _CLOCK.fullmatch(told.strip())
    if found is None:
        return None
    *whole, fraction = found.groups()
    year, month, day, hour, minute, second = map(int, whole)
    try:
        at = datetime(
            year, month, day, hour, minute, second, int((fraction or "0").ljust(6, "0")), tzinfo=UTC
        )
    except ValueError:
        return None
    return at.replace(tzinfo=None)


def _rows(section: _Section) -> Yields:
    status = Status.PARTIAL if section.is_partial else Status.OK
    common: dict[str, Any] = {
        "section_title": section.title,
        "section_subject": section.subject,
        "started_local": section.started,
        "ended_local": section.ended,
        "boot_local": section.boot,
        "error_count": section.error_count,
    }
    devices = section.devices or {section.subject or "": section.exit_status}
    for identifier, ended in devices.items():
        yield SECTIONS.row(f"line:{section.line}", status, **common, exit_status=ended, **_device(identifier))


def _device(identifier: str) -> dict[str, Any]:
    """What a device instance identifier says; nothing where it is none."""
    found = _DEVICE.fullmatch(identifier)
    if found is None:
        return {}
    names = device_in(identifier) or {
        "enumerator": found[1].upper(),
        **instance_names(found[1].upper(), found[2], found[3]),
    }
    # Only the model of a storage device begins with its type.
    kept = [one for one in names if one != "device_type" or "product" in names]
    columns = {column.name for column in SECTIONS.columns}
    return {"device_instance_id": identifier, **{one: names[one] for one in kept if one in columns}}
