r"""Commands run at logon (Run, RunOnce and others of NTUSER.DAT and SOFTWARE).

Shows: commands Windows runs when this user (NTUSER.DAT) or anyone (SOFTWARE) logs on, with the name of each entry.
Does not show: that a command ever ran, when it was entered or by whom: the key's time is that of the last change of
any of its entries. RunOnce entries are removed as they run. Whether an entry was switched off in the task manager
stands in startup_approved.
Not read: RunOnceEx, services, scheduled tasks, the start-up folders, Winlogon, deleted values.

References:
    - Microsoft, "Run and RunOnce Registry Keys"
    - J. Metz, Windows registry knowledge base, "Run and RunOnce keys"
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Artefact, Column, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key
from parsers.formats.user_hive import HIVE_COLUMNS, UserHive, read_hive

RUN_KEYS = Table(
    "windows_run_keys",
    Column("run_key", text, "Name of the key: Run, RunOnce, RunServices, RunServicesOnce."),
    Column("key_path", text, "Path of the key in its hive."),
    Column("value_name", text, "Name of the entry, empty for the default value."),
    Column("command", text, "Command as typed or stored.", is_personal=True),
    *HIVE_COLUMNS,
)

_VERSION = r"Microsoft\Windows\CurrentVersion"
_KEYS = ("Run", "RunOnce", "RunServices", "RunServicesOnce", r"Policies\Explorer\Run")
# On 64-bit Windows programs of 32 bits have their own view; SOFTWARE is HKEY_LOCAL_MACHINE\Software.
_PLACES = tuple(
    rf"{above}{view}{_VERSION}\{key}"
    for above in ("", "Software\\")
    for view in ("", "Wow6432Node\\")
    for key in _KEYS
)


@parser(
    version=1,
    wants=hive_wants("NTUSER", "SOFTWARE"),
    tables=(RUN_KEYS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def run_keys(artefact: Artefact) -> Yields:
    """One row for each entry of each key, in stored order."""
    yield from read_hive(artefact, ("NTUSER", "SOFTWARE"), _PLACES, _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    for value in user.values(key):
        # A command that is no text is told as a problem; an empty default value is no entry.
        command = user.hive.as_text(value, "command")
        if value.name or command:
            yield user.row(
                RUN_KEYS,
                value.locator,
                key,
                run_key=key.name,
                key_path=key.path,
                value_name=value.name,
                command=command,
            )
