"""Whether keys and values of a path are in use in a hive, asked many times.

References:
    - the same as `regf_tree`
"""

from __future__ import annotations

from dataclasses import dataclass, field

from parsers.formats.regf_deleted import Path
from parsers.formats.regf_free import HiveMap
from parsers.formats.regf_log import BASE_BLOCK_BYTES
from parsers.formats.regf_tree import Hive, Key

MOST = 50_000  # keys looked up for one hive, and values of them; those after them are not known
_DEEPEST = 512  # [MS-RRP] and Windows: registry trees have at most 512 levels


@dataclass(slots=True, kw_only=True)
class LivePaths:
    """Looks up paths of deleted keys among the keys in use; each part of a path once.

    `is_spent` says that more was asked than is looked up.
    """

    hive: Hive
    map: HiveMap
    is_spent: bool = False
    _left: int = MOST
    _keys: dict[str, Key | None] = field(default_factory=dict)
    _values: dict[str, frozenset[str]] = field(default_factory=dict)

    def has(self, path: Path, place: int) -> bool | None:
        """Whether a key of a whole path is in use; None where that key is the one at an offset among the bins itself."""
        key = self._key(path.text) if path.is_complete else None
        if key is not None and key.cell.offset == BASE_BLOCK_BYTES + place + 4:
            return None
        return key is not None

    def has_value(self, path: Path, name: str) -> bool:
        """Whether a key of a whole path is in use and has a value of this name."""
        key = self._key(path.text)
        if key is None:
            return False
        folded = path.text.casefold()
        if folded not in self._values:
            node = self.map.live_node(key.cell.offset - BASE_BLOCK_BYTES - 4)
            listed = () if node is None else self.map.live_values(node)
            self._values[folded] = frozenset(one.casefold() for one in listed if self._spend())
        return name.casefold() in self._values[folded]

    def _key(self, path: str) -> Key | None:
        """The key in use of a path."""
        if not path:
            return self.hive.root
        folded = path.casefold()
        if folded not in self._keys and path.count("\\") <= _DEEPEST and self._spend():
            above, _, name = path.rpartition("\\")
            parent = self._key(above)
            self._keys[folded] = None if parent is None else self.hive.key(name, parent)
        return self._keys.get(folded)

    def _spend(self) -> bool:
        self._left -= 1
        self.is_spent |= self._left < 0
        return self._left >= 0
