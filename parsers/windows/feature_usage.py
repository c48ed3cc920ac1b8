r"""Uses of the task bar counted for each program (NTUSER.DAT, Explorer\FeatureUsage; Windows 10 1903 and later).

Shows: how often a program pinned to the task bar was started there (AppLaunch), a running one brought to the foreground
there (AppSwitched), its jump list opened (ShowJumpView), its badge updated (AppBadgeUpdated), and how often parts
of the task bar were used (TrayButtonClicked), since the counters were made.
Does not show: when any of it happened; starts and changes of window by other ways (keyboard, start menu, desktop).
A badge is updated by the program, not by a person. Counts of programs removed since stay.
Not read: deleted values.

The counters are undocumented; their meaning is that of the reference.

References:
    - CrowdStrike, "How to Employ FeatureUsage for Windows 10 Taskbar Forensics" (2020)
    - Microsoft, KNOWNFOLDERID
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, integer, parser, text, utc
from parsers.formats.known_folders import resolve
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, UserHive, by_name, read_hive
from parsers.questions import RAN

FEATURE_USAGE = Table(
    "windows_feature_usage",
    Column(
        "counter", text, "What is counted, as its key is named: AppLaunch, AppSwitched, ShowJumpView, ..."
    ),
    Column("entry_name", text, "Name of the entry, as stored."),
    Column(
        "program_path",
        text,
        "Path of the program, or the identifier of an application that is started by one.",
    ),
    Column("use_count", integer, "How often it was counted."),
    Column("counted_since_at", utc, "When the counters were made (KeyCreationTime)."),
    *HIVE_COLUMNS,
    answers=(
        RAN(
            where="counter = 'AppLaunch' and use_count > 0",
            program_path="program_path",
            account="profile_name",
            run_count="use_count",
        ),
        RAN(
            where="counter = 'AppSwitched' and use_count > 0",
            program_path="program_path",
            account="profile_name",
        ),
    ),
)

_PARTS = "TrayButtonClicked"  # its entries are parts of the task bar, no programs


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(FEATURE_USAGE,),
    companions=LOG_SUFFIXES,
)
def feature_usage(artefact: Artefact) -> Yields:
    """One row for each entry of each counter, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (rf"{EXPLORER}\FeatureUsage",), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    made = by_name(user.values(key)).get("keycreationtime")
    since = user.hive.as_instant(made, "counted_since_at")
    for counter in user.subkeys(key):
        for value in user.values(counter):
            is_part = counter.name.casefold() == _PARTS.casefold()
            yield user.row(
                FEATURE_USAGE,
                value.locator,
                counter,
                counter=counter.name,
                entry_name=value.name,
                program_path=None if is_part else resolve(value.name),
                use_count=user.hive.as_number(value, "use_count"),
                counted_since_at=since,
            )
