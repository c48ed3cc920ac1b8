"""Real SQLite databases: as many rows in each table as sqlite3 counts, none of them told as found again."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from parsers.documents.sqlite_database import sqlite_database
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "databases.json"
FILES = json.loads(FILE.read_text(encoding="utf-8"))["files"] if FILE.is_file() else {}
EXPECTED = {name: one["tables"] for name, one in FILES.items() if "tables" in one}
# Tables of SQLite itself, and those in which the index `words` of mmssms.db keeps itself but for its texts.
_LEFT_OUT = {"sqlite_sequence", "words", "words_segdir"}
# Which tables have rows in a freelist, in free blocks, or in states before the log; no second tool was asked.
_RECOVERED = {
    "plaso/test_data/macos/knowledgec-10.13.db": {"ZOBJECT", "ZSOURCE", "Z_PRIMARYKEY"},
    "plaso/test_data/wal_database.db": {"MyTable"},
    "plaso/test_data/windows/ActivitiesCache.db": {"Activity"},
}


def read(name: str) -> Yielded:
    log = CORPUS / f"{name}-wal"
    return run(sqlite_database, artefact(CORPUS / name, **({"-wal": log} if log.is_file() else {})))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_table_has_the_rows_it_has(name: str) -> None:
    found = read(name)
    counts = {
        sheet.name: table.num_rows for sheet, table in found.sheets if not sheet.name.endswith("(recovered)")
    }
    assert counts == {table: count for table, count in EXPECTED[name].items() if table not in _LEFT_OUT}
    assert found.problems == []


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_no_live_row_is_told_as_found_again(name: str) -> None:
    found = read(name)
    live = {
        cells(row)
        for sheet, table in found.sheets
        if not is_recovered(sheet.name)
        for row in table.to_pylist()
    }
    recovered = [(sheet, table) for sheet, table in found.sheets if is_recovered(sheet.name)]
    assert {sheet.name.removesuffix(" (recovered)") for sheet, _ in recovered} == _RECOVERED.get(name, set())
    assert not live & {cells(row)[:-1] for _, table in recovered for row in table.to_pylist()}


def is_recovered(name: str) -> bool:
    return name.endswith("(recovered)")


def cells(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(row.values())[1:]


@pytest.mark.parametrize("name", sorted(one for one in FILES if "dbs" in FILES[one]))
def test_databases_of_a_telephone_with_their_logs(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(CORPUS / name) as archive:
        for number, (database, said) in enumerate(FILES[name]["dbs"].items()):
            member = next(one for one in archive.namelist() if one.endswith(database))
            place = tmp_path / f"{number}.db"
            place.write_bytes(archive.read(member))
            beside = {}
            if f"{member}-wal" in archive.namelist():
                beside["-wal"] = tmp_path / f"{number}.db-wal"
                beside["-wal"].write_bytes(archive.read(f"{member}-wal"))
            found = run(sqlite_database, artefact(place, **beside))
            counts = {
                sheet.name: table.num_rows for sheet, table in found.sheets if not is_recovered(sheet.name)
            }
            wanted = {
                table: count for table, count in said.get("tables", said).items() if not is_left_out(table)
            }
            assert (counts, found.problems) == (wanted, [])


def is_left_out(table: str) -> bool:
    """Tables of SQLite itself, and the index of texts of the address book but for its texts."""
    index = "ABPersonFullTextSearch"
    return table == "sqlite_sequence" or (table.startswith(index) and table != f"{index}_content")
