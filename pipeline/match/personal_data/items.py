"""Data items as rules: what proposes an item, what judges its values, what it means for the law; roles and joined columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import RuleError
from pipeline.match.personal_data import fold
from pipeline.match.personal_data.masks import Check, filled
from pipeline.match.personal_data.values import CHECKS, containing, matching
from pipeline.rulebook import RULES, RuleFile, of_toml, refuse_unknown, rule_files

FOLDER = RULES / "personal_data"
_NAMES = ("name", "name_kana")
_PERSON_WORDS = (
    "person",
    "user",
    "owner",
    "contact",
    "author",
    "applicant",
    "recipient",
    "本人",
    "利用者",
    "担当",
)
_KEYS = {
    "name", "category", "headers", "patterns", "unless", "check", "values", "words", "share", "alone", "least", "least_years", "least_distinct", "beside", "row_check", "is_behind",
    "alone_unless",
    "identifies", "is_candidate", "weak_headers", "examples", "near_misses", "value_examples", "value_near_misses",
}  # fmt: skip
_NAME_OF_ROLE = re.compile(r"^名(?=(?:漢字|カナ|かな|フリガナ|ふりがな|ヨミ|よみ)?[0-9①-⑩]?$)")
_MOST_PROPOSED = 4
_LEAST = 20  # random digits pass a check now and then; twenty in a row do not
_NEEDED = {"name", "category", "share", "headers", "examples", "near_misses"}
_REFUSE_KEYS = {
    "not_persons", "customer_words", "employee_words", "companies", "sample_names", "sample_cells", "shared_mailboxes", "pointers",
    "deceased",
}  # fmt: skip
_FILES = ("refuse.toml", "variants.toml", "words.toml", "roles.toml", "joined.toml")
# Files of this folder that other modules read.
_OTHERS = ("names.toml", "texts.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One way to recognise a data item; several of one name are tried in the order of their files."""

    name: str
    category: str
    check: Check
    of_row: Check
    share: float
    alone: float | None
    least: int
    least_years: int
    least_distinct: float
    beside: frozenset[str]
    is_behind: bool
    is_broad: bool
    alone_unless: re.Pattern[str] | None
    weak_headers: frozenset[str]
    identifies: bool
    is_candidate: bool
    headers: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str] | None
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    value_examples: tuple[str, ...]
    value_near_misses: tuple[str, ...]

    def is_proposed_by(self, header: str) -> bool:
        """Whether a folded header word proposes this item."""
        if header in self.headers:
            return True
        return not (self.unless and self.unless.search(header)) and any(
            one.fullmatch(header) for one in self.patterns
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """An item written over several columns beside one another."""

    item: str
    separator: str
    parts: tuple[re.Pattern[str], ...]
    examples: tuple[tuple[str, ...], ...]
    near_misses: tuple[tuple[str, ...], ...]

    def fits(self, headers: tuple[str, ...]) -> bool:
        """Whether folded headers beside one another are its parts, all of one stem."""
        if len(headers) != len(self.parts) or not headers[0]:
            return False
        found = [pattern.fullmatch(word) for pattern, word in zip(self.parts, headers, strict=True)]
        stems = [one.groupdict().get("stem") or "" for one in found if one is not None and one.group()]
        return None not in found and all(one == other or not other for one, other in pairwise(stems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deceased:
    """What says that the person of a row is dead: whole cells, words in a remark, headers with what affirms them, marks at a name."""

    gate: str
    cells: frozenset[str]
    told: str
    unless: str
    headers: re.Pattern[str]
    affirmed: str
    names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Every item in the order of its file, headers that are refused, roles, joined columns, and variant kanji."""

    items: tuple[Item, ...]
    refused: frozenset[str]
    customer_words: tuple[str, ...]
    employee_words: tuple[str, ...]
    companies: str
    sample_names: frozenset[str]
    sample_cells: frozenset[str]
    shared_mailboxes: frozenset[str]
    deceased: Deceased
    pointers: pa.Array
    variants: Mapping[str, str]
    words: Mapping[str, str]
    roles: tuple[tuple[str, str], ...]
    employee_roles: frozenset[str]
    joined: tuple[Joined, ...]
    files: tuple[RuleFile, ...]

    def is_refused(self, header: str) -> bool:
        """Whether a header word is known to be none of a person's items."""
        return fold.header(header) in self.refused

    def of(self, name: str) -> Item:
        """The first item of a name."""
        return next(one for one in self.items if one.name == name)

    def proposed(self, header: str) -> tuple[Item, ...]:
        """The items a header proposes, likeliest first: the whole word before a part of it, files in their order.

        Several of one header are possible: what stands below `パスワード` may be a hash or not, which the values tell.
        """
        folded = fold.header(header)
        if not folded or folded in self.refused:
            return ()
        for word in self._shortened(folded):
            if word in self.refused:
                return ()
            exact = [one for one in self.items if word in one.headers]
            found = [one for one in self.items if one not in exact and one.is_proposed_by(word)]
            # A broad rule asks more of the values than one of the same item whose header says it.
            names = [one.name for one in (*exact, *found)]
            found = [
                one
                for place, one in enumerate(found, len(exact))
                if not one.is_broad or one.name not in names[:place]
            ]
            # What any value passes as comes last, or nothing behind it would be asked.
            if told := (*exact, *sorted(found, key=lambda one: one.check is filled)):
                return told[:_MOST_PROPOSED]
        return self._proposed_within(header)

    def role(self, header: str) -> str | None:
        """Whom a header speaks of where it begins with a word for that; None for the row's main person."""
        folded = fold.header(header)
        for word, role in self.roles:
            if folded.startswith(word):
                return role
        return None

    def _shortened(self, folded: str) -> tuple[str, ...]:
        """A header, and without the word for whom it speaks of, and without a number behind it."""
        rest = folded
        for word, _ in self.roles:
            if folded.startswith(word) and len(folded) > len(word):
                rest = folded.removeprefix(word).lstrip("のご・-.")
                break
        # What stands behind a word for a person is the whole name: 保証人名 is no given name.
        if rest != folded:
            rest = _NAME_OF_ROLE.sub("氏名", rest)
        plain = re.sub(r"[0-9①-⑩]{1,2}$", "", rest)
        return tuple(dict.fromkeys(one for one in (folded, rest, plain) if one))

    def _proposed_within(self, header: str) -> tuple[Item, ...]:
        """The items the last part of a nested header proposes (`customer.address.zip`, `tel.1`).

        A name is one of a person only where the part above it speaks of persons: `device.name` does not.
        """
        *above, last = [part for part in header.split(".") if part and not part.isdecimal()] or [""]
        if not last or last == header or fold.header("".join((*above[-1:], last))) in self.refused:
            return ()
        part = above[-1] if above else ""
        for combined in (part + last, last + part):
            if part and (found := self.proposed(combined)):
                return found
        found = self.proposed(last)
        words = (*self.customer_words, *self.employee_words, *_PERSON_WORDS)
        is_persons = any(word in fold.header(one) for one in above for word in words)
        return tuple(one for one in found if is_persons or not one.name.endswith(_NAMES))


def _deceased(told: Mapping[str, Any]) -> Deceased:
    return Deceased(
        gate=told["gate"],
        cells=frozenset(told["cells"]),
        told=told["told"],
        unless=told["unless"],
        headers=re.compile(told["headers"]),
        affirmed=told["affirmed"],
        names=told["names"],
    )


@cache
def read_items(folder: Path = FOLDER) -> Items:
    """The items of a rules folder.

    Raises:
        RuleError: a file has an unknown key, a check or pattern that does not exist, or lacks examples.
    """
    files = {one.name: one for one in rule_files(folder, (".toml",))}
    for needed in _FILES:
        if needed not in files:
            raise RuleError(f"rules folder {folder} lacks {needed}")
    refuse = of_toml(files["refuse.toml"])
    refuse_unknown(files["refuse.toml"], refuse, _REFUSE_KEYS, "refuse.toml")
    words = dict(of_toml(files["words.toml"])["words"])
    roles = of_toml(files["roles.toml"])
    listed = [one for name, one in files.items() if name not in (*_FILES, *_OTHERS)]
    return Items(
        items=tuple(_item(file, one, words) for file in listed for one in of_toml(file).get("item", [])),
        refused=frozenset(fold.header(one) for one in refuse["not_persons"]),
        customer_words=tuple(refuse["customer_words"]),
        employee_words=tuple(refuse["employee_words"]),
        companies=refuse["companies"],
        sample_names=frozenset(refuse["sample_names"]),
        sample_cells=frozenset(refuse["sample_cells"]),
        shared_mailboxes=frozenset(refuse["shared_mailboxes"]),
        deceased=_deceased(refuse["deceased"]),
        pointers=pa.array(refuse["pointers"], pa.string()),
        variants=dict(of_toml(files["variants.toml"])["fold"]),
        words=words,
        roles=tuple(
            sorted(
                ((fold.header(word), role) for role, written in roles["role"].items() for word in written),
                key=lambda pair: (-len(pair[0]), pair[0]),
            )
        ),
        employee_roles=frozenset(roles["employee"]["roles"]),
        joined=tuple(
            _joined(files["joined.toml"], one) for one in of_toml(files["joined.toml"]).get("joined", [])
        ),
        files=tuple(files.values()),
    )


def _item(file: RuleFile, given: dict[str, Any], words: Mapping[str, str]) -> Item:
    where = f"item {given.get('name', '?')!r}"
    refuse_unknown(file, given, _KEYS, where)
    if missing := sorted(_NEEDED - set(given)):
        raise RuleError(f"rule file {file.name}: {where} lacks {missing[0]!r}")
    return Item(
        name=given["name"],
        category=given["category"],
        check=_check(file, given, words, where),
        of_row=_row_check(file, given, words, where),
        share=float(given["share"]),
        alone=given.get("alone"),
        least=int(given.get("least", _LEAST)),
        least_years=int(given.get("least_years", 0)),
        least_distinct=float(given.get("least_distinct", 0)),
        beside=frozenset(given.get("beside", ())),
        is_behind=bool(given.get("is_behind", False)),
        is_broad="row_check" in given and bool(given.get("patterns")),
        alone_unless=_pattern(file, given["alone_unless"], where) if "alone_unless" in given else None,
        weak_headers=frozenset(fold.header(one) for one in given.get("weak_headers", ())),
        identifies=bool(given.get("identifies", False)),
        is_candidate=bool(given.get("is_candidate", False)),
        headers=frozenset(fold.header(one) for one in given["headers"]),
        patterns=tuple(_pattern(file, one, where) for one in given.get("patterns", [])),
        unless=_pattern(file, given["unless"], where) if "unless" in given else None,
        examples=tuple(given["examples"]),
        near_misses=tuple(given["near_misses"]),
        value_examples=tuple(given.get("value_examples", ())),
        value_near_misses=tuple(given.get("value_near_misses", ())),
    )


def _check(file: RuleFile, given: dict[str, Any], words: Mapping[str, str], where: str) -> Check:
    """What judges the values of an item: a check by name, a pattern, or lists of words."""
    told = [key for key in ("check", "values", "words") if key in given]
    if len(told) != 1:
        raise RuleError(f"rule file {file.name}: {where} needs one of check, values, words, not {told}")
    if unknown := sorted(set(given.get("words", ())) - set(words)):
        raise RuleError(
            f"rule file {file.name}: {where} names the word list {unknown[0]!r}, which words.toml lacks"
        )
    try:
        if "values" in given:
            return matching(given["values"])
        if "words" in given:
            return containing("|".join(words[one] for one in given["words"]))
    except pa.ArrowInvalid as error:
        raise RuleError(f"rule file {file.name}: {where} has a pattern that is none: {error}") from error
    if given["check"] not in CHECKS:
        raise RuleError(
            f"rule file {file.name}: {where} names check {given['check']!r}; known: {', '.join(sorted(CHECKS))}"
        )
    return CHECKS[given["check"]]


def _row_check(file: RuleFile, given: dict[str, Any], words: Mapping[str, str], where: str) -> Check:
    """What says of a single value below a column taken for the item that it is one."""
    if "row_check" in given:
        return _check(file, {"check": given["row_check"]}, words, where)
    # Words show what a column is about; below it everything filled is that, whatever its words.
    return filled if "words" in given or given.get("is_candidate") else _check(file, given, words, where)


def _joined(file: RuleFile, given: dict[str, Any]) -> Joined:
    where = f"joined {given.get('item', '?')!r}"
    refuse_unknown(file, given, {"item", "separator", "parts", "examples", "near_misses"}, where)
    return Joined(
        item=given["item"],
        separator=given["separator"],
        parts=tuple(_pattern(file, one, where) for one in given["parts"]),
        examples=tuple(tuple(one) for one in given["examples"]),
        near_misses=tuple(tuple(one) for one in given["near_misses"]),
    )


def _pattern(file: RuleFile, text: str, where: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise RuleError(f"rule file {file.name}: {where} has a pattern that is none: {error}") from error
