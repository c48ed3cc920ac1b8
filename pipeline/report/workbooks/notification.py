"""notification.xlsx: one row per person likely affected, with what a notice to this person names; values only where they are given.

The first sheet explains; the sheets behind it have nothing but a header and rows, so that a mail merge can take them as they are:
the names of their columns are those of the merge fields of the letters. Rows come in batches, and no more than one is held.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.report.book_words import (
    DECIDES,
    MASKED,
    ONE_ROW,
    SUBJECT_OF_PERSON,
    SUBSTITUTE,
    UNMASKED,
    listed,
    named,
)
from pipeline.report.merge_fields import (
    ADDRESS,
    EMAIL,
    EVENT,
    FIELDS,
    ITEMS,
    NAME,
    OTHERS,
    PERSON,
    PHONE,
    POSTAL,
    event_words,
)
from pipeline.report.words import GRADE
from pipeline.report.workbooks.cells import Book, Heading
from pipeline.report.workbooks.streamed import SHEET_ROWS, fill

ABOUT, PERSONS = "説明 About", "対象者 Persons"
_BATCH_ROWS = 65_536
# What a person's mentions say, by column; None stands for a value that is not shown.
VALUES = (NAME, POSTAL, ADDRESS, EMAIL, PHONE, OTHERS)
Values = Callable[[pa.Array], dict[str, pa.Array]]
_NOT_SHOWN, _NONE = "(非表示)", "なし"
_KEYS = ("grade", "routes", "items", "categories", "candidates", "subject_kind")
_SQL = (
    "SELECT person_id, grade, array_to_string(routes, ',') AS routes, array_to_string(items, ',') AS items, "
    "array_to_string(categories, ',') AS categories, array_to_string(candidates, ',') AS candidates, subject_kind, "
    "is_in_doubt, mention_count, document_count, has_address, has_email, has_phone, "
    "strftime(timezone($zone, contact_changed_at), '%Y-%m-%d') AS changed, contact_age_days FROM per_person"
)


def write(connection: duckdb.DuckDBPyConnection, case: tuple[str, str], target: BinaryIO, values: Values | None = None) -> int:  # fmt: skip
    """Write the workbook; how many persons stand in it. `case` is its number and its time zone.

    `values` gives for numbers of persons the values of their own mentions; without it none is shown.
    """
    number, zone = case
    ((count,),) = connection.execute("SELECT count(*) FROM per_person").fetchall()
    sheets = [min(SHEET_ROWS, count - start) for start in range(0, count, SHEET_ROWS)] or [0]
    with tempfile.TemporaryDirectory() as folder:  # headers and words of ours alone: no row
        skeleton = Path(folder) / "skeleton.xlsx"
        _skeleton(skeleton, number, sheets, is_masked=values is None)
        told = connection.sql(_SQL, params={"zone": zone}).to_arrow_reader(_BATCH_ROWS)
        fill(skeleton, target, dict(enumerate(sheets, start=2)), _rows(told, values))
    return int(count)


def _skeleton(path: Path, number: str, sheets: Iterable[int], *, is_masked: bool) -> None:
    """The workbook without a person: the sheet that explains, and for each sheet of persons its header."""
    book = Book(path, f"{number} 本人通知の対象者 / persons to notify")
    about = book.sheet(ABOUT, ())
    about.widths(26, 34, 90)
    about.text(0, 0, "本人通知の対象者", "title")
    about.text(1, 0, "Persons to notify", "english")
    about.text(2, 0, "事件番号 case", "header")
    about.line(2, 1, 2, number, "plain")
    row = 4
    for look, words in (
        ("notice", MASKED if is_masked else UNMASKED),
        ("notice", DECIDES),
        ("plain", ONE_ROW),
        ("plain", SUBSTITUTE),
    ):
        about.line(row, 0, 2, words[0], look)
        about.line(row + 1, 0, 2, words[1], "english")
        row += 2
    row += 1
    for column, text in enumerate(("列 column", "English", "内容 what it says")):
        about.text(row, column, text, "header")
    for field in FIELDS:
        row += 1
        about.text(row, 0, field.name)
        about.text(row, 1, field.en, "english")
        about.text(row, 2, field.told)
    headings = [Heading(ja=one.name, en="", width=one.width) for one in FIELDS]
    for at, rows in enumerate(sheets, start=1):
        book.sheet(PERSONS if at == 1 else f"{PERSONS} {at}", headings, rows)
    book.close()


def _rows(batches: Iterable[pa.RecordBatch], values: Values | None) -> Iterator[pa.RecordBatch]:
    """The rows of `per_person` as the columns of `FIELDS`."""
    for batch in batches:
        if not batch.num_rows:
            continue
        own = {name: batch.column(name) for name in batch.schema.names}
        coded = {name: own[name].dictionary_encode() for name in _KEYS}
        number = own["person_id"].cast(pa.string())
        reached = pc.or_(pc.or_(own["has_address"], own["has_email"]), own["has_phone"])
        state = pc.binary_join_element_wise(own["grade"], own["routes"], ";")
        shown = values(own["person_id"]) if values is not None else _masked(own)
        columns = {
            PERSON: own["person_id"],
            **shown,
            ITEMS: _words(coded["items"], lambda text: listed(text.split(",")) if text else ""),
            EVENT: _words(state.dictionary_encode(), lambda text: event_words(*text.split(";", 1))),
            "確度": _words(coded["grade"], lambda text: named(text, GRADE)),
            "経路": _words(coded["routes"], lambda text: listed(text.split(",")) if text else ""),
            "区分": _words(coded["categories"], lambda text: listed(text.split(",")) if text else ""),
            "未確認の区分": _words(coded["candidates"], lambda text: listed(text.split(",")) if text else ""),
            "本人の種類": _words(coded["subject_kind"], lambda text: named(text, SUBJECT_OF_PERSON)),
            "本人か疑わしい": _either(own["is_in_doubt"], "はい", "いいえ"),
            "記載数": own["mention_count"],
            "文書数": own["document_count"],
            "連絡先の種類": _contacts(own),
            "連絡先の更新日": own["changed"].dictionary_encode(),
            "連絡先の経過日数": own["contact_age_days"],
            "代替措置": _either(reached, "連絡先あり", "要検討(連絡先なし)"),
            "参照": pc.binary_join_element_wise("per_person[person_id=", number, "]", ""),
        }
        yield pa.RecordBatch.from_arrays([columns[one.name] for one in FIELDS], [one.name for one in FIELDS])


def _words(coded: pa.DictionaryArray, words: Callable[[str], str]) -> pa.DictionaryArray:
    """A column of few texts in words of ours; an empty one is an empty cell."""
    told = pa.array([words(one) or None for one in coded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(coded.indices, told)


def _either(mask: pa.Array, yes: str, no: str) -> pa.DictionaryArray:
    places = pc.if_else(pc.fill_null(mask, False), pa.scalar(0, pa.int32()), pa.scalar(1, pa.int32()))
    return pa.DictionaryArray.from_arrays(places, pa.array([yes, no]))


def _contacts(own: dict[str, pa.Array]) -> pa.DictionaryArray:
    """Which kinds of contact a person has."""
    kinds = (("has_address", "住所"), ("has_email", "メール"), ("has_phone", "電話"))
    told = [
        "、".join(word for at, (_, word) in enumerate(kinds) if number >> at & 1) or "なし"
        for number in range(8)
    ]
    places = pa.array([0] * len(own["person_id"]), pa.int32())
    for at, (name, _) in enumerate(kinds):
        places = pc.add(places, pc.if_else(own[name], pa.scalar(1 << at, pa.int32()), pa.scalar(0, pa.int32())))  # fmt: skip
    return pa.DictionaryArray.from_arrays(places, pa.array(told))


def _masked(own: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Whether there is a value, in the place of each: no sign of it."""
    count = len(own["person_id"])
    always = _either(pa.array([True] * count), _NOT_SHOWN, _NONE)
    empty = pa.nulls(count, pa.string())
    return {
        NAME: always,
        POSTAL: _either(own["has_address"], _NOT_SHOWN, _NONE),
        ADDRESS: _either(own["has_address"], _NOT_SHOWN, _NONE),
        EMAIL: _either(own["has_email"], _NOT_SHOWN, _NONE),
        PHONE: _either(own["has_phone"], _NOT_SHOWN, _NONE),
        OTHERS: empty,
    }
