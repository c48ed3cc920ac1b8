r"""Records of sessions on Linux servers (utmp, wtmp, btmp and their rotated copies).

Shows: who logged on at which terminal and from where, when sessions ended, refused logons (btmp), starts and runlevels of the
machine; in wtmp as far back as it was kept.
Does not show: what was done, or sessions without a terminal: commands over SSH, services and file transfers are not recorded.
The host is what the logon program wrote, which may be a name the other side chose. Anybody who is root can change these files.
A record of btmp may hold a password typed in place of a name.
Not read: lastlog, utmpx of macOS, records of 32-bit systems other than x86, compressed copies.

References:
    - glibc, bits/utmp.h: struct utmp of 384 bytes, ut_type; utmp(5), last(1)
"""

from __future__ import annotations

import ipaddress
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import codecs
from parsers.questions import ACCESS

SESSIONS = Table(
    "server_session",
    Column("recorded_at", utc, "When the change was recorded, by the clock of the machine."),
    Column("record_kind", text, "user_process, dead_process, login_process, boot_time, run_level, ... as the format names it."),
    Column("action", text, "What happened: logon, logoff, failed, unlock, connect."),
    Column("account", text, "Account that did it.", is_personal=True),
    Column("terminal", text, "Terminal: a line of the console, a pseudo terminal, ssh."),
    Column("from_host", text, "Host or address the session came from."),
    Column("from_address", text, "Address the session came from, as stored beside the host."),
    Column("process_id", integer, "Process that raised the event."),
    Column("session_id", integer, "Number of the session."),
    answers=ACCESS(
        where="action is not null", at="recorded_at", account="account", action="action", from_host="from_host"
    ),
)  # fmt: skip

# bits/utmp.h: type, process, line, id, user, host, exit status (two), session, seconds, microseconds, address, reserved.
_RECORD = struct.Struct("<hxxi32s4s32s256shhiii16s20s")
_KINDS = (
    "empty", "run_level", "boot_time", "new_time", "old_time", "init_process", "login_process", "user_process", "dead_process",
    "accounting",
)  # fmt: skip
_USER, _DEAD = 7, 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_PROBLEMS = 100


def _is_utmp(head: bytes) -> bool:
    """Whether the first record is one: a kind that is known, printable or no bytes where texts stand, a time that is one."""
    if len(head) < _RECORD.size:
        return False
    kind, _, line, _, user, host, _, _, _, _, microseconds, _, reserved = _RECORD.unpack_from(head)
    texts = all(_is_text(one) for one in (line, user, host))
    return 0 <= kind < len(_KINDS) and texts and 0 <= microseconds < 1_000_000 and not reserved.strip(b"\0")


def _is_text(stored: bytes) -> bool:
    told, _, rest = stored.partition(b"\0")
    return not rest.strip(b"\0") and all(one >= 0x20 and one != 0x7F for one in told)


@parser(
    version=1,
    wants=tuple(Want(f"**/{name}*", sniff=_is_utmp, is_strict=False) for name in ("utmp", "wtmp", "btmp")),
    tables=(SESSIONS,),
)
def utmp(artefact: Artefact) -> Yields:
    """One row for each record that is not empty, in stored order; the locator is `offset:`."""
    is_refused = artefact.path.rsplit("/", 1)[-1].casefold().startswith("btmp")
    told = 0
    with artefact.open() as stream:
        offset = 0
        while len(content := stream.read(_RECORD.size)) == _RECORD.size:
            for one in _record(content, offset, is_refused=is_refused):
                told += isinstance(one, Problem)
                if not isinstance(one, Problem) or told <= _MOST_PROBLEMS:
                    yield one
            offset += len(content)
    if content:
        message = f"the last {len(content)} bytes are no whole record of {_RECORD.size}"
        yield Problem(kind=ProblemKind.TRUNCATED, locator=f"offset:{offset}", message=message)
    if told > _MOST_PROBLEMS:
        message = f"{told - _MOST_PROBLEMS} more problems are not listed"
        yield Problem(kind=ProblemKind.LIMIT, locator=f"offset:{offset}", message=message)


def _record(content: bytes, offset: int, *, is_refused: bool) -> Yields:
    kind, process, line, _, user, host, _, _, session, seconds, microseconds, address, _ = _RECORD.unpack(
        content
    )
    if not content.strip(b"\0") or kind == 0:
        return
    locator = f"offset:{offset}"
    is_known = 0 < kind < len(_KINDS)
    account = _told(user)
    action = "failed" if is_refused else {_USER: "logon", _DEAD: "logoff"}.get(kind)
    is_time = 0 <= microseconds < 1_000_000
    values: dict[str, Any] = {
        # Seconds are without sign until 2106 in what is written today; no record is older than 1970.
        "recorded_at": _EPOCH + timedelta(seconds=seconds & 0xFFFFFFFF, microseconds=microseconds)
        if is_time and seconds
        else None,
        "record_kind": _KINDS[kind] if is_known else str(kind),
        "action": action,
        "account": account,
        "terminal": _told(line),
        "from_host": _told(host),
        "from_address": _address(address),
        "process_id": process,
        "session_id": session,
    }
    wrong = [] if is_known else [("record_kind", f"a record is of kind {kind}")]
    if not is_time:
        wrong.append(("recorded_at", f"a time has {microseconds} microseconds"))
    yield SESSIONS.row(locator, Status.PARTIAL if wrong else Status.OK, **values)
    for column, message in wrong:
        yield Problem(kind=ProblemKind.DAMAGED, locator=locator, message=message, column=column)


def _told(stored: bytes) -> str | None:
    content = stored.partition(b"\0")[0]
    return codecs.decode(content, "utf-8")[0] or None


def _address(stored: bytes) -> str | None:
    """Four bytes of an IPv4 address and zeros, or an IPv6 address; zeros alone are none."""
    if not stored.strip(b"\0"):
        return None
    if not stored[4:].strip(b"\0"):
        return str(ipaddress.IPv4Address(stored[:4]))
    return str(ipaddress.IPv6Address(stored))
