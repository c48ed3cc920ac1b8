"""Control sets of a SYSTEM hive: the copies of the machine's settings, and which of them it was last started with.

References:
    - Microsoft, "What are Control Sets? What is CurrentControlSet?" (Select: Current)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from parsers.formats.regf_tree import Hive, Key

_NAME = re.compile(r"ControlSet(\d{3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSet:
    """A control set; `is_current` is None where Select does not say."""

    key: Key
    is_current: bool | None

    def columns(self, hive: Hive) -> dict[str, Any]:
        """The columns that tell which control set a row stands in, and how its hive was read."""
        return {
            "control_set": self.key.name,
            "is_current_control_set": self.is_current,
            "is_replayed": hive.is_replayed,
        }


def control_sets(hive: Hive) -> list[ControlSet]:
    """The control sets of a hive in stored order; none where it is no SYSTEM hive."""
    if hive.root is None:
        return []
    keys = [key for key in hive.subkeys(hive.root) if _NAME.fullmatch(key.name)]
    select = hive.key("Select") if keys else None
    current = None if select is None else hive.as_number(hive.named(select)["Current"])
    return [
        ControlSet(key=key, is_current=None if current is None else int(key.name[-3:]) == current)
        for key in keys
    ]
