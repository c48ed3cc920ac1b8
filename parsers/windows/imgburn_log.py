r"""Logs of ImgBurn, a program that burns discs.

Shows: each time an image or a choice of files was written to a disc: from which image file of how many bytes, with which burner, on which kind
of disc under which label, and whether it ended well.
Does not show: the day: lines tell the time of day alone; of files chosen in the program more than how many there were; who sat there.
A log that was not saved, or was cleared, is gone.
Not read: reading, erasing, verifying and building of images on their own; what is wrong with a burner.

References:
    - ImgBurn's log as its users publish it: a letter, the time of day, a message (`I 01:42:36 Operation Started!`), of versions 2.3 to 2.5
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import Artefact, Column, Table, Want, Yields, boolean, integer, parser, text
from parsers.formats import log_rows

BURNED = Table(
    "windows_imgburn",
    Column("begun_clock", text, "Time of day when the writing began, as written."),
    Column("ended_clock", text, "Time of day when it ended, as written."),
    Column("burn_outcome", text, "How it ended: completed, failed, aborted, or unfinished where the log does not say."),
    Column("burned_image_path", text, "Image file that was written; null where files were chosen in the program."),
    Column("burned_bytes", integer, "Size of what was written."),
    Column("is_built", boolean, "Whether files were chosen in the program, and no image file was written."),
    Column("built_file_count", integer, "How many files were chosen in the program."),
    Column("disc_label", text, "Label of the disc that was written."),
    Column("burner_name", text, "Burner that wrote it, with its drive letter."),
    Column("disc_kind", text, "Kind of the disc, with what it tells of its maker."),
    Column("is_test", boolean, "Whether the burner only tried, and wrote nothing."),
)  # fmt: skip

_LINE = re.compile(r"([IWE]) (\d\d:\d\d:\d\d) (.*)", re.ASCII)
_START = re.compile(rb"I \d\d:\d\d:\d\d ImgBurn Version \d")
_NUMBER = re.compile(r"([\d,. ]{1,24}) (?:bytes|Files?)", re.ASCII)
_BUILT = "[BUILD IMAGE]"
_ENDS = {"Operation Successfully Completed!": "completed", "Operation Failed!": "failed", "Operation Aborted!": "aborted"}  # fmt: skip


def _is_log(head: bytes) -> bool:
    # The program writes UTF-16.
    return _START.search(head.replace(b"\0", b"")) is not None


@parser(
    version=1,
    wants=(Want("**/ImgBurn*.log", sniff=_is_log, is_strict=False), Want(sniff=_is_log)),
    tables=(BURNED,),
)
def imgburn_log(artefact: Artefact) -> Yields:
    """One row for each time something was written to a disc; the locator is the line with which it began."""
    rows = log_rows.LogRows(BURNED)
    reader = _Reader(rows)
    yield from log_rows.read(artefact, rows, reader.feed, reader.end)


class _Reader:
    """Gathers what is told between the beginning and the end of an operation."""

    def __init__(self, rows: log_rows.LogRows) -> None:
        self._rows = rows
        self._line = 0
        self._begun: str | None = None
        self._told: dict[str, str] = {}
        # What was said of the files that were chosen, before they were written.
        self._built: dict[str, str] = {}

    def feed(self, number: int, line: str) -> None:
        """Take the next line; other lines are headings, or of another program."""
        found = _LINE.match(line.strip("\ufeff \t\r"))
        if found is None:
            return
        message = found[3].strip()
        if message == "Operation Started!":
            self._give("unfinished", None)
            self._line, self._begun, self._told = number, found[2], {}
            return
        for words, outcome in _ENDS.items():
            if message.startswith(words):
                self._give(outcome, found[2])
                return
        name, colon, value = message.partition(": ")
        if colon and self._begun is not None:
            self._told.setdefault(name, value.strip())

    def end(self) -> None:
        """Take the end of the log."""
        self._give("unfinished", None)

    def _give(self, outcome: str, ended: str | None) -> None:
        told, begun = self._told, self._begun
        self._told, self._begun = {}, None
        if begun is None:
            return
        if "Destination Device" not in told or "Source File" not in told:
            self._built = told if "Contents" in told else self._built
            return
        is_built = _BUILT in told["Source File"]
        values: dict[str, Any] = {
            "begun_clock": begun,
            "ended_clock": ended,
            "burn_outcome": outcome,
            "burned_image_path": None if is_built else told["Source File"],
            "burned_bytes": self._number("burned_bytes", told.get("Source File Size")),
            "is_built": is_built,
            "built_file_count": self._number("built_file_count", self._built.get("Contents"))
            if is_built
            else None,
            "disc_label": told.get("Source File Volume Identifier")
            or (self._built.get("Volume Label") if is_built else None),
            "burner_name": told["Destination Device"],
            "disc_kind": told.get("Destination Media Type"),
            "is_test": {"yes": True, "no": False}.get(told.get("Test Mode", "").casefold()),
        }
        self._rows.add(self._line, values)

    def _number(self, column: str, stored: str | None) -> int | None:
        if stored is None:
            return None
        found = _NUMBER.match(stored)
        digits = re.sub(r"[,. ]", "", found[1]) if found else ""
        return self._rows.number(self._line, column, digits or stored)
