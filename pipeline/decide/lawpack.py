"""Law packs: the rules of one law read from rules/reportability/<law>/*.toml, by the date they are in force.

A pack is `pack.toml` (what it covers, versions, definitions, deadlines, exemptions, notice) and any number of other
files with `[[rule]]` blocks. `inherits` takes the definitions and notices of another pack.

A pack of another jurisdiction than JP is asked only where it is named; its rules state a duty each: what, to whom,
within which time, from when. A pack without `in_force_from` is not in force: it is told, and gives no outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import digest, rulebook
from pipeline.decide.expression import Condition, ConditionError, condition, facts_read
from pipeline.decide.vocabulary import DERIVED, VOCABULARY
from pipeline.errors import RuleError

FOLDER = rulebook.RULES / "reportability"
EVERY_KIND = "*"
HOME = "JP"
DUTIES = ("authority", "persons", "media", "public", "principal")
STARTS = ("known", "persons_notified_on", "year_end")
_RULE_KEYS = (
    "id", "article", "mark", "text_ja", "text_en", "in_force_from", "in_force_to", "final_days", "grows_over",
    "starts_at", "condition", "duty", "to_ja", "to_en", "within_hours", "within_days", "runs_from", "example", "near_miss",
)  # fmt: skip
_CLAUSE_KEYS = (
    "id", "article", "mark", "text_ja", "text_en", "in_force_from", "in_force_to", "condition", "outcome",
    "example", "near_miss",
)  # fmt: skip
_PACK_KEYS = (
    "pack", "inherits", "version", "definition", "deadline", "outside", "exemption", "notice", "guideline", "remark",
    "rule", "example_base",
)  # fmt: skip
_HEAD_KEYS = (
    "title_ja", "title_en", "jurisdiction", "entity_kinds", "decides_ja", "decides_en", "report_to", "delegable",
    "in_force_from", "in_force_by", "protecting",
)  # fmt: skip
_VERSION_KEYS = ("from", "article", "mark", "text_ja", "text_en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A worked case inside a rule: facts laid over the base of its pack, and whether the rule is met."""

    entity_kind: str
    facts: Mapping[str, Any]
    is_met: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A state of the law: since when, and what changed on that day."""

    since: date
    article: str
    mark: str
    text_ja: str
    text_en: str


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
    duty: str = ""
    to_ja: str = ""
    to_en: str = ""
    within_hours: int = 0
    within_days: int = 0
    runs_from: str = "known"
    outcome: Mapping[str, Any] = field(default_factory=dict)
    instances: tuple[Instance, ...] = ()
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawPack:
    """One law as data."""

    name: str
    title_ja: str
    title_en: str
    jurisdiction: str
    entity_kinds: tuple[str, ...]
    decides_ja: str
    decides_en: str
    report_to: str
    delegable: bool
    in_force_from: date | None
    in_force_by: date | None
    protecting: tuple[str, ...]
    preliminary_days: tuple[int, int]
    versions: tuple[Version, ...]
    definitions: Mapping[str, Condition]
    rules: tuple[Rule, ...]
    outside: tuple[Rule, ...]
    exemptions: tuple[Rule, ...]
    notices: tuple[Rule, ...]
    guidelines: tuple[Rule, ...]
    remarks: tuple[Rule, ...]
    sha256: str

    @property
    def is_home(self) -> bool:
        """Whether it is a law of Japan in force: the ones asked where none are named."""
        return self.jurisdiction == HOME and self.in_force_from is not None

    @property
    def is_abroad(self) -> bool:
        """Whether it is the law of another jurisdiction, asked only by name."""
        return self.jurisdiction != HOME

    def covers(self, entity_kind: str) -> bool:
        """Whether the pack speaks about a kind of entity."""
        return entity_kind in self.entity_kinds or EVERY_KIND in self.entity_kinds

    def on(self, day: date | None) -> LawPack:
        """The pack as in force on a day; as still in force where the day is not known."""
        return replace(
            self,
            rules=_in_force(self.rules, day), outside=_in_force(self.outside, day),
            exemptions=_in_force(self.exemptions, day), notices=_in_force(self.notices, day),
            guidelines=_in_force(self.guidelines, day), remarks=_in_force(self.remarks, day),
        )  # fmt: skip

    def version(self, day: date | None) -> Version | None:
        """The newest version that was in force on a day; the newest of all where the day is not known."""
        return max(
            (one for one in self.versions if day is None or one.since <= day),
            key=lambda one: one.since, default=None,
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
    return _loaded(name, folder, _state(folder))


def load_all(folder: Path = FOLDER) -> dict[str, LawPack]:
    """Every law pack there is, by name.

    Raises:
        RuleError: a file of one is wrong; the message names the file and the key.
    """
    state = _state(folder)
    return {name: _loaded(name, folder, state) for name in names(folder)}


def _state(folder: Path) -> str:
    """What all files of all packs are: read again only when one has changed."""
    files = rulebook.rule_files(folder, (".toml",))
    return digest.of_json([[one.name, one.sha256] for one in files])


@lru_cache(maxsize=64)
def _loaded(name: str, folder: Path, state: str) -> LawPack:
    files = rulebook.rule_files(folder / name, (".toml",))
    tables = [(one, rulebook.of_toml(one)) for one in files]
    head_file, head = next((one, table) for one, table in tables if one.name == "pack.toml")
    for one, table in tables:
        rulebook.refuse_unknown(one, table, _PACK_KEYS, f"law pack {name}")
    bases = [_loaded(other, folder, state) for other in head.get("inherits", ())]
    pack = head["pack"] if isinstance(head.get("pack"), dict) else {}
    rulebook.refuse_unknown(head_file, pack, _HEAD_KEYS, f"law pack {name}")
    base = head.get("example_base", {})
    definitions: dict[str, Condition] = {}
    for other in bases:
        definitions |= other.definitions
    for one, table in tables:
        definitions |= {
            key: _condition(one, key, given) for key, given in table.get("definition", {}).items()
        }
    deadline = head.get("deadline", {})
    try:
        loaded = LawPack(
            name=name,
            title_ja=pack["title_ja"], title_en=pack["title_en"], jurisdiction=pack.get("jurisdiction", HOME),
            entity_kinds=tuple(pack["entity_kinds"]),
            decides_ja=pack["decides_ja"], decides_en=pack["decides_en"], report_to=pack["report_to"],
            delegable=pack.get("delegable", False), in_force_from=pack.get("in_force_from"),
            in_force_by=pack.get("in_force_by"), protecting=tuple(pack.get("protecting", ())),
            preliminary_days=(deadline.get("preliminary_first", 0), deadline.get("preliminary_last", 0)),
            versions=tuple(_version(head_file, given) for given in head.get("version", ())),
            definitions=definitions,
            rules=_rules(tables, "rule", base, _RULE_KEYS),
            outside=_rules(tables, "outside", base, _CLAUSE_KEYS),
            exemptions=_rules(tables, "exemption", base, _CLAUSE_KEYS),
            notices=_rules(tables, "notice", base, _CLAUSE_KEYS) + tuple(one for other in bases for one in other.notices),
            guidelines=_rules(tables, "guideline", base, _CLAUSE_KEYS),
            remarks=_rules(tables, "remark", base, _CLAUSE_KEYS),
            sha256=digest.of_json([[one.name, one.sha256] for one in files]),
        )  # fmt: skip
    except KeyError as error:
        raise RuleError(f"rule file {name}/{head_file.name}: the key {error} is missing") from error
    if (loaded.in_force_from is None) == (loaded.in_force_by is None):
        raise RuleError(f"rule file {name}/{head_file.name}: a pack has in_force_from or in_force_by")
    if loaded.is_home and not deadline:
        raise RuleError(f"rule file {name}/{head_file.name}: the table 'deadline' is missing")
    _refuse_unknown_names(loaded)
    _refuse_bad_duties(loaded)
    return loaded


def _version(file: rulebook.RuleFile, given: dict[str, Any]) -> Version:
    rulebook.refuse_unknown(file, given, _VERSION_KEYS, f"version {given.get('from')}")
    return Version(since=given["from"], **{key: given[key] for key in _VERSION_KEYS if key != "from"})


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
    known = {*VOCABULARY, *DERIVED}
    clauses = (
        *pack.rules, *pack.outside, *pack.exemptions, *pack.notices, *pack.guidelines, *pack.remarks,
    )  # fmt: skip
    for one in (*pack.definitions.values(), *(clause.condition for clause in clauses)):
        for name in sorted(facts_read(one) - known):
            raise RuleError(f"law pack {pack.name}: a condition reads {name!r}, which is no fact")
        for name in sorted(_used(one) - set(pack.definitions)):
            raise RuleError(f"law pack {pack.name}: a condition uses {name!r}, which is not defined")


def _refuse_bad_duties(pack: LawPack) -> None:
    """Refuse a rule of another jurisdiction that does not say what it asks, of whom and from when.

    Raises:
        RuleError: names the law pack and the rule.
    """
    for one in pack.rules if pack.is_abroad else ():
        if one.duty not in DUTIES or one.runs_from not in STARTS or not one.to_ja or not one.to_en:
            raise RuleError(
                f"law pack {pack.name}: rule {one.id!r} needs a duty of {', '.join(DUTIES)}, to_ja, to_en, "
                f"and runs_from one of {', '.join(STARTS)}"
            )
        if one.within_hours and one.within_days:
            raise RuleError(f"law pack {pack.name}: rule {one.id!r} has within_hours and within_days")


def _used(one: Condition) -> set[str]:
    own = {one.name} if one.kind == "use" else set()
    return own.union(*(_used(part) for part in one.parts))
