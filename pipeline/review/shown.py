"""How a drawn pair is shown: both records field by field, with their values or with nothing but how these compare.

Without values a field tells whether the two are equal, of how many signs they are, and in which places or parts they differ. No sign
of a value is shown, not even the first: of a name that would be the surname. How many humans of the case share an equal
value says how telling it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.case import Case
from pipeline.review.draw import Draw, Drawn
from pipeline.scope.people.calibration import probability_of
from pipeline.tables import read

# Words in Japanese and in English.
Words = tuple[str, str]

FIELDS: Mapping[str, Words] = {
    "name": ("氏名", "name"),
    "kana": ("読み", "reading"),
    "birth_date": ("生年月日", "date of birth"),
    "phone": ("電話", "telephone"),
    "email": ("メール", "mail address"),
    "postal": ("郵便番号", "postal code"),
    "place": ("住所", "address"),
    "number": ("番号", "number"),
}
_COLUMNS = {
    "name": "name_key",
    "kana": "kana_key",
    "birth_date": "birth_date",
    "phone": "phone_key",
    "email": "email_key",
    "postal": "postal_code",
    "place": "address_key",
    "number": "number_key",
}
AGREEMENT: Mapping[str, Mapping[str, Words]] = {
    "name": {
        "exact": ("氏名が同じ", "same name"),
        "kana_alone": ("読みが同じ", "same reading"),
        "kana": ("読みが同じで書き方が違う", "same reading, written otherwise"),
        "reading_differs": ("氏名が同じで読みが違う", "same name, read otherwise"),
        "edit": ("一文字違いの氏名", "names a slip apart"),
        "edits": ("数文字違いの氏名", "names some slips apart"),
        "surname": ("始まりが同じ氏名", "names with the same beginning"),
        "part_differs": ("氏名の一部が合わない", "part of a name that fits no part of the other"),
        "changed": ("名が同じで姓が違う", "same given name, another surname"),
        "part": ("一方が他方の一部", "one name a part of the other"),
        "differ": ("氏名が違う", "names differ"),
    },
    "birth_date": {
        "exact": ("生年月日が同じ", "same date of birth"),
        "near": ("生年月日が一桁違い", "dates of birth a digit apart"),
        "differ": ("生年月日が違う", "dates of birth differ"),
    },
    "phone": {
        "exact": ("電話が同じ", "same telephone"),
        "near": ("電話が一桁違い", "telephones a digit apart"),
        "differ": ("電話が違う", "telephones differ"),
    },
    "email": {
        "exact": ("メールが同じ", "same mail address"),
        "differ": ("メールが違う", "mail addresses differ"),
    },
    "place": {
        "exact": ("住所が同じ", "same address"),
        "postal": ("郵便番号が同じ", "same postal code"),
        "differ": ("住所が違う", "addresses differ"),
    },
    "number": {
        "exact": ("番号が同じ", "same number"),
        "differ": ("番号が違う", "numbers differ"),
    },
}
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One field of a pair: how the two compare, and the values where they are shown."""

    field: Words
    compared: Words
    left: str | None = None
    right: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A drawn pair as a reviewer sees it."""

    drawn: Drawn
    left_at: str
    right_at: str
    agreement: tuple[Words, ...]
    lines: tuple[Line, ...]

    @property
    def chance(self) -> float:
        """How probable the model holds it that the two are one human."""
        return probability_of(self.drawn.weight)


def shown(case: Case, made: Draw, *, is_unmasked: bool) -> tuple[Shown, ...]:
    """The pairs of a draw as they are shown; a pair with a mention the case no longer holds is left out."""
    names = sorted({name for one in made.pairs for name in one.pair})
    connection = read.connect(case.tables, only=("mention", "file_entry"))
    try:
        found = connection.execute(
            "SELECT m.mention_id, m.full_name, m.name_key, m.kana_key, m.birth_date, m.phone_key, m.email_key, m.postal_code, "
            "m.address_key, m.number_key, m.role, m.evidence_id, m.entry_id, m.sheet_id, m.row_number, m.locator, f.path "
            "FROM mention m LEFT JOIN file_entry f USING (evidence_id, entry_id) WHERE m.mention_id IN (SELECT unnest(?))",
            [names],
        )
        columns = [column[0] for column in found.description or []]
        rows = {row[0]: dict(zip(columns, row, strict=True)) for row in found.fetchall()}
    finally:
        connection.close()
    return tuple(
        _shown(one, rows[one.pair[0]], rows[one.pair[1]], is_unmasked=is_unmasked)
        for one in made.pairs
        if rows.keys() >= set(one.pair)
    )


def _shown(drawn: Drawn, left: dict[str, Any], right: dict[str, Any], *, is_unmasked: bool) -> Shown:
    lines = []
    for field, words in FIELDS.items():
        column = _COLUMNS[field]
        one, other = left[column], right[column]
        if one is None and other is None:
            continue
        values = (_written(left, column), _written(right, column)) if is_unmasked else (None, None)
        lines.append(
            Line(
                field=words,
                compared=_counted(compared(field, one, other), drawn.shared_by.get(field), one == other),
                left=values[0],
                right=values[1],
            )
        )
    return Shown(
        drawn=drawn,
        left_at=_place(left, is_unmasked=is_unmasked),
        right_at=_place(right, is_unmasked=is_unmasked),
        agreement=tuple(
            words[drawn.agreement[field]] for field, words in AGREEMENT.items() if field in drawn.agreement
        ),
        lines=tuple(lines),
    )


def _written(row: dict[str, Any], column: str) -> str:
    value = row["full_name"] if column == "name_key" and row["full_name"] else row[column]
    return "" if value is None else str(value)


def _place(row: dict[str, Any], *, is_unmasked: bool) -> str:
    """Where a mention stands; a path may hold a name, so it is shown with the values alone."""
    where = f"{row['evidence_id']}/{row['entry_id']}"
    where += (
        f", sheet {row['sheet_id']}, row {row['row_number']}" if row["sheet_id"] else f", {row['locator']}"
    )
    if row["role"] not in (None, "main"):
        where += f", {row['role']}"
    return f"{where}, {row['path']}" if is_unmasked and row["path"] else where


def _counted(words: Words, humans: int | None, is_equal: bool) -> Words:
    if humans is None or not is_equal:
        return words
    return (
        f"{words[0]}(この事案で{humans}人が持つ)",
        f"{words[1]} (borne by {humans} human{'' if humans == 1 else 's'} of the case)",
    )


def compared(field: str, one: str | None, other: str | None) -> Words:
    """How two values of a field compare, in words that hold no sign of either."""
    if one is None or other is None:
        return (
            ("右だけにある", "the right one alone says it")
            if one is None
            else ("左だけにある", "the left one alone says it")
        )
    if one == other:
        signs = len(one.partition(":")[2] if field == "number" else one)
        return f"同じ({signs}字)", f"equal ({signs} signs)"
    if field == "birth_date":
        return _parts(one, other, (("年", "year"), ("月", "month"), ("日", "day")), "-")
    if field == "email":
        return _parts(one, other, (("@の前", "before the @"), ("ドメイン", "domain")), "@")
    if field == "number":
        (kind, _, number), (other_kind, _, other_number) = one.partition(":"), other.partition(":")
        if kind != other_kind:
            return "別の種類の番号", "numbers of two kinds"
        return _signs(number, other_number)
    return _signs(one, other)


def _parts(one: str, other: str, names: tuple[Words, ...], between: str) -> Words:
    """Part by part, of values that have as many parts as there are names; else sign by sign."""
    ones, others = one.split(between, len(names) - 1), other.split(between, len(names) - 1)
    if len(ones) != len(names) or len(others) != len(names):
        return _signs(one, other)
    told = [
        (f"{ja}は同じ", f"{en} equal") if a == b else (f"{ja}は{_signs(a, b)[0]}", f"{en}: {_signs(a, b)[1]}")
        for (ja, en), a, b in zip(names, ones, others, strict=True)
    ]
    return "、".join(ja for ja, _ in told), "; ".join(en for _, en in told)


def _signs(one: str, other: str) -> Words:
    if len(one) == len(other):
        wrong = [place for place, (a, b) in enumerate(zip(one, other, strict=True), start=1) if a != b]
        if _is_exchange(one, other, wrong):
            return (
                f"{len(one)}字のうち{wrong[0]}・{wrong[1]}字目が入れ替わり",
                f"signs {wrong[0]} and {wrong[1]} of {len(one)} change places",
            )
        if len(wrong) <= _FEW:
            places = ", ".join(map(str, wrong))
            return (
                f"{len(one)}字のうち{places}字目が違う",
                f"sign{'s' if len(wrong) > 1 else ''} {places} of {len(one)} differ{'' if len(wrong) > 1 else 's'}",
            )
        return f"{len(one)}字のうち{len(wrong)}字が違う", f"{len(wrong)} of {len(one)} signs differ"
    start, end = _common(one, other)
    lengths = f"{len(one)}字と{len(other)}字", f"{len(one)} and {len(other)} signs"
    if start == min(len(one), len(other)):
        return (
            f"一方が他方の始まり({lengths[0]})",
            f"one is the beginning of the other ({lengths[1]})",
        )
    if end == min(len(one), len(other)):
        return f"一方が他方の終わり({lengths[0]})", f"one is the end of the other ({lengths[1]})"
    return (
        f"違う({lengths[0]}、始め{start}字と終わり{end}字は同じ)",
        f"differ ({lengths[1]}; the first {start} and the last {end} are equal)",
    )


def _is_exchange(one: str, other: str, wrong: list[int]) -> bool:
    """Whether two values of one length differ by two neighbours turned round; `wrong` are the places, from 1."""
    if len(wrong) != 2 or wrong[1] != wrong[0] + 1:  # noqa: PLR2004
        return False
    first, second = wrong[0] - 1, wrong[1] - 1
    return one[first] == other[second] and one[second] == other[first]


def _common(one: str, other: str) -> tuple[int, int]:
    """How many signs the beginnings and the ends of two values have in common."""
    shorter = min(len(one), len(other))
    start = next((place for place in range(shorter) if one[place] != other[place]), shorter)
    end = next((place for place in range(shorter) if one[-1 - place] != other[-1 - place]), shorter)
    return start, end
