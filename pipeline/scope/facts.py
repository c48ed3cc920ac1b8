"""Facts for the decision: counted, stated in case.toml, or ruled; what nobody knows is left out, never "no"."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from pipeline.case import Case
from pipeline.scope.counts import provenance
from pipeline.scope.entrusters import OWN
from pipeline.tables.catalogue import FACT
from pipeline.tables.write import rows_to_table

_JAPAN = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A named fact: its value as JSON, where it comes from, and the rows it rests on."""

    name: str
    value: Any
    source: str
    supports: tuple[str, ...] = ()


def facts(connection: duckdb.DuckDBPyConnection, case: Case) -> list[Fact]:
    """Every fact of a case, by name; a ruling takes the place of what was counted or stated."""
    found = {one.name: one for one in (*_defaults(), *_counted(connection), *_stated(case))}
    for ruling in case.rulings:
        if ruling.kind == "fact":
            if ruling.subject == "known_date":
                found.pop("known_at", None)  # the hour was that of the day that is ruled otherwise
            found[ruling.subject] = Fact(
                name=ruling.subject,
                value=ruling.decision,
                source="ruling",
                supports=(f"ruling by {ruling.by}: {ruling.reason}",),
            )
    return [found[name] for name in sorted(found)]


def rows(listed: list[Fact], case_id: str) -> pa.Table:
    """Facts as the table stores them."""
    return rows_to_table(
        FACT,
        [
            {
                **provenance(case_id),
                "name": one.name,
                "value": json.dumps(one.value, ensure_ascii=False, sort_keys=True),
                "source": one.source,
                "supports": list(one.supports),
            }
            for one in listed
        ],
    )


def _counted(connection: duckdb.DuckDBPyConnection) -> list[Fact]:
    counts = {
        grade: (low, likely, high, is_open)
        for grade, low, likely, high, is_open in connection.execute(
            "SELECT grade, low, likely, high, is_open FROM affected_count WHERE dimension = 'all'"
        ).fetchall()
    }
    lower = counts["confirmed"][0]
    _, _, upper, is_open = counts["possible"]
    where = "affected_count[grade={},dimension=all]"
    grades = [
        grade
        for (grade,) in connection.execute(
            "SELECT DISTINCT grade FROM exposure WHERE grade <> 'excluded'"
        ).fetchall()
    ]
    if not grades:
        # No exposure rule held. That is not a leak of nobody: nothing is established, so nothing is stated.
        return []
    # The decision takes the dead out of both bounds: the low count is of the living alone, so they are added to it first.
    dead = _dead(connection)
    found = [
        Fact(
            name="persons_lower", value=lower + dead, source="counted", supports=(where.format("confirmed"),)
        ),
        # An open maximum is no number: null means that no upper bound is established.
        Fact(
            name="persons_upper",
            value=None if is_open else upper,
            source="counted",
            supports=(where.format("possible"),),
        ),
    ]
    if dead:
        support = "affected_count[grade=confirmed,dimension=deceased]"
        found.append(Fact(name="deceased", value=dead, source="counted", supports=(support,)))
    categories = [
        value
        for (value,) in connection.execute(
            "SELECT DISTINCT value FROM affected_count WHERE dimension = 'category' AND high > 0 ORDER BY value"
        ).fetchall()
    ]
    found.append(
        Fact(
            name="categories",
            value=categories,
            source="counted",
            supports=("affected_count[dimension=category]",),
        )
    )
    candidates = [
        value
        for (value,) in connection.execute(
            "SELECT DISTINCT u.value FROM numbered m JOIN exposure x USING (evidence_id, entry_id), unnest(m.candidates) AS u(value) "
            "WHERE x.grade <> 'excluded' UNION "
            # A field an altered page names was taken from whoever filled it in: nobody is known, so nothing is counted of it.
            "SELECT substr(r.string_name, 7) FROM rule_hit r JOIN exposure x USING (evidence_id, entry_id) "
            "WHERE x.route = 'page_altered' AND x.grade <> 'excluded' AND r.outcome = 'matched' AND starts_with(r.string_name, '$item_') "
            "ORDER BY 1"
        ).fetchall()
        if value not in categories
    ]
    if candidates:
        # A header says so, or words that let one infer it: a person must look, nothing is taken for granted either way.
        found.append(
            Fact(
                name="candidate_categories",
                value=candidates,
                source="counted",
                supports=(
                    "mention[candidates]",
                    "sheet_column[item_status=candidate]",
                    "text_item[item_status=candidate]",
                    "rule_hit[route=page_altered]",
                ),
            )
        )
    if grades:
        certainty = "confirmed" if "confirmed" in grades else "suspected"
        routes = [
            route
            for (route,) in connection.execute(
                "SELECT DISTINCT route FROM exposure WHERE grade <> 'excluded'"
            ).fetchall()
        ]
        # What was made unusable and seen to leave on no path is damaged; anything else may have been seen by a stranger.
        event = "damage" if routes == ["damaged"] else "leak"
        found.append(Fact(name="event", value=event, source="counted", supports=("exposure",)))
        found.append(Fact(name="event_certainty", value=certainty, source="counted", supports=("exposure",)))
    found += _entrusted(connection)
    has_number = "my_number" in categories
    if has_number or not is_open:
        included = "yes" if has_number else "no"
        found.append(
            Fact(
                name="my_number",
                value={"included": included},
                source="counted",
                supports=("affected_count[dimension=category]",),
            )
        )
    else:
        found.append(
            Fact(
                name="my_number",
                value={"included": "unknown"},
                source="counted",
                supports=("something exposed could not be read",),
            )
        )
    return found


