r"""Commands typed into PowerShell (PSReadLine\ConsoleHost_history.txt).

Shows: what was entered at a PowerShell prompt of this profile, in order, over all its sessions; of hosts other than the
console too, each in its own file.
Does not show: when (the file's own times tell the last command at best), whether a command was carried out or failed, or
from which session it came: sessions write into one file as they go. It holds the last 4096 commands unless set
otherwise; commands that look like they hold a secret are left out by newer versions; anyone may edit or delete it.
Scripts, commands handed over as arguments and those of cmd.exe are not in it.
Not read: aliases and variables are not resolved; `program_path` is the first word of a command, so also a cmdlet or a
function, and null where the command begins with something else (an assignment, a block).

A line that ends with a backtick goes on in the next one, as PSReadLine writes it; the locator is the first line.

References:
    - Microsoft, about_PSReadLine and Set-PSReadLineOption (HistorySavePath, MaximumHistoryCount, HistorySaveStyle)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
)
from parsers.formats import codecs
from parsers.formats.profile import profile_name
from parsers.questions import RAN

HISTORY = Table(
    "windows_console_history",
    Column("profile_name", text, "Name of the profile folder the artefact lies in.", is_personal=True),
    Column("history_host", text, "Program whose prompt the commands were typed into, as the file is named."),
    Column("command_place", integer, "Place of the command in the history, from 1."),
    Column("command_line", text, "Command as typed.", is_personal=True),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("codec", text, "Encoding the text was read with."),
    answers=RAN(
        # What the shell does itself is no program: its own words, and cmdlets (Verb-Noun).
        where="not regexp_matches(program_path, '^([A-Za-z]+-[A-Za-z]+|cd|chdir|cls|clear|copy|del|dir|echo|exit|ls|md|mkdir|mv|move|rd|ren|rm|rmdir|set|type)$', 'i')",
        program_path="program_path",
        account="profile_name",
    ),
)

_MOST_SIGNS = 1 << 16
_HOST = re.compile(r"([^/]*)_history\.txt", re.IGNORECASE)
# `&` and `.` call what stands behind them; a path with blanks stands in quotes.
_FIRST = re.compile(
    r"\s*(?:[&.]\s*(?=[\"'\s])\s*)?(?:\"([^\"]+)\"|'([^']+)'|([^\s;|&(){}\[\]$@#\"'=,<>]+)(?!\s*=))"
)


@parser(
    version=1,
    wants=(
        Want("**/PSReadLine/*_history.txt", sniff=codecs.is_text),
        Want("**/ConsoleHost_history.txt", sniff=codecs.is_text),
    ),
    tables=(HISTORY,),
)
def console_history(artefact: Artefact) -> Yields:
    """One row for each command, in the order of the file."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    # PSReadLine writes UTF-8: what looks like a western code page for a few bytes is damage.
    codec = "utf-8" if codec == "cp1252" else codec
    decoder = codecs.Decoder(codec)
    host = _HOST.fullmatch(artefact.path.rpartition("/")[2])
    place = 0
    with artefact.open() as stream:
        for number, command, is_whole in _commands(_lines(codecs.texts(stream, decoder))):
            if not command.strip():
                continue
            place += 1
            first = _FIRST.match(command)
            yield HISTORY.row(
                f"line:{number}",
                Status.OK if is_whole else Status.PARTIAL,
                profile_name=profile_name(artefact.path),
                history_host=None if host is None else host[1],
                command_place=place,
                command_line=command,
                program_path=None if first is None else next(one for one in first.groups() if one),
                codec=codec,
            )
            if not is_whole:
                message = f"the command has more than {_MOST_SIGNS} signs; the row holds these"
                locator = f"line:{number}"
                yield Problem(kind=ProblemKind.LIMIT, locator=locator, message=message, column="command_line")
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _lines(pieces: Iterator[str]) -> Iterator[tuple[str, bool]]:
    """Lines without their end, and whether each is whole: what is beyond the budget is left out."""
    held, is_whole = "", True
    for piece in pieces:
        *ended, rest = piece.split("\n")
        for part in ended:
            line = held + part
            yield line[:_MOST_SIGNS], is_whole and len(line) <= _MOST_SIGNS
            held, is_whole = "", True
        held += rest
        if len(held) > _MOST_SIGNS:
            held, is_whole = held[:_MOST_SIGNS], False
    if held:
        yield held, is_whole


def _commands(lines: Iterator[tuple[str, bool]]) -> Iterator[tuple[int, str, bool]]:
    """Number of the first line, text, and whether it is whole, of each command; lines are joined where a backtick ends one."""
    parts: list[str] = []
    begin, size, is_whole = 1, 0, True
    for number, (line, is_line_whole) in enumerate(lines, 1):
        begin = number if not parts else begin
        goes_on = line.endswith("`")
        size += len(line)
        is_whole = is_whole and is_line_whole and size <= _MOST_SIGNS
        if size <= _MOST_SIGNS or not parts:
            parts.append(line.removesuffix("`") if goes_on else line)
        if not goes_on:
            yield begin, "\n".join(parts), is_whole
            parts, size, is_whole = [], 0, True
    if parts:
        yield begin, "\n".join(parts), is_whole
