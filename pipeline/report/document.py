"""The frozen document every rendering is made from: figures with where they come from, in columns of text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from pipeline.custody.history import Moment
from pipeline.tables import macros

GRADES = ("confirmed", "likely", "possible")
BOUNDS = ("low", "likely", "high")
_MOST_LINES = 200
# Acts of one kind by one account from one host on one item, in falling weight: who came in, traces cleared, who was refused.
_ACTS = """
WITH told AS (
    SELECT CASE WHEN action = 'failed' THEN 'refused' ELSE 'logon' END AS what, evidence_id,
        concat_ws(' ', account, from_host) AS hand, "at" AS first_at, coalesce(latest_at, "at") AS last_at
    FROM access WHERE action IN ('logon', 'connect', 'unlock', 'failed') AND is_public(from_host)
    UNION ALL
    SELECT 'cleared', evidence_id, concat_ws(' ', what, account), "at", coalesce(latest_at, "at") FROM cleared
)
SELECT what, evidence_id, hand, min(first_at), max(last_at), count(*) FROM told
WHERE first_at IS NOT NULL AND in_window($window_from::TIMESTAMPTZ, $window_to::TIMESTAMPTZ, first_at, last_at)
GROUP BY what, evidence_id, hand ORDER BY list_position(['logon', 'cleared', 'refused'], what), 4, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Persons by grade and bound for one value of one dimension."""

    grade: str
    dimension: str
    value: str | None
    low: int
    likely: int
    high: int
    estimate: int
    is_open: bool
    open_reasons: tuple[str, ...]

    @property
    def reference(self) -> str:
        """Where the figure stands: table and row."""
        return f"affected_count[grade={self.grade},dimension={self.dimension},value={self.value or 'all'}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimated:
    """Something that keeps a count open, with an estimate of the persons in it by its like: never part of a count."""

    what: str
    low: int
    likely: int
    high: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """How many pairs of records a reviewer answered on, and how many answers wait for a second one; the counts rest on the others."""

    answers: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One evidence item as the report lists it."""

    evidence_id: str
    role: str
    format: str
    size_bytes: int
    sha256: str
    md5: str
    acquisition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposed:
    """One document found exposed, by which rule, and how many persons are in it."""

    evidence_id: str
    entry_id: str
    path: str
    rule: str
    route: str
    grade: str
    reason: str
    mentions: int
    is_complete: bool
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What speaks for or against a leak, or what an end of the window rests on."""

    direction: str
    grade: str
    rule: str
    evidence_id: str
    happened_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did in the window, the same taken together: a session from outside begun or refused, or traces cleared.

    `what` is logon, refused or cleared; `by` names account and source as far as they are told.
    """

    what: str
    evidence_id: str
    by: str
    first_at: datetime
    last_at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """What a column of an exposed sheet was taken for."""

    path: str
    sheet_name: str
    column: str
    header: str | None
    item: str | None
    filled: int
    passed: int
    is_suspect: bool
    item_status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """What an examiner is asked to look at in an exposed entry: candidates for a category, or mentions in doubt."""

    path: str
    subject: str
    kind: str
    what: str
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time a device was connected, each end as certain as it is."""

    evidence_id: str
    begin: datetime | None
    last_seen: datetime | None
    end: datetime | None
    begin_certainty: str
    end_certainty: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A file or program on a device that was opened, run, written or deleted, with the best of the links that join it."""

    device_key: str
    evidence_id: str
    what: str
    questions: tuple[str, ...]
    accounts: tuple[str, ...]
    first_at: datetime | None
    last_at: datetime | None
    certainty: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A physical device: what is known of it, from how many sources, and when it was connected."""

    key: str
    serial: str | None
    is_serial_generated: bool | None
    name: str
    volume_serials: tuple[str, ...]
    volume_labels: tuple[str, ...]
    drive_letters: tuple[str, ...]
    users: tuple[str, ...]
    seen_on: tuple[str, ...]
    sources: tuple[str, ...]
    disagreements: tuple[str, ...]
    intervals: tuple[Interval, ...]
    touched: tuple[Touched, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What could not be read, grouped by item and reason."""

    evidence_id: str
    kind: str
    count: int
    example: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was sought on an item and what came of it."""

    evidence_id: str
    parser: str
    outcome: str
    found: int
    parsed: int
    empty: int
    failed: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRuleLine:
    """A rule over events that matched on an item: how often, and between which times of that machine's clock."""

    evidence_id: str
    title: str
    title_ja: str | None
    level: str
    count: int
    first_at: datetime | None
    last_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A file that a rule over bytes matched, with the digest of its content where it was read."""

    evidence_id: str
    entry_id: str
    path: str
    rule: str
    rule_file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLines:
    """What the case says of itself; `known` has when each department came to know of the incident."""

    number: str
    client: str
    examiner: str
    time_zone: str
    window_from: datetime | None
    window_to: datetime | None
    entity_kind: str = "private"
    known: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The custody log as it stood when the report was made."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything a report says; nothing is computed after this."""

    case: CaseLines
    head: Head
    items: tuple[Item, ...]
    counts: tuple[Count, ...]
    history: tuple[Moment, ...]
    estimated: tuple[Estimated, ...]
    reviewed: Reviewed | None
    exposed: tuple[Exposed, ...]
    exposed_total: int
    indicators: tuple[Indicator, ...]
    acts: tuple[Act, ...]
    acts_total: int
    columns: tuple[SheetColumn, ...]
    unsure: tuple[Unsure, ...]
    devices: tuple[Device, ...]
    looked: tuple[tuple[str, str], ...]
    unread: tuple[Unread, ...]
    coverage: tuple[Coverage, ...]
    decisions: tuple[dict[str, Any], ...]
    facts: tuple[tuple[str, str, str], ...]
    entry_states: tuple[tuple[str, int], ...]
    rule_hits: tuple[tuple[str, str, int], ...]
    marked: tuple[Marked, ...]
    damaged: tuple[tuple[str, str, int], ...]
    known: tuple[tuple[str, str, str, str], ...]
    event_rules: tuple[EventRuleLine, ...]
    event_rules_total: int
    event_outcomes: tuple[tuple[str, int], ...]

    def headline(self, grade: str) -> Count:
        """All persons of a grade; zero persons where no count was made."""
        for one in self.counts:
            if one.grade == grade and one.dimension == "all":
                return one
        return Count(
            grade=grade,
            dimension="all",
            value=None,
            low=0,
            likely=0,
            high=0,
            estimate=0,
            is_open=True,
            open_reasons=(),
        )

    def open_reasons(self) -> list[tuple[str, list[str]]]:
        """Each reason that keeps a count open, with the grades it keeps open."""
        found: dict[str, list[str]] = {}
        for grade in GRADES:
            for reason in self.headline(grade).open_reasons:
                found.setdefault(reason, []).append(grade)
        return list(found.items())

    def of_dimension(self, dimension: str, grade: str = "possible") -> tuple[Count, ...]:
        """Counts of one dimension, most persons first."""
        chosen = [one for one in self.counts if one.dimension == dimension and one.grade == grade]
        return tuple(sorted(chosen, key=lambda one: (-one.likely, one.value or "")))


