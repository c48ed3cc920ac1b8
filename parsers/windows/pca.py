r"""Lists of the Program Compatibility Assistant of Windows 11 (appcompat\pca\PcaAppLaunchDic.txt, PcaGeneralDb0.txt, -1.txt).

Shows: programs started from Explorer, each with the time it was last started (PcaAppLaunchDic), from shares and removable
drives too; and programs that ended abnormally or whose installation failed, with time and exit code (PcaGeneralDb).
Does not show: who started them, how often, or starts before the last; programs started at a command line, as a service or
a task; programs the assistant does not watch. A name put back by a later run loses the earlier time.
Not read: deleted lines. Variables in paths of PcaGeneralDb (`%USERPROFILE%`) stay as they are: whose profile is not said.

References:
    - A. Rathbun, L. Gonzalez, "New Windows 11 Pro (22H2) Evidence of Execution Artifact" (2023) (UTC)
    - Sygnia, "Diving into the new Windows 11 PCA artifact" (2023) (encodings, fields)
    - Th. Diot, artefacts.help, "Program Compatibility Assistant (PCA)"
"""

from __future__ import annotations

import re
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
from parsers.formats import codecs
from parsers.formats.text_lines import TextLines
from parsers.questions import RAN

PCA = Table(
    "windows_pca",
    Column("kind", text, "launch (PcaAppLaunchDic) or general (PcaGeneralDb): which list the row is of."),
    Column("program_path", text, "Path of the program; in the list `general` with variables, as stored."),
    Column("last_run_at", utc, "When it was last started."),
    Column("logged_at", utc, "When the assistant wrote the line."),
    Column("run_status", integer, "What the assistant noticed, as it numbers it."),
    Column("program_name", text, "Name of the program as shown."),
    Column("publisher", text, "Publisher of the program as shown."),
    Column("program_version", text, "Version of the program as shown."),
    Column("inventory_id", text, "Identifier of the program as in Amcache.hve."),
    Column("exit_status", text, "How it ended, as the log words it."),
    answers=(
        RAN(where="kind = 'launch'", at="last_run_at", program_path="program_path"),
        # The line is written when a program ends or fails, not when it starts.
        RAN(where="kind = 'general' and program_path is not null", program_path="program_path"),
    ),
)

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{3})", re.ASCII)
_LAUNCH_FIELDS, _GENERAL_FIELDS = 2, 8
_MOST_PROBLEMS = 1000


@parser(
    version=1,
    wants=(
        Want("**/appcompat/pca/PcaAppLaunchDic.txt", sniff=codecs.is_text),
        Want("**/appcompat/pca/PcaGeneralDb*.txt", sniff=codecs.is_text),
        Want("**/PcaAppLaunchDic.txt", sniff=codecs.is_text, is_strict=False),
        Want("**/PcaGeneralDb*.txt", sniff=codecs.is_text, is_strict=False),
    ),
    tables=(PCA,),
)
def pca(artefact: Artefact) -> Yields:
    """One row per line; which list it is of is told from the line."""
    lines = TextLines(artefact)
    told = 0
    for number, line in lines:
        if not line.strip("\0 "):
            continue
        values, problem = _fields(line)
        if values:
            status = Status.PARTIAL if problem else Status.OK
            yield PCA.row(f"line:{number}", status, **values)
        if problem:
            told += 1
            message, column = problem
            if told <= _MOST_PROBLEMS:
                yield Problem(
                    kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message, column=column
                )
    if told > _MOST_PROBLEMS:
        message = f"{told - _MOST_PROBLEMS} more problems of this list are not told"
        yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{lines.last}", message=message)
    yield from lines.problems()


def _fields(line: str) -> tuple[dict[str, Any], tuple[str, str | None] | None]:
    """The columns of a line, and what is wrong with it."""
    fields = line.split("|", _GENERAL_FIELDS)
    # A path holds no bar; the list is told by the number of fields.
    if len(fields) == _LAUNCH_FIELDS:
        at = _instant(fields[1])
        values: dict[str, Any] = {"kind": "launch", "program_path": fields[0] or None, "last_run_at": at}
        return values, None if at else (f"no time: {fields[1][:40]!r}", "last_run_at")
    if len(fields) == _GENERAL_FIELDS:
        at = _instant(fields[0])
        names = ("program_path", "program_name", "publisher", "program_version", "inventory_id")
        values = {"kind": "general", "logged_at": at, "exit_status": fields[7].strip() or None}
        values |= {name: value or None for name, value in zip(names, fields[2:7], strict=True)}
        is_number = fields[1].isascii() and fields[1].isdigit() and len(fields[1]) < 10
        values["run_status"] = int(fields[1]) if is_number else None
        if at is None:
            return values, (f"no time: {fields[0][:40]!r}", "logged_at")
        return values, None if is_number else (f"no number: {fields[1][:40]!r}", "run_status")
    return {}, (f"a line of {len(fields)} fields; {_LAUNCH_FIELDS} or {_GENERAL_FIELDS} were expected", None)


def _instant(told: str) -> datetime | None:
    found = _TIME.fullmatch(told.strip("\0 \r"))
    if found is None:
        return None
    year, month, day, hour, minute, second, thousandth = (int(one) for one in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, thousandth * 1000, tzinfo=UTC)
    except ValueError:
        return None
