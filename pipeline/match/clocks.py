"""Wall clocks of machines: which offsets from UTC each machine's clock may have had, and when.

A wall clock becomes an interval of instants, never a guess: the zone is what the machine's own traces say it was. A SYSTEM
hive names the zone since its key was last changed; event 6013 of the event log service tells the standard offset about once a day.
Between two traces that agree the zone is `agreed`; where only one speaks it is `stated`; where they differ every zone
told is kept, the interval spans them all, and the clock is `disputed`. Where none speaks there is no row, and a wall clock stays one.
An hour the clock passes twice gives an interval of an hour; one it never shows gives none.

Windows names zones in its own way; `tzlocal` holds Unicode's table from those names to the ones of the tz database, whose offsets are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
from tzlocal.windows_tz import win_tz

from pipeline.tables.schema import provenance_values

STEP = "match clocks"
STAGE = "pipeline/match"
VERSION = "1"
# NTFS knows no machine before, and no case looks beyond.
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_LAST = datetime(2040, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)
_ZONES = """
    SELECT evidence_id, key_path,
        max(fact_value) FILTER (fact_name = 'time_zone') AS zone,
        max(fact_value) FILTER (fact_name = 'time_zone_bias') AS bias,
        bool_or(fact_name = 'time_zone_daylight_off' AND fact_value = '1') AS is_fixed,
        max(key_written_at) AS seen_at
    FROM windows_host_fact WHERE fact_name LIKE 'time\\_zone%' ESCAPE '\\'
    GROUP BY evidence_id, entry_id, key_path
"""
# Windows, event 6013 (system uptime): the seventh text is the standard bias in minutes and the zone's name in the language of the system.
_UPTIMES = """
    SELECT evidence_id, regexp_extract(event_data['6'], '^(-?[0-9]{1,4}) ', 1) AS bias, written_at AS seen_at
    FROM windows_evtx WHERE provider = 'EventLog' AND event_id = 6013 AND written_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as a trace tells it: by its Windows name, or by its standard bias alone; `is_fixed` where daylight time was turned off."""

    name: str | None
    bias: int | None
    is_fixed: bool = False

    @property
    def iana(self) -> str | None:
        """Name in the tz database, where Windows' name is known."""
        return None if self.name is None else win_tz.get(self.name)

    @property
    def label(self) -> str:
        """How the zone is written in rows."""
        if self.name is None:
            return f"bias {self.bias}"
        return f"{self.name}, daylight time off" if self.is_fixed else self.name

    def is_like(self, other: Zone) -> bool:
        """Whether both can be one zone: a bias alone agrees with every name of that standard bias."""
        if self.name is not None and other.name is not None:
            return (self.name, self.is_fixed) == (other.name, other.is_fixed)
        return self.bias is None or other.bias is None or self.bias == other.bias


@dataclass(frozen=True, slots=True)
class Claim:
    """What one trace says of a machine's zone at an instant."""

    seen_at: datetime
    zone: Zone
    source: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of instants in which the clock may have stood in a zone, with how certain that is."""

    begin: datetime
    end: datetime
    zone: Zone
    certainty: str


def claims(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Claim]]:
    """What is told of each machine's zone, by evidence item, in order of time."""
    found: dict[str, list[Claim]] = {}
    for evidence_id, key_path, name, bias, is_fixed, seen_at in connection.execute(_ZONES).fetchall():
        zone = Zone(name, _number(bias), bool(is_fixed))
        if zone.iana is None or zone.is_fixed:
            # Without a name that is known, and where daylight time is off, the bias is what counts.
            zone = Zone(zone.name if zone.iana else None, zone.bias, zone.is_fixed)
            if zone.bias is None:
                continue
        if seen_at is not None:
            found.setdefault(evidence_id, []).append(Claim(seen_at, zone, f"SYSTEM {key_path}"))
    for evidence_id, bias, seen_at in connection.execute(_UPTIMES).fetchall():
        if (minutes := _number(bias)) is not None:
            found.setdefault(evidence_id, []).append(Claim(seen_at, Zone(None, minutes), "event 6013"))
    return {one: _named(sorted(told, key=_order)) for one, told in sorted(found.items())}


def clock_rows(told: dict[str, list[Claim]], case_id: str) -> Iterator[dict[str, Any]]:
    """The rows of `machine_clock`: stretches of wall-clock time of each machine, in order and without overlap."""
    for evidence_id, listed in told.items():
        common = provenance_values(
            case_id=case_id,
            evidence_id=evidence_id,
            entry_id=None,
            locator=None,
            parser=STAGE,
            version=VERSION,
        )
        for row in _stretches(_pieces(_runs(listed))):
            yield {**common, **row, "sources": sorted({one.source for one in listed})}


