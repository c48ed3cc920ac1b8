"""report.html: one self-contained page, readable without script, Japanese first with English beside."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from pipeline.report import pages, pictures
from pipeline.report.document import GRADES, Document
from pipeline.report.reasons import changes, grounds
from pipeline.report.words import (
    ACT,
    CATEGORY,
    DIMENSION,
    DIRECTION,
    DOUBT,
    EVENT_OUTCOME,
    GRADE,
    ITEM,
    KIND,
    LEVEL,
    LINK,
    MEDIUM,
    MOVED,
    NOTIFY,
    OPEN,
    OUTCOME,
    REPORTABLE,
    ROUTE,
    SUBJECT,
    VALUE,
)

_FOLDER = Path(__file__).resolve().parent


@cache
def _environment(time_zone: str) -> Environment:
    """The template's surroundings, with the template once it is compiled."""
    zone = ZoneInfo(time_zone)

    def local(moment: datetime | None) -> str:
        return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")

    environment = pages.environment(_FOLDER)
    environment.filters["local"] = local
    environment.filters["instant"] = lambda text: local(datetime.fromisoformat(text))
    environment.filters["number"] = lambda value: f"{value:,}"
    return environment


def render(document: Document) -> bytes:
    """The page's bytes; every text from evidence is escaped by the template."""
    environment = _environment(document.case.time_zone)
    words: dict[str, Any] = {
        "grade": GRADE,
        "category": CATEGORY,
        "item": ITEM,
        "doubt": DOUBT,
        "route": ROUTE,
        "act": ACT,
        "direction": DIRECTION,
        "link": LINK,
        "kind": KIND,
        "outcome": OUTCOME,
        "event_outcome": EVENT_OUTCOME,
        "level": LEVEL,
        "reportable": REPORTABLE,
        "dimension": DIMENSION,
        "value": VALUE,
        "notify": NOTIFY,
        "open": OPEN,
        "moved": MOVED,
        "of_value": CATEGORY | ITEM | ROUTE | SUBJECT | MEDIUM | DOUBT,
    }
    page = environment.get_template("report.html.j2").render(
        document=document,
        grades=GRADES,
        grounds=grounds,
        changes=changes,
        words=words,
        timeline=pictures.connections(
            document.devices,
            (document.case.window_from, document.case.window_to),
            ZoneInfo(document.case.time_zone),
        ),
        bars=pictures.bars(
            document.of_dimension("category"), {key: f"{ja} {key}" for key, (ja, _) in CATEGORY.items()}
        ),
    )
    return page.encode("utf-8")
