r"""Licences of Sysinternals' tools a user accepted (NTUSER.DAT, Software\Sysinternals\<tool>, EulaAccepted).

Shows: that this user's licence of SDelete, PsExec, ProcDump and the like was accepted, by a click, by `-accepteula` or by a
tool that was started with it; most tools ask once, at their first start. Where nothing else is kept in the key, its time is that moment.
Does not show: how often or for what a tool ran, where its file lay, or later starts. A value may be set without any start: installers
of the whole suite, scripts and policies write many tools at once. `accepted_together_count` tells how many of the tools were written
within a second of it; from five on a row is not held to answer what ran. Some tools also keep settings in their key: its time is then that of the last change
of those, and `accepted_at` is null.
Not read: settings of the tools, acceptance kept for the whole machine by policy, deleted values.

References:
    - Microsoft, Sysinternals documentation, "-accepteula" (PsExec, SDelete)
    - H. Carvey, RegRipper, sysinternals.pl
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from parsers.contract import Artefact, Column, Row, Table, Yields, boolean, integer, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value
from parsers.formats.registry_values import as_flag
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive
from parsers.questions import RAN

# A person starts no five tools within one second; what writes so many is an installer or a script that sets the values.
BULK = 5
_NEAR = timedelta(seconds=1)

EULA = Table(
    "windows_eula_accepted",
    Column("tool_name", text, "Name of the tool, as its key is named."),
    Column("is_accepted", boolean, "Whether the licence was accepted."),
    Column("accepted_at", utc, "Last change of the key, where the key holds the acceptance alone."),
    Column(
        "accepted_together_count",
        integer,
        "How many tools, this one included, had their keys written within a second of it.",
    ),
    *HIVE_COLUMNS,
    answers=RAN(
        where=f"is_accepted and tool_name is not null and accepted_together_count < {BULK}",
        at="accepted_at",
        program_path="tool_name",
        account="profile_name",
    ),
)


class _Tool(NamedTuple):
    key: Key
    value: Value
    is_alone: bool


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(EULA,),
    companions=LOG_SUFFIXES,
)
def eula_accepted(artefact: Artefact) -> Yields:
    """One row for each tool with an acceptance, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (r"Software\Sysinternals",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    tools = [one for below in (key, *user.subkeys(key)) if (one := _tool(user, below)) is not None]
    times = sorted(one.key.written_at for one in tools if one.key.written_at is not None)
    for one in tools:
        at = one.key.written_at
        together = None
        if at is not None:
            together = bisect_right(times, at + _NEAR) - bisect_left(times, at - _NEAR)
        yield user.row(
            EULA,
            one.value.locator,
            one.key,
            # A value of the key above the tools names none of them.
            tool_name=None if one.key is key else one.key.name,
            is_accepted=as_flag(user.hive, one.value, "is_accepted"),
            accepted_at=one.key.written_at if one.is_alone else None,
            accepted_together_count=together,
        )


def _tool(user: UserHive, key: Key) -> _Tool | None:
    values = user.values(key)
    found = next((one for one in values if one.name.casefold() == "eulaaccepted"), None)
    return None if found is None else _Tool(key, found, len(values) == 1)
