r"""Print jobs in the spooler's folder (spool\PRINTERS\*.SHD and *.SPL): what was printed, by whom, where and when.

Shows: a job that was handed to the spooler: the document's name as the program gave it, the user, the printer, its port and
driver, when it was submitted, pages and size; of Windows 2000 to 2003 also the machine it came from. A printer's port can
be one that writes to a file or sends it elsewhere (PORTPROMPT:, FILE:, SHRFAX:).
Does not show: that paper came out. Jobs are deleted when they are done unless the printer keeps them, so that those left were
kept, stopped or interrupted, or come from deleted space. Names are what the program says: not a path, and not proof of content.
Not read: the pages themselves, DEVMODE (copies, paper), the security descriptor, jobs of Windows 98 and NT 4.

The layout of a SHD is not documented by Microsoft; it is read at offsets that were published, for the marks 4967 (Windows 2000,
XP), 4968 (2003) and 5123 (64-bit Windows, seen in Windows 10). A value whose offset does not lie behind the header is not read.
The order of `print_user` and `notify_user` is that published; both are mostly the same.

References:
    - C. Lindemann, "Windows 2000 SHD Spoolfile Format" (2003); D. Jones, "The Windows NT print spool shadow file format" (2005)
    - C. Katsavounidis, WinHex template "SHD spool shadow file" (2021) (64-bit offsets)
    - Microsoft, JOB_INFO_1 (`Submitted` is in UTC); [MS-DTYP] 2.3.13 SYSTEMTIME
    - [MS-EMFSPOOL] 2.2.2 Header Record
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
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
    integer,
    parser,
    text,
    utc,
)
from parsers.formats.wide import wide_text
from parsers.questions import PRINTED

JOBS = Table(
    "windows_print_job",
    Column("kind", text, "shadow (SHD: the job) or spool (SPL: its pages): which file the row is of."),
    Column("submitted_at", utc, "When the job was handed to the spooler."),
    Column("document_name", text, "Name of the document, as the program that printed it gave it."),
    Column("print_user", text, "Account that printed.", is_personal=True),
    Column("notify_user", text, "Account that is told when the job is done.", is_personal=True),
    Column("print_machine", text, "Machine the job came from."),
    Column("printer_name", text, "Name of the printer."),
    Column("printer_port", text, "Port of the printer, or what the job is written to."),
    Column("printer_driver", text, "Driver of the printer."),
    Column("spool_format", text, "Format of the pages: NT EMF 1.008, RAW, ..."),
    Column("job_number", integer, "Number of the job."),
    Column("job_status_flags", integer, "State of the job when the file was written, as Windows numbers the flags."),
    Column("page_count", integer, "Pages the spooler counted, 0 where it does not count them."),
    Column("spool_bytes", integer, "Size of the pages as stated."),
    Column("layout_mark", text, "Mark of the layout, four hex digits."),
    answers=PRINTED(
        where="document_name is not null", at="submitted_at", what="document_name", account="print_user",
        printer="printer_name", page_count="page_count",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Where the values of one layout stand."""

    user: int
    step: int
    submitted: int
    size: int
    machine: int | None
    least: int


# Lindemann (2003): user, notify, document, port, printer, driver, DEVMODE, processor, format, parameters, each four bytes.
_NARROW = _Layout(user=20, step=4, submitted=60, size=84, machine=112, least=116)
# Katsavounidis (2021): the same values, each eight bytes.
_WIDE = _Layout(user=24, step=8, submitted=104, size=128, machine=None, least=136)
_LAYOUTS = {0x4967: _NARROW, 0x4968: _NARROW, 0x5123: _WIDE}
_OLD = (0x494B, 0x4966)
_TEXTS = (
    "print_user",
    "notify_user",
    "document_name",
    "printer_port",
    "printer_name",
    "printer_driver",
    None,
    None,
    "spool_format",
)
_SYSTEMTIME = struct.Struct("<8H")
_SPL = struct.Struct("<IIII")  # [MS-EMFSPOOL] 2.2.2: version, size, offsets of document and output
_SPL_VERSION = 0x00010000
_MOST_BYTES = 1 << 20
_MOST_SIGNS = 4096


def _is_shadow(head: bytes) -> bool:
    return len(head) >= 8 and int.from_bytes(head[:4], "little") in (*_LAYOUTS, *_OLD)


def _is_spool(head: bytes) -> bool:
    return len(head) >= _SPL.size and _SPL.unpack_from(head)[0] == _SPL_VERSION


