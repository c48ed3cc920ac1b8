"""Control sets of a SYSTEM hive: the numbered copies of the machine's settings, and which of them it last started with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parsers.contract import Artefact, Column, Yields, boolean, text
from parsers.formats.regf import is_hive_or_lost
from parsers.formats.regf_tree import Hive, Key

CONTROL_SET_COLUMNS = (
    Column("control_set", text, "Control set of the registry the row stands in."),
    Column(
        "is_current_control_set",
        boolean,
        "Whether Select names this control set as the one last started with.",
    ),
)

_CONTROL_SET = re.compile(r"ControlSet(\d{3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSet:
    """One control set: its key, and whether Select names it; None where Select does not say."""

    key: Key
    is_current: bool | None

    @property
    def columns(self) -> dict[str, Any]:
        """What a row says of the control set it stands in."""
        return {"control_set": self.key.name, "is_current_control_set": self.is_current}


def control_sets(hive: Hive) -> list[ControlSet]:
    """The control sets of a hive in stored order; none where it is no SYSTEM hive."""
    if hive.root is None:
        return []
    keys = [key for key in hive.subkeys(hive.root) if _CONTROL_SET.fullmatch(key.name)]
    select = hive.key("Select") if keys else None
    current = None if select is None else hive.as_number(hive.named(select)["Current"])
    return [
        ControlSet(key=key, is_current=None if current is None else int(key.name[-3:]) == current)
        for key in keys
    ]


def opening_problems(hive: Hive, artefact: Artefact, found: list[ControlSet]) -> Yields:
    """Problems met on the way to the control sets, where they concern a SYSTEM hive."""
    if found or is_hive_or_lost(hive, artefact, "SYSTEM"):
        yield from hive.problems()


def in_each(hive: Hive, found: list[ControlSet], path: str) -> Iterator[tuple[ControlSet, Key]]:
    """The key of a path in each control set that has it."""
    for control_set in found:
        key = hive.key(path, control_set.key)
        if key is not None:
            yield control_set, key
