"""The notice to a person as a template: what Enforcement Rules Art. 10 asks for, with the person's own items from notification.xlsx.

Content: items 1, 2, 4, 5 and 9 of Art. 8(1), and of these only what concerns the person (Guideline, general part, 3-5-4-3).
"""

from __future__ import annotations

from pipeline.report.book_words import DECIDES, OF_VALUE, named, place_of
from pipeline.report.document import Document
from pipeline.report.letters.kinds import KINDS, Kind, kinds_of
from pipeline.report.letters.word import Letter
from pipeline.report.merge_fields import ADDRESS, EVENT, ITEMS, NAME, PERSON, POSTAL
from pipeline.report.words import GRADE

_WHAT = f"貴殿の個人データについて«{EVENT}»が生じたことが判明いたしました"


def render(document: Document) -> dict[str, bytes]:
    """The letters of a case, by the name of the file: one for each kind of incident it is of."""
    return {
        f"通知文_{name}.docx": _letter(document, name, KINDS[name], _others(name, document))
        for name in kinds_of(document)
    }


def _others(name: str, document: Document) -> list[str]:
    return [one for one in kinds_of(document) if one != name]


def _letter(document: Document, name: str, kind: Kind, others: list[str]) -> bytes:
    letter = Letter(f"個人データの漏えい等に関するお知らせ({kind.title})")
    letter.line("令和【要記入】年【要記入】月【要記入】日", "right")
    letter.line(f"〒«{POSTAL}»")
    letter.line(f"«{ADDRESS}»")
    letter.line(f"«{NAME}» 様", size=12, is_bold=True)
    letter.line("【要記入:会社名】", "right")
    letter.line("【要記入:代表者の役職・氏名】", "right")
    letter.line("")
    letter.line(f"個人データの«{EVENT}»に関するお詫びとお知らせ", "center", size=14, is_bold=True)
    letter.line(
        f"平素より格別のご高配を賜り、厚く御礼申し上げます。このたび、弊社において{kind.title}が発生し、貴殿の個人データに関わる事態に至りました。"
        "多大なるご迷惑とご心配をおかけいたしますこと、心より深くお詫び申し上げます。",
        is_inside=True,
    )
    letter.line(
        "個人情報の保護に関する法律第26条第2項に基づき、下記のとおりお知らせいたします。"
        "現時点で判明している内容であり、新たに判明した事項がありましたら改めてお知らせいたします。",
        is_inside=True,
    )
    letter.line("記", "center")
    letter.line("1 事態の概要", is_bold=True)
    letter.line(kind.outline.format(what=_WHAT), is_inside=True)
    letter.line("2 漏えい等が生じ、又はそのおそれがある個人データの項目", is_bold=True)
    letter.line("貴殿に関する項目は、次のとおりです。", is_inside=True)
    letter.line(f"«{ITEMS}»", is_inside=True)
    letter.line("3 原因", is_bold=True)
    letter.line(kind.cause, is_inside=True)
    letter.line("4 二次被害又はそのおそれの有無及びその内容", is_bold=True)
    letter.line(kind.harm, is_inside=True)
    letter.line("5 その他参考となる事項", is_bold=True)
    letter.line("(1) 弊社の対応 " + kind.done, is_inside=True)
    letter.line("(2) 再発防止 【要記入:再発防止のための措置】に取り組んでまいります。", is_inside=True)
    letter.line("(3) お願い " + kind.ask, is_inside=True)
    letter.line(
        "(4) 関係機関への報告 【要記入:個人情報保護委員会等への報告、警察への届出などの状況】", is_inside=True
    )
    letter.line("6 お問い合わせ窓口", is_bold=True)
    letter.line("【要記入:窓口の名称】 電話【要記入】 電子メール【要記入】", is_inside=True)
    letter.line(
        f"受付時間【要記入】 お問い合わせの際は、お知らせ番号「«{PERSON}»」をお伝えください。", is_inside=True
    )
    letter.line("以上", "right")
    letter.new_page()
    _for_the_writer(letter, document, name, kind, others)
    return letter.content()


def _for_the_writer(letter: Letter, document: Document, name: str, kind: Kind, others: list[str]) -> None:
    """The last page, which does not go out: what to do before sending, and the items of the case."""
    letter.boxed(
        [
            "起案者用:送付前にこの頁を削除すること For the writer: delete this page before sending",
            f"事件番号 case {document.case.number} / 種別 kind: {name}({kind.en})",
            f"{DECIDES[0]} 通知の要否・時期・内容を定めるのも同じ。",
            f"{DECIDES[1]} So too whether, when and how to notify.",
            "黄色の【要記入】をすべて埋める。事実と異なる文は改める。 Fill every yellow blank; change whatever does not fit the facts.",
            "差込印刷の宛先には notification.xlsx の「対象者 Persons」シート(値を載せたもの)を選ぶ。"
            "本人か疑わしい人、連絡先のない人(代替措置)は差し込む前に除く。",
            "項目は一人ずつ異なる。他の人の項目を載せない。「未確認の区分」は確認するまで載せない。",
            "根拠 sources: 個人情報保護法第26条第2項、同法施行規則第10条(第8条第1項第1号・第2号・第4号・第5号・第9号)。",
        ]
    )
    if others:
        letter.line(
            f"原因が定まっていないため、他の種別の案もある: {'、'.join(others)}。 The cause is not settled: there are letters of other kinds."
        )
    counts = document.of_dimension("item")
    letter.line("この事案で対象となった項目 items of this case", is_bold=True)
    if not counts:
        letter.line("数えられた項目はない。ないという意味ではない。 No item was counted, which is not none.")
        return
    rows: list[tuple[str, ...]] = [
        ("項目 item", f"{GRADE['possible'][0]} 人 persons", "参照 reference"),
    ]
    for one in sorted(counts, key=lambda one: place_of(one.value or "")):
        told = f"{one.likely:,}({one.low:,}〜{one.high:,})"
        rows.append(
            (
                f"{named(one.value or '', OF_VALUE)} {one.value}",
                f"少なくとも {told}" if one.is_open else told,
                one.reference,
            )
        )
    letter.table(rows, (48, 36, 80))
