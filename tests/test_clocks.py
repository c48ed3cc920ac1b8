"""Wall clocks of machines: zones told, daylight time, zones that differ, and what a view makes of a wall clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipeline.match.clocks import Claim, Zone, claims, clock_rows
from pipeline.tables import read, write
from pipeline.tables.catalogue import MACHINE_CLOCK
from pipeline.tables.schema import all_tables, full_schema
from pipeline.tables.write import rows_to_table

TOKYO, NEW_YORK = Zone("Tokyo Standard Time", -540), Zone("Eastern Standard Time", 300)
LOG = "windows_firewall_log"


def at(told: str) -> datetime:
    return datetime.fromisoformat(told).replace(tzinfo=UTC)


def clock(*listed: tuple[str, Zone]) -> list[dict[str, Any]]:
    """The stretches of one machine whose zone is told at some instants."""
    told = [Claim(at(seen), zone, f"trace {number}") for number, (seen, zone) in enumerate(listed)]
    return list(clock_rows({"pc": told}, "T"))


def meant(rows: list[dict[str, Any]], wall: str, folder: Path) -> tuple[datetime | None, datetime | None]:
    """Earliest and latest instant a line of a firewall log can have been written, as the view `network` tells it."""
    log = all_tables()[LOG]
    line = {"evidence_id": "pc", "logged_local": datetime.fromisoformat(wall), "firewall_action": "ALLOW"}
    line["remote_address"] = "192.0.2.7"
    write.write_part(rows_to_table(log, [line]), folder / "tables" / LOG / "1.parquet")
    write.write_part(rows_to_table(MACHINE_CLOCK, rows), folder / "tables" / "machine_clock" / "1.parquet")
    _, ((*found,),) = read.ask(folder / "tables", "SELECT n.at, latest_at FROM network n")
    assert read.ask(folder / "tables", f"SELECT t.at, latest_at FROM timeline t WHERE source = '{LOG}'")[
        1
    ] == ([tuple(found)] if found[0] else [])
    return found[0], found[1]


def test_a_zone_without_daylight_time_makes_instants(tmp_path: Path) -> None:
    rows = clock(("2025-02-03T00:00", TOKYO), ("2026-10-01T00:00", TOKYO))
    assert [
        (one["certainty"], one["earliest_offset_minutes"], one["latest_offset_minutes"]) for one in rows
    ] == [
        ("stated", 540, 540),
        ("agreed", 540, 540),
        ("stated", 540, 540),
    ]
    assert meant(rows, "2026-09-14T18:42:10", tmp_path) == (at("2026-09-14T09:42:10"),) * 2


@pytest.mark.parametrize(
    ("wall", "earliest", "latest"),
    [
        ("2026-03-08T01:59:59", "2026-03-08T06:59:59", "2026-03-08T06:59:59"),
        # The clock goes from 02:00 to 03:00: no clock of that zone ever showed this.
        ("2026-03-08T02:30:00", None, None),
        ("2026-03-08T03:00:00", "2026-03-08T07:00:00", "2026-03-08T07:00:00"),
        # And from 02:00 back to 01:00: shown twice, an hour apart.
        ("2026-11-01T01:30:00", "2026-11-01T05:30:00", "2026-11-01T06:30:00"),
        ("2026-11-01T02:00:00", "2026-11-01T07:00:00", "2026-11-01T07:00:00"),
    ],
)
def test_daylight_time_leaves_an_hour_twice_and_one_never(
    wall: str, earliest: str | None, latest: str | None, tmp_path: Path
) -> None:
    rows = clock(("2026-01-05T00:00", NEW_YORK))
    assert meant(rows, wall, tmp_path) == (earliest and at(earliest), latest and at(latest))


def test_daylight_time_switched_off_is_not_followed(tmp_path: Path) -> None:
    rows = clock(("2026-01-05T00:00", Zone("Eastern Standard Time", 300, is_fixed=True)))
    assert meant(rows, "2026-07-01T12:00:00", tmp_path) == (at("2026-07-01T17:00:00"),) * 2


def test_zones_that_differ_give_an_interval_that_spans_them(tmp_path: Path) -> None:
    rows = clock(("2026-01-05T00:00", TOKYO), ("2026-09-01T00:00", NEW_YORK))
    assert {one["certainty"] for one in rows} == {"disputed"}
    assert meant(rows, "2026-07-01T12:00:00", tmp_path) == (
        at("2026-07-01T03:00:00"),
        at("2026-07-01T16:00:00"),
    )


def test_a_machine_that_moved_and_stayed_is_sure_again_in_between(tmp_path: Path) -> None:
    rows = clock(
        ("2026-01-05T00:00", TOKYO),
        ("2026-02-01T00:00", TOKYO),
        ("2026-02-02T00:00", NEW_YORK),
        ("2026-09-01T00:00", NEW_YORK),
    )
    assert meant(rows, "2026-01-20T12:00:00", tmp_path) == (at("2026-01-20T03:00:00"),) * 2
    assert meant(rows, "2026-07-01T12:00:00", tmp_path) == (at("2026-07-01T16:00:00"),) * 2


def test_a_bias_alone_may_have_had_an_hour_of_daylight_time(tmp_path: Path) -> None:
    rows = clock(("2026-01-05T00:00", Zone(None, 300)))
    assert meant(rows, "2026-07-01T12:00:00", tmp_path) == (
        at("2026-07-01T16:00:00"),
        at("2026-07-01T17:00:00"),
    )


def test_without_any_zone_a_wall_clock_stays_one(tmp_path: Path) -> None:
    assert meant([], "2026-09-14T18:42:10", tmp_path) == (None, None)
    assert meant(clock(("2026-01-05T00:00", TOKYO)), "1979-12-31T00:00:00", tmp_path) == (None, None)


def test_the_zone_of_one_machine_says_nothing_of_another(tmp_path: Path) -> None:
    rows = [{**one, "evidence_id": "laptop"} for one in clock(("2026-01-05T00:00", TOKYO))]
    assert meant(rows, "2026-09-14T18:42:10", tmp_path) == (None, None)


def test_hives_and_event_logs_tell_zones() -> None:
    seen = at("2026-09-01T00:00")
    facts = [
        ("hive", "time_zone", "Tokyo Standard Time"),
        ("hive", "time_zone_bias", "-540"),
        ("older", "time_zone", "Middle-earth Standard Time"),
        ("older", "time_zone_bias", "-600"),
        ("lost", "time_zone", "Middle-earth Standard Time"),
    ]
    tables = {
        "windows_host_fact": [
            {"evidence_id": "pc", "entry_id": entry, "key_path": "k", "fact_name": name, "fact_value": value}
            | {"key_written_at": seen}
            for entry, name, value in facts
        ],
        "windows_evtx": [
            {"evidence_id": "pc", "provider": "EventLog", "event_id": 6013, "written_at": seen}
            | {"event_data": [("6", told)]}
            for told in ("-540 東京 (標準時)", "60", None, "-99999 x")
        ],
    }
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    for name, rows in tables.items():
        connection.register(name, pa.Table.from_pylist(rows, full_schema(all_tables()[name])))
    assert [(one.zone, one.source) for one in claims(connection)["pc"]] == [
        (Zone("Tokyo Standard Time", -540), "SYSTEM k"),
        (Zone(None, -600), "SYSTEM k"),
        # A text without a zone, and a bias no zone has, tell nothing.
        (Zone("Tokyo Standard Time", -540), "event 6013"),
    ]


def test_years_of_daily_events_make_few_stretches() -> None:
    days = [
        Claim(datetime(2020 + one // 300, 1 + one % 12, 1 + one % 28, tzinfo=UTC), TOKYO, "event 6013")
        for one in range(1800)
    ]
    assert len(list(clock_rows({"pc": sorted(days, key=lambda one: one.seen_at)}, "T"))) == 3
