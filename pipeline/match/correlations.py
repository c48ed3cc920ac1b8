"""Correlations of Sigma as SQL: events that rules found, counted or put in order within a time span.

A correlation holds at the event with which it becomes true: looking back from it over the time span, within the same
values of `group-by`, enough events (event_count), different values (value_count) or all the rules (temporal; in their
order, each strictly later, temporal_ordered) are there. It may hold again at each further event.

- An event that stands in several logs, or several copies of one, counts once: same computer, channel, number and time.
- An event without a time, or without a field of `group-by`, cannot be placed and is left out.
- Values of `group-by` and values that are counted are compared without regard to case.
- A correlation may rest on another one; it then rests on the events with which that one became true.

Not read: sums, averages, percentiles and medians; conditions other than `gte` and `gt` (that fewer events are there
cannot be seen from one event); conditions written as an expression. Rules with them are refused.

References:
    - Sigma specification 2.0: correlation rules
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sigma.correlations import (
    SigmaCorrelationCondition,
    SigmaCorrelationConditionOperator,
    SigmaCorrelationRule,
    SigmaCorrelationType,
)

from pipeline.match.event_rules import EventRule
from pipeline.match.event_sql import RefusedError, Statement, Values
from pipeline.match.log_sources import LogSource

# The columns of an event that was found, as the temporary table `hit` holds them behind the number of the rule.
HIT = (
    "case_id",
    "evidence_id",
    "entry_id",
    "locator",
    "status",
    "written_at",
    "computer",
    "channel",
    "event_id",
)
_EVENT = "evidence_id, entry_id, locator"
_TEMPORAL = (SigmaCorrelationType.TEMPORAL, SigmaCorrelationType.TEMPORAL_ORDERED)
_COUNTING = (SigmaCorrelationType.EVENT_COUNT, SigmaCorrelationType.VALUE_COUNT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Referred:
    """A rule a correlation rests on: its number, what the correlation calls it, and its log source."""

    number: int
    name: str
    source: LogSource


def references(rules: Sequence[EventRule]) -> dict[int, list[tuple[str, int]]]:
    """Of each correlation by its number the rules it rests on: what it calls them, and their numbers.

    Where a name is that of no rule, or of more than one, the number is -1.
    """
    named: dict[str, list[int]] = {}
    for number, rule in enumerate(rules):
        for name in rule.names:
            named.setdefault(name, []).append(number)
    found = {}
    for number, rule in enumerate(rules):
        if isinstance(rule.sigma, SigmaCorrelationRule):
            called = [one.reference for one in rule.sigma.rules or ()]
            found[number] = [(one, named[one][0] if len(named.get(one, ())) == 1 else -1) for one in called]
    return found


def is_temporal(rule: SigmaCorrelationRule) -> bool:
    """Whether a correlation needs every rule it rests on."""
    return rule.type in _TEMPORAL


def correlation(rule: SigmaCorrelationRule, referred: Sequence[Referred]) -> tuple[str, Mapping[str, str]]:
    """A query over `hit` and `windows_evtx` that gives the columns of `HIT` and `counted`, and the values bound to it.

    Raises:
        RefusedError: the correlation is of a kind that is not supported.
    """
    least = _least(rule)
    values = Values()
    base = " UNION ALL ".join(_base(rule, one, place, values) for place, one in enumerate(referred))
    groups = [f"g{index}" for index in range(len(rule.group_by or ()))]
    known = " AND ".join(["written_at IS NOT NULL", *(f"{one} IS NOT NULL" for one in groups)])
    once = ("place", *_SAME) if is_temporal(rule) else _SAME
    partition = f"PARTITION BY {', '.join(groups)} " if groups else ""
    span = (
        f"{partition}ORDER BY written_at "
        f"RANGE BETWEEN INTERVAL {int(rule.timespan.seconds)} SECONDS PRECEDING AND CURRENT ROW"
    )
    columns = ", ".join(HIT)
    start = (
        f"WITH base AS ({base}), once AS (SELECT * FROM base WHERE {known} "  # noqa: S608
        f"QUALIFY row_number() OVER (PARTITION BY {', '.join(once)} ORDER BY {_EVENT}) = 1)"
    )
    if rule.type is SigmaCorrelationType.TEMPORAL_ORDERED:
        return _ordered(start, columns, partition, len(referred), rule.timespan.seconds), values.given
    counted = {
        SigmaCorrelationType.EVENT_COUNT: "count(*)",
        SigmaCorrelationType.VALUE_COUNT: "count(DISTINCT counted_value)",
        SigmaCorrelationType.TEMPORAL: "count(DISTINCT place)",
    }[rule.type]
    return (
        f"{start} SELECT {columns}, max(counted) AS counted FROM "  # noqa: S608
        f"(SELECT *, {counted} OVER ({span}) AS counted FROM once) "
        f"WHERE counted >= {least} GROUP BY ALL"
    ), values.given


_SAME = (
    "computer",
    "channel",
    "coalesce(CAST(event_record_id AS VARCHAR), concat_ws(' ', evidence_id, entry_id, locator))",
    "written_at",
)


def _base(rule: SigmaCorrelationRule, referred: Referred, place: int, values: Values) -> str:
    """The events one rule found, with the values the correlation groups by and counts."""
    # What the rule found is of its source already; the source says here only where fields stand.
    statement = Statement(source=LogSource(sql="true", names_4688=referred.source.names_4688), values=values)
    groups = [
        f"{statement.lower(_aliased(rule, name, referred.name))} AS g{index}"
        for index, name in enumerate(rule.group_by or ())
    ]
    told = [f"{place} AS place", *(f"h.{one}" for one in HIT), "e.event_record_id", *groups]
    if rule.type is SigmaCorrelationType.VALUE_COUNT:
        told.append(f"{statement.lower(_counted_field(rule))} AS counted_value")
    found = f"SELECT {_EVENT} FROM hit WHERE rule = {referred.number}"  # noqa: S608
    events = statement.projected([_EVENT, "event_record_id"], where=f"({_EVENT}) IN ({found})")
    return (
        f"SELECT {', '.join(told)} FROM hit h JOIN ({events}) e USING ({_EVENT}) "  # noqa: S608
        f"WHERE h.rule = {referred.number}"
    )


def _ordered(start: str, columns: str, partition: str, count: int, seconds: int) -> str:
    """Each event of the last rule with the latest time at which a chain of the rules before it can have begun."""
    before = f"{partition}ORDER BY written_at RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 MICROSECOND PRECEDING"
    steps = ["chain0 AS (SELECT *, CASE WHEN place = 0 THEN written_at END AS begun FROM once)"]
    steps += [
        f"chain{place} AS (SELECT * REPLACE (CASE WHEN place = {place} THEN "  # noqa: S608
        f"max(CASE WHEN place = {place - 1} THEN begun END) OVER ({before}) ELSE begun END AS begun) "
        f"FROM chain{place - 1})"
        for place in range(1, count)
    ]
    return (
        f"{start}, {', '.join(steps)} SELECT {columns}, {count} AS counted FROM chain{count - 1} "  # noqa: S608
        f"WHERE place = {count - 1} AND written_at - begun <= INTERVAL {int(seconds)} SECONDS"
    )


def _least(rule: SigmaCorrelationRule) -> int:
    """The number from which on the correlation holds."""
    if rule.type not in (*_COUNTING, *_TEMPORAL):
        raise RefusedError(f"correlations of type {str(rule.type).lower()} are not supported")
    condition = rule.condition
    if not isinstance(condition, SigmaCorrelationCondition):
        raise RefusedError("conditions of correlations written as an expression are not supported")
    if not rule.rules:
        raise RefusedError("the correlation names no rule")
    match condition.op:
        case SigmaCorrelationConditionOperator.GTE:
            least = math.ceil(condition.count)
        case SigmaCorrelationConditionOperator.GT:
            least = math.floor(condition.count) + 1
        case _:
            raise RefusedError(f"conditions {condition.op.name.lower()!r} of correlations are not supported")
    if rule.type is SigmaCorrelationType.TEMPORAL_ORDERED and least != len(rule.rules):
        raise RefusedError("temporal_ordered is supported for all of its rules only")
    return least


def _aliased(rule: SigmaCorrelationRule, name: str, called: str) -> str:
    """The field of one rule that a name of `group-by` means.

    Raises:
        RefusedError: it is an alias that says nothing for this rule.
    """
    alias = rule.aliases.aliases.get(name)
    if alias is None:
        return name
    for reference, field_name in alias.mapping.items():
        if reference.reference == called:
            return str(field_name)
    raise RefusedError(f"the alias {name!r} names no field of the rule {called!r}")


def _counted_field(rule: SigmaCorrelationRule) -> str:
    """The field whose different values are counted."""
    name = rule.condition.fieldref if isinstance(rule.condition, SigmaCorrelationCondition) else None
    if isinstance(name, list) and len(name) == 1:
        name = name[0]
    if not isinstance(name, str):
        raise RefusedError("different values are counted of one field only")
    return name
