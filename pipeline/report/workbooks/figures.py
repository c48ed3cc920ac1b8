"""figures.xlsx: the figures of figures.json as sheets to filter and sort, each with the row it rests on."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from pipeline.custody.history import Moment
from pipeline.report.book_words import (
    AT_LEAST,
    DECIDES,
    NOT_ZERO,
    WHAT_BOUNDS,
    WHAT_FIGURES,
    YES_NO,
    named,
)
from pipeline.report.document import GRADES, Count, Document, Item, Unread
from pipeline.report.words import DIMENSION, GRADE, KIND, MOVED, OPEN, REPORTABLE, ROUTE
from pipeline.report.workbooks.behind import Behind, behind
from pipeline.report.workbooks.cells import MOST_ROWS, Book, Heading, Sheet

COVER, COUNTS, DOCUMENTS = "表紙 Cover", "人数 Counts", "文書 Documents"
BEHIND, HISTORY, UNREAD, EVIDENCE = "根拠 Rows behind", "経緯 History", "未読 Unread", "証拠 Evidence"
_LEFT_OUT = "以降は figures.json による。 The rest stands in figures.json."
_NUMBERS = (Heading(ja="下限", en="low", width=11), Heading(ja="蓋然", en="likely", width=11), Heading(ja="上限", en="high", width=11))  # fmt: skip
_REFERENCE = Heading(ja="参照", en="reference", width=36)
_SHEETS: dict[str, tuple[Heading, ...]] = {
    COUNTS: (
        Heading(ja="確度", en="grade", width=20),
        Heading(ja="集計の軸", en="dimension", width=16),
        Heading(ja="値", en="value, named", width=24),
        Heading(ja="値(表のまま)", en="value, as in the table", width=20),
        *_NUMBERS,
        Heading(ja="結合した人数", en="persons as joined", width=16),
        Heading(ja="少なくとも", en="at least", width=11),
        Heading(ja="閉じない理由", en="what keeps it open", width=58),
        _REFERENCE,
        Heading(ja="根拠", en="row behind", width=10),
    ),
    DOCUMENTS: (
        Heading(ja="証拠", en="item", width=12),
        Heading(ja="パス", en="path", width=46),
        Heading(ja="項目番号", en="entry", width=26),
        Heading(ja="規則", en="rule", width=22),
        Heading(ja="経路", en="route", width=18),
        Heading(ja="確度", en="grade", width=18),
        *_NUMBERS,
        Heading(ja="全部読めた", en="read whole", width=11),
        Heading(ja="理由", en="reason", width=46),
        Heading(ja="SHA-256", en="", width=66),
        _REFERENCE,
        Heading(ja="根拠", en="row behind", width=10),
    ),
    BEHIND: (
        Heading(ja="種類", en="kind", width=20),
        _REFERENCE,
        Heading(ja="表", en="table", width=16),
        Heading(ja="行(SQL)", en="row, as SQL", width=60),
        Heading(ja="遡る", en="walk back", width=46),
        Heading(ja="掲載", en="stands in", width=16),
    ),
    HISTORY: (
        Heading(ja="時点", en="from", width=22),
        Heading(ja="記録番号", en="custody record", width=12),
        Heading(ja="確度", en="grade", width=20),
        *_NUMBERS,
        Heading(ja="結合した人数", en="persons as joined", width=16),
        Heading(ja="少なくとも", en="at least", width=11),
        Heading(ja="動かしたもの", en="what moved it", width=60),
    ),
    UNREAD: (
        Heading(ja="証拠", en="item", width=14),
        Heading(ja="種類", en="kind", width=20),
        Heading(ja="件数", en="count", width=10),
        Heading(ja="例", en="example", width=50),
        Heading(ja="内容", en="message", width=60),
        _REFERENCE,
    ),
    EVIDENCE: (
        Heading(ja="証拠", en="item", width=14),
        Heading(ja="役割", en="role", width=16),
        Heading(ja="形式", en="format", width=16),
        Heading(ja="バイト数", en="bytes", width=16),
        Heading(ja="SHA-256", en="", width=66),
        Heading(ja="MD5", en="", width=34),
        Heading(ja="取得時の値との照合", en="acquisition digest", width=24),
        _REFERENCE,
    ),
}


def render(document: Document) -> bytes:
    """The workbook's bytes: sheets for the cover, counts, documents, the rows behind, history, unread and evidence."""
    target = io.BytesIO()
    number = document.case.number
    book = Book(target, f"{number} 漏えい等の範囲 数値 / figures")
    _cover(book.sheet(COVER, ()), document)
    rows = behind(document)
    places = {one.reference: place for place, one in reversed(list(enumerate(rows, start=1)))}
    _write(book, COUNTS, document.counts, _count_row(document, places))
    lines = _document_lines(document)
    _write(book, DOCUMENTS, lines, _document_row(places))
    stands = {one.reference: (COUNTS, place) for place, one in enumerate(document.counts, start=1)}
    stands |= {line[-1]: (DOCUMENTS, place) for place, line in reversed(list(enumerate(lines, start=1)))}
    _write(book, BEHIND, rows, _behind_row(stands))
    moments = [(one, grade) for one in document.history for grade in GRADES if grade in one.figures]
    _write(book, HISTORY, moments, partial(_moment_row, zone=ZoneInfo(document.case.time_zone)))
    _write(book, UNREAD, document.unread, _unread_row)
    _write(book, EVIDENCE, document.items, _item_row)
    book.close()
    return target.getvalue()


