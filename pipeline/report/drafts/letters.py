"""通知文.docx: the notice to a person, worded for this kind of incident, with the fields of a mail merge that notification.xlsx fills."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.report.books.notification import ITEMS, NAME
from pipeline.report.document import Document
from pipeline.report.drafts.filled import decision
from pipeline.report.drafts.word import Word

FILE = Path(__file__).resolve().parents[3] / "rules" / "report_form" / "letters.toml"
# Of an event that was only suspected a notice says so.
_HAPPENED = {
    "leak": ("漏えいいたしました", "漏えいしたおそれがあります"),
    "loss": ("失われました", "失われたおそれがあります"),
    "damage": ("損壊いたしました", "損壊したおそれがあります"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """The wording for a kind of incident, and the causes it is for."""

    id: str
    ja: str
    en: str
    causes: tuple[str, ...]
    outline: str
    cause: str
    advice: tuple[str, ...]


@cache
def read_letters() -> tuple[Letter, ...]:
    """Every wording."""
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))["letter"]
    return tuple(
        Letter(**{**one, "causes": tuple(one["causes"]), "advice": tuple(one["advice"])}) for one in stated
    )


def letter_of(document: Document) -> Letter:
    """The wording for the cause a case states; the one for anything else where it states none."""
    cause = _fact(document, "cause")
    chosen = [one for one in read_letters() if cause in one.causes]
    return chosen[0] if chosen else read_letters()[-1]


def notice(document: Document) -> bytes:
    """The bytes of the notice. What nobody but people knows is left to be filled in; the person's name and items come by mail merge."""
    letter, case = letter_of(document), document.case
    word = Word(f"通知文({letter.ja})", f"下書き draft  {case.number}  {letter.ja} {letter.en}")
    word.paragraph(str(decision(document).get("notice", "")), is_small=True)
    word.blank("通知の年月日")
    word.merge("", NAME, " 様")
    word.paragraph(case.client or "")
    word.heading("個人情報の漏えい等に関するお詫びとお知らせ")
    word.paragraph(
        "平素より格別のご高配を賜り、厚く御礼申し上げます。このたび、お客様の個人情報について下記の事態が発生いたしました。"
        "多大なるご迷惑とご心配をおかけしますことを、深くお詫び申し上げます。"
    )
    word.heading("1 概要", level=2)
    word.paragraph(letter.outline.format(happened=_happened(document)))
    word.blank("発生日・発覚日と経過(お客様に関係する範囲で)")
    word.heading("2 お客様の情報の項目", level=2)
    word.merge("", ITEMS)
    word.heading("3 原因", level=2)
    word.paragraph(letter.cause)
    word.heading("4 二次被害又はそのおそれ", level=2)
    word.blank("有・無・不明とその内容")
    word.heading("5 お客様へのお願いと弊社の対応", level=2)
    for one in letter.advice:
        word.paragraph(f"・{one}")
    word.blank("実施した措置、今後の対応")
    word.heading("6 お問い合わせ窓口", level=2)
    word.blank("部署名、電話番号、受付時間、メールアドレス")
    return word.content()


def _happened(document: Document) -> str:
    actual, possible = _HAPPENED.get(str(_fact(document, "event")), _HAPPENED["leak"])
    return actual if _fact(document, "event_certainty") == "confirmed" else possible


def _fact(document: Document, name: str) -> object:
    return next((json.loads(value) for fact, value, _ in document.facts if fact == name), None)
