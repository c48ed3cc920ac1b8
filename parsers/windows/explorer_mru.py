r"""What a user typed into Explorer: addresses, searches, commands (NTUSER.DAT, TypedPaths, WordWheelQuery, RunMRU).

Shows: paths typed into the address bar, words searched for in folder windows, commands typed into the dialog Run, each
list in the order of last use.
Does not show: when each was typed, nor that it led anywhere: that a path opened or a command ran is not recorded, so
no question is answered. The key's time is that of the last change of the whole list, mostly by its first entry.
A list is rewritten when Explorer is left or an entry removed. Where a search was made is not stored.
Not read: ACMru (searches of Windows XP), TypedURLs (addresses typed into Internet Explorer), TypedPathsTime, deleted values.

References:
    - J. Metz, Windows registry knowledge base, "Most Recently Used (MRU) keys", "Run MRU", "Typed paths", "Word wheel query"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, parser, text
from parsers.formats.regf import LOG_SUFFIXES, hive_wants
from parsers.formats.regf_tree import Key, Value, decode_text
from parsers.formats.user_hive import EXPLORER, HIVE_COLUMNS, MRU_POSITION, UserHive, read_hive

TYPED_PATHS = Table(
    "windows_typed_paths",
    Column("typed_path", text, "Path, address or word typed into Explorer's address bar."),
    MRU_POSITION,
    *HIVE_COLUMNS,
)
SEARCHES = Table(
    "windows_word_wheel_query",
    Column("search_words", text, "Words searched for in Explorer.", is_personal=True),
    Column("search_scope", text, "Subkey the list stands in, null for the list itself."),
    MRU_POSITION,
    *HIVE_COLUMNS,
)
RUN_MRU = Table(
    "windows_run_mru",
    Column("command", text, "Command as typed or stored.", is_personal=True),
    MRU_POSITION,
    *HIVE_COLUMNS,
)

_URL = re.compile(r"url(\d{1,6})", re.IGNORECASE)
_TYPED, _SEARCHED, _RUN = (rf"{EXPLORER}\{name}" for name in ("TypedPaths", "WordWheelQuery", "RunMRU"))
_SHOW_COMMAND = re.compile(r"\\\d\Z")  # ibid., "Run MRU": the command is followed by how its window is shown


@parser(
    version=1,
    wants=hive_wants("NTUSER"),
    tables=(TYPED_PATHS, SEARCHES, RUN_MRU),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def explorer_mru(artefact: Artefact) -> Yields:
    """One row for each entry of each list, in stored order."""
    yield from read_hive(artefact, ("NTUSER",), (_TYPED, _SEARCHED, _RUN), _rows)


def _rows(user: UserHive, key: Key) -> Iterator[Row]:
    name = key.name.casefold()
    if name == "typedpaths":
        yield from _typed_paths(user, key)
    elif name == "runmru":
        yield from _commands(user, key)
    else:
        yield from _searches(user, key, None)
        for one in user.subkeys(key):
            yield from _searches(user, one, one.name)


def _typed_paths(user: UserHive, key: Key) -> Iterator[Row]:
    for value in user.values(key):
        if found := _URL.fullmatch(value.name):
            typed = user.hive.as_text(value, "typed_path")
            position = int(found[1])
            yield user.row(TYPED_PATHS, value.locator, key, typed_path=typed, mru_position=position)


def _searches(user: UserHive, key: Key, scope: str | None) -> Iterator[Row]:
    values = user.values(key)
    positions = user.mru_positions(values) if values else {}
    for value in values:
        if value.name.isdecimal():
            words = _words(user, value)
            position = positions.get(value.name)
            yield user.row(
                SEARCHES, value.locator, key, search_words=words, search_scope=scope, mru_position=position
            )


def _words(user: UserHive, value: Value) -> str | None:
    """The words of a search, UTF-16 in a binary value."""
    if len(value.content) % 2 or value.content[-2:] != b"\0\0":
        message = f"no text ended by NUL in {len(value.content)} bytes"
        user.hive.tell(ProblemKind.DAMAGED, value.locator, message, "search_words")
        return None
    return decode_text(value.content)


def _commands(user: UserHive, key: Key) -> Iterator[Row]:
    values = user.values(key)
    positions = user.mru_positions(values) if values else {}
    for value in values:
        if len(value.name) == 1:
            stored = user.hive.as_text(value, "command")
            command = None if stored is None else _SHOW_COMMAND.sub("", stored)
            position = positions.get(value.name.casefold())
            yield user.row(RUN_MRU, value.locator, key, command=command, mru_position=position)
