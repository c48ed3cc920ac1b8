"""The form of the report: its groups and fields, what each asks, and where the law says so (`rules/report_form`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "rules" / "report_form" / "fields.toml"
MARKS = {"v": "条文・公表資料で確認", "d": "条文からの帰結", "u": "未確認"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: what it asks with its source and how sure that is, and the name of the value that fills it, if the case has one."""

    id: str
    ja: str
    en: str
    asks_ja: str
    source: str
    mark: str
    value: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields under one heading; `only` names the variant of the form they belong to, if not to every one."""

    id: str
    ja: str
    en: str
    fields: tuple[Field, ...]
    only: str | None = None


@cache
def read_form() -> tuple[Group, ...]:
    """The groups in their order."""
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Group(
            id=one["id"],
            ja=one["ja"],
            en=one["en"],
            only=one.get("only"),
            fields=tuple(Field(**field) for field in one["field"]),
        )
        for one in stated["group"]
    )
