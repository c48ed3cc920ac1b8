"""Looks for personal data in running text: patterns first, then what judges their values, then the words around them.

Lines that can hold nothing are passed over in columns (RE2 through Arrow); the patterns themselves run over the rest. Words of
special care-required information are candidates only: what lets one infer it is not the thing itself (guideline 2-3).
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import RuleError
from pipeline.match.personal_data import fold
from pipeline.match.personal_data.items import FOLDER, Items, read_items
from pipeline.match.personal_data.judgement import CANDIDATE, HELD
from pipeline.match.personal_data.values import CHECKS
from pipeline.rulebook import RuleFile, of_toml, refuse_unknown, rule_files

_FILE = "texts.toml"
_BEFORE, _BEHIND = 40, 20
# What opens an account, or pays, is never written out again: whoever must see it goes to its place in the evidence.
_NUMBERS = frozenset(("credit_card_number", "my_number"))
SECRETS = _NUMBERS | {"password", "internet_banking_password", "credit_card_security_code", "password_hash"}
MASK = "****"
_SHOWN_SIGNS = 4
WORDS = "words"
_SURE = 0.5
_WORD_SCORE = 0.4
_WIDE = {0x3000: " ", **{sign: chr(sign - 0xFEE0) for sign in range(0xFF01, 0xFF5F)}}
_LOOKAROUND = re.compile(r"\(\?<?[!=]")
_GATE = r"[\d０-９][^\n]{0,3}[\d０-９][^\n]{0,3}[\d０-９]|[@＠]"
_FIND_KEYS = {
    "item", "pattern", "check", "context", "refuse", "score", "otherwise", "examples", "near_misses",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """A pattern for an item in text, what its value and the words around it must be, and how sure that makes it."""

    item: str
    pattern: re.Pattern[str]
    fast: str
    check: str | None
    context: re.Pattern[str] | None
    refuse: re.Pattern[str] | None
    score: float
    otherwise: float | None
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]

    def reason(self, score: float) -> str:
        """Why a value of that score is held to be the item."""
        if self.score < _SURE:
            return WORDS
        return "pattern and context" if self.context is not None and score == self.score else "pattern"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An item found in a text: where it stands, as written and in its one form, how sure, and why."""

    start: int
    end: int
    item: str
    category: str
    text: str
    value: str
    score: float
    reason: str

    @property
    def shown(self) -> str:
        """The value as it may stand in a table: of what opens or pays, signs for its place and the last four of a number."""
        if self.item not in SECRETS:
            return self.text
        return f"{MASK}{self.value[-_SHOWN_SIGNS:]}" if self.item in _NUMBERS else MASK

    @property
    def status(self) -> str:
        """held, or candidate where a rule or a ruling must confirm it."""
        return HELD if self.score >= _SURE else CANDIDATE


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """Everything looked for in text."""

    finds: tuple[Find, ...]
    labels: str
    items: Items
    file: RuleFile


@cache
def read_text_rules(folder: Path = FOLDER) -> TextRules:
    """The rules for texts of a rules folder.

    Raises:
        RuleError: a rule has an unknown key, names an item, check or word list that does not exist, or a pattern that is none.
    """
    items = read_items(folder)
    file = next((one for one in rule_files(folder, (".toml",)) if one.name == _FILE), None)
    if file is None:
        raise RuleError(f"rules folder {folder} lacks {_FILE}")
    given = of_toml(file)
    refuse_unknown(file, given, {"labels", "find", "word"}, _FILE)
    known = {one.name for one in items.items}
    finds = [_find(file, one, known) for one in given["find"]]
    finds += [_words(file, one, items.words, known) for one in given["word"]]
    return TextRules(finds=tuple(finds), labels=given["labels"], items=items, file=file)


def find_items(texts: Sequence[str], rules: TextRules) -> list[list[Hit]]:
    """The items of each text, in their order, none over another; many texts at once are faster than one by one."""
    places, offsets, windows = _windows(texts, rules)
    found: list[list[Hit]] = [[] for _ in texts]
    if not windows:
        return found
    column = pa.array(windows, pa.string())
    categories = {one.name: one.category for one in reversed(rules.items.items)}
    for find in rules.finds:
        mask = pc.match_substring_regex(column, find.fast)
        matched = [
            (int(index), start, end, score)
            for index in np.flatnonzero(mask.to_numpy(zero_copy_only=False))
            for start, end, score in _matches(find, windows[index])
        ]
        written = [windows[index][start:end] for index, start, end, _ in matched]
        values = (
            CHECKS[find.check](fold.width(pa.array(written, pa.string()))).to_pylist()
            if find.check
            else written
        )
        for (index, start, end, score), value in zip(matched, values, strict=True):
            if value is not None:
                first, last = offsets[index] + start, offsets[index] + end
                found[places[index]].append(
                    Hit(
                        start=first,
                        end=last,
                        item=find.item,
                        category=categories[find.item],
                        text=texts[places[index]][first:last],
                        value=value,
                        score=score,
                        reason=find.reason(score),
                    )
                )
    return [_apart(hits) for hits in found]


def gate(rules: TextRules) -> str:
    """A pattern (RE2) of every line that can hold something; word lists may match any line and stand in it whole."""
    return "|".join((_GATE, rules.labels, *(one.fast for one in rules.finds if one.score < _SURE)))


