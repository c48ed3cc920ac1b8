"""figures.xlsx: every count of the report with the row it rests on, and what stands behind it, to be filtered and looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.report.books.cells import Book, Cell
from pipeline.report.document import GRADES, Count, Document
from pipeline.report.drafts.filled import decision
from pipeline.report.words import (
    CATEGORY,
    DIMENSION,
    DIRECTION,
    DOUBT,
    GRADE,
    INDICATOR,
    ITEM,
    KIND,
    MOVED,
    OPEN,
    REPORTABLE,
    ROUTE,
    SUBJECT,
    Words,
    medium,
)

_OF_DIMENSION: dict[str, Words] = {
    "category": CATEGORY, "item": ITEM, "route": ROUTE, "subject_kind": SUBJECT, "deceased": DOUBT,
}  # fmt: skip


def write(document: Document, path: Path) -> None:
    """Write the workbook to a file."""
    paths = {f"{one.evidence_id}/{one.entry_id}": f"{one.evidence_id} {one.path}" for one in document.exposed}
    with Book(path, f"{document.case.number} figures") as book:
        book.cover(
            "表紙",
            f"{document.case.number} 本人の数 affected persons",
            _cover(document),
            (34, 18, 18, 18, 14, 60),
        )
        book.sheet(
            "人数",
            (
                "確度 grade",
                "軸 dimension",
                "値 value",
                "値(表の語) in the tables",
                "下限 low",
                "蓋然 likely",
                "上限 high",
                "結合のまま as joined",
                "未確定 open",
                "未確定の理由 why",
                "根拠の行 row",
            ),
            (16, 14, 30, 34, 11, 11, 11, 12, 9, 40, 60),
            (_count(one, paths) for one in document.counts),
        )
        book.sheet(
            "文書",
            ("証拠 evidence", "パス path", "規則 rule", "経路 route", "確度 grade", "理由 reason", "記載 mentions", "全部読めたか read whole", "根拠の行 row"),
            (12, 60, 22, 20, 18, 50, 10, 10, 50),
            (
                (
                    one.evidence_id, one.path, one.rule, ROUTE.get(one.route, (one.route,))[0], GRADE[one.grade][0], one.reason,
                    one.mentions, one.is_complete, f"exposure[evidence_id={one.evidence_id},entry_id={one.entry_id},rule={one.rule}]",
                )
                for one in document.exposed
            ),
        )  # fmt: skip
        book.sheet(
            "痕跡",
            ("向き direction", "何 what", "規則 rule", "確度 grade", "証拠 evidence", "日時(UTC) at", "理由 reason"),
            (16, 34, 22, 14, 12, 22, 70),
            (
                (
                    DIRECTION.get(one.direction, (one.direction,))[0], INDICATOR.get(one.rule, (one.rule,))[0], one.rule,
                    GRADE.get(one.grade, (one.grade,))[0], one.evidence_id,
                    None if one.happened_at is None else f"{one.happened_at:%Y-%m-%d %H:%M:%S}", one.reason,
                )
                for one in document.indicators
            ),
        )  # fmt: skip
        book.sheet(
            "経緯",
            (
                "時点(UTC) at",
                "記録 record",
                "確度 grade",
                "下限 low",
                "蓋然 likely",
                "上限 high",
                "動かしたもの moved by",
            ),
            (22, 10, 18, 11, 11, 11, 70),
            _history(document),
        )
        book.sheet(
            "未読",
            ("証拠 evidence", "種類 kind", "件数 count", "例 example", "内容 message"),
            (12, 14, 10, 50, 70),
            (
                (one.evidence_id, KIND.get(one.kind, (one.kind,))[0], one.count, one.example, one.message)
                for one in document.unread
            ),
        )
        book.sheet(
            "見積り",
            ("未確定のもの what", "下限 low", "蓋然 likely", "上限 high", "方法 method"),
            (60, 11, 11, 11, 60),
            ((one.what, one.low, one.likely, one.high, one.method) for one in document.estimated),
        )
        book.sheet(
            "証拠",
            (
                "証拠 evidence",
                "役割 role",
                "形式 format",
                "大きさ(バイト) bytes",
                "SHA-256",
                "MD5",
                "取得時の値との照合 acquisition",
            ),
            (12, 16, 12, 20, 68, 36, 30),
            (
                (one.evidence_id, one.role, one.format, one.size_bytes, one.sha256, one.md5, one.acquisition)
                for one in document.items
            ),
        )


def _cover(document: Document) -> Iterator[Sequence[Cell]]:
    decided: dict[str, Any] = dict(decision(document))
    yield ("確度 grade", "下限 low", "蓋然 likely", "上限 high", "未確定 open", "根拠の行 row")
    for grade in GRADES:
        one = document.headline(grade)
        yield (GRADE[grade][0], one.low, one.likely, one.high, one.is_open, one.reference)
    yield ()
    state = str(decided.get("reportable", "undetermined")).lower()
    yield ("報告義務 reportable", " ".join(REPORTABLE.get(state, (state,))))
    due = decided.get("preliminary_due") or {}
    yield ("速報 preliminary", f"{due.get('earliest', '')} ~ {due.get('latest', '')}" if due else "なし none")
    yield ("確報 final", decided.get("final_due") or "なし none")
    yield ("", decided.get("notice"))
    yield ()
    yield ("文書 documents", f"{len(document.exposed):,} / {document.exposed_total:,}")
    yield ("証跡 custody", f"{document.head.size}:{document.head.sha256}")
    yield (
        "数え方",
        "生存する自然人の数。下限・蓋然・上限の幅で示す(docs/counting-rule.md)。各行は `kanshiki why` で証拠までたどれる。",
    )


def _count(one: Count, paths: Mapping[str, str]) -> Sequence[Cell]:
    return (
        GRADE[one.grade][0], DIMENSION.get(one.dimension, ("全員",))[0], _value(one, paths), one.value, one.low, one.likely, one.high,
        one.estimate, one.is_open, "\n".join(OPEN.get(reason.split(":")[0], reason) for reason in one.open_reasons), one.reference,
    )  # fmt: skip


def _value(one: Count, paths: Mapping[str, str]) -> str | None:
    if one.value is None:
        return "全員 all"
    if one.dimension == "medium":
        return medium(one.value)[0]
    if one.dimension == "document":
        return paths.get(one.value, one.value)
    words = _OF_DIMENSION.get(one.dimension, {})
    return words[one.value][0] if one.value in words else one.value


def _history(document: Document) -> Iterator[Sequence[Cell]]:
    for moment in document.history:
        moved = "\n".join(f"{MOVED.get(one.kind, (one.kind,))[0]}: {one.what}" for one in moment.moved)
        for grade in GRADES:
            if grade in moment.figures:
                one = moment.figures[grade]
                yield (
                    moment.at[:19].replace("T", " "),
                    moment.seq,
                    GRADE[grade][0],
                    one["low"],
                    one["likely"],
                    one["high"],
                    moved or "最初の集計",
                )
