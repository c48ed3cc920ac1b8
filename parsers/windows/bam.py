r"""Background and Desktop Activity Moderator of the SYSTEM hive (Services\bam and Services\dam, UserSettings).

Shows: for each account, which programs ran and when Windows last noted them (Windows 10 1709 and later). Programs on
any local volume are named by their device path, applications of the Store by their package.
Does not show: each run, only the last one noted; whether the time is that of the start or of the end of that run, which
differs between versions of Windows; that a person was at the desk, since services and scheduled tasks are noted alike.
Programs on removable volumes and shares are often missing, and entries older than about a week are removed at the next
start. `ran` is answered with the account's security identifier: the hive does not hold its name.
Not read: the numbers behind the time (application of the Store, unknown), SequenceNumber and Version, deleted values.

References:
    - J. Metz, Windows Registry knowledge base, "Background activity moderator (BAM)"
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
    parser,
    text,
    utc,
)
from parsers.formats.control_sets import ControlSet, control_sets
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.questions import RAN

BAM = Table(
    "windows_bam",
    Column("control_set", text, "Control set of the registry the row stands in."),
    Column(
        "is_current_control_set",
        boolean,
        "Whether Select names this control set as the one last started with.",
    ),
    Column("moderator", text, "bam (background activity) or dam (desktop activity)."),
    Column("account_sid", text, "Security identifier of the account."),
    Column("program_path", text, "Path of the program, as stored; its name alone where no path is known."),
    Column("last_run_at", utc, "Last run of the program, as the artefact tells it."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=RAN(at="last_run_at", program_path="program_path", account="account_sid"),
)

# Windows 10 1809 moved the accounts below State; a machine brought up from 1709 keeps both.
_PLACES = tuple(
    (moderator, rf"Services\{moderator}\{place}")
    for moderator in ("bam", "dam")
    for place in ("UserSettings", r"State\UserSettings")
)
_NO_PROGRAMS = frozenset(("version", "sequencenumber"))


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(BAM,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def bam(artefact: Artefact) -> Yields:
    """One row for each program of each account in each control set."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        if found or is_hive_or_lost(hive, artefact, "SYSTEM"):
            yield from hive.problems()
        for control_set in found:
            for moderator, path in _PLACES:
                key = hive.key(path, control_set.key)
                for account in () if key is None else hive.subkeys(key):
                    yield from _programs(hive, control_set, moderator, account)
            yield from hive.problems()


def _programs(hive: Hive, control_set: ControlSet, moderator: str, account: Key) -> Yields:
    for value in hive.values(account):
        if value.name.casefold() in _NO_PROGRAMS:
            continue
        columns: dict[str, Any] = {
            **control_set.columns,
            "is_replayed": hive.is_replayed,
            "moderator": moderator,
            "account_sid": account.name,
            "program_path": value.name,
            "last_run_at": _time(hive, value),
            "key_written_at": account.written_at,
        }
        yield BAM.row(value.locator, hive.status(), **columns)
        yield from hive.problems()
    yield from hive.problems()


def _time(hive: Hive, value: Value) -> Any:
    """The FILETIME that the bytes of a program begin with."""
    if len(value.content) < 8:
        message = f"a time has 8 bytes, the value has {len(value.content)}"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, "last_run_at")
        return None
    return hive.instant_of(int.from_bytes(value.content[:8], "little"), value.locator, "last_run_at")
