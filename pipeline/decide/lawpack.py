"""Law packs: the rules of one law read from rules/reportability/<law>/*.toml, by the date they are in force.

A pack is `pack.toml` (what it covers, definitions, deadlines, exemptions, notice) and any number of other files
with `[[rule]]` blocks. `inherits` takes the definitions, exemptions and notices of another pack.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import digest, rulebook
from pipeline.decide.expression import Condition, ConditionError, condition, facts_read
from pipeline.decide.vocabulary import VOCABULARY
from pipeline.errors import RuleError

FOLDER = rulebook.RULES / "reportability"
EVERY_KIND = "*"
_RULE_KEYS = (
    "id", "article", "mark", "text_ja", "text_en", "in_force_from", "in_force_to", "final_days", "grows_over",
    "starts_at", "condition", "example", "near_miss",
)  # fmt: skip
_CLAUSE_KEYS = (
    "id", "article", "mark", "text_ja", "text_en", "in_force_from", "in_force_to", "condition", "outcome",
    "example", "near_miss",
)  # fmt: skip
_PACK_KEYS = (
    "pack", "inherits", "definition", "deadline", "outside", "exemption", "notice", "guideline", "rule", "example_base",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A worked case inside a rule: facts laid over the base of its pack, and whether the rule is met."""

    entity_kind: str
    facts: Mapping[str, Any]
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a law: what it says, since when, and the condition under which it is met."""

    id: str
    article: str
    mark: str
    text_ja: str
    text_en: str
    condition: Condition
    in_force_from: date = date.min
    in_force_to: date = date.max
    final_days: int = 0
    grows_over: int | None = None
    starts_at: str = ""
    outcome: Mapping[str, Any] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """One law as data."""

    name: str
    title_ja: str
    title_en: str
    entity_kinds: tuple[str, ...]
    decides_ja: str
    decides_en: str
    report_to: str
    delegable: bool
    in_force_from: date
    protecting: tuple[str, ...]
    preliminary_days: tuple[int, int]
    definitions: Mapping[str, Condition]
    rules: tuple[Rule, ...]
    outside: tuple[Rule, ...]
    exemptions: tuple[Rule, ...]
    notices: tuple[Rule, ...]
    guidelines: tuple[Rule, ...]
    sha256: str

    def covers(self, entity_kind: str) -> bool:
        """Whether the pack speaks about a kind of entity."""
        return entity_kind in self.entity_kinds or EVERY_KIND in self.entity_kinds

    def on(self, day: date | None) -> LawPack:
        """The pack as in force on a day; as still in force where the day is not known."""
        return replace(
            self,
            rules=_in_force(self.rules, day), outside=_in_force(self.outside, day),
            exemptions=_in_force(self.exemptions, day), notices=_in_force(self.notices, day),
            guidelines=_in_force(self.guidelines, day),
        )  # fmt: skip


def names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of all law packs there are."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/pack.toml")))


def load(name: str, folder: Path = FOLDER) -> LawPack:
    """The law pack of a name.

    Raises:
        RuleError: there is none, or one of its files is wrong; the message names the file and the key.
    """
    if name not in names(folder):
        raise RuleError(
            f"there is no law pack {name!r} under {folder}; there are {', '.join(names(folder)) or 'none'}"
        )
    files = rulebook.rule_files(folder / name, (".toml",))
    tables = [(one, rulebook.of_toml(one)) for one in files]
    head_file, head = next((one, table) for one, table in tables if one.name == "pack.toml")
    for one, table in tables:
        rulebook.refuse_unknown(one, table, _PACK_KEYS, f"law pack {name}")
    bases = [load(other, folder) for other in head.get("inherits", ())]
    pack = head["pack"] if isinstance(head.get("pack"), dict) else {}
    base = head.get("example_base", {})
    definitions: dict[str, Condition] = {}
    for other in bases:
        definitions |= other.definitions
    for one, table in tables:
        definitions |= {
            key: _condition(one, key, given) for key, given in table.get("definition", {}).items()
        }
    try:
        loaded = LawPack(
            name=name,
            title_ja=pack["title_ja"], title_en=pack["title_en"], entity_kinds=tuple(pack["entity_kinds"]),
            decides_ja=pack["decides_ja"], decides_en=pack["decides_en"], report_to=pack["report_to"],
            delegable=pack["delegable"], in_force_from=pack["in_force_from"], protecting=tuple(pack["protecting"]),
            preliminary_days=(head["deadline"]["preliminary_first"], head["deadline"]["preliminary_last"]),
            definitions=definitions,
            rules=_rules(tables, "rule", base, _RULE_KEYS),
            outside=_rules(tables, "outside", base, _CLAUSE_KEYS),
            exemptions=_rules(tables, "exemption", base, _CLAUSE_KEYS),
            notices=_rules(tables, "notice", base, _CLAUSE_KEYS) + tuple(one for other in bases for one in other.notices),
            guidelines=_rules(tables, "guideline", base, _CLAUSE_KEYS),
            sha256=digest.of_json([[one.name, one.sha256] for one in files]),
        )  # fmt: skip
    except KeyError as error:
        raise RuleError(f"rule file {name}/{head_file.name}: the key {error} is missing") from error
    _refuse_unknown_names(loaded)
    return loaded


def _in_force(versions: tuple[Rule, ...], day: date | None) -> tuple[Rule, ...]:
    # Of an unknown day only what still is in force can be said.
    wanted = date.max if day is None else day
    return tuple(one for one in versions if one.in_force_from <= wanted <= one.in_force_to)


def _rules(
    tables: Sequence[tuple[rulebook.RuleFile, dict[str, Any]]],
    kind: str,
    base: Mapping[str, Any],
    keys: Sequence[str],
) -> tuple[Rule, ...]:
    return tuple(_rule(one, given, base, keys) for one, table in tables for given in table.get(kind, ()))


def _rule(
    file: rulebook.RuleFile, given: dict[str, Any], base: Mapping[str, Any], keys: Sequence[str]
) -> Rule:
    rulebook.refuse_unknown(file, given, keys, f"rule {given.get('id')!r}")
    instances = [
        Instance(
            entity_kind=one.get("entity_kind", base.get("entity_kind", "private")),
            facts={**base.get("facts", {}), **one.get("facts", {})},
            is_met=is_met,
        )
        for key, is_met in (("example", True), ("near_miss", False))
        for one in given.get(key, ())
    ]
    for key in ("id", "article", "mark", "text_ja", "text_en", "condition"):
        if key not in given:
            line = rulebook.line_of_key(file.content, "id")
            raise RuleError(f"rule file {file.name}, line {line}: rule {given.get('id')!r} has no {key!r}")
    kept = {
        key: given[key] for key in keys if key in given and key not in ("example", "near_miss", "condition")
    }
    return Rule(
        **kept,
        condition=_condition(file, given["id"], given["condition"]),
        instances=tuple(instances),
        file=file.name,
    )


def _condition(file: rulebook.RuleFile, name: str, given: Any) -> Condition:
    try:
        return condition(given)
    except ConditionError as error:
        line = rulebook.line_of_key(file.content, name)
        raise RuleError(f"rule file {file.name}, line {line}: condition of {name!r}: {error}") from error


def _refuse_unknown_names(pack: LawPack) -> None:
    """Refuse a condition that reads a fact or a definition nobody knows.

    Raises:
        RuleError: names the law pack and the fact or definition.
    """
    known = {*VOCABULARY, "entrustment.smallest_client"}
    clauses = (*pack.rules, *pack.outside, *pack.exemptions, *pack.notices, *pack.guidelines)
    for one in (*pack.definitions.values(), *(clause.condition for clause in clauses)):
        for name in sorted(facts_read(one) - known):
            raise RuleError(f"law pack {pack.name}: a condition reads {name!r}, which is no fact")
        for name in sorted(_used(one) - set(pack.definitions)):
            raise RuleError(f"law pack {pack.name}: a condition uses {name!r}, which is not defined")


def _used(one: Condition) -> set[str]:
    own = {one.name} if one.kind == "use" else set()
    return own.union(*(_used(part) for part in one.parts))
