r"""What an RTF document says of itself, of its remarks and objects: text of destinations that is kept as values.

References:
    - Rich Text Format (RTF) Specification 1.9.1: information group, user properties, annotations, objects
    - [MS-DOC] 2.9.66 (DTTM, in \atndate)
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from parsers.contract import Member, Problem, ProblemKind, Row
from parsers.formats.office_text import CELL_SIGNS, REMARK_SIGNS, REMARKS

_MOST_OBJECT = 16 << 20
# Destinations whose text is kept as a value, by the column it is of.
VALUES = {
    "title": "title", "subject": "subject", "author": "author", "manager": "manager", "company": "company", "operator": "last_saved_by",
    "category": "category", "keywords": "document_keywords", "doccomm": "description", "comment": "description", "template": "template",
    "generator": "application", "atnauthor": "atnauthor", "atnid": "atnid", "atndate": "atndate", "propname": "propname",
    "staticval": "staticval", "fldinst": "fldinst", "objdata": "objdata",
}  # fmt: skip
COUNTS = {
    "nofpages": "page_count",
    "nofwords": "word_count",
    "edmins": "edit_minutes",
    "version": "revision_number",
}
TIMES = {"creatim": "created_local", "revtim": "modified_local", "printim": "printed_local"}
CLOCK = ("yr", "mo", "dy", "hr", "min", "sec")


_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)


class Values:
    """Values as they come, the columns they are of, and what of them could not be read."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.properties: dict[str, Any] = {}
        self.custom: list[str] = []
        self.clock: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._held: dict[str, list[str]] = {}
        self._sizes: dict[str, int] = {}
        self._objects = 0

    def add(self, target: str, content: str) -> None:
        """More text of a destination."""
        if target in VALUES:
            size = self._sizes.get(target, 0) + len(content)
            self._sizes[target] = size
            if size < _most(target):
                self._held.setdefault(target, []).append(content)

    def end(self, target: str) -> str | Member | None:
        """A destination ends; gives the code of a field, or an object."""
        held, size = self._held.pop(target, []), self._sizes.pop(target, 0)
        content = "".join(held) if target == "objdata" else joined(held)
        if size >= (most := _most(target)):
            message = f"{target} has more than {most} signs; the rest is not read"
            self.problems.append(Problem(kind=ProblemKind.LIMIT, locator="document", message=message))
        if target in TIMES:
            try:
                year, month, day, hour, minute, second = (self.clock.get(one, 0) for one in CLOCK)
                if year:
                    self.properties[TIMES[target]] = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
            except (ValueError, OverflowError):
                told = Problem(
                    kind=ProblemKind.DAMAGED,
                    locator="document",
                    message=f"no time: {self.clock}",
                    column=TIMES[target],
                )
                self.problems.append(told)
            self.clock = {}
        elif target == "fldinst":
            return content.strip()
        elif target == "objdata":
            return self._object(content)
        elif target == "staticval":
            name = joined(self._held.pop("name", []))
            if len(self.custom) < 1000:
                self.custom.append(f"{name}={content}")
        elif target == "propname":
            self._held["name"] = [content]
        elif target in ("atnauthor", "atnid", "atndate"):
            self._held[f"told {target}"] = [content]
        elif target in VALUES and content.strip():
            self.properties.setdefault(VALUES[target], content.strip().rstrip(";"))
        return None

    def _object(self, content: str) -> Member | None:
        digits = "".join(content.split())
        try:
            stored = bytes.fromhex(digits[: len(digits) // 2 * 2])
        except ValueError:
            told = Problem(
                kind=ProblemKind.DAMAGED,
                locator=f"object:{self._objects + 1}",
                message="the object is not hex throughout",
            )
            self.problems.append(told)
            return None
        if not stored:
            return None
        self._objects += 1
        return Member(locator=f"object:{self._objects}", name=f"object{self._objects}.bin", content=stored)

    def remark(self, place: str, content: str) -> Row:
        """The row of an annotation, with what was said of it before."""
        told = {one: "".join(self._held.pop(f"told {one}", [])) for one in ("atnauthor", "atnid", "atndate")}
        return REMARKS.row(
            place,
            remark_kind="comment",
            remark_author=told["atnauthor"] or None,
            remark_initials=told["atnid"] or None,
            remark_local=_dttm(told["atndate"]),
            remark_text=content.strip()[:REMARK_SIGNS] or None,
        )


def joined(pieces: list[str]) -> str:
    """Pieces as text; halves of a pair become one sign."""
    return "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _most(target: str) -> int:
    """So many signs of a value are held."""
    return 2 * _MOST_OBJECT if target == "objdata" else CELL_SIGNS


def _dttm(stored: str) -> datetime | None:
    """[MS-DOC] 2.9.66: minute, hour, day, month and year in the bits of a number."""
    if not _NUMBER.fullmatch(stored.strip()):
        return None
    bits = int(stored) & 0xFFFFFFFF
    minute, hour, day, month, year = (
        bits & 63,
        bits >> 6 & 31,
        bits >> 11 & 31,
        bits >> 16 & 15,
        bits >> 20 & 511,
    )
    try:
        return datetime(1900 + year, month, day, hour, minute)  # noqa: DTZ001  a wall clock
    except ValueError:
        return None
