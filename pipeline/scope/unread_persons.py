"""How many persons may stand in what keeps a count open: by the like of it in the same case, and by nothing where there is no like.

An estimate is told beside the counts and never added to them. It is made in two ways:

- of a sheet whose columns nobody recognised: its rows, each of which may be a person;
- of a document that was not read: its size, by the persons a kilobyte of the documents of the same kind that were read whole holds
  in this case. With fewer than five such documents there is no estimate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from pipeline.scope.coded import Mentions
from pipeline.scope.openness import DAMAGED, PROBLEM, SUSPECT, UNREAD, Open
from pipeline.scope.people.numbers import Small, unique

# Endings of one kind: a kilobyte of them holds about as much.
_KINDS = (
    ("xlsx", "xlsm", "xlsb", "ods"), ("xls",), ("csv", "tsv", "txt"), ("docx", "docm", "odt"), ("doc", "rtf"), ("pptx", "odp"), ("ppt",),
    ("pdf",), ("html", "htm"), ("accdb", "mdb"), ("sqlite", "db", "sqlite3"), ("json", "jsonl", "xml"), ("eml",), ("msg",), ("mbox",),
    ("pst", "ost"), ("zip", "7z", "rar", "lzh"), ("jpg", "jpeg", "png", "tif", "tiff"),
)  # fmt: skip
_KIND_OF = {ending: kind[0] for kind in _KINDS for ending in kind}
_LIKE_NEEDED = 5
_BY_SIZE = (UNREAD, PROBLEM, DAMAGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Persons that may stand in something: between a tenth and nine tenths of the like of it, the middle, and how that was found."""

    low: int
    likely: int
    high: int
    method: str


def estimates(
    connection: duckdb.DuckDBPyConnection, mentions: Mentions, likely: Small, items: Iterable[Open]
) -> Mapping[tuple[str, str, str], Estimate]:
    """Estimates by reason, evidence and entry; what cannot be estimated honestly is left out.

    `likely` are the persons of the mentions. `connection` has `file_entry`, `document` and `sheet`.
    """
    asked = {(one.evidence_id, one.entry_id): one.reason for one in items if one.entry_id is not None}
    if not asked:
        return {}
    rates = _rates(connection, mentions, likely)
    found: dict[tuple[str, str, str], Estimate] = {}
    for one in items:
        if one.evidence_id is None or one.entry_id is None:
            continue
        estimate = None
        if one.reason == SUSPECT:
            estimate = _by_rows(connection, one.evidence_id, one.entry_id)
        elif one.reason in _BY_SIZE:
            estimate = _by_size(connection, one.evidence_id, one.entry_id, rates)
        if estimate is not None:
            found[one.reason, one.evidence_id, one.entry_id] = estimate
    return found


def _by_rows(connection: duckdb.DuckDBPyConnection, evidence_id: str, entry_id: str) -> Estimate | None:
    ((count,),) = connection.execute(
        "SELECT sum(row_count) FROM sheet s WHERE evidence_id = ? AND entry_id = ? "
        "AND EXISTS (SELECT 1 FROM sheet_column c WHERE c.sheet_id = s.sheet_id AND c.is_suspect) "
        "AND NOT EXISTS (SELECT 1 FROM mention m WHERE m.sheet_id = s.sheet_id)",
        [evidence_id, entry_id],
    ).fetchall()
    if not count:
        return None
    return Estimate(
        low=0, likely=int(count), high=int(count), method="rows of the sheet, one person each at most"
    )


def _by_size(
    connection: duckdb.DuckDBPyConnection,
    evidence_id: str,
    entry_id: str,
    rates: Mapping[str, Sequence[float]],
) -> Estimate | None:
    told = connection.execute(
        "SELECT name, size_bytes FROM file_entry WHERE evidence_id = ? AND entry_id = ?",
        [evidence_id, entry_id],
    ).fetchall()
    if not told or not told[0][1]:
        return None
    name, size = told[0]
    kind = _kind(name)
    like = rates.get(kind, ()) if kind is not None else ()
    if len(like) < _LIKE_NEEDED:
        return None
    low, likely, high = (round(float(one) * size) for one in np.quantile(np.array(like), (0.1, 0.5, 0.9)))
    return Estimate(
        low=low,
        likely=likely,
        high=high,
        method=f"size by persons per byte of {len(like)} {kind} documents of this case that were read whole (tenth, middle, nine tenths)",
    )


def _rates(
    connection: duckdb.DuckDBPyConnection, mentions: Mentions, likely: Small
) -> Mapping[str, list[float]]:
    """For each kind the persons per byte of the documents read whole; those without anybody count as well. Copies count once."""
    packed = unique((mentions.entry[mentions.is_sure].astype(np.int64) << 32) | likely[mentions.is_sure])
    persons = np.bincount(packed >> 32, minlength=len(mentions.entries))
    held = dict(zip(mentions.entries, persons.tolist(), strict=True))
    found: dict[str, list[float]] = {}
    told = connection.execute(
        "SELECT min(d.evidence_id), min_by(d.entry_id, (d.evidence_id, d.entry_id)), min(d.name), d.size_bytes FROM document d WHERE d.is_complete AND d.size_bytes > 0 "
        "GROUP BY d.sha256, d.size_bytes ORDER BY 1, 2"
    ).fetchall()
    for evidence_id, entry_id, name, size in told:
        kind = _kind(name)
        if kind is not None:
            found.setdefault(kind, []).append(held.get((evidence_id, entry_id), 0) / size)
    return found


def _kind(name: str | None) -> str | None:
    return _KIND_OF.get((name or "").rpartition(".")[2].lower())
