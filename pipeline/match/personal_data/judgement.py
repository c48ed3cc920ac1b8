"""What came of a column, and what the columns beside it say of that: weak headers need support, a name beside a surname is given."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


def supported(
    judged: Sequence[Judgement],
    known: Mapping[tuple[str, ...], int],
    persons_like: Collection[tuple[str, ...]],
) -> list[Judgement]:
    """Judgements by weak headers only where something beside them, or lists of names, say that persons are meant.

    `known` is how many values of a column lists of names know; `persons_like` are the columns that only look like persons.
    """
    firm = [
        one
        for one in judged
        if one.item is not None
        and one.is_held
        and (not _is_weak(one) or known.get(one.columns, 0) >= _KNOWN_SHARE * one.filled)
    ]
    return [
        replace(
            one,
            item=None,
            status=NONE,
            proposed_by="none",
            passed=0,
            is_suspect=one.columns in persons_like,
        )
        if _is_weak(one) and one not in firm and not _is_beside(one, firm)
        else one
        for one in judged
    ]


def _is_weak(one: Judgement) -> bool:
    return (
        one.item is not None
        and one.proposed_by == "header"
        and fold.header(one.header) in one.item.weak_headers
    )


def _is_beside(one: Judgement, firm: Sequence[Judgement]) -> bool:
    kinds = _SUPPORT_OF_KANA if one.item is not None and one.item.name.endswith("kana") else _SUPPORT
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
