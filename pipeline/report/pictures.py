"""Pictures as SVG: the timeline of connections, and counts as bars. Text is escaped; nothing is loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from html import escape
from zoneinfo import ZoneInfo

from pipeline.report.document import Count, Device

_WIDTH = 760
_LEFT = 230
_ROW = 34


def connections(
    devices: Sequence[Device], window: tuple[datetime | None, datetime | None], zone: ZoneInfo
) -> str:
    """Each device with its intervals, the incident window behind; those far from the window are left out; empty without times.

    An end that nobody saw is an open circle, one that was seen a full one.
    """
    start, end = window
    dated = [one for one in devices if _moments(one)]
    if start is not None and end is not None:
        around = max(end - start, timedelta(days=3))
        near = [
            one for one in dated if any(start - around <= moment <= end + around for moment in _moments(one))
        ]
        dated = near or dated
    if not dated:
        return ""
    moments = [moment for one in dated for moment in _moments(one)]
    if start is not None and end is not None:
        moments = [one for one in moments if start - around <= one <= end + around] or moments
    moments += [one for one in window if one is not None]
    first, last = min(moments), max(moments)
    margin = max((last - first) * 0.04, timedelta(hours=1))
    first, last = first - margin, last + margin
    height = _ROW * len(dated) + 60

    def x(moment: datetime) -> float:
        return _LEFT + (moment - first) / (last - first) * (_WIDTH - _LEFT - 20)

    parts = [_open(height, "外部機器の接続 / connections of external devices")]
    if start is not None and end is not None:
        parts.append(
            f'<rect class="window" x="{x(start):.1f}" y="6" width="{max(x(end) - x(start), 2):.1f}" height="{height - 46}"/>'
        )
        is_late = x(start) > _WIDTH - 130
        anchor, at = ("end", x(start) - 4) if is_late else ("start", x(start) + 4)
        parts.append(f'<text class="small" text-anchor="{anchor}" x="{at:.1f}" y="18">対象期間 window</text>')
    for index, one in enumerate(dated):
        parts += _device(one, 30 + index * _ROW, x, (first, last), zone)
    for share in (0.0, 0.5, 1.0):
        moment = first + (last - first) * share
        anchor = ("start", "middle", "end")[int(share * 2)]
        label = moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        parts.append(
            f'<text class="small" text-anchor="{anchor}" x="{x(moment):.1f}" y="{height - 12}">{label}</text>'
        )
    return "".join([*parts, "</svg>"])


def bars(counts: Sequence[Count], labels: dict[str, str], title: str) -> str:
    """Persons by value as bars: likely as the bar, low to high as the line over it; empty without counts."""
    shown = [one for one in counts if one.value is not None][:16]
    if not shown:
        return ""
    most = max(max(one.high for one in shown), 1)
    height = _ROW * len(shown) + 12
    parts = [_open(height, title)]
    scale = (_WIDTH - _LEFT - 120) / most
    for index, one in enumerate(shown):
        y = 8 + index * _ROW
        middle = y + 11
        label = labels.get(one.value or "", one.value or "")
        number = f"{one.likely:,}" if one.low == one.high else f"{one.likely:,} ({one.low:,}-{one.high:,})"
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(label[:28])}</text>')
        parts.append(
            f'<rect class="bar" x="{_LEFT}" y="{y}" width="{max(one.likely * scale, 1):.1f}" height="22"/>'
        )
        parts.append(
            f'<line class="range" x1="{_LEFT + one.low * scale:.1f}" y1="{middle}" x2="{_LEFT + one.high * scale:.1f}" y2="{middle}"/>'
        )
        at = _LEFT + one.high * scale + 8
        parts.append(
            f'<text class="small" x="{at:.1f}" y="{y + 16}">{number}{"+" if one.is_open else ""}</text>'
        )
    return "".join([*parts, "</svg>"])


def _device(
    one: Device, y: int, x: Callable[[datetime], float], shown: tuple[datetime, datetime], zone: ZoneInfo
) -> list[str]:
    """A device's name and its intervals that lie in the time shown."""
    serial = one.serial or one.key.rpartition(":")[2]
    parts = [
        f'<text x="{_LEFT - 10}" y="{y + 7}" text-anchor="end">{escape((one.name or "device")[:28])}</text>',
        f'<text class="small" x="{_LEFT - 10}" y="{y + 21}" text-anchor="end">{escape(serial[:34])}</text>',
    ]
    for interval in one.intervals:
        begin = interval.begin or interval.last_seen
        end = interval.end or interval.last_seen
        if begin is None or end is None or end < shown[0] or begin > shown[1]:
            continue
        left, right = x(max(begin, shown[0])), x(min(end, shown[1]))
        told = escape(interval.told)
        parts.append(
            f'<line class="span" x1="{left:.1f}" y1="{y + 10}" x2="{max(right, left + 2):.1f}" y2="{y + 10}"><title>{told}</title></line>'
        )
        ends = ((left, begin, interval.begin is not None), (right, end, interval.end is not None))
        for at, moment, is_seen in ends:
            stamp = moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            parts.append(
                f'<circle class="{"seen" if is_seen else "unseen"}" cx="{at:.1f}" cy="{y + 10}" r="5"><title>{stamp}</title></circle>'
            )
    return parts


def _moments(one: Device) -> list[datetime]:
    return [
        moment
        for interval in one.intervals
        for moment in (interval.begin, interval.last_seen, interval.end)
        if moment is not None
    ]


def _open(height: int, title: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg">'
