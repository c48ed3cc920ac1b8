r"""Logons and rights in syslog (auth.log, secure, and messages that hold the same): OpenSSH, PAM, sudo, su, useradd and the like.

Shows: who was let in or refused, by which method and from where; commands run with another's rights; accounts added, deleted, changed.
Does not show: what was done in a session but by sudo; anything that root took out of the file, which is text; the password tried.
A refused account is what the other side typed, which may be a password. Several lines may tell of one attempt.
Traditional syslog writes neither year nor zone. The year is that which the name of a rotated log tells (`secure-20260928`), else none
is given: `clock_text` keeps what is written, and `year_turns` how often the year turned between the line and the last one.
Not read: lines of other kinds, the journal of systemd, auditd's log, logs of mail and FTP servers, of macOS (asl).

References:
    - RFC 3164, RFC 5424; rsyslog, RSYSLOG_FileFormat; logrotate(8), dateext
    - OpenSSH, auth.c; Linux-PAM, pam_unix; sudo, logging.c; shadow
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Want,
    Yields,
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import auth_messages, log_rows, syslog
from parsers.questions import ACCESS

AUTH_LOG = Table(
    "server_auth_event",
    Column("logged_at", utc, "When the line was written, where it tells the zone."),
    Column("logged_local", local, "When the line was written, by the machine's wall clock, where the year is known.", is_machine_clock=True),
    syslog.CLOCK_TEXT,
    syslog.YEAR_TURNS,
    Column("machine_name", text, "Name of the machine, as the line tells it."),
    Column("program_name", text, "Name of the program that wrote the line."),
    Column("process_id", integer, "Process that raised the event."),
    Column("event_kind", text, "accepted, refused, unknown_account, not_allowed, too_many_attempts, disconnected, session_opened, session_closed, sudo, su, account_added, account_changed, account_deleted, group_joined, password_changed."),
    Column("action", text, "What happened: logon, logoff, failed, unlock, connect."),
    Column("account", text, "Account that did it.", is_personal=True),
    Column("target_account", text, "Account that was changed, or whose rights were taken.", is_personal=True),
    Column("group_name", text, "Group an account was put into."),
    Column("from_host", text, "Host or address the session came from."),
    Column("from_port", integer, "Port the session came from."),
    Column("auth_method", text, "How the account proved who it is: password, publickey, ..."),
    Column("terminal", text, "Terminal: a line of the console, a pseudo terminal, ssh."),
    Column("command", text, "Command as typed or stored.", is_personal=True),
    Column("line_text", text, "Message of the line, as written.", is_personal=True),
    # A line without a year is answered by a rule, which reads the times of the file.
    answers=ACCESS(where="action is not null and (clock_text is null or logged_local is not null)", at="logged_at", account="account", action="action", from_host="from_host"),
)  # fmt: skip


def _is_auth_log(head: bytes) -> bool:
    """Whether the first bytes are lines of syslog of which some are of programs that let people in."""
    found = [syslog.line_of(one) for one in log_rows.first_lines(head)]
    return log_rows.most(found) and any(one and one.program in auth_messages.PROGRAMS for one in found)


@parser(
    version=1,
    wants=(
        *(Want(f"**/{name}", sniff=syslog.is_log) for name in ("auth.log*", "authlog*")),
        *(
            Want(f"**/{name}", sniff=syslog.is_log, is_strict=False)
            for name in ("secure", "secure-*", "secure.*", "syslog*", "messages*")
        ),
        Want(sniff=_is_auth_log),
    ),
    tables=(AUTH_LOG,),
)
def auth_log(artefact: Artefact) -> Yields:
    """One row per line that tells of a logon, a right taken or an account, in order; the locator is the line's number."""
    rows = log_rows.LogRows(AUTH_LOG)
    yield from log_rows.read(artefact, rows, _Reader(rows, syslog.Clocks(artefact)).feed)


class _Reader:
    """Makes rows of the lines that are known."""

    def __init__(self, rows: log_rows.LogRows, clocks: syslog.Clocks) -> None:
        self._rows = rows
        self._clocks = clocks

    def feed(self, number: int, line: str) -> None:
        """Take the next line."""
        found = syslog.line_of(line.lstrip("\ufeff"))
        if found is None:
            return
        self._clocks.take(found.stamp if found.month is not None else None)
        values = auth_messages.event_of(found.program, found.message)
        if values is None:
            return
        port = values.get("from_port")
        values |= {
            "from_port": int(port) if port else None,
            "machine_name": found.machine,
            "program_name": found.program,
            "process_id": found.process_id,
            "line_text": found.message,
        }
        self._clock(number, found, values)
        self._rows.add(number, values)

    def _clock(self, number: int, found: syslog.Line, values: dict[str, Any]) -> None:
        values["logged_at"], values["logged_local"] = found.at, found.wall
        is_time = found.at is not None or found.wall is not None
        if found.month is not None:
            told, is_time = self._clocks.without_year(found.stamp)
            values |= told
        if not is_time:
            self._rows.fault(
                number, f"no time: {found.stamp}", "logged_local" if found.month else "logged_at"
            )
