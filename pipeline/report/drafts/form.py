"""The form of the report: the laws it is made under, its groups and fields, what each asks, and where that is said (`rules/report_form`)."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

FILE = Path(__file__).resolve().parents[3] / "rules" / "report_form" / "fields.toml"
MARKS = {"v": "条文・公表資料で確認", "d": "条文からの帰結", "u": "未確認"}
_GUIDE = "{guide}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A law a report is made under: its pack, what the report is called, the articles its fields name, and how the names of its items begin."""

    pack: str
    title: str
    form: str
    act: str
    act_en: str
    rule: str
    report: str
    guide: str
    guide_mark: str
    data: str
    items: str
    notice: str
    submit: str


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
def read_laws() -> dict[str, Law]:
    """The laws a report may be made under, by their packs."""
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))["law"]
    return {pack: Law(pack=pack, **one) for pack, one in stated.items()}


@cache
def read_form(law: Law) -> tuple[Group, ...]:
    """The groups in their order, with the articles of a law in place."""
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return tuple(
        Group(
            id=one["id"],
            ja=one["ja"].format(**asdict(law)),
            en=one["en"],
            only=one.get("only"),
            fields=tuple(_under(Field(**field), law) for field in one["field"]),
        )
        for one in stated["group"]
    )


def _under(field: Field, law: Law) -> Field:
    """A field as a law asks it; what only its Guideline says is as sure as that Guideline was read."""
    names = asdict(law)
    return replace(
        field,
        ja=field.ja.format(**names),
        asks_ja=field.asks_ja.format(**names),
        source=field.source.format(**names),
        mark=law.guide_mark if _GUIDE in field.source else field.mark,
    )
