"""What came of a column, and what the columns beside it say of that: weak headers need support, a name beside a surname is given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.items import Item, Items

HELD, CANDIDATE, NONE = "held", "candidate", "none"
_GIVEN = ("名前", "名", "name")
_KNOWN_SHARE = 0.3  # of names below a weak header that lists of names know
# Items that make a weak header one of a person's, standing beside it.
_SUPPORT = frozenset(
    ("name_kana", "surname_kana", "birth_date", "age", "sex", "address", "postal_code", "phone", "email",
     "customer_number", "employee_number", "student_number", "my_number", "credit_card_number", "bank_account")
)  # fmt: skip
_FEW = 3  # rows in which one value may well be one person's
# Words for a reading, and for how it is written.
_READING = re.compile(
    r"氏名|名前|(?:全角|半角)|フリガナ|ふりがな|振り?仮名|読み?仮名|ヨミガナ|よみがな|カタカナ|ひらがな|ヨミ|よみ|読み?方?|カナ|かな|ルビ"
    r"|phonetic|furigana|yomigana|yomi|kana|kn|[0-9①-⑨]"
)
# A reading is one of a person's beside a name as well.
_SUPPORT_OF_KANA = _SUPPORT | {"name", "surname", "given_name", "name_romaji"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What came of one column, or of several joined: the item or None, and the values that decided.

    `status` is held, candidate (a header of special care-required information whose values do not show it) or none;
    `role` is whom it speaks of where that is not the row's main person; `columns` are more than one where they are joined.
    """

    columns: tuple[str, ...]
    separator: str
    header: str
    role: str | None
    item: Item | None
    status: str
    proposed_by: str
    filled: int
    passed: int
    is_suspect: bool

    @property
    def is_held(self) -> bool:
        """Whether the column holds the item for sure."""
        return self.status == HELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the values of a column are beyond its item.

    `known` is how many of them lists of names know; `is_one` where all are the same, `is_varied` where they differ as those of
    persons do, `is_person_like` where they are shaped like names or ways to reach somebody.
    """

    known: int
    is_one: bool
    is_varied: bool
    is_person_like: bool


def supported(
    judged: Sequence[Judgement], seen: Mapping[tuple[str, ...], Seen], items: Items
) -> list[Judgement]:
    """Judgements by weak headers only where lists of names know the values, or where what stands beside them speaks of persons.

    What stands beside is no help to a value that never changes (the shop that sends), nor to readings that repeat below a word for no name.
    """
    weak = {one.columns for one in judged if _by_weak_header(one, items)}
    firm = [
        one
        for one in judged
        if one.item is not None
        and one.is_held
        and (one.columns not in weak or seen[one.columns].known >= _KNOWN_SHARE * one.filled)
    ]
    return [
        one
        if one.columns not in weak or one in firm or _is_beside(one, firm, seen[one.columns], items)
        else replace(
            one,
            item=None,
            status=NONE,
            proposed_by="none",
            passed=0,
            is_suspect=seen[one.columns].is_person_like,
        )
        for one in judged
    ]


def is_weak(item: Item, header: str, items: Items) -> bool:
    """Whether a header that proposes an item stands above other things as well."""
    return fold.header(header) in item.weak_headers or _reads_another(item, header, items)


def _reads_another(item: Item, header: str, items: Items) -> bool:
    """Whether a header speaks of the reading of what is called no person (`会場カナ`)."""
    if item.name != "name_kana":
        return False
    rest = _READING.sub("", fold.header(header)).strip("のー-_.")
    return bool(rest) and not any(one.category == "name" for one in items.proposed(rest))


def _by_weak_header(one: Judgement, items: Items) -> bool:
    return one.item is not None and one.proposed_by == "header" and is_weak(one.item, one.header, items)


def _is_beside(one: Judgement, firm: Sequence[Judgement], seen: Seen, items: Items) -> bool:
    if one.item is None or (seen.is_one and one.filled >= _FEW):
        return False
    if _reads_another(one.item, one.header, items) and not seen.is_varied:
        return False
    kinds = _SUPPORT_OF_KANA if one.item.name.endswith("kana") else _SUPPORT
    return any(other.item is not None and other.item.name in kinds for other in firm)


def given_names(judged: Sequence[Judgement], items: Items) -> list[Judgement]:
    """Beside a column of surnames, what a weak header calls a name is the given name (`注文者名字`, `注文者名前`).

    Where its role has no other given name, or where it stands right behind the surname.
    """
    surnames = {one.role for one in judged if _holds(one, "surname")}
    given = {one.role for one in judged if _holds(one, "given_name")}
    before = (None, *judged)
    return [
        replace(one, item=items.of("given_name"))
        if _holds(one, "name")
        and fold.header(one.header).endswith(_GIVEN)
        and (one.role in surnames - given or _is_surname_of(one, ahead))
        else one
        for one, ahead in zip(judged, before, strict=False)
    ]


def _holds(one: Judgement, name: str) -> bool:
    return one.item is not None and one.is_held and one.item.name == name


def _is_surname_of(one: Judgement, ahead: Judgement | None) -> bool:
    return ahead is not None and _holds(ahead, "surname") and ahead.role == one.role
