"""Sigma rules read from their files: every rule is given, also one that cannot be used, which then says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from sigma.collection import SigmaCollection
from sigma.correlations import SigmaCorrelationRule
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.rule.base import SigmaYAMLLoader

from pipeline.rulebook import RULES, RuleFile, rule_files

FOLDER = RULES / "events"
SUFFIXES = (".yml", ".yaml")
# What a document that is no rule makes the reader of rules raise; a hostile one may do the same.
_MISREAD = (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError, OverflowError)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """A rule of a file with its place in it, as pySigma reads it; `refused` says why it cannot be used."""

    file: RuleFile
    place: int
    sigma: SigmaRule | SigmaCorrelationRule | None = None
    refused: str | None = None

    @property
    def identity(self) -> str | None:
        """Identifier the rule gives itself."""
        return None if self.sigma is None or self.sigma.id is None else str(self.sigma.id)

    @property
    def names(self) -> frozenset[str]:
        """What a correlation may call the rule: its name and its identifier."""
        name = None if self.sigma is None else self.sigma.name
        return frozenset(one for one in (name, self.identity) if one is not None)

    def told(self) -> dict[str, Any]:
        """What the rule says of itself, by the columns of the tables."""
        sigma = self.sigma
        told: dict[str, Any] = {"rule_file": self.file.name, "rule_sha256": self.file.sha256}
        if sigma is None:
            return told
        title_ja = sigma.custom_attributes.get("title_ja")
        return told | {
            "rule_id": self.identity,
            "rule_title": sigma.title or None,
            "title_ja": title_ja if isinstance(title_ja, str) else None,
            "rule_level": None if sigma.level is None else str(sigma.level),
            "rule_state": None if sigma.status is None else str(sigma.status),
            "rule_tags": [str(one) for one in sigma.tags],
        }


def paths(folder: Path) -> list[Path]:
    """The files of a folder, and of those below it, that rules are read from."""
    return sorted(one for one in folder.rglob("*") if one.suffix in SUFFIXES and one.is_file())


def read_rules(folders: Sequence[Path]) -> tuple[EventRule, ...]:
    """Every rule of every folder, sorted by file and place; the same file found twice counts once.

    Raises:
        RuleError: a folder is missing, or a file is not UTF-8.
    """
    files = {(one.name, one.sha256): one for folder in folders for one in rule_files(folder, SUFFIXES)}
    return tuple(rule for _, file in sorted(files.items()) for rule in rules_of(file))


def rules_of(file: RuleFile) -> tuple[EventRule, ...]:
    """The rules of a file in their order; at least one, so that no file is passed over in silence."""
    found = [replace(one, place=place) for place, one in enumerate(_read(file), start=1)]
    if not found:
        return (EventRule(file=file, place=1, refused="the file holds no rule"),)
    return tuple(found)


def _read(file: RuleFile) -> Iterator[EventRule]:
    try:
        # The loader refuses a key that is given twice; one of the two would be lost.
        documents = list(yaml.load_all(file.content, SigmaYAMLLoader))  # noqa: S506
    except (yaml.YAMLError, *_MISREAD) as error:
        yield _refused(file, f"the file is not YAML that can be read: {error}")
        return
    if not all(one is None or isinstance(one, dict) for one in documents):
        yield _refused(file, "a document of the file is no rule: it is not a mapping")
        return
    try:
        collection = SigmaCollection.from_dicts(
            documents, collect_errors=True, collect_filters=True, resolve_references=False
        )
    except (SigmaError, *_MISREAD) as error:
        yield _refused(file, f"the file cannot be read as Sigma: {type(error).__name__}: {error}")
        return
    own: set[int] = set()
    for rule in collection.rules:
        own |= {id(one) for one in rule.errors}
        refused = "; ".join(str(one) for one in rule.errors)[:2000] or None
        yield EventRule(file=file, place=0, sigma=rule, refused=refused)
    for one in collection.filters:
        own |= {id(error) for error in one.errors}
        yield _refused(file, f"filters over other rules are not applied: {one.title!r}")
    for fault in collection.errors:
        if id(fault) not in own:
            yield _refused(file, str(fault))


def _refused(file: RuleFile, reason: str) -> EventRule:
    return EventRule(file=file, place=0, refused=reason[:2000])
