r"""How each event log is kept: size, what happens when it is full, and whether it is written at all (SYSTEM, SOFTWARE).

Shows: for the classic logs (Services\EventLog, in every control set), the channels (WINEVT\Channels) and policies, the
largest size, what is done when it is reached, the file, and whether the channel is switched on.
Does not show: what was set at an earlier time or by whom: the key's time is that of the last change to any of its values.
A channel without a row of its own is kept as its provider's manifest says. A log may be shorter than its largest
size for other reasons than its age. A policy wins over the other two while it is there.
Not read: sources of classic logs, permissions, levels and keywords of channels, trace sessions (WMI\Autologger).

References:
    - Microsoft, "Eventlog Key" (File, MaxSize, Retention, AutoBackupLogFiles); "EVT_CHANNEL_CONFIG_PROPERTY_ID"
    - Microsoft, "Policy CSP - EventLogService" (MaxSize in KiB, Retention, AutoBackupLogFiles)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parsers.contract import Artefact, Column, Row, Table, Yields, boolean, integer, parser, text, utc
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets, in_each
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import REG_SZ, Hive, Key, Named
from parsers.formats.registry_values import as_flag, keys_at

SETTINGS = Table(
    "windows_event_log_setting",
    Column("channel", text, "Log the event was written to."),
    Column("setting_origin", text, "service, channel or policy: where the setting stands."),
    Column("is_enabled", boolean, "Whether the channel is switched on; null where nothing says."),
    Column("most_bytes", integer, "Largest size of the log's file."),
    Column(
        "when_full",
        text,
        "overwrite (the oldest events go), archive (the file is put aside), stop (new events are lost), or keep and the number of days.",
    ),
    Column("log_path", text, "File of the log, as stored."),
    Column("channel_kind", text, "admin, operational, analytic or debug."),
    *CONTROL_SET_COLUMNS,
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_CHANNELS = r"Microsoft\Windows\CurrentVersion\WINEVT\Channels"
_POLICIES = r"Policies\Microsoft\Windows\EventLog"
_KINDS = {0: "admin", 1: "operational", 2: "analytic", 3: "debug"}
_NEVER = 0xFFFFFFFF
_DAY_SECONDS = 86400


@parser(
    version=1,
    wants=hive_wants("SYSTEM", "SOFTWARE"),
    tables=(SETTINGS,),
    companions=LOG_SUFFIXES,
)
def event_log_settings(artefact: Artefact) -> Yields:
    """One row for each log, channel or policy that says anything, in stored order."""
    with open_hive(artefact) as hive:
        has_rows = False
        for row in _rows(hive) if hive.root is not None else ():
            has_rows = True
            yield row
            yield from hive.problems()
        if has_rows or is_hive_or_lost(hive, artefact, "SYSTEM", "SOFTWARE"):
            yield from hive.problems()


def _rows(hive: Hive) -> Iterator[Row]:
    for control_set, top in in_each(hive, control_sets(hive), r"Services\EventLog"):
        for key in hive.subkeys(top):
            yield from _row(hive, key, "service", control_set.columns)
    for top in keys_at(hive, _CHANNELS):
        for key in hive.subkeys(top):
            yield from _row(hive, key, "channel", {})
    for top in keys_at(hive, _POLICIES):
        for key in hive.subkeys(top):
            yield from _row(hive, key, "policy", {})


def _row(hive: Hive, key: Key, origin: str, common: dict[str, Any]) -> Iterator[Row]:
    """The row of one log; none where its key says nothing of what is told here."""
    values = hive.named(key)
    told: dict[str, Any] = {
        "is_enabled": as_flag(hive, values["Enabled"], "is_enabled"),
        "most_bytes": _size(hive, values, origin),
        "when_full": _when_full(hive, values, origin),
        "log_path": None if values["File"] is None else hive.as_text(values["File"], "log_path"),
    }
    kind = None if origin != "channel" else _number(hive, values, "Type", "channel_kind")
    if kind is not None:
        told["channel_kind"] = _KINDS.get(kind, str(kind))
    if any(value is not None for value in told.values()):
        yield SETTINGS.row(
            key.path,
            hive.status(),
            channel=key.name,
            setting_origin=origin,
            key_written_at=key.written_at,
            is_replayed=hive.is_replayed,
            **common,
            **told,
        )


def _size(hive: Hive, values: Named, origin: str) -> int | None:
    low = _number(hive, values, "MaxSize", "most_bytes")
    if low is None:
        return None
    if origin == "policy":
        return low * 1024
    high = _number(hive, values, "MaxSizeUpper", "most_bytes") or 0
    return min(high << 32 | low, (1 << 63) - 1)


def _when_full(hive: Hive, values: Named, origin: str) -> str | None:
    """Policies and channels say whether the old are kept; a classic log for how many seconds."""
    kept = _number(hive, values, "Retention", "when_full")
    if kept is None:
        return None
    if kept == 0:
        return "overwrite"
    if _number(hive, values, "AutoBackupLogFiles", "when_full"):
        return "archive"
    if origin == "service" and kept != _NEVER:
        return f"keep {-(-kept // _DAY_SECONDS)} days"
    return "stop"


def _number(hive: Hive, values: Named, name: str, column: str) -> int | None:
    """A number of the key; policies write some of them as text."""
    value = values[name]
    if value is None:
        return None
    if value.kind == REG_SZ:
        written = (hive.as_text(value, column) or "").strip()
        if written.isascii() and written.isdigit() and len(written) <= 10:
            return int(written)
    return hive.as_number(value, column)
