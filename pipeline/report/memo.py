"""memo.md: what is known, what would move it most, and what to examine next, for the investigator; Markdown, every text escaped."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.report.book_words import DECIDES, NOT_ZERO, named
from pipeline.report.document import GRADES, Document
from pipeline.report.examine import next_things
from pipeline.report.reasons import changes
from pipeline.report.signs import on_one_line
from pipeline.report.words import DIMENSION, DIRECTION, GRADE, OPEN, REPORTABLE

_FOLDER = Path(__file__).resolve().parent
# CommonMark 2.4: any ASCII punctuation may be escaped. HTML is written as entities, which every reader of Markdown leaves alone.
_MARKS = re.compile(r"[\\`*_{}\[\]#|!~$^@]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_BULLET = re.compile(r"^(\s*)([-+=]|[0-9]{1,9}[.)])")
# What some readers make a link of (GitHub Flavored Markdown 6.9).
_LINK = re.compile(r"(?i)(?<=\bwww)\.|:(?=//)|(?<=\bmailto):|(?<=\bxmpp):")
_MOST_SIGNS = 400


class Written(str):
    """Markdown of ours, or made safe already."""

    __slots__ = ()


def escaped(text: str) -> str:
    """A text on one line in which nothing is Markdown or HTML, cut where it is very long."""
    line = on_one_line(text).strip()
    if len(line) > _MOST_SIGNS:
        line = f"{line[:_MOST_SIGNS]}…"
    line = _MARKS.sub(lambda one: f"\\{one[0]}", line)
    line = _LINK.sub(lambda one: f"\\{one[0]}", line)
    line = "".join(_HTML.get(sign, sign) for sign in line)
    return _BULLET.sub(lambda one: f"{one[1]}{one[2][:-1]}\\{one[2][-1]}", line)


def code(text: str) -> Written:
    """A reference as code on one line: what would end the code or a cell of a table is shown otherwise."""
    line = on_one_line(text).strip()[:_MOST_SIGNS].translate({0x60: "'", 0x7C: "¦"})
    return Written(f"`{line}`") if line else Written("")


def render(document: Document) -> bytes:
    """The memo's bytes."""
    page = (
        _environment(document.case.time_zone)
        .get_template("memo.md.j2")
        .render(
            document=document,
            grades=GRADES,
            decides=DECIDES,
            not_zero=NOT_ZERO,
            named=named,
            changes=changes,
            next_things=next_things(document),
            paths={f"{one.evidence_id}/{one.entry_id}": one.path for one in document.exposed if one.path},
            words={
                "grade": GRADE,
                "dimension": DIMENSION,
                "direction": DIRECTION,
                "reportable": REPORTABLE,
                "open": OPEN,
            },
        )
    )
    return re.sub(r"\n{3,}", "\n\n", page).encode("utf-8")


@cache
def _environment(time_zone: str) -> Environment:
    """The surroundings of the template: whatever an expression gives is escaped, text of the template is not."""
    zone = ZoneInfo(time_zone)

    def local(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")

    def shown(value: Any) -> Any:
        return value if isinstance(value, int | Written) else escaped(str(value))

    made = Environment(  # noqa: S701 - Markdown, not HTML: `finalize` escapes
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=shown,
    )
    made.filters["local"] = local
    made.filters["code"] = code
    made.filters["number"] = lambda value: f"{value:,}"
    return made
