"""report.html: one self-contained page, readable without script, Japanese first with English beside."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment

from pipeline.report import lanes, months, pages, pictures
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
    INDICATOR,
    ITEM,
    KIND,
    LANE,
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

_FOLDER = Path(__file__).resolve().parent / "page"
# The sections in their order: the name of the template and of the place, and what it is called.
SECTIONS = (
    ("figures", "影響を受ける本人の数", "persons affected"),
    ("decision", "報告要否と期限", "reportability and deadlines"),
    ("categories", "情報の区分・項目ごとの人数", "by category and item"),
    ("course", "出来事の経過", "course of events"),
    ("connections", "外部機器", "external devices"),
    ("documents", "露出した文書", "exposed documents"),
    ("unread", "読めなかったもの", "what could not be read"),
    ("coverage", "読んだもの", "coverage"),
    ("rule", "数え方", "counting rule"),
    ("facts", "判断に用いた事実", "facts"),
    ("evidence", "証拠", "evidence"),
    ("verification", "検証", "verification"),
)


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
        "lane": LANE,
        "indicator": INDICATOR,
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
    page = environment.get_template("page.html.j2").render(
        document=document,
        grades=GRADES,
        grounds=grounds,
        changes=changes,
        marks=months.marks,
        months=months.months,
        sections=SECTIONS,
        numbered=lambda name: [one[0] for one in SECTIONS].index(name) + 1,
        lanes=lanes.drawn(lanes.lanes_of(document), ZoneInfo(document.case.time_zone)),
        words=words,
        timeline=pictures.connections(
            document.devices,
            (document.case.window_from, document.case.window_to),
            ZoneInfo(document.case.time_zone),
        ),
        bars=pictures.bars(
            document.of_dimension("category"),
            {key: f"{ja} {key}" for key, (ja, _) in CATEGORY.items()},
            "区分別の人数 / persons by category",
        ),
        ways=pictures.bars(
            document.of_dimension("route"),
            {key: ja for key, (ja, _) in ROUTE.items()},
            "経路別の人数 / persons by route",
        ),
    )
    return page.encode("utf-8")
