"""速報.docx and 確報.docx: the nine items of the report, filled as far as the case knows them, for a person to finish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.custody.history import Moment
from pipeline.report.document import GRADES, Document
from pipeline.report.drafts.filled import FINAL, PRELIMINARY, Filled, decision, is_ransomware, laws_of, values
from pipeline.report.drafts.form import MARKS, Group, read_form
from pipeline.report.drafts.word import Word
from pipeline.report.words import GRADE, MOVED, REPORTABLE

_MOST_MOVED = 6
_PUBLIC = ("administrative", "local_government", "incorporated_agency", "local_incorporated_agency")


def preliminary(document: Document) -> bytes:
    """The bytes of the draft of the preliminary report (速報): what is known at this time."""
    return _report(document, PRELIMINARY)


def final(document: Document) -> bytes:
    """The bytes of the draft of the final report (確報), with what has moved the number of persons since the first count."""
    return _report(document, FINAL)


def title_of(document: Document, kind: str) -> str:
    """What the draft is called: by whom the report is owed, and of what."""
    if document.case.entity_kind in _PUBLIC:
        return f"保有個人情報の漏えい等報告書({kind}・様式第六に準ずる下書き)"
    return f"個人データの漏えい等報告書({kind}・様式第一に準ずる下書き)"


def _report(document: Document, kind: str) -> bytes:
    case, decided = document.case, decision(document)
    word = Word(
        title_of(document, kind),
        f"下書き draft  {case.number}  custody {document.head.size}:{document.head.sha256[:16]}",
    )
    word.title(title_of(document, kind))
    word.paragraph(str(decided.get("notice", "")), is_bold=True)
    _standing(word, document, kind)
    known = values(document, kind)
    variants = {"ransomware"} if is_ransomware(document) else set()
    for group in read_form():
        if group.only is None or group.only in variants:
            _group(word, group, known)
    if is_ransomware(document):
        word.paragraph(
            "ランサムウェアによる事案では、2025年10月1日以降、ランサムウェア事案共通様式を用いることができる。"
            " The common ransomware form of the authorities may be used.",
            is_small=True,
        )
    _my_number(word, document, kind)
    if kind == FINAL:
        _moved(word, document.history, ZoneInfo(case.time_zone))
    _method(word, document)
    return word.content()


def _standing(word: Word, document: Document, kind: str) -> None:
    """What the decision says, and by when this report is due."""
    decided = decision(document)
    table = word.table(("判定 decision", "内容"), (45, 121))
    state = str(decided.get("reportable", "undetermined")).lower()
    said = "、".join(REPORTABLE.get(state, (state, state)))
    table.field("報告義務 reportable", said, source="decision.reportable")
    due = decided.get("preliminary_due") or {}
    if kind == PRELIMINARY:
        text = f"{due['earliest']} から {due['latest']} まで(おおむね3〜5日以内)" if due else "期限なし"
        table.field("速報の期限 due", text, source="decision.preliminary_due")
    else:
        text = (
            f"{decided['final_due']}({decided.get('final_days')}日以内)"
            if decided.get("final_due")
            else "期限なし"
        )
        table.field("確報の期限 due", text, source="decision.final_due, decision.final_days")
    if state == "false":
        word.paragraph(
            "この事実関係では報告義務は見つかっていない。この下書きは任意の報告のためのものである。 On these facts no duty was found; this draft is for a voluntary report.",
            is_marked=True,
        )
    if state == "undetermined":
        missing = [one if isinstance(one, str) else one["fact"] for one in decided.get("missing", ())]
        word.paragraph(
            f"判定は未確定である。分かれば決まる事実: {'、'.join(missing) or 'figures.json の decisions を参照'}  Undetermined: these facts would settle it.",
            is_marked=True,
        )


def _group(word: Word, group: Group, known: Mapping[str, Filled]) -> None:
    word.heading(f"{group.ja}  {group.en}", level=2)
    table = word.table(("項目", "内容"), (52, 114))
    for field in group.fields:
        filled = known.get(field.value) if field.value else None
        asks = f"{field.asks_ja} [{field.source}・{MARKS[field.mark]}]"
        if filled is None:
            table.field(field.ja, None, asks=asks)
        else:
            table.field(field.ja, filled.text, source=f"{filled.source}  [{field.source}]")


def _my_number(word: Word, document: Document, kind: str) -> None:
    """Where the My Number Act has its own duty, or may have: a report of its own to the Commission."""
    law = laws_of(document, "my-number")
    if law is None or law.get("reportable") is False:
        return
    word.heading("特定個人情報の漏えい等の報告  My Number", level=2)
    state = "報告対象" if law.get("reportable") is True else "未確定"
    word.paragraph(
        f"番号法29条の4による{kind}: {state}(該当する号: {'、'.join([*law.get('triggers', ()), *(f'{one}(未確定)' for one in law.get('possible_triggers', ()))]) or 'なし'})。"
        "報告先は常に個人情報保護委員会。個人番号の有無が不明のときは「有」として報告する。"
    )
    word.blank(
        "個人番号が含まれる本人の数、個人番号利用事務・関係事務の別、特定個人情報ファイルの名称 [番号法規則2条・3条]"
    )


def _moved(word: Word, history: tuple[Moment, ...], zone: ZoneInfo) -> None:
    """How the number of persons came to be what it is: every count of the case, and what moved it."""
    word.heading("別紙 本人の数の経緯(速報から確報まで)  How the number moved", level=2)
    if not history:
        word.paragraph("まだ数えていない。 Not counted yet.")
        return
    table = word.table(("時点", *(GRADE[grade][0] for grade in GRADES), "動かしたもの"), (30, 28, 28, 28, 52))
    for moment in history:
        cells = [_figures(moment.figures[grade]) if grade in moment.figures else "" for grade in GRADES]
        moved = [
            f"{MOVED[one.kind][0] if one.kind in MOVED else one.kind}: {one.what}" for one in moment.moved
        ]
        table.row(_local(moment.at, zone), *cells, "\n".join(moved[:_MOST_MOVED]) or "最初の集計")


def _local(at: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(at).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def _figures(one: Mapping[str, Any]) -> str:
    return f"{one['likely']:,}({one['low']:,}~{one['high']:,})"


def _method(word: Word, document: Document) -> None:
    word.heading("根拠  What this rests on", level=2)
    word.paragraph(
        "各欄の出典はコメントにある。数はすべて figures.json にあり、`kanshiki why` で証拠のバイトまでたどれる。"
        " Sources stand in the comments; every figure is in figures.json and walks back by `kanshiki why`."
    )
    table = word.table(("証拠 evidence", "形式", "SHA-256"), (40, 26, 100))
    for item in document.items:
        table.row(item.evidence_id, item.format, item.sha256)