def collect(
    connection: duckdb.DuckDBPyConnection, case: CaseLines, head: Head, moments: tuple[Moment, ...] = ()
) -> Document:
    """Read the document from the tables of a case, every list in a fixed order."""

    def rows(sql: str) -> list[tuple[Any, ...]]:
        return list(connection.execute(sql).fetchall())

    items = rows(
        "SELECT evidence_id, role, format, size_bytes, sha256, md5, acquisition FROM evidence_item ORDER BY evidence_id"
    )
    counts = rows(
        "SELECT grade, dimension, value, low, likely, high, estimate, is_open, open_reasons FROM affected_count ORDER BY grade, dimension, value"
    )
    estimated = rows(
        "SELECT DISTINCT what, persons_low, persons_likely, persons_high, method FROM open_item "
        "WHERE method IS NOT NULL ORDER BY persons_likely DESC, what"
    )
    reviewed = dict(
        rows(
            "SELECT agreement, CAST(m AS BIGINT) FROM person_model WHERE field = 'review' AND agreement IN ('answers', 'answers_waiting')"
        )
    )
    exposed = rows(
        "SELECT x.evidence_id, x.entry_id, coalesce(f.path, ''), x.rule, x.route, x.grade, "
        "CASE WHEN x.ways > 1 THEN concat(x.reason, ' (and ', x.ways - 1, ' more)') ELSE x.reason END, "
        "coalesce(m.mentions, 0), coalesce(d.is_complete, true), c.sha256 "
        "FROM (SELECT evidence_id, entry_id, rule, route, grade, min(reason) AS reason, count(*) AS ways FROM exposure GROUP BY ALL) x LEFT JOIN file_entry f USING (evidence_id, entry_id) "
        "LEFT JOIN (SELECT entry_id, count(*) AS mentions FROM mention GROUP BY entry_id) m ON m.entry_id = x.entry_id "
        "LEFT JOIN (SELECT entry_id, bool_and(is_complete) AS is_complete FROM document GROUP BY entry_id) d ON d.entry_id = x.entry_id "
        "LEFT JOIN (SELECT evidence_id, entry_id, min(sha256) AS sha256 FROM entry_content GROUP BY ALL) c ON c.evidence_id = x.evidence_id AND c.entry_id = x.entry_id "
        "ORDER BY coalesce(m.mentions, 0) DESC, x.evidence_id, f.path, x.rule"
    )
    told = [one for one in exposed if one[7] or not one[8]][:_MOST_LINES]
    indicators = rows(
        "SELECT direction, grade, rule, coalesce(evidence_id, ''), happened_at, reason FROM indicator "
        "ORDER BY list_position(['for', 'against', 'from', 'to'], direction), list_position(['confirmed', 'likely', 'possible'], grade), "
        "happened_at NULLS LAST, rule, evidence_id, reason"
    )
    macros.define(connection)
    acts = connection.execute(
        _ACTS, {"window_from": case.window_from, "window_to": case.window_to}
    ).fetchall()
    columns = rows(
        "SELECT DISTINCT f.path, coalesce(s.sheet_name, ''), c.column_name, c.header_word, c.item, c.filled_count, c.passed_count, c.is_suspect, c.item_status "
        "FROM sheet_column c JOIN sheet s USING (sheet_id) JOIN file_entry f ON f.evidence_id = s.evidence_id AND f.entry_id = s.entry_id "
        "WHERE EXISTS (SELECT 1 FROM exposure x WHERE x.evidence_id = s.evidence_id AND x.entry_id = s.entry_id) ORDER BY 1, 2, 3"
    )
    unsure = rows(
        "SELECT coalesce(f.path, m.entry_id), concat(m.evidence_id, '/', m.entry_id), 'candidate', u.what, count(*) "
        "FROM mention m LEFT JOIN file_entry f USING (evidence_id, entry_id), unnest(m.candidates) AS u(what) "
        "WHERE EXISTS (SELECT 1 FROM exposure x WHERE x.evidence_id = m.evidence_id AND x.entry_id = m.entry_id) GROUP BY ALL "
        "UNION ALL SELECT coalesce(f.path, m.entry_id), concat(m.evidence_id, '/', m.entry_id), 'doubt', m.doubt, count(*) "
        "FROM mention m LEFT JOIN file_entry f USING (evidence_id, entry_id) WHERE m.doubt IS NOT NULL "
        "AND EXISTS (SELECT 1 FROM exposure x WHERE x.evidence_id = m.evidence_id AND x.entry_id = m.entry_id) GROUP BY ALL ORDER BY 3, 1, 4"
    )
    devices = rows(
        "SELECT device_key, device_serial, is_serial_generated, trim(concat(coalesce(vendor, ''), ' ', coalesce(product, ''))), "
        "volume_serials, volume_labels, drive_letters, users, seen_on, sources, disagreements FROM device "
        "ORDER BY first_connected_at NULLS LAST, device_key"
    )
    intervals = rows(
        "SELECT device_key, evidence_id, first_connected_at, last_connected_at, last_removed_at, begin_certainty, end_certainty, told "
        "FROM connected WHERE device_key IS NOT NULL ORDER BY device_key, coalesce(first_connected_at, last_connected_at), evidence_id"
    )
    touched = rows(
        "SELECT device_key, evidence_id, what, list_sort(list(DISTINCT question)), "
        "coalesce(list_sort(list(DISTINCT account) FILTER (account IS NOT NULL)), []), min(happened_at), max(latest_at), "
        "arg_min(certainty, list_position(['proved', 'likely', 'possible'], certainty)), list_sort(list(DISTINCT source)) "
        "FROM on_device GROUP BY device_key, evidence_id, what "
        "ORDER BY device_key, min(list_position(['proved', 'likely', 'possible'], certainty)), 6 NULLS LAST, what, evidence_id"
    )
    looked = rows("SELECT evidence_id, told FROM connected WHERE device_key IS NULL ORDER BY 1, 2")
    unread = rows(
        "SELECT coalesce(evidence_id, ''), kind, count(*), min(coalesce(path, '')), min(message) FROM problem "
        "GROUP BY evidence_id, kind, regexp_replace(message, '[0-9a-f]{2}( [0-9a-f]{2})+|[0-9]+', '#', 'g') ORDER BY 3 DESC, 1, 2, 5"
    )
    coverage = rows(
        "SELECT evidence_id, parser, outcome, found_count, parsed_count, empty_count, failed_count, row_count "
        "FROM coverage ORDER BY evidence_id, parser"
    )
    decisions = rows("SELECT law_pack, outcome FROM decision ORDER BY law_pack")
    hits = rows(
        "SELECT evidence_id, coalesce(rule, outcome), count(DISTINCT entry_id) FROM rule_hit GROUP BY 1, 2 ORDER BY 1, 2"
    )
    marked = rows(
        "SELECT r.evidence_id, r.entry_id, coalesce(f.path, r.entry_id), r.rule, r.rule_file, coalesce(c.sha256, '') "
        "FROM (SELECT DISTINCT evidence_id, entry_id, rule, rule_file FROM rule_hit WHERE outcome = 'matched') r "
        "LEFT JOIN file_entry f USING (evidence_id, entry_id) "
        "LEFT JOIN (SELECT evidence_id, entry_id, min(sha256) AS sha256 FROM entry_content GROUP BY ALL) c USING (evidence_id, entry_id) "
        "ORDER BY r.rule_file, r.rule, r.evidence_id, 3, r.entry_id"
    )
    damaged = rows(
        "SELECT evidence_id, reason, count(DISTINCT entry_id) FROM exposure WHERE route = 'damaged' GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    )
    event_rules = rows(
        "SELECT h.evidence_id, coalesce(h.rule_title, h.rule_file), max(r.title_ja), coalesce(h.rule_level, ''), "
        "count(DISTINCT h.entry_id || ' ' || h.locator), min(h.written_at), max(h.written_at) FROM event_hit h "
        "LEFT JOIN event_rule r ON h.rule_file = r.rule_file AND h.rule_sha256 = r.rule_sha256 "
        "AND h.rule_id IS NOT DISTINCT FROM r.rule_id AND h.rule_title IS NOT DISTINCT FROM r.rule_title "
        "GROUP BY h.evidence_id, h.rule_file, h.rule_sha256, h.rule_id, h.rule_title, h.rule_level "
        "ORDER BY list_position(['critical', 'high', 'medium', 'low', 'informational'], h.rule_level), 6, 1, 2, h.rule_file"
    )
    event_outcomes = rows(
        "SELECT outcome, count(*) FROM event_rule WHERE NOT is_counted_only GROUP BY outcome "
        "ORDER BY list_position(['matched', 'no_match', 'no_events', 'unsupported'], outcome)"
    )
    known = rows(
        "SELECT h.evidence_id, coalesce(f.path, h.entry_id), coalesce(h.known_name, h.digest_hex), h.list_file FROM hash_hit h "
        "LEFT JOIN file_entry f USING (evidence_id, entry_id) WHERE h.list_kind = 'bad' ORDER BY 1, 2, 4"
    )
    return Document(
        case=case,
        head=head,
        items=tuple(_of(Item, one) for one in items),
        counts=tuple(_of(Count, (*one[:8], tuple(one[8]))) for one in counts),
        history=moments,
        estimated=tuple(_of(Estimated, one) for one in estimated[:_MOST_LINES]),
        reviewed=Reviewed(answers=reviewed["answers"], waiting=reviewed["answers_waiting"])
        if reviewed
        else None,
        exposed=tuple(_of(Exposed, one) for one in told),
        exposed_total=len(exposed),
        indicators=tuple(_of(Indicator, one) for one in indicators[:_MOST_LINES]),
        acts=tuple(_of(Act, one) for one in acts[:_MOST_LINES]),
        acts_total=len(acts),
        columns=tuple(_of(SheetColumn, one) for one in columns[:_MOST_LINES]),
        unsure=tuple(_of(Unsure, one) for one in unsure[:_MOST_LINES]),
        devices=tuple(_device(one, intervals, touched) for one in devices[:_MOST_LINES]),
        looked=tuple(looked),
        unread=tuple(_of(Unread, one) for one in unread[:_MOST_LINES]),
        coverage=tuple(_of(Coverage, one) for one in coverage),
        decisions=tuple({"law_pack": pack, **json.loads(outcome)} for pack, outcome in decisions),
        facts=tuple(rows("SELECT name, value, source FROM fact ORDER BY name")),
        entry_states=tuple(rows("SELECT state, count(*) FROM entry_content GROUP BY state ORDER BY state")),
        rule_hits=tuple(hits),
        marked=tuple(_of(Marked, one) for one in marked[:_MOST_LINES]),
        damaged=tuple(damaged[:_MOST_LINES]),
        known=tuple(known[:_MOST_LINES]),
        event_rules=tuple(_of(EventRuleLine, one) for one in event_rules[:_MOST_LINES]),
        event_rules_total=len(event_rules),
        event_outcomes=tuple(event_outcomes),
    )


def _device(row: tuple[Any, ...], intervals: list[tuple[Any, ...]], touched: list[tuple[Any, ...]]) -> Device:
    key, serial, is_generated, name, *lists = row
    volumes, labels, letters, users, seen_on, sources, disagreements = (tuple(one) for one in lists)
    return Device(
        key=key,
        serial=serial,
        is_serial_generated=is_generated,
        name=name,
        volume_serials=volumes,
        volume_labels=labels,
        drive_letters=letters,
        users=users,
        seen_on=seen_on,
        sources=sources,
        disagreements=disagreements,
        intervals=tuple(_of(Interval, one[1:]) for one in intervals if one[0] == key),
        touched=tuple(
            _of(Touched, tuple(tuple(value or ()) if isinstance(value, list) else value for value in one))
            for one in touched
            if one[0] == key
        )[:_MOST_LINES],
    )


def _of(shape: type[Any], row: tuple[Any, ...]) -> Any:
    """A row as a dataclass whose fields stand in the order of the columns."""
    return shape(**dict(zip(tuple(shape.__dataclass_fields__), row, strict=True)))
