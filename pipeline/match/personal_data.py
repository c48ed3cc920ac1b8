"""Mentions of persons: of the rows of sheets whose columns were judged, and of texts.

Values are judged once for each distinct value of a batch, and put back by index: columns, not cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digest
from pipeline.match import fold
from pipeline.match.columns import Judgement, forms, is_filled
from pipeline.match.items import Item, Items
from pipeline.match.values import CHECKS
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema

STAGE = "pipeline/match"
VERSION = "3"
# How a judged item becomes a key of the mention.
_KEYS = {
    "birth_date": "birth_date",
    "postal_code": "postal_code",
    "address": "address_key",
    "phone": "phone_key",
    "email": "email_key",
    "name_kana": "kana_key",
}
_TEXT_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,63}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
)
_TEXT_NAME = re.compile(
    r"(?:氏名|お名前|名前|Name)[ 　]*[::：][ 　]*([^\s\d、。,，:：/()（）]{1,12}(?:[ 　][^\s\d、。,，:：/()（）]{1,12})?)"
)
_TEXT_PHONE = re.compile(
    r"(?:電話|携帯|TEL|Tel|連絡先)[^\d+\n]{0,6}(\+?[\d０-９][\d０-９()（）‐－ー-]{8,16}[\d０-９])"
)
_NEAR_SIGNS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A column of a batch that holds an item: its raw values, and each in its one form or null."""

    item: Item
    raw: pa.Array
    value: pa.Array


def subject_kind(judged: Sequence[Judgement], header: tuple[str | None, ...] | None, items: Items) -> str:
    """Whose list a sheet is: employee, customer or unknown."""
    names = {one.item.name for one in judged if one.item is not None}
    words = " ".join(fold.header(word or "") for word in header or ())
    if "employee_number" in names or any(word in words for word in items.employee_words):
        return "employee"
    if "customer_number" in names or any(word in words for word in items.customer_words):
        return "customer"
    return "unknown"


def speaks_of_persons(judged: Sequence[Judgement]) -> bool:
    """Whether a name, address of mail, telephone or the like is a column of a sheet."""
    return any(one.item is not None and one.item.identifies for one in judged)


def mentions_of_rows(
    sheet_id: str, judged: Sequence[Judgement], kind: str, rows: pa.RecordBatch, items: Items
) -> pa.Table:
    """The mentions of a batch of a sheet's rows: one for each row in which an item that identifies a person is filled.

    Gives the own columns of `mention`; `judged` are the judgements over the whole sheet.
    """
    held = [
        _Held(item=one.item, raw=rows.column(one.column), value=forms(rows.column(one.column), one.item))
        for one in judged
        if one.item is not None
    ]
    count = rows.num_rows
    keys = {
        name: pa.nulls(count, pa.string())
        for name in (*_KEYS.values(), "full_name", "name_key", "number_key")
    }
    for one in held:
        if one.item.name in _KEYS:
            target = _KEYS[one.item.name]
            keys[target] = pc.coalesce(keys[target], one.value)
        elif one.item.name in ("customer_number", "employee_number"):
            keys["number_key"] = pc.coalesce(keys["number_key"], _prefixed(one.value, f"{one.item.name}:"))
    full = _full_name(held, count)
    keys["full_name"] = full
    keys["name_key"] = _each(full, lambda text: fold.name(text, items.variants) or None)
    is_person = _any([is_filled(one.raw) for one in held if one.item.identifies], count)
    numbers = rows.column("row_number")
    columns = {
        "mention_id": pa.array(digest.short_numbered(sheet_id, numbers.to_pylist()), pa.string()),
        "sheet_id": pa.array([sheet_id] * count, pa.string()),
        "row_number": numbers,
        **keys,
        "items": _lists([(one.item.name, pc.is_valid(one.value)) for one in held], count),
        "categories": _lists([(one.item.category, pc.is_valid(one.value)) for one in held], count),
        "subject_kind": pa.array([kind] * count, pa.string()),
    }
    table = pa.table({field.name: columns[field.name] for field in _own_schema()}, schema=_own_schema())
    return table.filter(is_person)


def mentions_of_text(entry_id: str, segments: list[tuple[str, str]], items: Items) -> pa.Table:
    """The mentions of an entry's text: each mail address, and each labelled name with the telephone near it.

    `segments` are (locator, content). Names in running text without a label are not found here.
    """
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    named: dict[str, dict[str, Any]] = {}
    for locator, content in segments:
        for found in _TEXT_EMAIL.finditer(content):
            address = CHECKS["email"](found.group())
            if address is not None and address not in seen:
                seen.add(address)
                rows.append(
                    {
                        "locator": f"{locator}+{found.start()}",
                        "email_key": address,
                        "items": ["email"],
                        "categories": ["email"],
                    }
                )
        labelled = list(_TEXT_NAME.finditer(content))
        for place, found in enumerate(labelled, 1):
            following = labelled[place].start() if place < len(labelled) else len(content)
            key = fold.name(found.group(1), items.variants)
            if not key:
                continue
            # Not beyond the next name, whose telephone it would be.
            near = _TEXT_PHONE.search(content, found.end(), min(found.end() + _NEAR_SIGNS, following))
            number = fold.phone(near.group(1)) if near else None
            told = ["name", *(["phone"] if number else [])]
            # A name of the body may stand again in a form, with its telephone beside it; with another, it may be another's.
            known = named.get(key)
            if known is not None and (number is None or known["phone_key"] in (None, number)):
                if number:
                    known |= {"phone_key": number, "items": told, "categories": told}
                continue
            named[key] = {
                "locator": f"{locator}+{found.start()}",
                "full_name": found.group(1),
                "name_key": key,
                "phone_key": number,
                "items": told,
                "categories": told,
            }
            rows.append(named[key])
    for row in rows:
        row["mention_id"] = digest.short(entry_id, str(row["locator"]))
        row["subject_kind"] = "unknown"
    schema = pa.schema([("locator", pa.string()), *_own_schema()])
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema},
        schema=schema,
    )


def _own_schema() -> pa.Schema:
    return MENTION.schema()


def _each(column: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    encoded = column.dictionary_encode()
    return pa.array(
        [None if word is None else change(word) for word in encoded.dictionary.to_pylist()], pa.string()
    ).take(encoded.indices)


def _prefixed(column: pa.Array, prefix: str) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(prefix), column, "")


def _full_name(judged: list[_Held], count: int) -> pa.Array:
    """The name column, else surname and given name joined; both kinds in one sheet are one person's."""
    named = {
        one.item.name: one.raw
        for one in reversed(judged)
        if one.item.name in ("name", "surname", "given_name")
    }
    empty = pa.nulls(count, pa.string())

    def blank_as_null(column: pa.Array) -> pa.Array:
        return pc.if_else(is_filled(column), pc.utf8_trim_whitespace(column), pa.scalar(None, pa.string()))

    whole = blank_as_null(named["name"]) if "name" in named else empty
    if "surname" in named or "given_name" in named:
        parts = [blank_as_null(named[one]) if one in named else empty for one in ("surname", "given_name")]
        joined = pc.binary_join_element_wise(*parts, " ", null_handling="skip")
        whole = pc.coalesce(
            whole, pc.if_else(pc.equal(pc.utf8_length(joined), 0), pa.scalar(None, pa.string()), joined)
        )
    return whole


def _any(masks: list[pa.Array], count: int) -> pa.Array:
    result = pa.array([False] * count)
    for mask in masks:
        result = pc.or_(result, mask)
    return result


def _lists(present: list[tuple[str, pa.Array]], count: int) -> pa.Array:
    """For every row the names that are present, each once, in the order of the sheet's columns."""
    masks = [(name, mask.to_pylist()) for name, mask in present]
    return pa.array(
        [list(dict.fromkeys(name for name, mask in masks if mask[row])) for row in range(count)],
        pa.list_(pa.string()),
    )


def stored(table: pa.Table, provenance: dict[str, str | None], locators: pa.Array) -> pa.Table:
    """Mentions with provenance in front, as the table stores them."""
    schema = full_schema(MENTION)
    count = table.num_rows
    columns = []
    for field in schema:
        if field.name == "locator":
            columns.append(locators)
        elif field.name in provenance:
            columns.append(pa.array([provenance[field.name]] * count, pa.string()))
        else:
            columns.append(table.column(field.name).combine_chunks())
    return pa.table(columns, schema=schema)
