r"""What rclone wrote it did (a log made with --log-file, at level INFO or finer).

Shows: files copied, moved, renamed and deleted, and those that failed, with the time of each; sums of bytes and files of a run.
Does not show: from where to where: that stands in the command line, which rclone writes at level DEBUG alone. `deleted` is told of the target of a sync and of the source of a move alike. At the level rclone
has unless told otherwise (NOTICE) only failures and sums are written; without --log-file nothing is.
Not read: values of options in a command line, which may be secrets, and what follows commands other than those that copy, list and delete; the part
of an address behind its `?`; other lines of detail; logs in JSON (--use-json-log). A log not named after rclone is known by a first line of level
DEBUG, INFO or ERROR.

Times are a wall clock: that of the machine, unless rclone was told to write UTC (--log-format), which the log does not say.

References:
    - rclone documentation, "Logging" (--log-file, --log-level, --log-format), "rclone move" (Deleted)
    - rclone, fs/operations/copy.go, operations.go ("Copied (new)", "Copied (replaced existing)", "Deleted", "Moved (server-side)")
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import Artefact, Column, Status, Table, Want, Yields, local, parser, text
from parsers.formats.line_faults import MOST_SIGNS, LineFaults, clock
from parsers.formats.text_lines import TextLines
from parsers.questions import DELETED
from parsers.windows.rclone_config import without_options

LOG = Table(
    "windows_rclone_log",
    Column("written_local", local, "When rclone wrote the line, by a clock of unknown zone."),
    Column("log_level", text, "Level of the line, as written: DEBUG, INFO, NOTICE, ERROR, CRITICAL."),
    Column("rclone_act", text, "What was done: copied, moved, renamed, deleted, failed, sum, command."),
    Column("target_path", text, "File or folder the line is about, as written, below the folder that was copied."),
    Column("log_note", text, "What else the line says, as written.", is_personal=True),
    answers=DELETED(where="rclone_act = 'deleted' and target_path is not null", what="target_path"),
)  # fmt: skip

_LINE = re.compile(
    r"(?P<at>\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,6}))? (?P<level>DEBUG|INFO|NOTICE|ERROR|CRITICAL) *: (?P<said>.*)"
)
_HEAD = re.compile(rb"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})? (?:DEBUG|INFO|NOTICE|ERROR|CRITICAL) *: ")
_CLOCK = "%Y/%m/%d %H:%M:%S"
_ACTS = (
    ("copied", re.compile(r"(?:Multi-thread )?Copied\b")),
    ("moved", re.compile(r"Moved\b")),
    ("renamed", re.compile(r"(?:Renamed|renamed to)\b")),
    ("deleted", re.compile(r"(?:Deleted|Removing directory|Removed directory)\b")),
    ("failed", re.compile(r"(?:Failed to|Couldn't)\b")),
)
# Sums follow a line of their own, and are told with the time of that line.
_SUM = re.compile(r"(?:Transferred|Deleted|Renamed|Errors|Elapsed time):\s*\S.*")
_COMMAND = re.compile(r'rclone: Version "[^"]*" starting with parameters (?P<command>.*)')
_COMMANDS = frozenset(
    (
        "bisync",
        "cat",
        "check",
        "copy",
        "copyto",
        "delete",
        "deletefile",
        "ls",
        "lsd",
        "lsf",
        "lsl",
        "mount",
        "move",
    )
    + ("moveto", "ncdu", "purge", "rmdir", "rmdirs", "size", "sync", "touch", "tree")
)
_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Options without a value; behind any other the next word may be its value, and a secret.
_SWITCH = re.compile(
    r"-[PvqniI]+|--(?:progress|verbose|quiet|dry-run|interactive|checksum|ignore-existing|update|fast-list)"
)
_QUERY = re.compile(r"\?[^\s\"]*")
_LOGIN = re.compile(r"(://)[^/\s@\"]*@")


def _is_named_log(head: bytes) -> bool:
    return _HEAD.match(_plain(head)) is not None


def _is_log(head: bytes) -> bool:
    # Levels are padded to six signs, as no other log does.
    found = _HEAD.match(_plain(head))
    return found is not None and re.search(rb" (?:DEBUG |INFO  |ERROR ): $", found[0]) is not None


def _plain(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").replace(b"\0", b"")


@parser(
    version=1,
    wants=(
        Want("**/*rclone*.log", sniff=_is_named_log, is_strict=False),
        Want("**/*rclone*.txt", sniff=_is_named_log, is_strict=False),
        Want(sniff=_is_log),
    ),
    tables=(LOG,),
)
def rclone_log(artefact: Artefact) -> Yields:
    """One row for each file that something was done with, each sum and each command, in order."""
    lines = TextLines(artefact)
    faults = LineFaults()
    last: dict[str, Any] = {}
    for number, line in lines:
        said = line.strip("\0\r\ufeff")
        yield from faults.long(number, said)
        found = _LINE.match(said[:MOST_SIGNS])
        if found is not None:
            at = clock(found["at"], _CLOCK)
            if at is not None and found["part"]:
                at = at.replace(microsecond=int(found["part"].ljust(6, "0")))
            last = {"written_local": at, "log_level": found["level"]}
            values = _act(found["said"])
        else:
            values = _sum(said[:MOST_SIGNS])
        if values is None:
            continue
        is_whole = last.get("written_local") is not None
        if found is not None and not is_whole:
            yield from faults.tell(number, f"{found['at']} is no date", "written_local")
        status = Status.OK if is_whole or not last else Status.PARTIAL
        yield LOG.row(f"line:{number}", status, **last, **values)
    yield from faults.rest()
    yield from lines.problems()


def _act(said: str) -> dict[str, Any] | None:
    """What a line says was done: `path: Copied (new)`; the path may hold colons."""
    if command := _COMMAND.fullmatch(said.strip()):
        return {"rclone_act": "command", "log_note": _command(command["command"])}
    at = len(said)
    while (at := said.rfind(": ", 0, at)) > 0:
        for act, pattern in _ACTS:
            if pattern.match(said, at + 2):
                return {"rclone_act": act, "target_path": said[:at], "log_note": _note(said[at + 2 :])}
    # Of a whole run.
    if _ACTS[-1][1].match(said):
        return {"rclone_act": "failed", "log_note": _note(said)}
    return _sum(said)


def _sum(said: str) -> dict[str, Any] | None:
    found = _SUM.fullmatch(said.strip())
    return None if found is None else {"rclone_act": "sum", "log_note": " ".join(found[0].split())}


def _note(said: str) -> str:
    """A note without what may be a secret in an address."""
    return _QUERY.sub("?...", _LOGIN.sub(r"\1...@", said.strip()))


def _command(stored: str) -> str:
    """Program, command, folders and names of options; never the value of an option."""
    # Go writes a backslash of a quoted word twice.
    words = [one.replace("\\\\", "\\") for one in _TOKEN.findall(stored)]
    kept, is_value = words[:2], False
    if len(words) < 2 or words[1] not in _COMMANDS:
        return " ".join([*(one for one in kept if not one.startswith("-")), "..."])
    for one in words[2:]:
        if one.startswith("-"):
            name, mark, _ = one.partition("=")
            kept.append(f"{name}=..." if mark else name)
            is_value = not mark and _SWITCH.fullmatch(one) is None
        else:
            kept.append("..." if is_value or "=" in one.partition(":")[0] else without_options(one))
            is_value = False
    return " ".join(kept)
