"""What logs of requests have in common, be they of a web server or of a proxy: lines of a known form, or fields a `#Fields` line names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from parsers.contract import Artefact, Table, Yields
from parsers.formats import log_rows, w3c_log


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """How the fields of the W3C form become columns: texts, numbers, and what is put together of several; which lines are known to be no request."""

    texts: Mapping[str, str]
    numbers: Mapping[str, str]
    is_known: Callable[[frozenset[str]], bool]
    complete: Callable[[dict[str, str | None], dict[str, Any]], None]
    is_notice: Callable[[str], bool] = lambda _: False


def read(
    artefact: Artefact, table: Table, line_of: Callable[[str], dict[str, Any] | None], fields: Fields
) -> Yields:
    """One row per request, in order; the locator is the line's number."""
    rows = log_rows.LogRows(table)
    yield from log_rows.read(artefact, rows, _Reader(rows, line_of, fields).feed)


class _Reader:
    """Makes a row of a line by the form it has; forms may change within a log."""

    def __init__(
        self, rows: log_rows.LogRows, line_of: Callable[[str], dict[str, Any] | None], fields: Fields
    ) -> None:
        self._rows = rows
        self._line_of = line_of
        self._fields = fields
        self._directives = w3c_log.Directives()

    def feed(self, number: int, line: str) -> None:
        """Take the next line."""
        line = line.lstrip("\ufeff")
        if self._directives.take(line):
            return
        values = self._line_of(line)
        if values is None and self._fields.is_known(frozenset(self._directives.fields)):
            values = self._w3c(number, line)
        if values is None:
            if not self._fields.is_notice(line):
                self._rows.fault(number, "the line is no request in a form that is known")
            return
        damage = values.pop("damage", ())
        for column, message in (damage,) if isinstance(damage, tuple) and damage else damage:
            self._rows.fault(number, message, column)
        self._rows.add(number, values)

    def _w3c(self, number: int, line: str) -> dict[str, Any]:
        names = self._directives.fields
        stored, count = self._directives.values(line)
        if count != len(names):
            self._rows.fault(number, f"{count} fields, {len(names)} are named")
        values: dict[str, Any] = {"log_kind": "w3c", **dict(log_rows.given(stored, self._fields.texts))}
        for column, value in log_rows.given(stored, self._fields.numbers):
            values[column] = self._rows.number(number, column, value)
        clock = self._directives.clock(stored)
        values["requested_at"] = w3c_log.instant(clock) if clock else None
        if values["requested_at"] is None:
            self._rows.fault(number, f"no time: {clock or line[:60]!r}", "requested_at")
        self._fields.complete(stored, values)
        return values
