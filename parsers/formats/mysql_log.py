"""Entries of MySQL's and MariaDB's general and slow logs, each of one line or many.

References:
    - MySQL 8.0 Reference Manual, 5.4.3 (general log), 5.4.5 (slow log, log_slow_extra); MariaDB, "Slow Query Log Extended Statistics"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

MOST_SIGNS = 1 << 16
MOST_SESSIONS = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMMANDS = (
    "Binlog Dump GTID", "Binlog Dump", "Change user", "Close stmt", "Connect Out", "Connect", "Create DB", "Daemon", "Debug", "Delayed insert",
    "Drop DB", "Error", "Execute", "Fetch", "Field List", "Init DB", "Kill", "Long Data", "Ping", "Prepare", "Processlist", "Query", "Quit",
    "Refresh", "Register Slave", "Reset Connection", "Reset stmt", "Set option", "Shutdown", "Sleep", "Statistics", "Table Dump", "Time",
)  # fmt: skip
_STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)|\d{6} [ \d]\d:\d\d:\d\d"
_GENERAL = re.compile(rf"(?:({_STAMP})\t|\t\t)? *(\d{{1,18}}) ({'|'.join(_COMMANDS)}) *(?:\t(.*))?", re.ASCII)
_HEAD = re.compile(r".{0,500}, Version: .{0,300} started with:|Tcp port: |Time\s+Id\s+Command\s+Argument")
_CONNECT = re.compile(
    r"(?P<account>[^\t]{0,320}?)@(?P<host>\S{0,255})(?: as \S{0,255})? on (?P<database>\S{0,255})"
)
_DENIED = re.compile(r"Access denied for user '(?P<account>.{0,320})'@'(?P<host>[^']{0,255})'")
_TIME = re.compile(rf"# Time: +({_STAMP})", re.ASCII)
_USER = re.compile(
    r"# User@Host: (?P<account>[^\[]*)\[[^\]]*\] @ +(?P<name>\S*) *\[(?P<address>[^\]]*)\](?:\s+Id: +(?P<id>\d{1,18}))?"
)
_FIGURE = re.compile(r"\b([A-Z][A-Za-z_]{1,40}): ([^\s]+)")
_SET_TIME = re.compile(r"SET timestamp=(\d{1,11})(?:\.(\d{1,6}))?;", re.ASCII)
_USE = re.compile(r"use `?([^;`]{1,64})`?;", re.IGNORECASE)

Give = Callable[[int, dict[str, Any], str | None], None]


def is_general(line: str) -> bool:
    """Whether a line begins an entry of a general log, or stands at its head."""
    found = _GENERAL.fullmatch(line)
    return bool(found and (found[1] or line.startswith("\t\t"))) or _HEAD.match(line) is not None


def is_slow(line: str) -> bool:
    """Whether a line tells figures or the account of a slow statement."""
    return (
        line.startswith("# Query_time: ")
        or _USER.match(line) is not None
        or _TIME.fullmatch(line) is not None
    )


def clock(stored: str) -> tuple[datetime | None, datetime | None]:
    """The instant of a stamp with its zone, or the wall clock of the older form."""
    try:
        if "T" in stored:
            return datetime.fromisoformat(stored).astimezone(UTC), None
        return None, datetime.strptime(stored.replace("  ", " "), "%y%m%d %H:%M:%S")  # noqa: DTZ007 - the machine's own clock
    except (ValueError, OverflowError):
        return None, None


class General:
    """Gathers the entries of a general log; who a session belongs to is kept from its connect to its quit."""

    def __init__(self, give: Give) -> None:
        """Entries are given with the number of their first line, and what is wrong with them."""
        self._give = give
        self._open: tuple[int, dict[str, Any], list[str], str | None] | None = None
        self._signs = 0
        self._sessions: dict[int, dict[str, Any]] = {}
        self._stamp: str | None = None

    def feed(self, number: int, line: str) -> bool:
        """Take the next line; whether it belongs to an entry or to the head of the log."""
        found = _GENERAL.fullmatch(line)
        if found is None or not (found[1] or line.startswith("\t\t")):
            if _HEAD.match(line):
                self.end()
                return True
            if self._open is None:
                return False
            self._signs += len(line) + 1
            if self._signs <= MOST_SIGNS:
                self._open[2].append(line)
            return True
        self.end()
        self._stamp = found[1] or self._stamp
        at, wall = clock(self._stamp) if self._stamp else (None, None)
        wrong = f"no time: {self._stamp}" if at is None and wall is None else None
        values = {
            "log_kind": "mysql_general", "written_at": at, "written_local": wall, "session_id": int(found[2]), "server_command": found[3],
        }  # fmt: skip
        self._open = (number, values, [found[4] or ""], wrong)
        self._signs = len(found[4] or "")
        return True

    def end(self) -> None:
        """Give the entry that is open."""
        if self._open is None:
            return
        number, values, told, wrong = self._open
        self._open = None
        if self._signs > MOST_SIGNS:
            wrong = f"the statement is longer than {MOST_SIGNS} signs; only those are read"
        text = "\n".join(told)[:MOST_SIGNS]
        values["statement"] = text or None
        session = self._session(values, text)
        self._give(number, {**session, **values}, wrong)

    def _session(self, values: dict[str, Any], text: str) -> dict[str, Any]:
        key, command = values["session_id"], values["server_command"]
        if command in ("Connect", "Change user"):
            if denied := _DENIED.match(text):
                values["action"] = "failed"
                return {"account": denied["account"] or None, "client_host": denied["host"] or None}
            if found := _CONNECT.match(text):
                if len(self._sessions) >= MOST_SESSIONS:
                    self._sessions.pop(next(iter(self._sessions)))
                self._sessions[key] = {
                    "account": found["account"] or None, "client_host": found["host"] or None, "database_name": found["database"] or None,
                }  # fmt: skip
                values["action"] = "connect"
        session = self._sessions.get(key, {})
        if command == "Init DB" and session:
            session["database_name"] = text or None
        if command == "Quit":
            values["action"] = "logoff"
            self._sessions.pop(key, None)
        return session


class Slow:
    """Gathers the entries of a slow log; a time stands for those that follow until the next one."""

    def __init__(self, give: Give) -> None:
        """Entries are given with the number of their first line, and what is wrong with them."""
        self._give = give
        self._number = 0
        self._values: dict[str, Any] = {}
        self._figures: dict[str, str] = {}
        self._told: list[str] = []
        self._signs = 0
        self._stamp: str | None = None

    def feed(self, number: int, line: str) -> bool:
        """Take the next line; whether it belongs to an entry or to the head of the log."""
        if (time := _TIME.fullmatch(line.rstrip())) is not None:
            self.end()
            self._number, self._stamp = number, time[1]
        elif (user := _USER.match(line)) is not None:
            if self._told or self._figures:
                self.end()
            self._number = self._number or number
            self._values = {
                "account": user["account"].strip() or None,
                "client_host": user["address"] or user["name"] or None,
                "session_id": int(user["id"]) if user["id"] else None,
            }
        elif line.startswith("# ") and not line.startswith("# administrator command"):
            self._number = self._number or number
            self._figures |= {one[1]: one[2] for one in _FIGURE.finditer(line[:4096])}
        elif self._figures:
            self._signs += len(line) + 1
            if self._signs <= MOST_SIGNS:
                self._told.append(line)
        else:
            return _HEAD.match(line) is not None
        return True

    def end(self) -> None:
        """Give the entry that is open."""
        if self._told or self._figures:
            self._give(self._number, *self._entry())
        self._number, self._values, self._figures, self._told, self._signs = 0, {}, {}, [], 0

    def _entry(self) -> tuple[dict[str, Any], str | None]:
        at, wall = clock(self._stamp) if self._stamp else (None, None)
        told, database = self._told, self._figures.get("Schema")
        if told and (use := _USE.fullmatch(told[0])):
            told, database = told[1:], use[1]
        if told and (began := _SET_TIME.fullmatch(told[0])):
            told = told[1:]
            at = at or _EPOCH + timedelta(
                seconds=int(began[1]), microseconds=int((began[2] or "0").ljust(6, "0"))
            )
        wrong = "no time that can be read" if at is None and wall is None else None
        if self._signs > MOST_SIGNS:
            wrong = f"the statement is longer than {MOST_SIGNS} signs; only those are read"
        values = {
            **self._values,
            "log_kind": "mysql_slow",
            "written_at": at,
            "written_local": wall,
            "database_name": database,
            "statement": "\n".join(told) or None,
            "figures": self._figures,
        }
        return values, wrong
