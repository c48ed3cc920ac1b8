r"""Local accounts and groups of the SAM hive.

Shows: each local account with its names, flags, last logon, last wrong password, last change of password, number of logons,
and the local groups it is a member of; and each local group with all its members, domain accounts included.
Does not show: domain accounts themselves, or every logon: the last logon is that of this database alone (a logon with a PIN or a
Microsoft account may leave it as it was), and the counters are of 16 bits and may be set back. The time of the key below
`Names` is mostly that of the account's creation, or of its last renaming.
Not read: password hashes, password hints and security questions are never read; logon hours, deleted keys.

References:
    - [MS-SAMR] 2.2.1.12 USER_ACCOUNT codes, 2.2.6 user attributes (what the values mean)
    - J. Metz, Windows registry knowledge base, "Security Accounts Manager" (layout of the values F, V and C; cited as [SAM])
    - [MS-DTYP] 2.4.2.2 SID
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.registry_values import first_problems, keys_at, sid_text
from parsers.questions import ACCESS

USERS = Table(
    "windows_sam_users",
    Column(
        "rid", integer, "Number of the account or group in its domain, the end of its security identifier."
    ),
    Column("account_sid", text, "Security identifier of the account."),
    Column("account", text, "Account name as recorded.", is_personal=True),
    Column("account_full_name", text, "Name of the account's holder as entered.", is_personal=True),
    Column("account_comment", text, "Comment on the account as entered.", is_personal=True),
    Column("internet_account", text, "Microsoft account the account is tied to.", is_personal=True),
    Column("home_path", text, "Home folder of the account, as stored.", is_personal=True),
    Column("logon_script_path", text, "Script run at logon, as stored."),
    Column("last_logon_at", utc, "Last logon."),
    Column("last_failed_logon_at", utc, "Last logon refused for a wrong password."),
    Column("password_set_at", utc, "Last change of the password."),
    Column("account_expires_at", utc, "When the account expires; null for never."),
    Column("logon_count", integer, "Logons counted, of 16 bits."),
    Column("failed_logon_count", integer, "Wrong passwords counted since the last logon."),
    Column("account_flags", integer, "Control bits of the account (USER_ACCOUNT codes)."),
    Column("is_disabled", boolean, "Whether the account is disabled."),
    Column("is_locked", boolean, "Whether the account was locked after wrong passwords."),
    Column("has_no_password_required", boolean, "Whether the account may have no password."),
    Column("has_unexpiring_password", boolean, "Whether the password never expires."),
    Column("group_names", texts, "Local groups the account is a member of."),
    Column("name_key_written_at", utc, "Last change of the key of the account's name."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=ACCESS(
        where="last_logon_at is not null",
        at="last_logon_at",
        account="account",
        account_sid="account_sid",
    ),
)
GROUPS = Table(
    "windows_sam_groups",
    Column("group_domain", text, "Builtin or Account: the domain the group stands in."),
    Column(
        "rid", integer, "Number of the account or group in its domain, the end of its security identifier."
    ),
    Column("group_name", text, "Name of the group."),
    Column("group_comment", text, "Comment on the group."),
    Column("member_sids", texts, "Security identifiers of the group's members, in stored order."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_DOMAINS = r"SAM\Domains"
_RID = re.compile(r"[0-9A-F]{8}", re.IGNORECASE)
# [SAM] F: FILETIMEs and counters of fixed places.
_F_TIMES = {
    "last_logon_at": 8,
    "password_set_at": 24,
    "account_expires_at": 32,
    "last_failed_logon_at": 40,
}
_F_BYTES = 68
_NEVER = 0x7FFFFFFFFFFFFFFF
# [SAM] V: a table of (offset, length, unknown) from the end of the table at 204; what lies behind 128 is not read.
_V_BASE = 204
_V_TEXTS = {
    "account": 12,
    "account_full_name": 24,
    "account_comment": 36,
    "home_path": 72,
    "logon_script_path": 96,
}
# [SAM] C of a local group: offset and length of name, comment and members, from the end of the head at 52.
_C_BASE = 52
_DISABLED, _NO_PASSWORD, _UNEXPIRING, _LOCKED = 0x0001, 0x0004, 0x0200, 0x0400
_MOST_MEMBERS = 10_000
_LONGEST_SID = 8 + 4 * 255


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A local group as read."""

    path: str
    columns: dict[str, Any]
    status: Status
    problems: tuple[Problem, ...]