def _windows(texts: Sequence[str], rules: TextRules) -> tuple[list[int], list[int], list[str]]:
    """Runs of lines that may hold something, each with the line before it for its label: text, offset, content folded."""
    places, offsets, windows = [], [], []
    lined = pc.split_pattern(pa.array(texts, pa.large_string()), "\n")
    mask = pc.match_substring_regex(lined.flatten(), gate(rules)).to_numpy(zero_copy_only=False)
    ends = lined.offsets.to_numpy()
    for place, content in enumerate(texts):
        own = mask[ends[place] : ends[place + 1]]
        if not own.any():
            continue
        near = own | np.append(own[1:], False)  # the line before
        lines = content.split("\n")
        start = 0
        run: list[str] = []
        for line, is_near in zip((*lines, ""), (*near, False), strict=True):
            if is_near:
                run.append(line)
            elif run:
                windows.append("\n".join(run).translate(_WIDE))
                places.append(place)
                offsets.append(start - len(windows[-1]) - 1)
                run = []
            start += len(line) + 1
    return places, offsets, windows


def _matches(find: Find, window: str) -> Iterator[tuple[int, int, float]]:
    """Where a pattern and the words around it hold in a window, and how sure that is."""
    for match in find.pattern.finditer(window):
        start, end = match.span("value") if "value" in find.pattern.groupindex else match.span()
        before = window[max(0, start - _BEFORE) : start]
        if find.refuse is not None and find.refuse.search(before):
            continue
        around = f"{before}\x00{window[end : end + _BEHIND]}"
        is_met = find.context is None or find.context.search(around) is not None
        if (score := find.score if is_met else find.otherwise) is not None:
            yield start, end, score


def _apart(hits: list[Hit]) -> list[Hit]:
    """Hits none of which lies over another: the surer, then the longer one stays; words lie over anything."""
    kept: list[Hit] = []
    taken: list[tuple[int, int]] = []
    for one in sorted(hits, key=lambda hit: (-hit.score, hit.start - hit.end, hit.start, hit.item)):
        if one.reason != WORDS:
            place = bisect(taken, (one.start, one.end))
            if (place and taken[place - 1][1] > one.start) or (
                place < len(taken) and taken[place][0] < one.end
            ):
                continue
            taken.insert(place, (one.start, one.end))
        kept.append(one)
    return sorted(kept, key=lambda hit: (hit.start, hit.end, hit.item))


def _find(file: RuleFile, given: dict[str, Any], known: set[str]) -> Find:
    where = f"find {given.get('item', '?')!r}"
    refuse_unknown(file, given, _FIND_KEYS, where)
    _require_item(file, given, known, where)
    if (check := given.get("check")) is not None and check not in CHECKS:
        raise RuleError(
            f"rule file {file.name}: {where} names check {check!r}; known: {', '.join(sorted(CHECKS))}"
        )
    pattern = _pattern(file, given["pattern"], where)
    return Find(
        item=given["item"],
        pattern=pattern,
        fast=f"(?i){_without_lookaround(given['pattern'])}",
        check=check,
        context=_pattern(file, given["context"], where) if "context" in given else None,
        refuse=_pattern(file, given["refuse"], where) if "refuse" in given else None,
        score=float(given["score"]),
        otherwise=given.get("otherwise"),
        examples=tuple(given["examples"]),
        near_misses=tuple(given["near_misses"]),
    )


def _words(file: RuleFile, given: dict[str, Any], words: Mapping[str, str], known: set[str]) -> Find:
    where = f"word {given.get('item', '?')!r}"
    refuse_unknown(file, given, {"item", "lists", "context"}, where)
    _require_item(file, given, known, where)
    if unknown := sorted(set(given["lists"]) - set(words)):
        raise RuleError(
            f"rule file {file.name}: {where} names the word list {unknown[0]!r}, which words.toml lacks"
        )
    pattern = "|".join(words[one] for one in given["lists"])
    return Find(
        item=given["item"],
        pattern=re.compile(pattern),
        fast=pattern,
        check=None,
        context=_pattern(file, given["context"], where) if "context" in given else None,
        refuse=None,
        score=_WORD_SCORE,
        otherwise=None,
        examples=(),
        near_misses=(),
    )


def _require_item(file: RuleFile, given: dict[str, Any], known: set[str], where: str) -> None:
    if given.get("item") not in known:
        raise RuleError(f"rule file {file.name}: {where} is no item of the other files")


def _pattern(file: RuleFile, text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise RuleError(f"rule file {file.name}: {where} has a pattern that is none: {error}") from error


def _without_lookaround(pattern: str) -> str:
    """A pattern without what it asks of its surroundings: it matches at least wherever the whole pattern does."""
    while found := _LOOKAROUND.search(pattern):
        depth, end, is_class = 1, found.end(), False
        while depth:
            sign = pattern[end]
            if sign == "\\":
                end += 1
            elif is_class:
                is_class = sign != "]"
            elif sign == "[":
                is_class = True
            else:
                depth += (sign == "(") - (sign == ")")
            end += 1
        pattern = pattern[: found.start()] + pattern[end:]
    return pattern
