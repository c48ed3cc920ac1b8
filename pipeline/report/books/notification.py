"""notification.xlsx: one row for each person likely affected, with only that person's items, and whether they can be reached.

Without their values persons are numbers: the row says what a notice must name and by what it can be sent. With them, name and contacts are
those of the person's own mentions; such a workbook is written outside of the case, once it is recorded who asked and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from pipeline.report.books.cells import MOST_ROWS, Book, Cell
from pipeline.report.words import CATEGORY, GRADE, ITEM, ROUTE, SUBJECT, Words

# The names that a letter's fields and the columns of the sheet share.
PERSON, NAME, KANA, ITEMS, ROUTES = "番号", "氏名", "フリガナ", "漏えいした項目", "経路"
POSTAL, ADDRESS, EMAIL, PHONE = "郵便番号", "住所", "メールアドレス", "電話番号"
_OLD_DAYS = 365
_BATCH = 10_000
_MOST_VALUES = 3
_READS = ("per_person", "person_mention", "mention")
TABLES = _READS
_MASKED = (
    (PERSON, 10), ("確度 grade", 16), (ITEMS, 46), ("うち区分 categories", 40), ("要確認の区分 candidates", 24), (ROUTES, 30), ("種類 kind", 14),
    ("人か疑いがある in doubt", 12), ("文書数 documents", 10), ("連絡先 contact", 24), ("連絡先の時点 as of", 20), ("経過日数 days", 10),
    ("代替措置 substitute measure", 44), ("根拠の行 row", 34),
)  # fmt: skip
_VALUES = ((NAME, 20), (KANA, 20), (POSTAL, 12), (ADDRESS, 46), (EMAIL, 32), (PHONE, 20))
_ROWS = (
    "SELECT person_id, grade, items, categories, candidates, routes, subject_kind, is_in_doubt, document_count, "
    "has_address, has_email, has_phone, contact_changed_at, contact_age_days FROM per_person ORDER BY person_id"
)
# The values of each person's own mentions, most frequent first; what a person is not said to have stays empty.
_SAID = {
    NAME: "coalesce(m.full_name, m.name_key)",
    KANA: "m.kana_key",
    POSTAL: "m.postal_code",
    ADDRESS: "m.address_key",
    EMAIL: "m.email_key",
    PHONE: "m.phone_key",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """How many persons there are, and how many of them the workbook holds."""

    persons: int
    rows: int


def write(connection: duckdb.DuckDBPyConnection, path: Path, case_number: str, time_zone: str, *, is_unmasked: bool = False) -> Written:  # fmt: skip
    """Write the workbook to a file, person by person in the order of their numbers; times are of the zone.

    The connection has the tables `TABLES`. A sheet holds a million rows: of more persons the cover says where the others stand.
    """
    persons = int(connection.sql("SELECT count(*) FROM per_person").fetchall()[0][0])
    columns = (_MASKED[0], *_VALUES, *_MASKED[1:]) if is_unmasked else _MASKED
    if is_unmasked:
        _hold_values(connection)
    with Book(path, f"{case_number} notification") as book:
        book.cover(
            "説明",
            f"{case_number} 本人への通知 notices to the persons",
            _cover(persons, is_unmasked=is_unmasked),
            (30, 100),
        )
        rows = book.sheet(
            "本人",
            [name for name, _ in columns],
            [width for _, width in columns],
            _rows(connection, ZoneInfo(time_zone), is_unmasked=is_unmasked),
        )
    return Written(persons=persons, rows=rows)


def _cover(persons: int, *, is_unmasked: bool) -> Iterator[Sequence[Cell]]:
    yield ("本人 persons", persons)
    if persons > MOST_ROWS:
        yield (
            "この表にある人 in this sheet",
            f"{MOST_ROWS:,} 人。残りは表 per_person にある。 The others stand in the table per_person.",
        )
    yield (
        "行 a row",
        "一人一行。その人に関する項目だけを示す(規則10条)。 One row a person, only what concerns that person.",
    )
    yield (
        "氏名・連絡先 values",
        "実値を含む。取扱注意。 Personal values."
        if is_unmasked
        else "伏せてある。実値は `kanshiki notification` で記録を残して出力する。 Left out.",
    )
    yield (
        "代替措置 substitute",
        "連絡先がない、又は古く通知が困難なときは、公表・問合せ窓口などの代替措置をとる(法26条2項ただし書)。",
    )
    yield ("確度 grade", "その人の記載のうち最も確かな露出。蓋然・最大は推定を含む。")
    yield (
        "",
        "法的助言ではない。決定は人(個人情報保護責任者、弁護士)が行う。 Not legal advice; a person decides.",
    )


def _hold_values(connection: duckdb.DuckDBPyConnection) -> None:
    said = ", ".join(
        f"array_to_string(list_slice(map_keys(histogram({sql})), 1, {_MOST_VALUES}), ' / ') AS \"{name}\""
        for name, sql in _SAID.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE said AS SELECT p.likely AS person_id, {said} FROM person_mention p "  # noqa: S608
        "JOIN mention m USING (mention_id) WHERE p.likely IN (SELECT person_id FROM per_person) GROUP BY p.likely"
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, zone: ZoneInfo, *, is_unmasked: bool
) -> Iterator[Sequence[Cell]]:
    values = ", ".join(f's."{name}"' for name in _SAID)
    sql = _ROWS
    if is_unmasked:
        sql = f"SELECT r.*, {values} FROM ({_ROWS}) r LEFT JOIN said s USING (person_id) ORDER BY person_id"  # noqa: S608
    found = connection.execute(sql)
    while batch := found.fetchmany(_BATCH):
        for (
            person,
            grade,
            items,
            categories,
            candidates,
            routes,
            kind,
            doubt,
            documents,
            address,
            email,
            phone,
            at,
            age,
            *said,
        ) in batch:
            contacts = [name for name, has in ((ADDRESS, address), (EMAIL, email), (PHONE, phone)) if has]
            yield (
                person, *(one or None for one in said), GRADE[grade][0], _listed(items, ITEM), _listed(categories, CATEGORY), _listed(candidates, CATEGORY),
                _listed(routes, ROUTE), SUBJECT.get(kind, (kind,))[0] if kind != "mixed" else "複数", doubt, documents, "、".join(contacts) or "なし",
                None if at is None else f"{at.replace(tzinfo=at.tzinfo or UTC).astimezone(zone):%Y-%m-%d}", age,
                _substitute(contacts, age), f"per_person[person_id={person}]",
            )  # fmt: skip


def _substitute(contacts: Sequence[str], age: int | None) -> str:
    """Whether a notice can be sent, as far as the case tells."""
    if not contacts:
        return "要: 連絡先がない needed: no contact"
    if age is not None and age > _OLD_DAYS:
        return "連絡先が一年より古い: 届かなければ要 if the notice does not arrive"
    return "連絡先あり contact known"


def _listed(words: Sequence[str] | None, of: Words) -> str | None:
    return "、".join(dict.fromkeys(of[one][0] if one in of else one for one in words or ())) or None
