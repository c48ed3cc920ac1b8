"""Devices from many traces: observations linked by the identifiers they share, one row per physical device, and its intervals.

Each rule in rules/devices/ reads one source and gives, for every row, identifiers (`kind:value`), attributes, and moments. Rows
that share an identifier speak of one device. A device exists where at least one of its rows is an anchor: a row that by itself
shows a device. A rule over a wall clock gives the end of the interval (`latest_at`) and the certainty of the zone as well. Values that many devices share (`000000000000`) link nothing and are kept as weak.

Every source is optional. What was looked at and held no device is a row of `connected` too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from pipeline.errors import RuleError
from pipeline.rulebook import RULES, SqlRule, rule_files, sql_rule
from pipeline.tables.schema import provenance_values

FOLDER = RULES / "devices"
KEYS = ("name", "shows", "does_not_show", "reads", "example", "near_miss")
STAGE = "pipeline/match"
VERSION = "4"
# Kinds of identifier from the one that names a device best; the first that is there becomes its key.
_KINDS = (
    "serial",
    "container",
    "instance",
    "disk_id",
    "partition_guid",
    "volume_serial",
    "volume_guid",
    "signature",
    "letter",
)
_WEAK_SERIALS = {"0123456789ABCDEF", "0123456789", "1234567890", "123456789012", "12345678", "NONE", "N/A"}
# Which moments are the instant of an act: those an event tells, and of those the registry keeps some.
_EVENTS = ("connected", "removed")
_ACTS = {
    "connected": "connected",
    "plugged_in": "connected",
    "removed": "removed",
    "first_connected": "connected",
    "last_connected": "connected",
    "last_removed": "removed",
}
# Two sources tell one act with a delay of seconds between them.
_SAME_ACT = timedelta(seconds=10)
_RECOVERED = "recovered"
# From the one that is known best.
_CERTAINTIES = ("exact", "stated", "between")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row a rule gave."""

    provenance: Mapping[str, Any]
    source: str
    is_anchor: bool
    identifiers: tuple[str, ...]
    weak: tuple[str, ...]
    attributes: Mapping[str, str]
    moments: Mapping[str, datetime]
    # Of a wall clock: the end of the interval each moment begins, and how certain the zone is. Without an interval
    # `recovered`: the row was read from what was deleted, and another may have written there since.
    latest_at: datetime | None = None
    certainty: str | None = None

    @property
    def is_recovered(self) -> bool:
        """Whether it was read from what was deleted."""
        return self.certainty == _RECOVERED

    def confidence(self, name: str) -> str:
        """How far what it says of one moment or attribute is to be relied on."""
        return _RECOVERED if self.is_recovered else "exact" if name in _EVENTS else "stated"

    @property
    def act_certainty(self) -> str:
        """How certain the instant of an act is: to the instant, to an interval, or by a clock whose zone one source alone tells."""
        if self.is_recovered:
            return "stated"
        if self.latest_at is None:
            return "exact"
        if any(at != self.latest_at for at in self.moments.values()):
            return "between"
        return "exact" if self.certainty == "agreed" else "stated"


@dataclass(slots=True, kw_only=True)
class Device:
    """The rows held to speak of one device."""

    key: str
    rows: list[Row] = field(default_factory=list)

    def values(self, attribute: str) -> dict[str, list[str]]:
        """Each value of an attribute with the sources that give it, the most agreed first."""
        found: dict[str, list[str]] = {}
        for row in self.rows:
            if attribute in row.attributes:
                sources = found.setdefault(row.attributes[attribute], [])
                if row.source not in sources:
                    sources.append(row.source)
        return dict(sorted(found.items(), key=lambda one: (-len(one[1]), one[0])))

    def identifiers(self, kind: str) -> list[str]:
        """Values of one kind of identifier, sorted; what scopes it to a machine is left out."""
        return sorted(
            {
                one.rpartition(":")[2]
                if kind in ("instance", "volume_guid", "disk_id")
                else one.partition(":")[2]
                for row in self.rows
                for one in row.identifiers
                if one.startswith(f"{kind}:")
            }
        )

    def serials(self) -> list[str]:
        """Serial numbers of its own; without one, instances Windows made up, the one most sources give first.

        A disk without a serial number has one instance as a disk and another on the USB bus, by which fewer traces know it.
        """
        told = {
            one: len({row.source for row in self.rows if one in _instances(row)})
            for one in self.identifiers("instance")
        }
        return self.identifiers("serial") or sorted(told, key=lambda one: (-told[one], one))


