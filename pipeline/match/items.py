"""Data items as rules: what proposes an item, what judges its values, what it means for the law."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import RuleError
from pipeline.match import fold
from pipeline.match.values import CHECKS
from pipeline.rulebook import RULES, RuleFile, of_toml, refuse_unknown, rule_files

FOLDER = RULES / "personal_data"
_NAMES = ("name", "name_kana")
_PERSON_WORDS = (
    "person",
    "user",
    "owner",
    "contact",
    "author",
    "applicant",
    "recipient",
    "本人",
    "利用者",
    "担当",
)
_KEYS = {
    "name",
    "category",
    "check",
    "share",
    "alone",
    "identifies",
    "headers",
    "patterns",
    "examples",
    "near_misses",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One data item."""

    name: str
    category: str
    check: str
    share: float
    alone: float | None
    identifies: bool
    headers: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]

    def is_proposed_by(self, header: str) -> bool:
        """Whether a folded header word proposes this item."""
        return header in self.headers or any(one.fullmatch(header) for one in self.patterns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Every item in the order of its file, headers that are refused, and variant kanji."""

    items: tuple[Item, ...]
    refused: frozenset[str]
    customer_words: tuple[str, ...]
    employee_words: tuple[str, ...]
    variants: Mapping[str, str]
    files: tuple[RuleFile, ...]

    def is_refused(self, header: str) -> bool:
        """Whether a header word is known to be none of a person's items."""
        return fold.header(header) in self.refused

    def proposed(self, header: str) -> Item | None:
        """The item a header proposes: the whole word before any pattern, files in their order."""
        folded = fold.header(header)
        if not folded or folded in self.refused:
            return None
        exact = next((one for one in self.items if folded in one.headers), None)
        found = exact or next((one for one in self.items if one.is_proposed_by(folded)), None)
        return found or self._proposed_within(header)

    def _proposed_within(self, header: str) -> Item | None:
        """The item the last part of a nested header proposes (`customer.address.zip`, `tel.1`).

        A name is one of a person only where the part above it speaks of persons: `device.name` does not.
        """
        *above, last = [part for part in header.split(".") if part and not part.isdecimal()] or [""]
        if not last or last == header or fold.header("".join((*above[-1:], last))) in self.refused:
            return None
        found = self.proposed(last)
        words = (*self.customer_words, *self.employee_words, *_PERSON_WORDS)
        is_persons = any(word in fold.header(part) for part in above for word in words)
        return found if found is None or is_persons or not found.name.endswith(_NAMES) else None


def read_items(folder: Path = FOLDER) -> Items:
    """The items of a rules folder.

    Raises:
        RuleError: a file has an unknown key, a check or pattern that does not exist, or lacks examples.
    """
    files = {one.name: one for one in rule_files(folder, (".toml",))}
    for needed in ("items.toml", "refuse.toml", "variants.toml"):
        if needed not in files:
            raise RuleError(f"rules folder {folder} lacks {needed}")
    refuse = of_toml(files["refuse.toml"])
    refuse_unknown(
        files["refuse.toml"], refuse, {"not_persons", "customer_words", "employee_words"}, "refuse.toml"
    )
    return Items(
        items=tuple(_item(files["items.toml"], one) for one in of_toml(files["items.toml"]).get("item", [])),
        refused=frozenset(fold.header(one) for one in refuse["not_persons"]),
        customer_words=tuple(refuse["customer_words"]),
        employee_words=tuple(refuse["employee_words"]),
        variants=dict(of_toml(files["variants.toml"])["fold"]),
        files=tuple(files.values()),
    )


def _item(file: RuleFile, given: dict[str, Any]) -> Item:
    where = f"item {given.get('name', '?')!r}"
    refuse_unknown(file, given, _KEYS, where)
    missing = sorted(
        {"name", "category", "check", "share", "headers", "examples", "near_misses"} - set(given)
    )
    if missing:
        raise RuleError(f"rule file {file.name}: {where} lacks {missing[0]!r}")
    if given["check"] not in CHECKS:
        raise RuleError(
            f"rule file {file.name}: {where} names check {given['check']!r}; known: {', '.join(sorted(CHECKS))}"
        )
    try:
        patterns = tuple(re.compile(one) for one in given.get("patterns", []))
    except re.error as error:
        raise RuleError(f"rule file {file.name}: {where} has a pattern that is none: {error}") from error
    return Item(
        name=given["name"],
        category=given["category"],
        check=given["check"],
        share=float(given["share"]),
        alone=given.get("alone"),
        identifies=bool(given.get("identifies", False)),
        headers=frozenset(fold.header(one) for one in given["headers"]),
        patterns=patterns,
        examples=tuple(given["examples"]),
        near_misses=tuple(given["near_misses"]),
    )
