"""Sigma rules over the events of the case: each event a rule found, and of every rule what came of it.

Shows: events in the logs that are as a rule describes them.
Does not show: that what the title of a rule names took place (a rule describes traces, and others leave the same), or that
it did not: an event may not have been audited, or be overwritten. A rule whose log source left no event is told apart.
Not read: rules for other products than Windows, and what `event_sql`, `log_sources` and `correlations` name as not read;
such rules are listed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sigma.correlations import SigmaCorrelationRule
from sigma.rule import SigmaRule

from parsers.contract import Table
from pipeline.case import Case
from pipeline.match import correlations, event_sql
from pipeline.match.correlations import HIT, Referred
from pipeline.match.event_rules import EventRule, read_rules
from pipeline.match.event_sql import RefusedError, Statement
from pipeline.match.log_sources import LogSource, UnknownSourceError, log_source
from pipeline.tables import read
from pipeline.tables.catalogue import EVENT_HIT, EVENT_RULE
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import Rows, rows_to_table

STAGE = "pipeline/match/events"
STEP = "match events"
VERSION = "1"
READS = ("windows_evtx",)
# Rules of one log source that are asked in one scan.
_BATCH_RULES = 64
# What the engine raises for a statement it cannot run whatever the rows: the fault of a rule, not of the machine.
_FAULTS = (
    duckdb.BinderException,
    duckdb.ParserException,
    duckdb.SyntaxException,
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.OutOfRangeException,
    duckdb.NotImplementedException,
)


def compute(
    case: Case, folders: Sequence[Path], seen: Callable[[int], Any] = lambda _: None
) -> list[tuple[Table, Rows]]:
    """What the rules of some folders find; the hits come batch by batch, sorted. `seen` is told rules.

    Raises:
        RuleError: a folder is missing, or a file of rules is not UTF-8.
    """
    rules = read_rules(folders)
    connection = read.connect(case.tables, case.work / "duckdb", only=READS)
    search = Search(connection, rules)
    search.run(seen)
    schema = full_schema(EVENT_HIT)

    def hits() -> Iterator[pa.RecordBatch]:
        try:
            for batch in search.hits():
                yield _fresh(batch, schema)
        finally:
            connection.close()

    return [
        (EVENT_RULE, rows_to_table(EVENT_RULE, search.outcomes(case.number))),
        (EVENT_HIT, pa.RecordBatchReader.from_batches(schema, hits())),
    ]


def _fresh(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The rows in memory of their own: under its nulls the engine leaves what happened to stand there, and rows are hashed."""
    columns = [pa.array(batch.column(one.name).to_pylist(), one.type) for one in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


class Search:
    """Rules over the view `windows_evtx` of a connection, each by its number in their order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rules: Sequence[EventRule]) -> None:
        """Nothing is sought before `run`."""
        self._connection = connection
        self._rules = rules
        self._refused = {number: one.refused for number, one in enumerate(rules) if one.refused}
        self._sources: dict[int, LogSource] = {}
        self._source_counts: dict[str, int] = {}
        self._references = correlations.references(rules)
        self._counts: dict[int, int] = {}

    def run(self, seen: Callable[[int], Any] = lambda _: None) -> None:
        """Ask every rule; what it finds stands in the temporary table `hit`."""
        event_sql.add_functions(self._connection)
        self._connection.execute(
            "CREATE TEMP TABLE hit (rule INTEGER, case_id VARCHAR, evidence_id VARCHAR, entry_id VARCHAR, locator VARCHAR, "
            "status VARCHAR, written_at TIMESTAMPTZ, computer VARCHAR, channel VARCHAR, event_id BIGINT, counted BIGINT)"
        )
        self._choose_sources()
        self._count_sources()
        for numbers in self._batches():
            self._ask(numbers)
            seen(len(numbers))
        for number in self._in_order():
            self._correlate(number)
            seen(1)
        self._counts = dict(
            self._connection.execute("SELECT rule, count(*) FROM hit GROUP BY rule").fetchall()
        )

    def hits(self) -> Iterator[pa.RecordBatch]:
        """The events that were found, with what their rules say of themselves, in a fixed order."""
        told = [{"rule": number, **rule.told()} for number, rule in enumerate(self._rules)]
        schema = pa.schema(
            [("rule", pa.int32())]
            + [(one.name, one.type) for one in EVENT_HIT.columns if one.name.startswith("rule_")]
        )
        self._connection.register("told", pa.Table.from_pylist(told, schema=schema))
        shown = [number for number in range(len(self._rules)) if not self._is_counted_only(number)]
        self._connection.register("shown", pa.table({"rule": pa.array(shown, pa.int32())}))
        found = self._connection.sql(
            f"SELECT *, counted AS correlated_count, '{STAGE}' AS parser, '{VERSION}' AS parser_version "  # noqa: S608
            "FROM hit JOIN told USING (rule) WHERE rule IN (FROM shown) "
            "ORDER BY evidence_id, entry_id, length(locator), locator, rule"
        )
        yield from found.to_arrow_reader(read.BATCH_ROWS)

    def outcomes(self, case_id: str) -> list[dict[str, Any]]:
        """What came of every rule, in their order."""
        return [self._outcome(case_id, number, rule) for number, rule in enumerate(self._rules)]

    def _outcome(self, case_id: str, number: int, rule: EventRule) -> dict[str, Any]:
        provenance = provenance_values(
            case_id=case_id,
            evidence_id=None,
            entry_id=None,
            locator=f"{rule.file.name}:{rule.place}",
            parser=STAGE,
            version=VERSION,
        )
        refused = self._refused.get(number)
        is_source_empty = refused is None and not self._has_events(number)
        count = self._counts.get(number, 0)
        outcome = "matched" if count else "no_events" if is_source_empty else "no_match"
        return {
            **provenance,
            **rule.told(),
            "outcome": outcome if refused is None else "unsupported",
            "reason": refused,
            "is_counted_only": self._is_counted_only(number),
            "source_count": self._source_counts[self._sources[number].sql]
            if number in self._sources
            else None,
            "match_count": count if refused is None else None,
        }

    def _has_events(self, number: int) -> bool:
        """Whether there are events the rule could have found; a temporal correlation needs those of all its rules."""
        if number in self._sources:
            return self._source_counts[self._sources[number].sql] > 0
        sigma = self._rules[number].sigma
        below = [self._has_events(one) for _, one in self._references[number]]
        is_temporal = isinstance(sigma, SigmaCorrelationRule) and correlations.is_temporal(sigma)
        return all(below) if is_temporal else any(below)

    def _is_counted_only(self, number: int) -> bool:
        """Whether a correlation that could be asked rests on the rule and does not say that it gives hits itself."""
        above = [one for one, told in self._references.items() if number in {below for _, below in told}]
        return any(
            one not in self._refused and not getattr(self._rules[one].sigma, "generate", False)
            for one in above
        )

    def _choose_sources(self) -> None:
        """The log source of each rule over single events; a rule whose source or condition is not known is refused."""
        for number, rule in enumerate(self._rules):
            if number in self._refused or not isinstance(rule.sigma, SigmaRule):
                continue
            told = rule.sigma.logsource
            try:
                source = log_source(told.product, told.category, told.service)
                event_sql.condition(rule.sigma, Statement(source=source))
            except (UnknownSourceError, RefusedError) as error:
                self._refused[number] = str(error)[:2000]
            else:
                self._sources[number] = source

    def _count_sources(self) -> None:
        wanted = sorted({one.sql for one in self._sources.values()})
        if wanted:
            counts = ", ".join(f"count(*) FILTER (WHERE {one})" for one in wanted)
            (found,) = self._connection.execute(f"SELECT {counts} FROM windows_evtx").fetchall()  # noqa: S608
            self._source_counts = dict(zip(wanted, found, strict=True))

    def _batches(self) -> Iterator[list[int]]:
        """Rules that share a log source with events, some at a time."""
        by_source: dict[tuple[str, bool], list[int]] = {}
        for number, source in self._sources.items():
            if self._source_counts[source.sql]:
                by_source.setdefault((source.sql, bool(source.names_4688)), []).append(number)
        for numbers in by_source.values():
            for start in range(0, len(numbers), _BATCH_RULES):
                yield numbers[start : start + _BATCH_RULES]

    def _ask(self, numbers: Sequence[int]) -> None:
        """One scan for some rules of one source; where the engine cannot run it, halves, down to the rule at fault."""
        statement = Statement(source=self._sources[numbers[0]])
        held = []
        for number in numbers:
            sigma = self._rules[number].sigma
            assert isinstance(sigma, SigmaRule)  # noqa: S101
            held.append(f"CASE WHEN {event_sql.condition(sigma, statement)} THEN {number} END")
        columns = ", ".join(HIT)
        rules = f"list_filter([{', '.join(held)}], lambda one: one IS NOT NULL)"
        events = statement.projected(HIT)
        sql = (
            f"INSERT INTO hit SELECT unnest(rules), {columns}, NULL FROM "  # noqa: S608
            f"(SELECT {columns}, {rules} AS rules FROM ({events}))"
        )
        try:
            self._connection.execute(sql, statement.values.given)
        except _FAULTS as error:
            if len(numbers) == 1:
                self._refuse(numbers[0], error)
                return
            middle = len(numbers) // 2
            self._ask(numbers[:middle])
            self._ask(numbers[middle:])

    def _refuse(self, number: int, error: duckdb.Error) -> None:
        self._refused[number] = f"the engine cannot ask it: {str(error).splitlines()[0]}"[:2000]
        self._sources.pop(number, None)

    def _in_order(self) -> Iterator[int]:
        """Correlations that can be asked, each behind those it rests on."""
        waiting = {number for number in self._references if number not in self._refused}
        while waiting:
            ready = [
                number
                for number in sorted(waiting)
                if not waiting & {below for _, below in self._references[number]}
            ]
            if not ready:
                for number in waiting:
                    self._refused[number] = "the correlation rests on itself"
                return
            yield from ready
            waiting -= set(ready)

    def _correlate(self, number: int) -> None:
        sigma = self._rules[number].sigma
        assert isinstance(sigma, SigmaCorrelationRule)  # noqa: S101
        try:
            sql, values = correlations.correlation(sigma, self._referred(number))
            columns = ", ".join((*HIT, "counted"))
            self._connection.execute(f"INSERT INTO hit SELECT {number}, {columns} FROM ({sql})", values)  # noqa: S608
        except RefusedError as error:
            self._refused[number] = str(error)
        except _FAULTS as error:
            self._refuse(number, error)

    def _referred(self, number: int) -> list[Referred]:
        found = []
        for name, below in self._references[number]:
            if below < 0:
                raise RefusedError(f"it rests on {name!r}, which names no rule, or more than one")
            if below in self._refused:
                raise RefusedError(f"it rests on {name!r}, which is not supported: {self._refused[below]}")
            found.append(Referred(number=below, name=name, source=self._source_below(below)))
        return found

    def _source_below(self, number: int) -> LogSource:
        """The log source of a rule; of a correlation, that of all rules below it, where they share one."""
        if number in self._sources:
            return self._sources[number]
        below = [self._source_below(one) for _, one in self._references[number]]
        return below[0] if all(one == below[0] for one in below) else LogSource(sql="true")
