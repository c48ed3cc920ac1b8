"""Records of the Japanese Bankers Association (全銀協): 120 bytes each, by their first digit a header, data, a trailer or the end.

References:
    - 全国銀行協会連合会, data transmission formats, as member banks print them: Gunma Bank, 全銀協制定ファイルフォーマット【総合振込】;
      Kiraboshi Bank, 給与・賞与振込 and 口座振替 振替結果ファイル・フォーマット(全銀協規定形式); Miyazaki Bank, ファイルレイアウトについて (口座振替)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

RECORD_BYTES = 120
HEADER, DATA, TRAILER, END = b"1", b"2", b"8", b"9"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name, its place counted from 0, and its size in bytes."""

    name: str
    start: int
    size: int

    def of(self, record: bytes) -> str:
        """What stands in it, without blanks around."""
        return record[self.start : self.start + self.size].decode("cp932", "backslashreplace").strip()


def _fields(*told: tuple[str, int]) -> tuple[Field, ...]:
    """Fields that follow each other behind the digit that tells the kind of record."""
    starts = accumulate((size for _, size in told), initial=1)
    return tuple(Field(name, start, size) for (name, size), start in zip(told, starts, strict=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a file orders: its name, the fields of its data records, and which of them is the amount."""

    name: str
    data: tuple[Field, ...]

    @property
    def amount(self) -> Field:
        """The amount of a data record."""
        return next(one for one in self.data if one.name.endswith("金額"))

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields that say something: dummies say nothing."""
        return tuple(one for one in self.data if one.name != "ダミー")


HEADER_FIELDS = _fields(
    ("種別コード", 2), ("コード区分", 1), ("委託者コード", 10), ("委託者名", 40), ("取組日", 4), ("取引銀行番号", 4),
    ("取引銀行名", 15), ("取引支店番号", 3), ("取引支店名", 15), ("預金種目", 1), ("口座番号", 7),
)  # fmt: skip
COUNT, SUM = _fields(("合計件数", 6), ("合計金額", 12))


def _payee(name: str, first: str, second: str) -> tuple[Field, ...]:
    return _fields(
        ("振込先銀行番号", 4), ("銀行名", 15), ("振込先支店番号", 3), ("支店名", 15), ("手形交換所番号", 4), ("預金種目", 1),
        ("口座番号", 7), (name, 30), ("振込金額", 10), ("新規コード", 1), (first, 10), (second, 10), ("振込指定区分", 1),
        ("識別表示", 1), ("ダミー", 7),
    )  # fmt: skip


_WAGE = _payee("預金者名", "社員番号", "所属コード")
_DEBIT = _fields(
    ("引落銀行番号", 4), ("銀行名", 15), ("引落支店番号", 3), ("支店名", 15), ("ダミー", 4), ("預金種目", 1), ("口座番号", 7),
    ("預金者名", 30), ("引落金額", 10), ("新規コード", 1), ("顧客番号", 20), ("振替結果コード", 1), ("ダミー", 8),
)  # fmt: skip
KINDS = {
    "11": Kind(name="給与振込", data=_WAGE),
    "12": Kind(name="賞与振込", data=_WAGE),
    "71": Kind(name="給与振込(公務員)", data=_WAGE),
    "72": Kind(name="賞与振込(公務員)", data=_WAGE),
    "21": Kind(name="総合振込", data=_payee("受取人名", "顧客コード1", "顧客コード2")),
    "91": Kind(name="口座振替", data=_DEBIT),
}


def kind_of(header: bytes) -> Kind | None:
    """What the file orders by its header record; None where it is no header of a known kind in JIS."""
    # Kind of code: 0 is JIS, 1 EBCDIC; files in EBCDIC do not begin with an ASCII 1.
    if header[:1] != HEADER or header[3:4] not in b"01 " or len(header) < RECORD_BYTES:
        return None
    return KINDS.get(header[1:3].decode("ascii", "replace"))


def looks_like(head: bytes) -> bool:
    """Whether bytes begin with a header record and go on with a record of data, of a trailer or another header."""
    if kind_of(head[:RECORD_BYTES]) is None or any(one < 0x20 for one in head[:RECORD_BYTES]):
        return False
    numbers = (head[4:14], head[54:58])
    if any(one.strip() and not one.strip().isdigit() for one in numbers) or head[103:RECORD_BYTES].strip(
        b" 0"
    ):
        return False
    follows = head[RECORD_BYTES : RECORD_BYTES + 3].lstrip(b"\r\n")
    return follows[:1] in (DATA, TRAILER, END) if follows else False


def amount(digits: str) -> int | None:
    """A number right-aligned with zeros or blanks; None for what is none."""
    return int(digits) if digits.isascii() and digits.isdigit() else None


def is_sound(record: bytes, numbers: Sequence[Field]) -> bool:
    """Whether fields that are numbers are numbers, or blank."""
    return all(not (told := one.of(record)) or amount(told) is not None for one in numbers)