def rules() -> tuple[SqlRule, ...]:
    """The rules of devices.

    Raises:
        RuleError: a rule's header is not as it must be.
    """
    return tuple(sql_rule(one, KEYS) for one in rule_files(FOLDER, (".sql",)))


def observe(connection: duckdb.DuckDBPyConnection, listed: Iterable[SqlRule]) -> list[Row]:
    """Every row the rules give, in a fixed order.

    Raises:
        RuleError: a rule's query cannot be answered.
    """
    found = []
    for rule in listed:
        try:
            table = connection.sql(rule.sql).to_arrow_table()
        except duckdb.Error as error:
            raise RuleError(f"rule file {rule.file.name} cannot be answered: {error}") from error
        found += [_row(rule.stated["name"], one) for one in table.to_pylist()]
    return sorted(
        found,
        key=lambda row: (
            row.provenance["evidence_id"] or "",
            row.source,
            row.provenance["entry_id"] or "",
            row.provenance["locator"] or "",
            row.identifiers,
        ),
    )


def devices(rows: Iterable[Row]) -> list[Device]:
    """Rows joined by shared identifiers; groups without an anchor are no device."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    kept = [row for row in rows if row.identifiers]
    for row in kept:
        for one in row.identifiers:
            parent.setdefault(one, one)
        first = root(row.identifiers[0])
        for one in row.identifiers[1:]:
            other = root(one)
            low, high = sorted((first, other))
            parent[high] = low
            first = low
    groups: dict[str, list[Row]] = {}
    for row in kept:
        groups.setdefault(root(row.identifiers[0]), []).append(row)
    found = []
    for group in groups.values():
        if any(row.is_anchor for row in group):
            names = {one for row in group for one in row.identifiers}
            found.append(Device(key=min(names, key=_preference), rows=group))
    return sorted(found, key=lambda one: one.key)


def observation_rows(found: Iterable[Device], case_id: str) -> Iterator[dict[str, Any]]:
    """The rows of `device_observation`: every identifier, attribute and moment of every row of a device."""
    for device in found:
        for row in device.rows:
            common = {**row.provenance, "case_id": case_id, "device_key": device.key, "source": row.source}
            for one in row.identifiers:
                kind, _, value = one.partition(":")
                yield {
                    **common,
                    "attribute": kind,
                    "observed_value": value,
                    "confidence": row.confidence(kind),
                }
            for one in row.weak:
                kind, _, value = one.partition(":")
                yield {**common, "attribute": kind, "observed_value": value, "confidence": "weak"}
            for name, value in row.attributes.items():
                yield {
                    **common,
                    "attribute": name,
                    "observed_value": value,
                    "confidence": row.confidence(name),
                }
            for name, at in row.moments.items():
                yield {
                    **common,
                    "attribute": name,
                    "observed_at": at,
                    "observed_latest_at": row.latest_at or at,
                    "confidence": row.confidence(name),
                }


def device_rows(found: Iterable[Device], case_id: str) -> Iterator[dict[str, Any]]:
    """The rows of `device`."""
    for device in found:
        serials = device.serials()
        sources = sorted({row.source for row in device.rows})
        single = ("vendor", "product", "vendor_id", "product_id", "capacity_bytes")
        first = {name: next(iter(device.values(name)), None) for name in single}
        capacity = first["capacity_bytes"]
        arrivals = [
            at for row in device.rows for name, at in row.moments.items() if _ACTS.get(name) == "connected"
        ]
        removals = [
            at for row in device.rows for name, at in row.moments.items() if _ACTS.get(name) == "removed"
        ]
        yield {
            **_provenance(case_id),
            **first,
            "capacity_bytes": int(capacity) if capacity is not None and capacity.isdecimal() else None,
            "device_key": device.key,
            "device_serial": serials[0] if serials else None,
            "is_serial_generated": None if not serials else not device.identifiers("serial"),
            "container_id": next(iter(device.identifiers("container")), None),
            "volume_serials": device.identifiers("volume_serial"),
            "volume_guids": device.identifiers("volume_guid"),
            "volume_labels": list(device.values("volume_label")),
            "drive_letters": list(device.values("drive_letter")),
            "users": sorted(device.values("user")),
            "first_connected_at": min(arrivals, default=None),
            "last_connected_at": max(arrivals, default=None),
            "last_removed_at": max(removals, default=None),
            "seen_on": sorted({str(row.provenance["evidence_id"]) for row in device.rows}),
            "source_count": len(sources),
            "sources": sources,
            "disagreements": list(_disagreements(device)),
        }


def connected_rows(found: Iterable[Device], case_id: str) -> Iterator[dict[str, Any]]:
    """The rows of `connected`: intervals of each device on each machine, each end with how certain it is."""
    for device in found:
        serials = device.serials()
        serial = serials[0] if serials else None
        for evidence_id in sorted({str(row.provenance["evidence_id"]) for row in device.rows}):
            acts = _acts([row for row in device.rows if row.provenance["evidence_id"] == evidence_id])
            for one in _intervals(acts):
                yield {
                    **_provenance(case_id, evidence_id),
                    "device_key": device.key,
                    "device_serial": serial,
                    **one,
                }


def looked_rows(connection: duckdb.DuckDBPyConnection, case_id: str) -> Iterator[dict[str, Any]]:
    """Rows of `connected` without a device: for each machine which sources were read, and from when on logs speak."""
    told = connection.execute(
        "SELECT evidence_id, parser, outcome, found_count FROM coverage WHERE parser IN "
        "('windows/usbstor', 'windows/enum_devices', 'windows/portable_devices', 'windows/device_classes', 'windows/registry_deleted', 'windows/setupapi', 'windows/mounted_devices') "
        "AND is_expected ORDER BY 1, 2"
    ).fetchall()
    logs = connection.execute(
        "SELECT evidence_id, channel, min(written_at), max(written_at), count(*) FROM windows_evtx WHERE channel IN "
        "('Microsoft-Windows-Partition/Diagnostic', 'Microsoft-Windows-DriverFrameworks-UserMode/Operational', "
        "'Microsoft-Windows-Kernel-PnP/Configuration', 'Microsoft-Windows-Storsvc/Diagnostic') GROUP BY 1, 2 ORDER BY 1, 2"
    ).fetchall()
    words = {
        "parsed": "read, with rows",
        "empty": "read whole, it holds none",
        "missing": "expected, not found",
        "failed": "could not be read",
        "partial": "read in part",
    }
    for evidence_id, parser, outcome, count in told:
        yield {
            **_provenance(case_id, evidence_id),
            "begin_certainty": "unknown",
            "end_certainty": "unknown",
            "told": f"{parser}: {words.get(outcome, outcome)} ({count} artefacts)",
            "sources": [parser],
        }
    for evidence_id, channel, first, last, count in logs:
        yield {
            **_provenance(case_id, evidence_id),
            "begin_certainty": "unknown",
            "end_certainty": "unknown",
            "told": f"log {channel}: {count} events from {first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC",
            "sources": [channel],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    at: datetime
    kind: str
    sources: tuple[str, ...]
    latest_at: datetime
    certainty: str

    @property
    def words(self) -> str:
        """When, in words."""
        if self.certainty == "between":
            return f"between {self.at:%Y-%m-%d %H:%M:%S} and {self.latest_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.at:%Y-%m-%d %H:%M:%S} UTC"

    def with_source(self, source: str, certainty: str) -> _Act:
        """The same act told by another source as well; who knows it exactly says when."""
        best = min(self.certainty, certainty, key=_CERTAINTIES.index)
        return _Act(
            at=self.at,
            kind=self.kind,
            sources=tuple(sorted({*self.sources, source})),
            latest_at=self.at if best != "between" else self.latest_at,
            certainty=best,
        )


def _acts(rows: Iterable[Row]) -> list[_Act]:
    """Arrivals and removals in order of time; what several sources tell within seconds is one act."""
    told = sorted(
        (at, kind, row.source, row.latest_at or at, row.act_certainty)
        for row in rows
        for name, at in row.moments.items()
        if (kind := _ACTS.get(name)) is not None
    )
    acts: list[_Act] = []
    for at, kind, source, latest_at, certainty in told:
        same = next((one for one in reversed(acts) if one.kind == kind), None)
        if same is not None and "between" not in (certainty, same.certainty) and at - same.at <= _SAME_ACT:
            acts[acts.index(same)] = same.with_source(source, certainty)
        else:
            acts.append(_Act(at=at, kind=kind, sources=(source,), latest_at=latest_at, certainty=certainty))
    return [one for one in acts if not _is_told_better(one, acts)]


def _is_told_better(act: _Act, acts: Iterable[_Act]) -> bool:
    """Whether an act of which only an interval is known is one that another source tells exactly within it."""
    return act.certainty == "between" and any(
        one.kind == act.kind and one.certainty != "between" and act.at <= one.at <= act.latest_at
        for one in acts
    )


def _intervals(acts: Iterable[_Act]) -> Iterator[dict[str, Any]]:
    """Intervals from acts: an arrival without a removal before the next one ended unseen, a removal alone began unseen."""
    begun: _Act | None = None
    for one in acts:
        if one.kind == "connected":
            if begun is not None:
                yield _interval(begun, None, "before", one)
            begun = one
        else:
            yield _interval(begun, one, one.certainty, None)
            begun = None
    if begun is not None:
        yield _interval(begun, None, "unknown", None)


def _interval(begun: _Act | None, ended: _Act | None, end: str, following: _Act | None) -> dict[str, Any]:
    from_words = "connected, when is unknown" if begun is None else f"connected {begun.words}"
    if ended is not None:
        to_words = f"removed {ended.words}"
    elif following is not None:
        to_words = f"removed before {following.latest_at:%Y-%m-%d %H:%M:%S} UTC, when it was connected again"
    else:
        to_words = "no removal is told"
    return {
        "first_connected_at": None if begun is None else begun.at,
        "last_connected_at": begun.at if begun is not None else ended.at if ended is not None else None,
        "last_removed_at": None if ended is None else ended.at,
        "begin_certainty": "unknown" if begun is None else begun.certainty,
        "end_certainty": end,
        "told": f"{from_words}; {to_words}",
        "sources": sorted({name for one in (begun, ended) if one is not None for name in one.sources}),
    }


def _row(source: str, given: dict[str, Any]) -> Row:
    names = sorted({one for one in given["identifiers"] if one and not one.endswith(":")})
    weak = [one for one in names if _is_weak(one)]
    provenance = ("evidence_id", "entry_id", "locator", "parser", "parser_version", "status")
    return Row(
        provenance={name: given[name] for name in provenance},
        source=source,
        is_anchor=bool(given["is_anchor"]),
        identifiers=tuple(one for one in names if one not in weak),
        weak=tuple(weak),
        attributes={name: value for name, value in sorted(given["attributes"]) if value},
        moments={name: at for name, at in sorted(given["moments"]) if at is not None},
        latest_at=given.get("latest_at"),
        certainty=given.get("certainty"),
    )


def _is_weak(identifier: str) -> bool:
    """Whether a value links nothing: a serial number that many devices bear, the container of the machine itself."""
    kind, _, value = identifier.partition(":")
    if kind == "serial":
        return len(value) < 4 or len(set(value)) <= 2 or value in _WEAK_SERIALS
    # DEVPKEY_Device_ContainerId: the null container, and the one of devices inside the computer.
    return kind == "container" and value.strip("{}").endswith(("-ffff-ffffffffffff", "-0000-000000000000"))


def _instances(row: Row) -> set[str]:
    """Instances a row names, without the machine they are scoped to."""
    return {one.rpartition(":")[2] for one in row.identifiers if one.startswith("instance:")}


def _preference(identifier: str) -> tuple[int, str]:
    kind = identifier.partition(":")[0]
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), identifier)


def _disagreements(device: Device) -> Iterator[str]:
    """Attributes of which there can be one, with more than one value; what Windows made up differs from bus to bus."""
    serials = device.identifiers("serial")
    if len(serials) > 1:
        yield f"device_serial: {' | '.join(serials)}"
    for name in ("vendor", "product", "vendor_id", "product_id", "capacity_bytes"):
        values = device.values(name)
        if len({one.casefold() for one in values}) > 1:
            yield f"{name}: " + " | ".join(f"{value} [{', '.join(own)}]" for value, own in values.items())


def _provenance(case_id: str, evidence_id: str | None = None) -> dict[str, str | None]:
    return provenance_values(
        case_id=case_id, evidence_id=evidence_id, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )
