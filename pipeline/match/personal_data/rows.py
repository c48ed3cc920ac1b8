"""Mentions of persons in the rows of sheets whose columns were judged: one for each person a row speaks of.

A row may speak of several: the one who ordered and the one it is sent to, a child and two parents. Headers say who
(`roles.toml`); a role without a name of its own in the sheet belongs to the main person. Columns, not cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import digest
from pipeline.match.personal_data import deceased, fold
from pipeline.match.personal_data.columns import forms, is_filled, values_of
from pipeline.match.personal_data.items import Item, Items
from pipeline.match.personal_data.judgement import Judgement
from pipeline.tables.catalogue import DECEASED, MENTION
from pipeline.tables.schema import full_schema

MAIN = "main"
# How a judged item becomes a key of the mention.
_KEYS: Mapping[str, str] = {
    "birth_date": "birth_date",
    "postal_code": "postal_code",
    "address": "address_key",
    "phone": "phone_key",
    "email": "email_key",
    "name_kana": "kana_key",
}
_NUMBERS = ("customer_number", "employee_number", "student_number")
_NAMING = frozenset(("name", "surname", "given_name", "name_kana", "surname_kana", "name_romaji"))
# With only these, a row whose name is a firm's speaks of the firm.
_OF_FIRMS = frozenset(("name", "name_kana", "name_romaji", "phone", "customer_number", "bank_account_holder"))
_WHOLE_DATE = 10
_DIGITS = re.compile(r"[0-9]{1,2}")
_TELLING_STAFF = ("name_key", "birth_date", "phone_key", "email_key", "number_key")
COMPANY, SAMPLE, SHARED_MAILBOX = "a company", "a sample", "a mailbox of an office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The columns of a sheet that speak of one person, and whom by role; `others` add items, never keys."""

    role: str
    judged: tuple[Judgement, ...]
    others: tuple[Judgement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A column of a batch that holds an item: its raw values, and each in its one form or null."""

    item: Item
    raw: pa.Array
    value: pa.Array
    is_held: bool


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
    return any(one.item is not None and one.is_held and one.item.identifies for one in judged)


def groups(judged: Sequence[Judgement]) -> tuple[Group, ...]:
    """The persons a row of a sheet speaks of, the main one first where there is one."""
    by_role: dict[str, list[Judgement]] = {}
    for one in judged:
        if one.item is not None:
            by_role.setdefault(one.role or MAIN, []).append(one)
    parted: dict[str, list[Judgement]] = {}
    for role, members in by_role.items():
        for name, part in _numbered(role, members):
            parted.setdefault(name, []).extend(part)
    naming = [role for role, members in parted.items() if any(_is_naming(one) for one in members)]
    main = MAIN if MAIN in naming or not naming else next((one for one in naming if one != "in_charge"), MAIN)
    own = [role for role in naming if role != main]
    rest = [
        one
        for role, members in parted.items()
        if role not in own and role not in (main, MAIN)
        for one in members
    ]
    mains = [*parted.get(main, []), *(parted.get(MAIN, []) if main != MAIN else [])]
    found = [Group(role=main, judged=tuple(mains), others=tuple(rest))] if mains or rest else []
    return (*found, *(Group(role=role, judged=tuple(parted[role])) for role in own))


def mentions_of_rows(
    sheet_id: str, judged: Sequence[Judgement], kind: str, rows: pa.RecordBatch, items: Items
) -> pa.Table:
    """The mentions of a batch of a sheet's rows, one for each person of a row of whom an identifying item is filled.

    Gives the own columns of `mention`; `judged` are the judgements over the whole sheet.
    """
    found = groups(judged)
    # Whoever a remark says is dead is the row's main person.
    dead = deceased.of_rows(judged, found[0].role, rows, items) if found else None
    nobody = pa.array([False] * rows.num_rows, pa.bool_())
    tables = [
        _of_group(sheet_id, group, _kind(group, kind, items), rows, items, nobody if place else dead)
        for place, group in enumerate(found)
    ]
    return pa.concat_tables(tables) if tables else own_schema().empty_table()


def staff_once(mentions: pa.Table, items: Items, known: set[str]) -> pa.Table:
    """Mentions without those of staff in charge whom an earlier row of the sheet names: a name alone, row after row, is one.

    `known` holds the names of the sheet so far and is added to.
    """
    roles = mentions.column("role").to_pylist()
    staff = [place for place, role in enumerate(roles) if role.split(" ")[0] in items.employee_roles]
    if not staff:
        return mentions
    told = mentions.select([*_TELLING_STAFF]).take(pa.array(staff)).to_pylist()
    again = set()
    for place, one in zip(staff, told, strict=True):
        name = one.pop("name_key")
        if name is None or any(one.values()):
            continue
        if name in known:
            again.add(place)
        known.add(name)
    return mentions.filter(pa.array([place not in again for place in range(len(roles))], pa.bool_()))


def locators(mentions: pa.Table) -> pa.Array:
    """Where each mention stands: sheet and row, and whom of the row where several are spoken of."""
    parts = [mentions.column("sheet_id"), mentions.column("row_number").cast(pa.string())]
    place = pc.binary_join_element_wise(*parts, ":")
    role = mentions.column("role")
    whole = pc.binary_join_element_wise(place, role, "#")
    return pc.if_else(pc.equal(role, MAIN), place, whole).combine_chunks()


def own_schema() -> pa.Schema:
    """The columns of `mention` without provenance."""
    return MENTION.schema()


def stored(table: pa.Table, provenance: Mapping[str, str | None], locators: pa.Array) -> pa.Table:
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


def _is_naming(one: Judgement) -> bool:
    return one.is_held and one.item is not None and one.item.name in _NAMING


def _numbered(role: str, members: list[Judgement]) -> Iterator[tuple[str, list[Judgement]]]:
    """Several of one kind in a role, told apart by a number in their headers: each number is a person of its own."""
    named: dict[tuple[str, str], list[str]] = {}
    for one in members:
        if _is_naming(one) and one.item is not None:
            stem = (one.item.name, _DIGITS.sub("", fold.header(one.header)))
            named.setdefault(stem, []).append(_number(one))
    several = {number for numbers in named.values() if len(set(numbers)) > 1 for number in numbers}
    first = min(several, default="")
    parts: dict[str, list[Judgement]] = {}
    for one in members:
        number = _number(one)
        # The first of a row of persons is the one that columns without a number speak of, unless somebody else is.
        is_own = number in several and (
            number != first or any(_is_naming(x) and _number(x) not in several for x in members)
        )
        parts.setdefault(f"{role} {number}".strip() if is_own else role, []).append(one)
    yield from parts.items()


def _number(one: Judgement) -> str:
    found = _DIGITS.search(fold.header(one.header))
    return found.group() if found else ""


def _kind(group: Group, kind: str, items: Items) -> str:
    return "employee" if group.role.split(" ")[0] in items.employee_roles else kind


def _of_group(
    sheet_id: str, group: Group, kind: str, rows: pa.RecordBatch, items: Items, dead: pa.Array
) -> pa.Table:
    held = [_column(one, rows) for one in group.judged]
    others = [_column(one, rows) for one in group.others]
    count = rows.num_rows
    name = _full_name(held, count)
    folded = fold.width(name)
    is_firm = pc.fill_null(pc.match_substring_regex(folded, items.companies), False)
    keys = _keys(held, count)
    numbers = rows.column("row_number")
    space = sheet_id if group.role == MAIN else f"{sheet_id}#{group.role}"
    told = [(one.item, pc.is_valid(one.value), one.is_held) for one in (*held, *others)]
    columns = {
        "mention_id": pa.array(digest.short_numbered(space, numbers.to_pylist()), pa.string()),
        "sheet_id": pa.array([sheet_id] * count, pa.string()),
        "row_number": numbers,
        "role": pa.array([group.role] * count, pa.string()),
        "full_name": name,
        "name_key": _name_key(items, folded),
        **keys,
        "items": _lists([(item.name, mask) for item, mask, is_sure in told if is_sure], count),
        "categories": _lists([(item.category, mask) for item, mask, is_sure in told if is_sure], count),
        "candidates": _lists([(item.category, mask) for item, mask, is_sure in told if not is_sure], count),
        "subject_kind": pa.array([kind] * count, pa.string()),
        "doubt": _doubt(rows, folded, keys["email_key"], is_firm, dead, items),
        "mails": pa.nulls(count, pa.list_(pa.string())),
    }
    table = pa.table({field.name: columns[field.name] for field in own_schema()}, schema=own_schema())
    is_person = _is_person(held, is_firm, count)
    return table if pc.all(is_person, min_count=0).as_py() else table.filter(is_person)


def _column(one: Judgement, rows: pa.RecordBatch) -> _Held:
    assert one.item is not None  # only judgements with an item come into a group
    raw = values_of(rows, one.columns, one.separator)
    value = forms(raw, one.item.of_row)
    return _Held(item=one.item, raw=raw, value=value, is_held=one.is_held)


def _keys(held: Sequence[_Held], count: int) -> dict[str, pa.Array]:
    keys = {name: pa.nulls(count, pa.string()) for name in (*_KEYS.values(), "number_key")}
    kana = {"surname_kana": pa.nulls(count, pa.string()), "given_name_kana": pa.nulls(count, pa.string())}
    parts: list[pa.Array] = []
    for one in held:
        if not one.is_held:
            continue
        if one.item.name in _KEYS:
            target = _KEYS[one.item.name]
            keys[target] = _first(keys[target], one.value)
        elif one.item.name in _NUMBERS:
            number = pc.binary_join_element_wise(pa.scalar(f"{one.item.name}:"), one.value, "")
            keys["number_key"] = _first(keys["number_key"], number)
        elif one.item.name in kana:
            kana[one.item.name] = _first(kana[one.item.name], one.value)
        elif one.item.name == "address_part":
            parts.append(one.value)
    if parts:
        # The town may stand in front of the street or in columns of its own; a building behind it is part of the address.
        street = _joined(
            [keys["address_key"], *parts] if len(parts) == 1 else [*parts, keys["address_key"]], ""
        )
        keys["address_key"] = street
    keys["kana_key"] = _first(keys["kana_key"], _joined(list(kana.values()), ""))
    is_whole = pc.equal(pc.utf8_length(keys["birth_date"]), _WHOLE_DATE)
    keys["birth_date"] = _null_for(pc.invert(pc.fill_null(is_whole, False)), keys["birth_date"])
    return keys


def _first(values: pa.Array, others: pa.Array) -> pa.Array:
    """The values, and the others in the place of those that are null."""
    if not values.null_count:
        return values
    return others if values.null_count == len(values) else pc.coalesce(values, others)


def _full_name(held: Sequence[_Held], count: int) -> pa.Array:
    """The name column, else surname and given name joined, else the name in Latin letters, as written."""
    named = {
        one.item.name: one.raw
        for one in reversed(held)
        if one.is_held and one.item.name in _NAMING | {"given_name"}
    }
    empty = pa.nulls(count, pa.string())

    def blank_as_null(name: str) -> pa.Array:
        if name not in named:
            return empty
        return _null_for(pc.invert(is_filled(named[name])), pc.utf8_trim_whitespace(named[name]))

    joined = _joined([blank_as_null("surname"), blank_as_null("given_name")], " ")
    return _first(_first(blank_as_null("name"), joined), blank_as_null("name_romaji"))


def _doubt(
    rows: pa.RecordBatch, name: pa.Array, email: pa.Array, is_firm: pa.Array, dead: pa.Array, items: Items
) -> pa.Array:
    """Why a mention may be none of a living natural person, or null."""
    is_sample = pc.is_in(
        pc.utf8_lower(fold.without_spaces(name)), value_set=pa.array(sorted(items.sample_names))
    )
    cells = pa.array(sorted(items.sample_cells))
    for column in rows.columns[1:]:
        if pa.types.is_string(column.type):
            is_sample = pc.or_(is_sample, pc.is_in(column, value_set=cells))
    nameless = pc.is_null(name)
    is_shared = nameless
    if pc.any(nameless).as_py():
        mailbox = pc.utf8_lower(pc.replace_substring_regex(email, "@.*$", ""))
        is_shared = pc.and_(nameless, pc.is_in(mailbox, value_set=pa.array(sorted(items.shared_mailboxes))))
    return pc.case_when(
        pc.make_struct(
            pc.fill_null(is_sample, False),
            is_firm,
            pc.or_(dead, deceased.of_names(name, items)),
            pc.fill_null(is_shared, False),
        ),
        *(pa.scalar(one, pa.string()) for one in (SAMPLE, COMPANY, DECEASED, SHARED_MAILBOX)),
        pa.scalar(None, pa.string()),
    )


def _is_person(held: Sequence[_Held], is_firm: pa.Array, count: int) -> pa.Array:
    """Where an identifying item is filled, and for a firm one that firms do not have."""
    nobody = pa.array([False] * count, pa.bool_())
    any_of, beside_firm = nobody, nobody
    for one in held:
        if one.item.identifies and one.is_held:
            filled = is_filled(one.raw)
            any_of = pc.or_(any_of, filled)
            if one.item.name not in _OF_FIRMS:
                beside_firm = pc.or_(beside_firm, filled)
    return pc.if_else(is_firm, beside_firm, any_of)


def _joined(parts: list[pa.Array], separator: str) -> pa.Array:
    # Not by null_handling="skip": Arrow gives no rows at all where every part is null.
    joined = pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in parts), separator)
    trimmed = pc.utf8_trim_whitespace(joined)
    return _null_for(pc.equal(pc.utf8_length(trimmed), 0), trimmed)


def _name_key(items: Items, names: pa.Array) -> pa.Array:
    folded = fold.name(names, items.variants)
    return _null_for(pc.equal(folded, ""), folded)


def _null_for(mask: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(mask, pa.scalar(None, pa.string()), values)


def _lists(present: Sequence[tuple[str, pa.Array]], count: int) -> pa.Array:
    """For every row the names that are present, each once, in the order of the sheet's columns."""
    by_name: dict[str, pa.Array] = {}
    for name, mask in present:
        by_name[name] = pc.or_(by_name[name], mask) if name in by_name else mask
    if not by_name:
        return pa.array([[]] * count, pa.list_(pa.string()))
    # A batch has few combinations: each is made once and put back by the bits of its masks.
    bits = sum(
        (
            pc.cast(mask, pa.int64()).to_numpy(zero_copy_only=False) << place
            for place, mask in enumerate(by_name.values())
        ),
        start=pa.array([0] * count, pa.int64()).to_numpy(),
    )
    encoded = pa.array(bits).dictionary_encode()
    names = list(by_name)
    made = [
        [name for place, name in enumerate(names) if combination >> place & 1]
        for combination in encoded.dictionary.to_pylist()
    ]
    return pa.array(made, pa.list_(pa.string())).take(encoded.indices)
