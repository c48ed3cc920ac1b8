"""Known content by its digest: lists of known bad and known good, asked of the digest of every entry that was read.

A list is a text file `*.md5`, `*.sha1` or `*.sha256` under `bad/` or `good/` of a folder of rules: a digest first on each line, a
name behind it, `#` before a remark. Its ending says which digest it holds; a line that holds none is an error that names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline import digest
from pipeline.case import Case
from pipeline.errors import RuleError
from pipeline.rulebook import RULES
from pipeline.tables import read
from pipeline.tables.catalogue import HASH_HIT
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import Rows, rows_to_table

STAGE = "pipeline/match"
VERSION = "1"
STEP = "match hashes"
READS = ("entry_content", "file_entry")
FOLDER = RULES / "hashes"
KINDS = ("bad", "good")
_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64}
_HEX = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HashList:
    """One list: its file under its folder of rules, its digest, whether it is of bad or good, and which digest it holds."""

    name: str
    sha256: str
    list_kind: str
    digest_kind: str
    path: Path


def lists(folders: Sequence[Path]) -> tuple[HashList, ...]:
    """Every list of some folders of rules: `bad/` and `good/` in them, or in a folder `hashes` of theirs."""
    places = [base / kind for folder in folders for base in (folder, folder / "hashes") for kind in KINDS]
    files = dict.fromkeys(path for place in places for path in sorted(place.glob("*")) if path.is_file())
    return tuple(
        HashList(
            name=f"{path.parent.name}/{path.name}",
            sha256=digest.of_file(path),
            list_kind=path.parent.name,
            digest_kind=path.suffix.removeprefix(".").lower(),
            path=path,
        )
        for path in files
        if path.suffix.removeprefix(".").lower() in _DIGITS
    )


def compute(case: Case, folders: Sequence[Path]) -> list[tuple[Table, Rows]]:
    """The rows of `hash_hit`, in the order of entry and list.

    Raises:
        RuleError: a line of a list holds no digest of its kind.
    """
    connection = read.connect(case.tables, case.work / "duckdb", only=READS)
    try:
        rows = [row for one in lists(folders) for row in _hits(connection, one, case.number)]
    finally:
        connection.close()
    rows.sort(key=lambda row: (str(row["evidence_id"]), str(row["entry_id"]), str(row["list_file"])))
    return [(HASH_HIT, rows_to_table(HASH_HIT, rows) if rows else full_schema(HASH_HIT).empty_table())]


def _hits(connection: duckdb.DuckDBPyConnection, one: HashList, case_id: str) -> Iterator[dict[str, object]]:
    digests, names = _lines(one)
    connection.register("known", pa.table({"hex": digests, "known_name": names}))
    found = connection.sql(
        f"SELECT c.evidence_id, c.entry_id, c.{one.digest_kind}, min(k.known_name) FROM entry_content c "  # noqa: S608
        f"JOIN known k ON k.hex = c.{one.digest_kind} GROUP BY 1, 2, 3"
    ).fetchall()
    connection.unregister("known")
    for evidence_id, entry_id, value, known_name in found:
        yield {
            **provenance_values(
                case_id=case_id,
                evidence_id=evidence_id,
                entry_id=entry_id,
                locator=None,
                parser=STAGE,
                version=VERSION,
            ),
            "list_file": one.name,
            "list_sha256": one.sha256,
            "list_kind": one.list_kind,
            "digest_kind": one.digest_kind,
            "digest_hex": value,
            "known_name": known_name or None,
        }


def _lines(one: HashList) -> tuple[pa.Array, pa.Array]:
    """The digests of a list, lower case, and the names behind them."""
    digests, names = [], []
    with one.path.open(encoding="utf-8", errors="replace") as stream:
        for number, line in enumerate(stream, start=1):
            text = line.strip().removeprefix("\ufeff")
            if not text or text.startswith("#"):
                continue
            head, _, name = text.partition(" ")
            value = head.rstrip(",;\t").partition("\t")[0].lower()
            if len(value) != _DIGITS[one.digest_kind] or not _HEX.fullmatch(value):
                raise RuleError(
                    f"list {one.name}, line {number}: {value[:80]!r} is no {one.digest_kind} of {_DIGITS[one.digest_kind]} hex digits"
                )
            digests.append(value)
            names.append(name.strip().lstrip("*"))
    return pa.array(digests, pa.string()), pa.array(names, pa.string())