def _named(listed: Sequence[Claim]) -> list[Claim]:
    """Claims of a bare bias under the name of the zone that has it, where the machine's hives know exactly one."""
    names = {one.zone for one in listed if one.zone.name is not None}
    named = []
    for one in listed:
        same = [zone for zone in names if one.zone.name is None and zone.bias == one.zone.bias]
        named.append(Claim(one.seen_at, same[0], one.source) if len(same) == 1 else one)
    return named


def _runs(listed: Sequence[Claim]) -> list[Claim]:
    """Claims without those that stand between two of their own zone: a machine that runs for years tells its zone every day."""
    return [
        one
        for number, one in enumerate(listed)
        if not (
            0 < number < len(listed) - 1 and listed[number - 1].zone == one.zone == listed[number + 1].zone
        )
    ]


def _pieces(listed: Sequence[Claim]) -> Iterator[_Piece]:
    """Between two claims the clock was in either's zone; before the first and after the last in any that is told."""
    zones = list(dict.fromkeys(one.zone for one in listed))
    is_one = all(one.is_like(zones[0]) for one in zones)
    outside = "stated" if is_one else "disputed"
    ends = [_FIRST, *(min(max(one.seen_at, _FIRST), _LAST) for one in listed), _LAST]
    for number, (begin, end) in enumerate(zip(ends, ends[1:], strict=False)):
        if begin >= end:
            continue
        if number in (0, len(listed)):
            yield from (_Piece(begin, end, zone, outside) for zone in zones)
            continue
        pair = dict.fromkeys((listed[number - 1].zone, listed[number].zone))
        agreed = listed[number - 1].zone.is_like(listed[number].zone)
        yield from (_Piece(begin, end, zone, "agreed" if agreed else "disputed") for zone in pair)


def _stretches(pieces: Iterable[_Piece]) -> Iterator[dict[str, Any]]:
    """Pieces laid on the wall clock: what each stretch of it may mean."""
    laid = [
        (begin + offset, end + offset, offset, one)
        for one in pieces
        for begin, end, offset in _offsets(one.zone, one.begin, one.end)
    ]
    edges = sorted({edge for begin, end, _, _ in laid for edge in (begin, end)})
    rows: list[dict[str, Any]] = []
    for begin, end in zip(edges, edges[1:], strict=False):
        here = [(offset, one) for first, last, offset, one in laid if first < end and last > begin]
        minutes = sorted(round(offset.total_seconds() / 60) for offset, _ in here)
        kinds = {one.certainty for _, one in here}
        row = {
            "from_local": begin.replace(tzinfo=None),
            "until_local": end.replace(tzinfo=None),
            # Further east is earlier.
            "earliest_offset_minutes": minutes[-1] if minutes else None,
            "latest_offset_minutes": minutes[0] if minutes else None,
            "time_zones": sorted({one.zone.label for _, one in here}),
            "certainty": next((kind for kind in ("disputed", "stated", "agreed") if kind in kinds), "never"),
        }
        if rows and all(
            rows[-1][name] == row[name] for name in row if name not in ("from_local", "until_local")
        ):
            rows[-1]["until_local"] = row["until_local"]
        else:
            rows.append(row)
    yield from rows


def _offsets(zone: Zone, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Stretches of instants of one offset from UTC; a bias alone may have had an hour of daylight time all along."""
    if zone.iana is None or zone.is_fixed:
        standard = timedelta(minutes=-(zone.bias or 0))
        yield begin, end, standard
        if not zone.is_fixed:
            yield begin, end, standard + timedelta(hours=1)
        return
    for first, last, offset in _transitions(zone.iana):
        if first < end and last > begin:
            yield max(first, begin), min(last, end), offset


@cache
def _transitions(name: str) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    zone = ZoneInfo(name)
    found = []
    begin = at = _FIRST
    offset = _offset(zone, at)
    while at < _LAST:
        following = min(at + _STEP, _LAST)
        if _offset(zone, following) != offset:
            change = _change(zone, at, following)
            found.append((begin, change, offset))
            # The next search starts at the change itself: two of them may lie within one step.
            begin = following = change
            offset = _offset(zone, change)
        at = following
    return (*found, (begin, _LAST, offset))


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The instant between two at which the offset first differs from the one before, to the second."""
    offset = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
    return after


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _order(claim: Claim) -> tuple[datetime, str, str]:
    return claim.seen_at, claim.source, claim.zone.label


def _number(told: str | None) -> int | None:
    """Minutes as told; no zone lies further from UTC than 15 hours."""
    try:
        found = int(told or "")
    except ValueError:
        return None
    return found if abs(found) <= 15 * 60 else None