def _entrusted(connection: duckdb.DuckDBPyConnection) -> list[Fact]:
    """That all the data was entrusted, with the persons of each entruster seen leaving at least; nothing where some is the client's own.

    Who is affected by data of the client's own must be reported by the client, whatever the entrusters are told.
    """
    highest = dict(
        connection.execute(
            "SELECT value, max(high) FROM affected_count WHERE dimension = 'entruster' GROUP BY value"
        ).fetchall()
    )
    if not highest or highest.get(OWN):
        return []
    seen = dict(
        connection.execute(
            "SELECT value, low FROM affected_count WHERE dimension = 'entruster' AND grade = 'confirmed'"
        ).fetchall()
    )
    clients = [seen.get(name, 0) for name in sorted(highest)]
    return [
        Fact(
            name="entrustment",
            value={"role": "entrustee", "clients": clients},
            source="counted",
            supports=("affected_count[dimension=entruster,grade=confirmed]", "case.toml"),
        )
    ]


def _dead(connection: duckdb.DuckDBPyConnection) -> int:
    """How many of those seen leaving are dead at least."""
    found = connection.execute(
        "SELECT low FROM affected_count WHERE dimension = 'deceased' AND grade = 'confirmed'"
    ).fetchall()
    return int(found[0][0]) if found else 0


def _stated(case: Case) -> list[Fact]:
    incident = case.incident
    stated: dict[str, Any] = {"cause": incident.cause, "improper_purpose": incident.improper_purpose}
    if incident.event is not None:
        stated["event"] = incident.event
    if incident.event_certainty is not None:
        stated["event_certainty"] = incident.event_certainty
    if case.knowledge:
        first = min(one.at for one in case.knowledge)
        stated["known_date"], stated["known_at"] = _day(first), first.isoformat()
    protections = {one.encryption for one in case.evidence if one.role in ("leaked_medium", "sent_mail")} or {
        one.encryption for one in case.evidence
    }
    # Several media under different protection: nothing is taken out of the count by the better one.
    stated["encryption"] = protections.pop() if len(protections) == 1 else "unknown"
    if case.entity.ordinance_defines:
        stated["ordinance_defines"] = list(case.entity.ordinance_defines)
    return [
        Fact(name=name, value=value, source="case.toml")
        for name, value in stated.items()
        if value is not None
    ]


def _day(moment: datetime) -> str:
    """The day in Japan on which somebody knew: the law's day."""
    return moment.astimezone(_JAPAN).date().isoformat()


def _defaults() -> list[Fact]:
    """What is assumed until a ruling says otherwise; each is the reading that takes nothing away."""
    return [
        Fact(name="data_structure", value="personal_data", source="default"),
        Fact(name="recovered_before_viewing", value="unconfirmed", source="default"),
        Fact(name="entrustment", value={"role": "none"}, source="default"),
    ]
