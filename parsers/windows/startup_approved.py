r"""Which commands of logon are switched on, and when one was switched off (StartupApproved: NTUSER.DAT and SOFTWARE).

Shows: for entries of Run, of Run of 32-bit programs and of the start-up folders, whether the task manager or the settings
let them start, and when they were switched off. An entry stands here from the first logon at which Windows met it.
Does not show: that the command ran, or what it is: that stands under the same name in Run or in the start-up folder, which
may be gone since. Switched on again leaves no time.
Not read: the commands themselves (run_keys), scheduled tasks, apps of the store (their own state keys), deleted values.

References:
    - Sysinternals Autoruns and RegRipper, plugin startupapproved: first byte even is on, odd is off; FILETIME at 4
    - J. Metz, Windows registry knowledge base, "Run keys: StartupApproved"
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, boolean, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive

STARTUP_APPROVED = Table(
    "windows_startup_approved",
    Column("run_key", text, "Name of the key: Run, Run32, StartupFolder."),
    Column("value_name", text, "Name of the entry, empty for the default value."),
    Column("is_switched_on", boolean, "Whether the entry may start at logon."),
    Column("switched_off_at", utc, "When the entry was switched off; null while it is on."),
    *HIVE_COLUMNS,
)

_PLACES = tuple(
    rf"{above}Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\{key}"
    for above in ("Software\\", "")
    for key in ("Run", "Run32", "StartupFolder")
)
_BYTES = 12  # state, then the time it was switched off


@parser(
    version=1,
    wants=hive_wants("NTUSER", "SOFTWARE"),
    tables=(STARTUP_APPROVED,),
    companions=LOG_SUFFIXES,
)
def startup_approved(artefact: Artefact) -> Yields:
    """One row for each entry of each key, in stored order."""
    yield from read_hive(artefact, ("NTUSER", "SOFTWARE"), _PLACES, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    for value in user.values(key):
        content = value.content
        if len(content) != _BYTES:
            message = f"a state has {_BYTES} bytes, this has {len(content)}"
            user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "is_switched_on")
        is_on = content[0] % 2 == 0 if content else None
        at = int.from_bytes(content[4:12], "little") if len(content) >= _BYTES else 0
        yield user.row(
            STARTUP_APPROVED,
            value.locator,
            key,
            run_key=key.name,
            value_name=value.name,
            is_switched_on=is_on,
            switched_off_at=user.hive.instant_of(at, value.locator, "switched_off_at"),
        )