@parser(
    version=1,
    wants=(
        Want("**/spool/PRINTERS/*.SHD", sniff=_is_shadow),
        Want("**/*.SHD", sniff=_is_shadow, is_strict=False),
        # Pages in other formats (RAW) name no document.
        Want("**/*.SPL", sniff=_is_spool, is_strict=False),
    ),
    tables=(JOBS,),
)
def print_spool(artefact: Artefact) -> Yields:
    """One row for a job, or for the pages of one."""
    with artefact.open() as stream:
        content = stream.read(_MOST_BYTES)
    mark = int.from_bytes(content[:4], "little")
    job = _Job(content, artefact.size)
    if mark in _LAYOUTS and len(content) >= 8:
        values = job.shadow(_LAYOUTS[mark])
    elif _is_spool(content):
        values = job.spool()
    else:
        kind = ProblemKind.UNSUPPORTED if mark in _OLD else ProblemKind.UNRECOGNISED
        message = (
            f"a job of Windows 98 or NT 4 (mark {mark:04x})" if mark in _OLD else "no job of the spooler"
        )
        yield Problem(kind=kind, locator="0", message=f"{message}: it begins {content[:4].hex(' ')}")
        return
    if values:
        yield JOBS.row("0", Status.PARTIAL if job.problems else Status.OK, **values)
    yield from job.problems


class _Job:
    """One file of the spooler being read."""

    def __init__(self, content: bytes, size: int) -> None:
        self.problems: list[Problem] = []
        self._content = content
        self._size = size

    def shadow(self, layout: _Layout) -> dict[str, Any]:
        """What a SHD says."""
        mark, header_size = struct.unpack_from("<II", self._content)
        if len(self._content) < layout.least:
            message = f"a job has a header of at least {layout.least} bytes, {len(self._content)} are there"
            self._tell(ProblemKind.TRUNCATED, "0", message)
            return {}
        if not layout.least <= header_size <= len(self._content):
            message = f"a header of {header_size} bytes is stated; {layout.least} are read"
            self._tell(ProblemKind.DAMAGED, "4", message)
            header_size = layout.least
        status, job = struct.unpack_from("<HxxI", self._content, 8)
        size, pages = struct.unpack_from("<II", self._content, layout.size)
        values: dict[str, Any] = {
            "kind": "shadow",
            "layout_mark": f"{mark:04x}",
            "job_status_flags": status,
            "job_number": job,
            "spool_bytes": size,
            "page_count": pages,
            "submitted_at": self._submitted(layout.submitted),
        }
        for number, column in enumerate(_TEXTS):
            if column is not None:
                values[column] = self._text(layout.user + number * layout.step, header_size, column)
        if layout.machine is not None:
            values["print_machine"] = self._text(layout.machine, header_size, "print_machine")
        return values

    def spool(self) -> dict[str, Any]:
        """What the header of a SPL says."""
        header_size = _SPL.unpack_from(self._content)[1]
        return {
            "kind": "spool",
            "document_name": self._text(8, _SPL.size, "document_name", header_size),
            "printer_port": self._text(12, _SPL.size, "printer_port", header_size),
        }

    def _submitted(self, at: int) -> datetime | None:
        year, month, _, day, hour, minute, second, thousandth = _SYSTEMTIME.unpack_from(self._content, at)
        try:
            return datetime(year, month, day, hour, minute, second, thousandth * 1000, tzinfo=UTC)
        except ValueError as error:
            self._tell(ProblemKind.DAMAGED, str(at), f"no SYSTEMTIME: {error}", "submitted_at")
            return None

    def _text(self, at: int, least: int, column: str, most: int | None = None) -> str | None:
        """A text ended by NUL, whose offset stands at `at`; None where the offset is 0."""
        (offset,) = struct.unpack_from("<I", self._content, at)
        if not offset:
            return None
        limit = min(len(self._content), self._size if most is None else most)
        if not least <= offset < limit:
            self._tell(ProblemKind.DAMAGED, str(at), f"a text should stand at {offset}, outside", column)
            return None
        end = offset
        limit = min(limit, offset + 2 * _MOST_SIGNS)
        while end + 1 < limit and self._content[end : end + 2] != b"\0\0":
            end += 2
        found, is_whole = wide_text(self._content[offset:end])
        if end + 1 >= limit:
            self._tell(ProblemKind.DAMAGED, str(offset), "a text has no end", column)
        elif not is_whole:
            self._tell(ProblemKind.DAMAGED, str(offset), "a text is not UTF-16 throughout", column)
        return found or None

    def _tell(self, kind: ProblemKind, at: str, message: str, column: str | None = None) -> None:
        self.problems.append(Problem(kind=kind, locator=at, message=message, column=column))
