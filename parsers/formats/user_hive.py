r"""Rows of a user's hive: the columns they share, keys and values read under a budget, orders of last use.

References:
    - Microsoft, "Registry hives" (NTUSER.DAT is HKEY_CURRENT_USER, UsrClass.dat its Software\Classes)
    - J. Metz, Windows registry knowledge base, "Most Recently Used (MRU) keys"
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from parsers.contract import Artefact, Column, ProblemKind, Row, Table, Yields, boolean, integer, utc
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.regf import is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value

EXPLORER = r"Software\Microsoft\Windows\CurrentVersion\Explorer"
HIVE_COLUMNS = (
    PROFILE,
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)
MRU_POSITION = Column(
    "mru_position",
    integer,
    "Place in the order of last use, 1 the most recent; null where the order does not name it.",
)
# Keys and values one parser reads of one hive; a real user's lists hold a few thousand. A damaged or made
# hive can have many keys share one list of values, which would else be read once for each of them.
BUDGET = 200_000
_LIST_END = 0xFFFFFFFF


class _SpentError(Exception):
    """The budget is used up."""


@dataclass(slots=True, kw_only=True)
class UserHive:
    """A hive being read for one parser, with what is left of its budget."""

    hive: Hive
    profile_name: str | None
    left: int = BUDGET

    def subkeys(self, key: Key) -> Iterator[Key]:
        """The keys directly below a key."""
        for one in self.hive.subkeys(key):
            self._spend()
            yield one

    def values(self, key: Key) -> list[Value]:
        """The values of a key, in stored order."""
        found = []
        for one in self.hive.values(key):
            self._spend()
            found.append(one)
        return found

    def row(self, table: Table, at: str, key: Key, **values: Any) -> Row:
        """A row with the columns every row of a hive carries."""
        return table.row(
            at,
            self.hive.status(),
            profile_name=self.profile_name,
            key_written_at=key.written_at,
            is_replayed=self.hive.is_replayed,
            **values,
        )

    def mru_positions(self, values: Sequence[Value]) -> Mapping[str, int]:
        """Places by folded name of the value, as MRUListEx (numbers) or MRUList (letters) tells them."""
        named = by_name(values)
        numbered, lettered = named.get("mrulistex"), named.get("mrulist")
        names: list[str] = []
        if numbered is not None:
            words = len(numbered.content) // 4
            numbers = struct.unpack_from(f"<{words}I", numbered.content)
            if _LIST_END in numbers:
                numbers = numbers[: numbers.index(_LIST_END)]
            else:
                message = f"MRUListEx of {len(numbered.content)} bytes has no end mark (ffffffff)"
                self.hive.tell(ProblemKind.DAMAGED, numbered.locator, message, MRU_POSITION.name)
            names = [str(one) for one in numbers]
        elif lettered is not None:
            names = list(self.hive.as_text(lettered, MRU_POSITION.name) or "")
        positions: dict[str, int] = {}
        for one in names:
            positions.setdefault(one.casefold(), len(positions) + 1)
        return positions

    def _spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _SpentError


def by_name(values: Sequence[Value]) -> dict[str, Value]:
    """Values by folded name, the first of a name; the default value is named ``."""
    found: dict[str, Value] = {}
    for one in values:
        found.setdefault(one.name.casefold(), one)
    return found


def read_hive(
    artefact: Artefact,
    kinds: Sequence[str],
    paths: Sequence[str],
    rows: Callable[[UserHive, Key], Iterator[Row]],
) -> Yields:
    """What `rows` gives for each key of `paths` that is there, with the problems met on the way.

    A hive of another kind than `kinds` that has none of the keys is passed over in silence.
    """
    with open_hive(artefact) as hive:
        keys = [key for path in paths if hive.root is not None and (key := hive.key(path)) is not None]
        if keys or is_hive_or_lost(hive, artefact, *kinds):
            yield from hive.problems()
        if not keys:
            return
        user = UserHive(hive=hive, profile_name=profile_name(artefact.path))
        try:
            for key in keys:
                for row in rows(user, key):
                    yield row
                    yield from hive.problems()
        except _SpentError:
            message = f"more than {BUDGET} keys and values: the rest is not read"
            hive.tell(ProblemKind.LIMIT, keys[0].path, message)
        yield from hive.problems()
