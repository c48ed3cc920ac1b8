"""The words around persons' names in running text, read from `names.toml` of a folder of rules."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import RuleError
from pipeline.rulebook import RULES, RuleFile, of_toml, refuse_unknown, rule_files

FOLDER = RULES / "personal_data"
_FILE = "names.toml"
_WORDS = (
    "labels",
    "readings",
    "headers",
    "honorifics",
    "titles",
    "roles",
    "site_titles",
    "own",
    "firm_words",
    "firm_heads",
    "place_words",
    "team_words",
    "acts",
    "between",
    "refused",
    "samples",
)
_ENGLISH = ("first", "titles", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRules:
    """Words by what they do, folded; the table that folds text, one character for one; examples and near misses."""

    words: Mapping[str, frozenset[str]]
    english: Mapping[str, frozenset[str]]
    fold: Mapping[int, str]
    least_score: float
    examples: tuple[tuple[str, tuple[str, ...]], ...]
    near_misses: tuple[str, ...]
    file: RuleFile


def read_name_rules(folder: Path = FOLDER) -> NameRules:
    """The rules of names of a folder of rules.

    Raises:
        RuleError: names.toml is missing, or has an unknown key, or lacks one, or a list holds what is no text.
    """
    files = {one.name: one for one in rule_files(folder, (".toml",))}
    if _FILE not in files:
        raise RuleError(f"rules folder {folder} lacks {_FILE}")
    file, given = files[_FILE], of_toml(files[_FILE])
    refuse_unknown(file, given, {"least_score", "fold", "words", "english", "example", "near_miss"}, _FILE)
    fold = _folding(_one_for_one(file, given))
    return NameRules(
        words=_lists(file, given, "words", _WORDS, fold),
        english=_lists(file, given, "english", _ENGLISH, fold),
        fold=fold,
        least_score=_score(file, given),
        examples=tuple((one["text"], tuple(one["names"])) for one in _told(file, given, "example", "names")),
        near_misses=tuple(one["text"] for one in _told(file, given, "near_miss")),
        file=file,
    )


def _score(file: RuleFile, given: Mapping[str, Any]) -> float:
    score = given.get("least_score")
    if not isinstance(score, float) or not 0 <= score <= 1:
        raise RuleError(f"rule file {file.name}: least_score is {score!r}; write a number from 0.0 to 1.0")
    return score


def _one_for_one(file: RuleFile, given: Mapping[str, Any]) -> dict[str, str]:
    fold = given.get("fold", {})
    for left, right in fold.items():
        if not isinstance(right, str) or len(left) != 1 or len(right) != 1:
            raise RuleError(f"rule file {file.name}: fold of {left!r} is {right!r}; both are one character")
    return dict(fold)


def _lists(
    file: RuleFile, given: Mapping[str, Any], part: str, keys: tuple[str, ...], fold: Mapping[int, str]
) -> dict[str, frozenset[str]]:
    lists = given.get(part, {})
    refuse_unknown(file, lists, keys, part)
    for key in keys:
        told = lists.get(key)
        if not isinstance(told, list) or not all(isinstance(one, str) and one for one in told):
            raise RuleError(f"rule file {file.name}: {part} lacks {key!r}, a list of words")
    return {key: frozenset(one.translate(fold) for one in lists[key]) for key in keys}


def _told(file: RuleFile, given: Mapping[str, Any], kind: str, *more: str) -> list[dict[str, Any]]:
    told = given.get(kind, [])
    for one in told:
        refuse_unknown(file, one, ("text", *more), kind)
        missing = [key for key in ("text", *more) if key not in one]
        if missing:
            raise RuleError(f"rule file {file.name}: {kind} lacks {missing[0]!r}")
    return list(told)


def _folding(variants: Mapping[str, str]) -> dict[int, str]:
    """Variant kanji to common ones, full-width letters narrow, control characters to spaces: every character to one."""
    table = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), " ")
    # What UTF-8 cannot hold would stop the tokenizer.
    table |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
    for code in (*range(0xFF01, 0xFF5F), *range(0xF900, 0xFB00), 0xA0, *range(0x2000, 0x200B)):
        folded = unicodedata.normalize("NFKC", chr(code))
        if len(folded) == 1:
            table[code] = folded
    table |= {ord(left): right for left, right in variants.items()}
    for code, folded in table.items():
        table[code] = table.get(ord(folded), folded)
    return table
