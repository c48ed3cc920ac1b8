"""What speaks for and against the possibility of a leak, and what the ends of the window rest on: SQL over the tables, one rule a file.

An exposure is of a document; what stands here is of a host or of the whole case. A rule that speaks against closes nothing by
itself: it is told beside the counts, and a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipeline.errors import RuleError
from pipeline.rulebook import RULES, RuleFile, SqlRule, rule_files, sql_rule
from pipeline.scope import exposure
from pipeline.tables.catalogue import INDICATOR
from pipeline.tables.write import rows_to_table

FOLDER = RULES / "indicators"
DIRECTIONS = ("for", "against", "from", "to")
_NEEDED = ("name", "direction", "grade", "shows", "does_not_show", "reads", "example", "near_miss")


def rules() -> tuple[SqlRule, ...]:
    """Every rule of indicators; of what is made for many rules, `reads` names what that was made from.

    Raises:
        RuleError: a header lacks a key, has an unknown one, or names no grade or no direction.
    """
    return tuple(exposure.with_sources(_rule(one)) for one in rule_files(FOLDER, (".sql",)))


def rows(connection: duckdb.DuckDBPyConnection, case_id: str, params: Mapping[str, object]) -> pa.Table:
    """The rows of `indicator`, sorted; `connection` has `exposure` besides the tables of the case.

    Raises:
        RuleError: a rule's query cannot be answered.
    """
    listed = rules()
    exposure.hold(connection, listed, params)
    found = [
        {
            "case_id": case_id,
            "evidence_id": evidence_id,
            "entry_id": entry_id,
            "parser": f"rules/indicators/{rule.file.name}",
            "parser_version": rule.file.sha256[:12],
            "status": "ok",
            "rule": rule.stated["name"],
            "direction": rule.stated["direction"],
            "grade": rule.stated["grade"],
            "happened_at": happened_at,
            "reason": reason,
            "supports": [one for one in supports if one],
        }
        for rule in listed
        for evidence_id, entry_id, reason, supports, happened_at in exposure.answered(connection, rule)
    ]
    found.sort(key=lambda row: (row["rule"], row["evidence_id"] or "", row["entry_id"] or "", row["reason"]))
    return rows_to_table(INDICATOR, found)


def _rule(file: RuleFile) -> SqlRule:
    rule = sql_rule(file, _NEEDED)
    for key, known in (("grade", exposure.GRADES), ("direction", DIRECTIONS)):
        if rule.stated[key] not in known:
            raise RuleError(
                f"rule file {file.name}: {key} {rule.stated[key]!r} is not one of {', '.join(known)}"
            )
    return rule
