"""How figures and decision would change under other rulings or thresholds; the case is read, and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.case import Case, supposed
from pipeline.decide.decision import decide
from pipeline.errors import CaseError, TableError
from pipeline.progress import printable
from pipeline.scope import stage as scope
from pipeline.scope.people import BOUNDS
from pipeline.tables import read
from pipeline.tables.catalogue import AFFECTED_COUNT, FACT

# What is decided before the stage `scope`: another run must say what it would give.
_BEFORE = ("column", "passwords")
_FIGURE = ("low", "likely", "high", "estimate", "is_open")
Figures = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The case as it stands, and as it would be."""

    supposed: tuple[str, ...]
    figures: Figures
    figures_then: Figures
    decision: Mapping[str, Any]
    decision_then: Mapping[str, Any]
    facts_changed: Mapping[str, tuple[Any, Any]]

    def as_json(self) -> dict[str, Any]:
        """The change as JSON values."""
        return {
            "supposed": list(self.supposed),
            "affected": {
                name: {"now": self.figures.get(name), "then": then}
                for name, then in self.figures_then.items()
            },
            "facts": {name: {"now": now, "then": then} for name, (now, then) in self.facts_changed.items()},
            "decision": {"now": self.decision, "then": self.decision_then},
        }

    def as_text(self) -> str:
        """The change as lines, figures that stay left out but for the three of the cover."""
        lines = [f"supposed  {printable(one)}" for one in self.supposed]
        for name, then in self.figures_then.items():
            now = self.figures.get(name, {})
            if now != then or name.endswith("/all"):
                lines.append(f"{name:<40} {_told(now)} -> {_told(then)}")
        lines += [
            f"{name:<40} {_told(now)} -> none"
            for name, now in self.figures.items()
            if name not in self.figures_then
        ]
        for name, (now, then) in self.facts_changed.items():
            lines.append(f"fact {printable(name)}: {printable(_value(now))} -> {printable(_value(then))}")
        for key in ("reportable", "triggers", "preliminary_due", "final_due", "notify_individuals"):
            before, after = self.decision.get(key), self.decision_then.get(key)
            mark = "" if before == after else " (changed)"
            lines.append(f"{key:<20} {printable(_value(before))} -> {printable(_value(after))}{mark}")
        lines.append("決定するのは人である (責任者・弁護士): an evaluation, a person decides")
        return "\n".join(lines)


def what_if(case: Case, rulings: Sequence[str], joins: Sequence[str] = ()) -> Change:
    """Figures, facts and decision with rulings as `ON=DECISION` supposed, and mentions joined from `BOUND=PROBABILITY` on.

    Raises:
        CaseError: no such ruling or bound, or one that is decided before scoping (a column, passwords).
        TableError: the case was not scoped and decided yet.
    """
    then = case
    for one in rulings:
        on, equals, decision = one.rpartition("=")
        if not equals:
            raise CaseError(f"{one!r} is no ruling: give ON=DECISION, as exposure:pc01/0123abcd=none")
        if on.partition(":")[0] in _BEFORE:
            raise CaseError(
                f"a ruling on {on!r} changes what is read: write it into case.toml and run the case"
            )
        then = supposed(then, on, _decided(on, decision))
    facts, figures = _held(case)
    changed: dict[str, pa.Table] = {
        table.name: rows
        for table, rows in scope.compute(then, _joined_from(joins))
        if table.name in (AFFECTED_COUNT.name, FACT.name) and isinstance(rows, pa.Table)
    }
    facts_then = _facts(changed[FACT.name])
    names = sorted({*facts, *facts_then})
    return Change(
        supposed=(*rulings, *joins),
        figures=figures,
        figures_then=_figures(changed[AFFECTED_COUNT.name]),
        decision=decide(case.entity.kind, facts, case.entity.law_packs).as_json(),
        decision_then=decide(case.entity.kind, facts_then, case.entity.law_packs).as_json(),
        facts_changed={
            name: (facts.get(name), facts_then.get(name))
            for name in names
            if facts.get(name) != facts_then.get(name)
        },
    )


def _held(case: Case) -> tuple[dict[str, Any], Figures]:
    facts = read.table(case.tables, FACT.name)
    if not facts.num_rows:
        raise TableError(f"{case.root} was not scoped yet: `kanshiki run` first")
    return _facts(facts), _figures(read.table(case.tables, AFFECTED_COUNT.name))


def _facts(rows: pa.Table) -> dict[str, Any]:
    return {row["name"]: json.loads(row["value"]) for row in rows.select(["name", "value"]).to_pylist()}


def _figures(rows: pa.Table) -> Figures:
    return {
        f"{row['grade']}/{row['dimension']}" + (f"={row['value']}" if row["value"] else ""): {
            name: row[name] for name in _FIGURE
        }
        for row in rows.to_pylist()
    }


def _joined_from(joins: Sequence[str]) -> dict[str, float]:
    found = {}
    for one in joins:
        bound, _, stated = one.partition("=")
        try:
            chance = float(stated)
        except ValueError:
            chance = -1.0
        if bound not in BOUNDS or not 0 < chance < 1:
            raise CaseError(
                f"{one!r} is no threshold: give high, likely or low = a probability, as likely=0.8"
            )
        found[bound] = chance
    return found


def _decided(on: str, decision: str) -> Any:
    """A decision as its fact would have it: JSON where it is such, else the word."""
    if not on.startswith("fact:"):
        return decision
    try:
        return json.loads(decision)
    except ValueError:
        return decision


def _told(figure: Mapping[str, Any]) -> str:
    if not figure:
        return "none"
    bounds = f"{figure['low']} / {figure['likely']} / {figure['high']}"
    return f"{bounds} at least" if figure["is_open"] else bounds


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
