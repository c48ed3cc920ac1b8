r"""Reports of Windows Error Reporting (Report.wer): which program failed, when, and what it had loaded.

Shows: programs that crashed or hung, so that they ran, with their path, the moment they failed and the modules they
had loaded; mostly also the SHA-1 of the program.
Does not show: runs that ended well, when the program was started, or what it did. Reports also tell of failures that
are no run of a program (updates, drivers); only crashes and hangs are told as run. A report in ProgramData names no
account. Old reports are removed by Windows and by cleaning tools; a report cut short looks like a whole one.
Not read: minidumps and other files beside the report, the system information (OsInfo), states and switches, reports of
Windows XP (Drwtsn32, manifest.txt).

`sha1` is taken from TargetAppId, `W:<program>!0000<SHA-1>!<name>`; of a large program it covers its first 30 MiB, as the
same identifier in Amcache.hve does.

References:
    - Microsoft, WER_REPORT_INFORMATION (wzApplicationPath), "WER Settings" (places)
    - DebugPrivilege, InsightEngineering, "What is Windows Error Reporting" (a report by example)
    - Fox-IT, dissect.target, plugin wer (EventTime and UploadTime are FILETIMEs)
    - [MS-DTYP] 2.3.3 FILETIME
"""

from __future__ import annotations

import re
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
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import codecs
from parsers.formats.filetime import instant
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import RAN

REPORTS = Table(
    "windows_error_report",
    Column("failed_at", utc, "When the program failed, as the report says."),
    Column("uploaded_at", utc, "When the report was sent."),
    Column("event_type", text, "Kind of failure, as written: APPCRASH, BEX64, AppHangB1, CLR20r3, ..."),
    Column("program_path", text, "Path of the program."),
    Column("program_name", text, "Name of the program as shown."),
    Column("program_file", text, "File name of the program, as the report gives it."),
    Column("original_name", text, "Name the file's version resource gives it."),
    Column("sha1", text, "SHA-1 of the file."),
    Column("report_guid", text, "Identifier of the report, as written."),
    Column("failure_details", texts, "Names and values that tell one failure from another, as written."),
    Column("module_paths", texts, "Files the program had loaded, in stored order."),
    PROFILE,
    answers=RAN(
        where="program_path is not null and event_type in ('APPCRASH', 'BEX', 'BEX64', 'CLR20r3', 'AppHangB1',"
        " 'AppHangXProcB1', 'MoAppCrash', 'MoAppHang', 'MoBEX')",
        at="failed_at",
        program_path="program_path",
        account="profile_name",
    ),
)

_NAMED = {
    "EventType": "event_type",
    "AppPath": "program_path",
    "AppName": "program_name",
    "NsAppName": "program_file",
    "OriginalFilename": "original_name",
    "ReportIdentifier": "report_guid",
}
_TIMES = {"EventTime": "failed_at", "UploadTime": "uploaded_at"}
_DETAIL = re.compile(r"(?:Dynamic)?Sig\[\d{1,3}\]\.(Name|Value)")
_MODULE = re.compile(r"LoadedModule\[\d{1,6}\]")
_TARGET = re.compile(r"W:[0-9a-f]+!0000([0-9a-f]{40})!.*", re.IGNORECASE)
_MOST_ENTRIES = 5000


def _is_report(head: bytes) -> bool:
    return codecs.is_text(head) and b"EventType=" in head.replace(b"\0", b"")


@parser(
    version=1,
    wants=(
        Want("**/WER/**/Report.wer", sniff=codecs.is_text),
        Want("**/*.wer", sniff=_is_report, is_strict=False),
    ),
    tables=(REPORTS,),
)
def error_reports(artefact: Artefact) -> Yields:
    """One row for a report."""
    lines = TextLines(artefact)
    reader = _Report()
    for number, line in lines:
        name, mark, value = line.partition("=")
        if mark:
            reader.take(number, name.strip(), value.strip())
    problems = [*reader.problems, *lines.problems()]
    if not {"event_type", "failed_at"} & set(reader.values):
        message = f"neither EventType nor EventTime in {lines.last} lines: no report of an error"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)
    else:
        status = Status.PARTIAL if problems else Status.OK
        yield REPORTS.row("line:1", status, profile_name=profile_name(artefact.path), **reader.told())
    yield from problems


class _Report:
    """What the lines of a report say."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._modules: list[str] = []
        self._details: list[str] = []
        self._is_full = False

    def take(self, number: int, name: str, value: str) -> None:
        """Take one `name=value`; the first of a name counts."""
        if column := _NAMED.get(name):
            self.values.setdefault(column, value or None)
        elif (column := _TIMES.get(name)) and column not in self.values:
            self.values[column] = self._instant(number, value, column)
        elif name == "TargetAppId" and (found := _TARGET.fullmatch(value)):
            self.values.setdefault("sha1", found[1].lower())
        elif _MODULE.fullmatch(name):
            self._keep(self._modules, number, value)
        elif found := _DETAIL.fullmatch(name):
            # The name stands first, its value on the next line.
            if found[1] == "Name":
                self._keep(self._details, number, f"{value}=")
            elif self._details and self._details[-1].endswith("="):
                self._details[-1] += value

    def told(self) -> dict[str, Any]:
        """The columns of the row."""
        return self.values | {
            "module_paths": self._modules or None,
            "failure_details": self._details or None,
        }

    def _keep(self, kept: list[str], number: int, value: str) -> None:
        if len(kept) < _MOST_ENTRIES:
            kept.append(value)
        elif not self._is_full:
            self._is_full = True
            message = f"more than {_MOST_ENTRIES} entries of one kind; the others are not read"
            self.problems.append(
                Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message, column=None)
            )

    def _instant(self, number: int, value: str, column: str) -> datetime | None:
        is_number = value.isascii() and value.isdigit() and len(value) < 20
        message = f"no FILETIME: {value[:40]!r}"
        try:
            if is_number:
                return instant(int(value))
        except ValueError as error:
            message = str(error)
        problem = Problem(kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message, column=column)
        self.problems.append(problem)
        return None