@parser(
    version=1,
    wants=hive_wants("SAM"),
    tables=(USERS, GROUPS),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def sam_users(artefact: Artefact) -> Yields:
    """One row for each local account, then one for each local group."""
    with open_hive(artefact) as hive:
        found = keys_at(hive, _DOMAINS)
        yield from first_problems(hive, artefact, found, "SAM")
        if not found:
            return
        groups = list(_groups(hive))
        memberships = _memberships(groups)
        domain = _domain_sid(hive)
        names = {key.name.casefold(): key for top in keys_at(hive, rf"{_DOMAINS}\Account\Users\Names") for key in hive.subkeys(top)}  # fmt: skip
        yield from hive.problems()
        for user in [one for top in keys_at(hive, rf"{_DOMAINS}\Account\Users") for one in hive.subkeys(top)]:
            if not _RID.fullmatch(user.name):
                continue
            columns = _user(hive, user, domain)
            name = names.get((columns.get("account") or "").casefold())
            columns["name_key_written_at"] = None if name is None else name.written_at
            sid = columns["account_sid"]
            columns["group_names"] = None if sid is None else memberships.get(sid, [])
            yield USERS.row(user.path, hive.status(), is_replayed=hive.is_replayed, **columns)
            yield from hive.problems()
        for group in groups:
            yield GROUPS.row(group.path, group.status, is_replayed=hive.is_replayed, **group.columns)
            yield from group.problems
        yield from hive.problems()


def _domain_sid(hive: Hive) -> str | None:
    """The security identifier of the machine: the last 24 bytes of the account domain's value V ([SAM])."""
    for key in keys_at(hive, rf"{_DOMAINS}\Account"):
        value = hive.named(key)["V"]
        if value is not None and len(value.content) >= 24:
            try:
                return sid_text(value.content[-24:])
            except ValueError as error:
                hive.tell(ProblemKind.DAMAGED, value.locator, str(error), "account_sid")
    return None


def _memberships(groups: list[_Group]) -> dict[str, list[str]]:
    """The names of the groups each member is in."""
    found: dict[str, list[str]] = {}
    for group in groups:
        name = group.columns["group_name"] or str(group.columns["rid"])
        for sid in dict.fromkeys(group.columns["member_sids"] or ()):
            found.setdefault(sid, []).append(name)
    return found


def _user(hive: Hive, user: Key, domain: str | None) -> dict[str, Any]:
    """What the values of an account say."""
    values = hive.named(user)
    rid = int(user.name, 16)
    internet = values["InternetUserName"]
    return {
        "rid": rid,
        "account_sid": None if domain is None else f"{domain}-{rid}",
        "internet_account": None if internet is None else _utf16(hive, internet, internet.content, "internet_account"),
        "key_written_at": user.written_at,
        **_fixed(hive, user, values["F"]),
        **_names(hive, user, values["V"]),
    }  # fmt: skip


def _fixed(hive: Hive, user: Key, value: Value | None) -> dict[str, Any]:
    """Times, counters and flags: the value F."""
    if value is None or len(value.content) < _F_BYTES:
        length = "absent" if value is None else f"{len(value.content)} bytes long"
        hive.tell(ProblemKind.DAMAGED, f"{user.path}@F", f"the value F is {length}", "last_logon_at")
        return {}
    content = value.content
    flags = int.from_bytes(content[56:58], "little")
    return {
        **{column: _instant(hive, value, at, column) for column, at in _F_TIMES.items()},
        "account_flags": flags,
        "is_disabled": bool(flags & _DISABLED),
        "is_locked": bool(flags & _LOCKED),
        "has_no_password_required": bool(flags & _NO_PASSWORD),
        "has_unexpiring_password": bool(flags & _UNEXPIRING),
        "failed_logon_count": int.from_bytes(content[64:66], "little"),
        "logon_count": int.from_bytes(content[66:68], "little"),
    }


def _instant(hive: Hive, value: Value, at: int, column: str) -> datetime | None:
    ticks = int.from_bytes(value.content[at : at + 8], "little")
    return None if ticks == _NEVER else hive.instant_of(ticks, value.locator, column)


def _names(hive: Hive, user: Key, value: Value | None) -> dict[str, Any]:
    """The texts of an account: parts of the value V."""
    if value is None:
        hive.tell(ProblemKind.DAMAGED, f"{user.path}@V", "the value V is absent", "account")
        return {}
    return {column: _part(hive, value, at, _V_BASE, column) for column, at in _V_TEXTS.items()}


def _part(hive: Hive, value: Value, at: int, base: int, column: str) -> str | None:
    """The text whose offset and length stand at a place of a value; None where it is empty."""
    found = _bytes(hive, value, at, base, column)
    return None if not found else _utf16(hive, value, found, column)


def _bytes(hive: Hive, value: Value, at: int, base: int, column: str) -> bytes:
    content = value.content
    if len(content) < base:
        hive.tell(ProblemKind.DAMAGED, value.locator, f"the value has {len(content)} bytes", column)
        return b""
    offset, length = struct.unpack_from("<II", content, at)
    if length and base + offset + length > len(content):
        message = f"{length} bytes at {base + offset} do not lie in the value's {len(content)}"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, column)
        return b""
    return content[base + offset : base + offset + length]


