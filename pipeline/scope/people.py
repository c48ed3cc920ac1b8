"""Persons from mentions by deterministic keys, in three bounds; a rule that joins more stands in all bounds below.

- high joins only what cannot be two: a customer or employee number with the same name, or the same name with the same
  date of birth, telephone number, mail address or postal address.
- likely joins also a number, a mail address with no other name beside it, and kana with date of birth or telephone, where
  dates of birth do not contradict.
- low joins everything that could be the same human: the same telephone number, mail address or number, and the same name or
  kana unless two dates of birth tell two humans apart. Mentions with neither name nor number make no person of their own
  beside others, since any of those may be meant.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

BOUNDS = ("high", "likely", "low")
# Each rule: the bound from which on it joins, its name, and the SQL of its key (null: the rule says nothing of the mention).
_RULES = (
    ("high", "number+name", "number_key || '|' || name_key"),
    ("high", "name+birth_date", "name_key || '|' || birth_date"),
    ("high", "name+phone", "name_key || '|' || phone_key"),
    ("high", "name+email", "name_key || '|' || email_key"),
    ("high", "name+address", "name_key || '|' || address_key"),
    ("likely", "number", "number_key"),
    ("likely", "email", "email_key"),
    ("likely", "kana+birth_date", "kana_key || '|' || birth_date"),
    ("likely", "kana+phone", "kana_key || '|' || phone_key"),
    ("low", "name", "name_key"),
    ("low", "kana", "kana_key"),
    ("low", "phone", "phone_key"),
    ("low", "number, whatever else", "number_key"),
    ("low", "email, whatever else", "email_key"),
)


def cluster(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Columns bound, person_id, mention_id, reason: every mention in one person of each bound.

    `connection` has the view `mention`. A person is named by its first mention, so names do not change with order.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY mention_id) - 1 AS n, * FROM mention"
    )
    ids = connection.sql("SELECT mention_id FROM numbered ORDER BY n").to_arrow_table().column(0).to_pylist()
    parts = []
    parent = np.arange(len(ids))
    reason = np.full(len(ids), "alone", dtype=object)
    for bound in BOUNDS:
        for rule_bound, name, key in _RULES:
            if rule_bound != bound:
                continue
            left, right = _edges(connection, key, is_guarded=bound != "low")
            fresh = reason[right] == "alone"
            reason[right[fresh]] = name
            parent = _joined(parent, left, right)
        if bound == "low":
            parent = _absorb(connection, parent)
        names = pa.array([ids[one] for one in parent.tolist()], pa.string())
        columns = {
            "bound": pa.array([bound] * len(ids), pa.string()),
            "person_id": names,
            "mention_id": pa.array(ids, pa.string()),
            "reason": pa.array(reason.tolist(), pa.string()),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def _edges(
    connection: duckdb.DuckDBPyConnection, key: str, *, is_guarded: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (first mention of a key, mention of that key).

    Guarded, a key under which two dates of birth stand, or two names where the key is not a name, joins only within
    the same date of birth and name: then it speaks of more than one human.
    """
    guard = (
        "CASE WHEN count(DISTINCT birth_date) OVER (PARTITION BY k) > 1 OR count(DISTINCT name_key) OVER (PARTITION BY k) > 1 "
        "THEN coalesce(birth_date, '?' || n) || '|' || coalesce(name_key, '?' || n) ELSE '' END"
    )
    # In the low bound a mention without date of birth goes with the first of its name; two dates stay two humans.
    by_birth = "coalesce(birth_date, min(birth_date) OVER (PARTITION BY k), '')"
    split = guard if is_guarded else by_birth if key in ("name_key", "kana_key") else "''"
    table = connection.sql(
        f"WITH keyed AS (SELECT n, birth_date, name_key, {key} AS k FROM numbered), "  # noqa: S608  keys stand above
        f"split AS (SELECT n, k, {split} AS s FROM keyed WHERE k IS NOT NULL) "
        "SELECT min(n) OVER (PARTITION BY k, s) AS a, n AS b FROM split ORDER BY n"
    ).to_arrow_table()
    left, right = (table.column(index).to_numpy().astype(np.int64) for index in (0, 1))
    keep = left != right
    return left[keep], right[keep]


def _joined(parent: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Connected components after adding edges, each named by its lowest number (hooking and pointer jumping)."""
    parent = parent.copy()
    while True:
        low = np.minimum(parent[left], parent[right])
        high = np.maximum(parent[left], parent[right])
        moved = low < high
        if not moved.any():
            return parent
        np.minimum.at(parent, high[moved], low[moved])
        while True:  # every number to the lowest of its component
            above = parent[parent]
            if (above == parent).all():
                break
            parent = above


def _absorb(connection: duckdb.DuckDBPyConnection, parent: np.ndarray) -> np.ndarray:
    """In the low bound a person of whom neither name nor number is known may be any other."""
    table = connection.sql(
        "SELECT n FROM numbered WHERE name_key IS NOT NULL OR number_key IS NOT NULL ORDER BY n"
    ).to_arrow_table()
    strong = table.column(0).to_numpy().astype(np.int64)
    if not len(strong) or not len(parent):
        return parent
    has_strong = np.zeros(len(parent), dtype=bool)
    has_strong[parent[strong]] = True
    weak = ~has_strong[parent]
    result = parent.copy()
    result[weak] = parent[strong[0]]
    return result
