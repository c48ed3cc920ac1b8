"""速報.docx and 確報.docx, and the same of 特定個人情報: the nine items of the report, filled as far as the case knows them, for a person to finish."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.report.document import Document
from pipeline.report.drafts import standing
from pipeline.report.drafts.filled import FINAL, PRELIMINARY, is_ransomware, laws_of, values
from pipeline.report.drafts.form import MARKS, Group, Law, read_form, read_laws
from pipeline.report.drafts.values import MY_NUMBER, Filled, Known
from pipeline.report.drafts.word import Word

_PRIVATE, _PUBLIC = "appi-private", "appi-public"
_BODIES = (
    "administrative",
    "local_government",
    "incorporated_agency",
    "local_incorporated_agency",
    "local_assembly",
)
_LABEL_MM, _VALUE_MM = 56, 110
# What a field left open means at each time: Enforcement Rules Art. 8(1) and (2), Guideline 3-5-3-3 and 3-5-3-4.
_ASKED = {
    PRELIMINARY: (
        "速報では、報告をしようとする時点で把握している事項を記せば足りる。把握していない事項は空欄とせず「不明」「調査中」と記す。",
        "The preliminary report states what is known at this time.",
    ),
    FINAL: (
        "確報では九つの事項すべてを記す。合理的な努力を尽くしても分からない事項は、その旨を記し、分かり次第、追完する。",
        "The final report states all nine items; what cannot be known by then is supplemented.",
    ),
}


def preliminary(document: Document) -> bytes:
    """The bytes of the draft of the preliminary report (速報): what is known at this time."""
    return _report(document, law_of(document), PRELIMINARY)


def final(document: Document) -> bytes:
    """The bytes of the draft of the final report (確報), with what has moved the number of persons since the first count."""
    return _report(document, law_of(document), FINAL)


def my_number_preliminary(document: Document) -> bytes | None:
    """The bytes of the draft of the preliminary report under the My Number Act; None where it is settled that none is owed."""
    return _report(document, read_laws()[MY_NUMBER], PRELIMINARY) if asks_my_number(document) else None


def my_number_final(document: Document) -> bytes | None:
    """The bytes of the draft of the final report under the My Number Act; None where it is settled that none is owed."""
    return _report(document, read_laws()[MY_NUMBER], FINAL) if asks_my_number(document) else None


def asks_my_number(document: Document) -> bool:
    """Whether the My Number Act asks for a report of its own, or may: no source says how far one report serves both Acts."""
    asked = laws_of(document, MY_NUMBER)
    return asked is not None and str(asked.get("reportable")).lower() != "false"


def law_of(document: Document) -> Law:
    """The law of personal information the body reports under: that of public bodies, or that of businesses."""
    is_public = document.case.entity_kind in _BODIES or (
        laws_of(document, _PUBLIC) is not None and laws_of(document, _PRIVATE) is None
    )
    return read_laws()[_PUBLIC if is_public else _PRIVATE]


def title_of(law: Law, kind: str) -> str:
    """What the draft is called: by the law it is made under, and its kind."""
    return f"{law.title}({kind}・{law.form}に準ずる下書き)"


def _report(document: Document, law: Law, kind: str) -> bytes:
    known = Known(document, law, kind)
    title = title_of(law, kind)
    notice = str(known.decision.get("notice", "")) or standing.NOTICE
    word = Word(title, f"下書き draft・法的助言ではない not legal advice  {document.case.number}  {kind}")
    word.title(title)
    word.paragraph(notice, is_bold=True)
    standing.write(word, known)
    ja, en = _ASKED[kind]
    word.paragraph(
        f"{ja}黄色の【要記入】は事件の記録からは分からない欄で、求められる内容を添えた。提出は原則として個人情報保護委員会のウェブサイトの報告フォームによる。"
        f" {en} Yellow fields are for people to fill in.",
        is_small=True,
    )
    filled = values(document, law, kind)
    variants = {MY_NUMBER} if known.is_my_number else set()
    if is_ransomware(document):
        variants.add("ransomware")
    for group in read_form(law):
        if group.only is None or group.only in variants:
            _group(word, group, filled)
    if "ransomware" in variants:
        word.paragraph(
            "不正の目的によるランサムウェア事案では、2025年10月1日から、ランサムウェア事案共通様式を用いることができる。"
            " The common ransomware form of the authorities may be used.",
            is_small=True,
        )
    if kind == FINAL:
        standing.moved(word, known)
    standing.rests_on(word, known)
    return word.content()


def _group(word: Word, group: Group, filled: Mapping[str, Filled]) -> None:
    word.heading(group.ja, level=2, en=group.en)
    table = word.table(("項目 field", "内容 content"), (_LABEL_MM, _VALUE_MM))
    for field in group.fields:
        lines = filled.get(field.value, ()) if field.value else ()
        asks = f"{field.asks_ja} [{field.source}・{MARKS[field.mark]}]"
        table.field((field.ja, field.en, f"{field.source} [{field.mark}]"), lines, asks=asks)