def _write(book: Book, name: str, values: Sequence[object], write: Callable[..., None]) -> None:
    """A sheet with a row for each value, and word of it where there are more than a sheet holds."""
    most = MOST_ROWS - 2
    sheet = book.sheet(name, _SHEETS[name], min(len(values), most))
    for row, value in enumerate(values[:most], start=1):
        write(sheet, row, value)
    if len(values) > most:
        sheet.text(most + 1, 0, _LEFT_OUT, "notice")


def _cover(sheet: Sheet, document: Document) -> None:
    sheet.widths(30, 16, 16, 16, 62)
    sheet.text(0, 0, "漏えい等事案 範囲調査 数値一覧", "title")
    sheet.text(1, 0, "Scope of a personal-data incident: figures", "english")
    named_lines = (
        ("事件番号 case", document.case.number),
        ("依頼者 client", document.case.client),
        ("調査者 examiner", document.case.examiner),
        ("証拠保全記録の先頭 custody head", f"{document.head.size}:{document.head.sha256}"),
    )
    row = 3
    for label, value in named_lines:
        sheet.text(row, 0, label, "header")
        sheet.line(row, 1, 4, value, "plain")
        row += 1
    row += 1
    for column, words in enumerate(
        ("確度\ngrade", "下限\nlow", "蓋然\nlikely", "上限\nhigh", "参照\nreference")
    ):
        sheet.text(row, column, words, "header")
    for grade in GRADES:
        row += 1
        one = document.headline(grade)
        sheet.text(row, 0, "\n".join(GRADE[grade]), "strong")
        if one.is_open and not one.high:
            sheet.text(row, 1, "—")
            sheet.text(row, 4, f"{one.reference}\n{' '.join(NOT_ZERO)}", "notice")
        else:
            for column, figure in enumerate((one.low, one.likely, one.high), start=1):
                sheet.number(row, column, figure)
            told = f"{one.reference}\n{' '.join(AT_LEAST)}" if one.is_open else one.reference
            sheet.text(row, 4, told, "plain")
    for one_decision in document.decisions:
        row += 1
        state = str(one_decision.get("reportable")).lower()
        sheet.text(row, 0, "\n".join(REPORTABLE.get(state, (state,))), "strong")
        sheet.line(row, 1, 3, str(one_decision.get("law_pack", "")), "plain")
        sheet.text(row, 4, f"decision[law_pack={one_decision.get('law_pack', '')}]", "plain")
    row += 2
    for look, told_words in (("notice", DECIDES), ("plain", WHAT_FIGURES), ("plain", WHAT_BOUNDS)):
        sheet.line(row, 0, 4, told_words[0], look)
        sheet.line(row + 1, 0, 4, told_words[1], "english")
        row += 2
    row += 1
    for name in (COUNTS, DOCUMENTS, BEHIND, HISTORY, UNREAD, EVIDENCE):
        sheet.link(row, 0, name, 0, name)
        row += 1


def _count_row(document: Document, places: dict[str, int]) -> Callable[[Sheet, int, Count], None]:
    def write(sheet: Sheet, row: int, one: Count) -> None:
        sheet.text(row, 0, GRADE[one.grade][0] if one.grade in GRADE else one.grade)
        sheet.text(row, 1, named(one.dimension, DIMENSION | {"all": ("全体", "all")}))
        sheet.text(row, 2, "全体" if one.value is None else named(one.value))
        sheet.text(row, 3, one.value or "all", "english")
        for column, value in enumerate((one.low, one.likely, one.high, one.estimate), start=4):
            sheet.number(row, column, value)
        sheet.text(row, 8, YES_NO[one.is_open])
        sheet.text(row, 9, "\n".join(_reason(reason) for reason in one.open_reasons))
        sheet.text(row, 10, one.reference, "english")
        sheet.link(row, 11, BEHIND, places[one.reference], "→")

    return write


