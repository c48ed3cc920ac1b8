"""Events in memory and rules over them, for the tests of Sigma."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from parsers.windows.evtx import EVENTS
from pipeline import digest
from pipeline.match.event_rules import EventRule, rules_of
from pipeline.match.events import Search
from pipeline.rulebook import RuleFile
from pipeline.tables.schema import full_schema

SYSMON = "Microsoft-Windows-Sysmon/Operational"
AT = datetime(2026, 9, 14, 0, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What rules found: of each rule by its title the numbers of the events, and what came of it."""

    events: Mapping[str, list[int]]
    outcomes: Mapping[str, dict[str, Any]]
    hits: list[dict[str, Any]]


def event(**columns: Any) -> dict[str, Any]:
    """A row of `windows_evtx`: names of columns as they are, everything else is data of the event."""
    known = {column.name for column in EVENTS.columns} | {"evidence_id", "entry_id", "locator", "status"}
    row = {name: columns.pop(name) for name in list(columns) if name in known}
    row.setdefault(
        "event_data", {name: None if value is None else str(value) for name, value in columns.items()}
    )
    return row


def table(events: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Events as the view `windows_evtx` holds them; what an event does not say is filled by its place."""
    schema = full_schema(EVENTS)
    rows = []
    for place, one in enumerate(events):
        row = {
            "case_id": "C",
            "evidence_id": "pc",
            "entry_id": "log",
            "locator": str(place),
            "status": "ok",
            "event_record_id": place,
            "written_at": AT + timedelta(seconds=place),
            "computer": "PC01",
        } | dict(one)
        row["event_data"] = list((row.get("event_data") or {}).items())
        rows.append(row)
    return pa.table(
        {column.name: pa.array([row.get(column.name) for row in rows], column.type) for column in schema},
        schema=schema,
    )


def rules(*texts: str) -> tuple[EventRule, ...]:
    """The rules of files that hold these texts."""
    return tuple(
        rule
        for place, text in enumerate(texts)
        for rule in rules_of(
            RuleFile(name=f"{place:03d}.yml", content=text, sha256=digest.of_bytes(text.encode("utf-8")))
        )
    )


def search(given: Sequence[EventRule], events: Sequence[Mapping[str, Any]]) -> Found:
    """What rules find in events."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    connection.register("windows_evtx", table(events))
    asked = Search(connection, given)
    asked.run()
    outcomes = asked.outcomes("C")
    pairs = connection.execute("SELECT rule, CAST(locator AS INTEGER) FROM hit ORDER BY ALL").fetchall()
    hits = [row for batch in asked.hits() for row in batch.to_pylist()]
    connection.close()
    titles = [one.get("rule_title") or one["rule_file"] for one in outcomes]
    return Found(
        events={
            title: [place for rule, place in pairs if rule == number] for number, title in enumerate(titles)
        },
        outcomes=dict(zip(titles, outcomes, strict=True)),
        hits=hits,
    )


def rule(detection: str, title: str = "r", source: str = "service: sysmon") -> str:
    """A rule of the product windows with this detection, as YAML."""
    lines = "\n".join(f"  {line}" for line in detection.strip("\n").splitlines())
    return f"title: {title}\nlogsource: {{product: windows, {source}}}\ndetection:\n{lines}\n"


def matches(
    detection: str, events: Sequence[Mapping[str, Any]], source: str = "service: sysmon"
) -> list[int]:
    """The numbers of the events a detection matches; the rule must be supported."""
    given = [{"channel": SYSMON, "event_id": 1} | dict(one) for one in events]
    found = search(rules(rule(detection, source=source)), given)
    assert found.outcomes["r"]["outcome"] != "unsupported", found.outcomes["r"]["reason"]
    return found.events["r"]
