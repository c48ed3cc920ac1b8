"""Orders to banks in the fixed records of 全銀協 (総合振込, 給与振込, 賞与振込, 口座振替): 120 bytes a record, with or without line ends.

Shows: each order (data record) as a row with the names of its fields: bank, branch, kind and number of the account, its holder in
half-width kana, the amount, the number the sender gives the holder. A sheet for each header; its fields come as text.
Does not show: that an order was sent or carried out (but for the result code of 口座振替, where the bank wrote one); the name in kanji.
Not read: files in EBCDIC; records of statements (入出金取引明細, 振込入金通知: 200 bytes).

References:
    - 全国銀行協会連合会, data transmission formats (see parsers/formats/zengin.py)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Text, Want, Yields, parser
from parsers.formats import tabular, zengin
from parsers.formats.tabular import Line
from parsers.formats.zengin import RECORD_BYTES

_BLOCK_BYTES = 1 << 20
_MOST_NOTED = 20
_NUMBER_ENDS = ("番号", "金額", "預金種目", "新規コード")


@parser(version=1, wants=(Want(sniff=zengin.looks_like),))
def zengin_orders(artefact: Artefact) -> Yields:
    """One sheet for each header record; the locator is `record:` and its number, row_number the number of the record."""
    yield from _Reading(artefact).read()


@dataclass(slots=True)
class _Reading:
    """The records as they go by, what they add up to, and what is wrong with them."""

    artefact: Artefact
    records: Iterator[tuple[int, bytes]] = field(init=False)
    held: tuple[int, bytes] | None = None
    problems: list[Problem] = field(default_factory=list)
    count: int = 0
    total: int = 0

    def read(self) -> Yields:
        self.records = _records(self.artefact)
        known = zengin.KINDS["21"]
        while (following := self._next()) is not None:
            number, record = following
            kind = zengin.kind_of(record)
            if kind is not None:
                known = kind
                yield _banner(number, record, kind)
                yield from self._orders(number, kind)
            elif record[:1] == zengin.END:
                yield from self._after_end(number)
                return
            else:
                if not self.problems:
                    message = f"no header of a known kind begins here: {_shown(record)}"
                    self._tell(number, ProblemKind.DAMAGED, message)
                if record[:1] == zengin.DATA:
                    self.held = following
                    yield from self._orders(number, known)
        yield from self._told()
        message = "the file ends without an end record: orders may be missing"
        yield Problem(kind=ProblemKind.TRUNCATED, locator="record:0", message=message)

    def _orders(self, number: int, kind: zengin.Kind) -> Yields:
        """The orders below a header as a sheet, and what their trailer says of them."""
        self.count = self.total = 0
        yield Sheet(
            name=kind.name,
            locator=f"record:{number}",
            width=len(kind.columns),
            header=tuple(one.name for one in kind.columns),
            header_row=None,
            codec="cp932",
            batches=self._batches(kind),
        )
        yield from self._told()
        following = self._next()
        if following is None or following[1][:1] != zengin.TRAILER:
            self.held = following
            message = f"no trailer follows the {self.count} orders read, so their number cannot be compared: orders may be missing"
            yield Problem(kind=ProblemKind.TRUNCATED, locator=f"record:{number}", message=message)
            return
        yield from self._compared(*following)

    def _compared(self, number: int, trailer: bytes) -> Iterator[Problem]:
        """What the trailer counts against what was read."""
        for one, found, column in (
            (zengin.COUNT, self.count, "合計件数"),
            (zengin.SUM, self.total, "合計金額"),
        ):
            stated = zengin.amount(one.of(trailer))
            if stated != found:
                message = f"the trailer states {column} {one.of(trailer) or 'nothing'}, the records read give {found}"
                yield Problem(
                    kind=ProblemKind.DAMAGED, locator=f"record:{number}", message=message, column=column
                )

    def _batches(self, kind: zengin.Kind) -> Iterator[pa.RecordBatch]:
        width = len(kind.columns)
        yield from tabular.at_least_one(tabular.batches(self._rows(kind), width), width)

    def _rows(self, kind: zengin.Kind) -> Iterator[Line]:
        numbers = [one for one in kind.columns if one.name.endswith(_NUMBER_ENDS) and one.name != "顧客番号"]
        while (following := self._next()) is not None:
            number, record = following
            if record[:1] in (zengin.TRAILER, zengin.END) or zengin.kind_of(record) is not None:
                self.held = following
                return
            if record[:1] != zengin.DATA:
                self._tell(number, ProblemKind.DAMAGED, f"no data record: {_shown(record)}")
            elif not zengin.is_sound(record, numbers):
                self._tell(
                    number,
                    ProblemKind.DAMAGED,
                    "a field that is a number holds other signs; it is in the row as it is",
                )
            if len(record) < RECORD_BYTES:
                self._tell(
                    number, ProblemKind.TRUNCATED, f"the record has {len(record)} of {RECORD_BYTES} bytes"
                )
            self.count += 1
            self.total += zengin.amount(kind.amount.of(record)) or 0
            yield number, [one.of(record) for one in kind.columns]

    def _after_end(self, number: int) -> Yields:
        yield from self._told()
        following = self._next()
        # Hosts pad the last block with end records or blanks.
        while following is not None and (
            following[1][:1] == zengin.END or not following[1].strip(b" \x1a\0")
        ):
            following = self._next()
        if following is not None:
            message = f"bytes follow the end record and are not read: {_shown(following[1])}"
            yield Problem(kind=ProblemKind.AMBIGUOUS, locator=f"record:{following[0]}", message=message)

    def _next(self) -> tuple[int, bytes] | None:
        held, self.held = self.held, None
        return held if held is not None else next(self.records, None)

    def _tell(self, number: int, kind: ProblemKind, message: str) -> None:
        if len(self.problems) < _MOST_NOTED:
            self.problems.append(Problem(kind=kind, locator=f"record:{number}", message=message))

    def _told(self) -> Iterator[Problem]:
        yield from self.problems
        self.problems.clear()


def _records(artefact: Artefact) -> Iterator[tuple[int, bytes]]:
    """The records by their number; where line ends stand between them, the line end decides, so that a lost byte costs one record."""
    head = artefact.head(RECORD_BYTES + 1)
    has_ends = head[RECORD_BYTES : RECORD_BYTES + 1] in (b"\r", b"\n") and len(head) > RECORD_BYTES
    held, number = b"", 0
    with artefact.open() as stream:
        while block := stream.read(_BLOCK_BYTES):
            held += block
            if has_ends:
                *whole, held = held.replace(b"\r", b"\n").split(b"\n")
                whole = [one for one in whole if one]
            else:
                whole = []
            if not has_ends or len(held) > _BLOCK_BYTES:
                cut = len(held) // RECORD_BYTES * RECORD_BYTES
                whole += [held[at : at + RECORD_BYTES] for at in range(0, cut, RECORD_BYTES)]
                held = held[cut:]
            for one in whole:
                number += 1
                yield number, one
    if held.strip(b"\r\n\x1a\0 "):
        yield number + 1, held


def _banner(number: int, header: bytes, kind: zengin.Kind) -> Text:
    """What a header says: who orders, when, from which account."""
    told = [(one.name, one.of(header)) for one in zengin.HEADER_FIELDS]
    content = "\n".join([kind.name, *(f"{name}: {value}" for name, value in told if value)])
    return Text(locator=f"record:{number}", segment="banner", content=content, codec="cp932")


def _shown(record: bytes) -> str:
    return record[:20].decode("cp932", "backslashreplace")
