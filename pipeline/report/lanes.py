"""The course of events as a picture: one lane for each kind of act on each item, over the window. Text is escaped; nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from pipeline.report.document import Document
from pipeline.report.words import LANE

_WIDTH, _LEFT, _ROW, _FOOT = 760, 230, 26, 40
_MOST = 24
_LEAST = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Acts of one kind on one item: each from when to when, how often, and what is told of it."""

    what: str
    evidence_id: str
    spans: tuple[tuple[datetime, datetime, int, str], ...]


def lanes_of(document: Document) -> tuple[Lane, ...]:
    """The lanes of a document in the order their first act took place."""
    found: dict[tuple[str, str], list[tuple[datetime, datetime, int, str]]] = {}
    for act in document.acts:
        found.setdefault((act.what, act.evidence_id), []).append(
            (act.first_at, act.last_at, act.count, act.by)
        )
    for one in document.indicators:
        if one.happened_at is not None and one.direction in LANE and one.evidence_id:
            found.setdefault((one.direction, one.evidence_id), []).append(
                (one.happened_at, one.happened_at, 1, one.reason)
            )
    lanes = [
        Lane(what=what, evidence_id=evidence, spans=tuple(sorted(spans)))
        for (what, evidence), spans in found.items()
    ]
    return tuple(sorted(lanes, key=lambda one: (one.spans[0][0], one.what, one.evidence_id)))


def drawn(lanes: Sequence[Lane], zone: ZoneInfo) -> str:
    """The lanes as SVG, each act a bar from its first to its last time; empty without acts. Of many lanes the first are drawn."""
    shown = lanes[:_MOST]
    if not shown:
        return ""
    first, last = _ends(span for one in shown for span in one.spans)
    height = _ROW * len(shown) + _FOOT

    def x(moment: datetime) -> float:
        return _LEFT + (moment - first) / (last - first) * (_WIDTH - _LEFT - 24)

    title = "出来事の時系列 / course of events"
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{title}</title><desc>{len(shown)} 段。各段の内容は下の表にある。 The table below says the same.</desc>"
    ]
    for number, lane in enumerate(shown):
        y = 8 + number * _ROW
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(LANE[lane.what][0])} <tspan class="small">{escape(lane.evidence_id[:12])}</tspan></text>'
        )
        parts.append(f'<line class="lane" x1="{_LEFT}" y1="{y + 9}" x2="{_WIDTH - 24}" y2="{y + 9}"/>')
        for begin, end, count, told in lane.spans:
            left = x(begin)
            width = max(x(end) - left, _LEAST)
            when = begin.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            parts.append(
                f'<rect class="act {lane.what}" x="{left:.1f}" y="{y + 2}" width="{width:.1f}" height="14"><title>{when} {escape(told)} ({count:,})</title></rect>'
            )
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        moment = first + (last - first) * share
        parts.append(
            f'<text class="small" text-anchor="{anchor}" x="{x(moment):.1f}" y="{height - 10}">{moment.astimezone(zone):%Y-%m-%d %H:%M}</text>'
        )
    return "".join([*parts, "</svg>"])


def _ends(spans: Iterable[tuple[datetime, datetime, int, str]]) -> tuple[datetime, datetime]:
    listed = list(spans)
    first, last = min(one[0] for one in listed), max(one[1] for one in listed)
    margin = max((last - first) * 0.03, timedelta(minutes=10))
    return first - margin, last + margin