def _utf16(hive: Hive, value: Value, content: bytes, column: str) -> str | None:
    try:
        return content.decode("utf-16-le").rstrip("\0") or None
    except UnicodeDecodeError as error:
        hive.tell(ProblemKind.DAMAGED, value.locator, f"no UTF-16: {error.reason}", column)
        return None


def _groups(hive: Hive) -> Iterator[_Group]:
    """The local groups: those of Windows, then those of the machine."""
    for domain in ("Builtin", "Account"):
        for top in keys_at(hive, rf"{_DOMAINS}\{domain}\Aliases"):
            for group in hive.subkeys(top):
                if _RID.fullmatch(group.name):
                    columns = {"group_domain": domain, **_group(hive, group)}
                    status = hive.status()
                    yield _Group(
                        path=group.path, columns=columns, status=status, problems=tuple(hive.problems())
                    )


def _group(hive: Hive, group: Key) -> dict[str, Any]:
    """What the value C of a group says."""
    columns: dict[str, Any] = {
        "rid": int(group.name, 16),
        "group_name": None,
        "member_sids": None,
        "key_written_at": group.written_at,
    }
    value = hive.named(group)["C"]
    if value is None:
        hive.tell(ProblemKind.DAMAGED, f"{group.path}@C", "the value C is absent", "group_name")
        return columns
    return columns | {
        "group_name": _part(hive, value, 16, _C_BASE, "group_name"),
        "group_comment": _part(hive, value, 28, _C_BASE, "group_comment"),
        "member_sids": _members(hive, value),
    }


def _members(hive: Hive, value: Value) -> list[str]:
    """The members of a group: so many security identifiers as are counted at 48, one behind the other."""
    rest = _bytes(hive, value, 40, _C_BASE, "member_sids")
    count = int.from_bytes(value.content[48:52], "little") if rest else 0
    found: list[str] = []
    at = 0
    try:
        while at < len(rest) and len(found) < min(count, _MOST_MEMBERS):
            found.append(sid_text(rest[at : at + _LONGEST_SID]))
            at += 8 + 4 * rest[at + 1]
    except ValueError as error:
        hive.tell(ProblemKind.DAMAGED, value.locator, str(error), "member_sids")
        return found
    if count > _MOST_MEMBERS:
        message = f"{count} members are counted, {_MOST_MEMBERS} are read at most"
        hive.tell(ProblemKind.LIMIT, value.locator, message, "member_sids")
    elif len(found) < count:
        message = f"{count} members are counted, {len(found)} are there"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, "member_sids")
    return found
