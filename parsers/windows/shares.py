r"""Shared folders of the SYSTEM hive (LanmanServer\Shares).

Shows: which folders and printers the machine offered on the network, in every control set; whom the permissions of a share let read, and
which shares were open to sessions without an account.
Does not show: who reached them, or that anyone did; when a share was made (the key's time is that of the last change to any
share); administrative shares (C$, ADMIN$), which are not stored here.
Permissions of the files themselves count beside those of the share. A share without stored permissions has those Windows gives by
default, which are not stored (`reader_sids` is null).
Not read: rights to change; permissions of files.

References:
    - Microsoft, "Network access: Shares that can be accessed anonymously" (NullSessionShares)
    - [MS-SRVS] 2.2.2.4 Share Types, 2.2.4.26 SHARE_INFO_502_I (Path, Type, Remark, MaxUses)
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats import security_descriptor
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets, in_each, opening_problems
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Named, Value
from parsers.formats.registry_values import as_texts

SHARES = Table(
    "windows_shares",
    *CONTROL_SET_COLUMNS,
    Column("share_name", text, "Name of the share."),
    Column("share_path", text, "Folder or printer shared, as stored."),
    Column("share_type", text, "disk, printer, device, ipc, or the number of another type."),
    Column("share_comment", text, "Comment on the share."),
    Column("most_users", integer, "Users at a time the share allows; null for no limit."),
    Column(
        "offline_files", text, "manual, automatic, optimised or none: what clients may keep of the share."
    ),
    Column(
        "reader_sids",
        texts,
        "Security identifiers that the share's permissions let read; null where none are stored.",
    ),
    Column("is_null_session", boolean, "Whether the share is named as open to sessions without an account."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_KEY = r"Services\LanmanServer\Shares"
_PARAMETERS = r"Services\LanmanServer\Parameters"
_TYPES = {0: "disk", 1: "printer", 2: "device", 3: "ipc"}
# [MS-SRVS] 2.2.4.29 SHARE_INFO_1005: CSC_CACHE_MANUAL_REINT, AUTO_REINT, VDO, NONE.
_CACHES = {0x00: "manual", 0x10: "automatic", 0x20: "optimised", 0x30: "none"}
_CACHE_BITS = 0x30
_NO_LIMIT = 0xFFFFFFFF
_LONGEST_NUMBER = 10


@parser(
    version=2,
    wants=hive_wants("SYSTEM"),
    tables=(SHARES,),
    companions=LOG_SUFFIXES,
)
def shares(artefact: Artefact) -> Yields:
    """One row for each share in each control set, in stored order."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        yield from opening_problems(hive, artefact, found)
        for control_set, key in in_each(hive, found, _KEY):
            security = _named(hive, hive.key("Security", key))
            opened = _null_sessions(hive, hive.key(_PARAMETERS, control_set.key))
            for value in hive.values(key):
                columns = _columns(hive, value)
                columns["reader_sids"] = _readers(hive, security[value.name] if security else None)
                columns["is_null_session"] = value.name.casefold() in opened
                yield SHARES.row(
                    value.locator,
                    hive.status(),
                    **control_set.columns,
                    share_name=value.name,
                    key_written_at=key.written_at,
                    is_replayed=hive.is_replayed,
                    **columns,
                )
                yield from hive.problems()
        if found:
            yield from hive.problems()


def _named(hive: Hive, key: Key | None) -> Named | None:
    return None if key is None else hive.named(key)


def _null_sessions(hive: Hive, key: Key | None) -> set[str]:
    """Names of the shares that are open to sessions without an account."""
    named = _named(hive, key)
    value = None if named is None else named["NullSessionShares"]
    return {one.casefold() for one in as_texts(hive, value, "is_null_session") or ()} if value else set()


def _readers(hive: Hive, value: Value | None) -> list[str] | None:
    if value is None:
        return None
    try:
        return list(security_descriptor.readers(value.content))
    except ValueError as error:
        hive.tell(ProblemKind.DAMAGED, value.locator, str(error), "reader_sids")
        return None


def _columns(hive: Hive, value: Value) -> dict[str, Any]:
    """What a share's list of `name=value` says."""
    pairs = [one.partition("=") for one in as_texts(hive, value, "share_path") or ()]
    said = {name.casefold(): rest for name, mark, rest in pairs if mark}
    kind = _number(hive, value, said, "type", "share_type")
    cache = _number(hive, value, said, "cscflags", "offline_files")
    users = _number(hive, value, said, "maxuses", "most_users")
    return {
        "share_path": said.get("path"),
        "share_type": None if kind is None else _TYPES.get(kind, str(kind)),
        "share_comment": said.get("remark"),
        "most_users": None if users in (None, _NO_LIMIT) else users,
        "offline_files": None if cache is None else _CACHES[cache & _CACHE_BITS],
    }


def _number(hive: Hive, value: Value, said: dict[str, str], name: str, column: str) -> int | None:
    """A number of the list; a problem where it is none."""
    written = said.get(name)
    if written is None:
        return None
    if written.isascii() and written.isdigit() and len(written) <= _LONGEST_NUMBER:
        return int(written)
    hive.tell(ProblemKind.DAMAGED, value.locator, f"{name} is {written[:40]!r}, no number", column)
    return None