def _reason(reason: str) -> str:
    words = OPEN.get(reason.split(":")[0])
    return f"{words} / {reason}" if words else reason


# Evidence, path, entry, rule, route, grade, its count, whether read whole, reason, digest, reference.
_Line = tuple[str, str, str, str, str, str, Count | None, bool | None, str, str, str]


def _document_lines(document: Document) -> list[_Line]:
    """Every exposed document of the report, then those counted that its list leaves out."""
    counts = {(one.grade, one.value): one for one in document.of_dimension("document", "possible")}
    for grade in GRADES[:2]:
        counts |= {(one.grade, one.value): one for one in document.of_dimension("document", grade)}
    lines: list[_Line] = []
    listed = set()
    for one in document.exposed:
        value = f"{one.evidence_id}/{one.entry_id}"
        listed.add(value)
        reference = f"exposure[evidence_id={one.evidence_id},entry_id={one.entry_id},rule={one.rule},grade={one.grade}]"
        lines.append(
            (
                one.evidence_id,
                one.path,
                one.entry_id,
                one.rule,
                one.route,
                one.grade,
                counts.get((one.grade, value)),
                one.is_complete,
                one.reason,
                one.sha256 or "",
                reference,
            )
        )
    for count in document.of_dimension("document", "possible"):
        if count.value is not None and count.value not in listed:
            evidence_id, _, entry_id = count.value.partition("/")
            lines.append(
                (evidence_id, "", entry_id, "", "", "possible", count, None, "", "", count.reference)
            )
    return lines


def _document_row(places: dict[str, int]) -> Callable[[Sheet, int, _Line], None]:
    def write(sheet: Sheet, row: int, line: _Line) -> None:
        evidence_id, path, entry_id, rule, route, grade, count, is_whole, reason, sha256, reference = line
        sheet.text(row, 0, evidence_id)
        sheet.text(row, 1, path)
        sheet.text(row, 2, entry_id, "english")
        sheet.text(row, 3, rule)
        sheet.text(row, 4, named(route, ROUTE))
        sheet.text(row, 5, named(grade, GRADE))
        if count is not None:
            for column, value in enumerate((count.low, count.likely, count.high), start=6):
                sheet.number(row, column, value)
        sheet.text(row, 9, "" if is_whole is None else YES_NO[is_whole])
        sheet.text(row, 10, reason)
        sheet.text(row, 11, sha256, "english")
        sheet.text(row, 12, reference, "english")
        sheet.link(row, 13, BEHIND, places[reference], "→")

    return write


def _behind_row(stands: dict[str, tuple[str, int]]) -> Callable[[Sheet, int, Behind], None]:
    def write(sheet: Sheet, row: int, one: Behind) -> None:
        for column, value in enumerate((one.kind, one.reference, one.table, one.sql, one.back)):
            sheet.text(row, column, value, "english" if column in (1, 3, 4) else "plain")
        if one.reference in stands:
            name, place = stands[one.reference]
            sheet.link(row, 5, name, place, name)

    return write


def _moment_row(sheet: Sheet, row: int, pair: tuple[Moment, str], zone: ZoneInfo) -> None:
    one, grade = pair
    figures = one.figures[grade]
    sheet.text(row, 0, datetime.fromisoformat(one.at).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z"))
    sheet.number(row, 1, one.seq)
    sheet.text(row, 2, named(grade, GRADE))
    for column, name in enumerate(("low", "likely", "high", "estimate"), start=3):
        sheet.number(row, column, figures.get(name))
    sheet.text(row, 7, YES_NO[bool(figures.get("is_open"))])
    moved = [f"{named(each.kind, MOVED)}: {each.what}" for each in one.moved]
    sheet.text(row, 8, "\n".join(moved) or "最初の数 first count")


def _unread_row(sheet: Sheet, row: int, one: Unread) -> None:
    sheet.text(row, 0, one.evidence_id)
    sheet.text(row, 1, " ".join(KIND.get(one.kind, (one.kind, ""))))
    sheet.number(row, 2, one.count)
    sheet.text(row, 3, one.example)
    sheet.text(row, 4, one.message)
    sheet.text(row, 5, f"problem[evidence_id={one.evidence_id},kind={one.kind}]", "english")


def _item_row(sheet: Sheet, row: int, one: Item) -> None:
    for column, value in enumerate((one.evidence_id, one.role or "", one.format)):
        sheet.text(row, column, value)
    sheet.number(row, 3, one.size_bytes)
    sheet.text(row, 4, one.sha256, "english")
    sheet.text(row, 5, one.md5, "english")
    sheet.text(row, 6, one.acquisition)
    sheet.text(row, 7, f"evidence_item[evidence_id={one.evidence_id}]", "english")
