"""The columns of notification.xlsx, whose names are those of the merge fields of the letters."""

from __future__ import annotations

from dataclasses import dataclass

PERSON, NAME, POSTAL, ADDRESS, EMAIL, PHONE = ("対象者番号", "氏名", "郵便番号", "住所", "メール", "電話")
ITEMS, EVENT, OTHERS = "漏えいした項目", "事態", "他の記載"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column: its name, which merges by it, in English, what it says, and how wide it is, in signs."""

    name: str
    en: str
    told: str
    width: float


FIELDS = (
    Field(
        name=PERSON,
        en="number of the person",
        told="表 person(蓋然)の番号。kanshiki why CASE person:番号 で記載まで遡れる。",
        width=12,
    ),
    Field(name=NAME, en="name", told="本人の記載のうち最も多い書き方。末尾の敬称(様・殿)は除く。", width=20),
    Field(name=POSTAL, en="postal code", told="本人の記載のうち最も多いもの。", width=12),
    Field(
        name=ADDRESS,
        en="address, folded for comparison",
        told="本人の記載のうち最も多いもの。表記は比較用に整えてある。",
        width=40,
    ),
    Field(name=EMAIL, en="mail address", told="本人の記載のうち最も多いもの。", width=28),
    Field(name=PHONE, en="telephone, E.164", told="本人の記載のうち最も多いもの(国際表記)。", width=18),
    Field(
        name=OTHERS,
        en="other values of the person",
        told="本人の記載にある他の値。送付前に確認する。",
        width=30,
    ),
    Field(
        name=ITEMS,
        en="data items that went out",
        told="その人について漏えい等をした項目だけ。通知にはこれを記載する。",
        width=46,
    ),
    Field(
        name=EVENT,
        en="what happened, in the words of a notice",
        told="確認された人は「漏えい」、その他の人は「漏えいのおそれ」。損壊だけの人は「毀損」。",
        width=14,
    ),
    Field(name="確度", en="surest grade", told="その人の記載の確度のうち最も確かなもの。", width=18),
    Field(name="経路", en="routes", told="その人のデータがたどった経路。", width=30),
    Field(name="区分", en="categories", told="法令の判断に用いる区分。", width=40),
    Field(
        name="未確認の区分",
        en="candidates nobody confirmed",
        told="含まれる可能性があり、まだ人が確認していない区分。確認するまで通知に書かない。",
        width=24,
    ),
    Field(name="本人の種類", en="kind of person", told="顧客・従業者など。", width=14),
    Field(
        name="本人か疑わしい",
        en="in doubt",
        told="記載のすべてが見本・団体・死亡した人などの可能性がある。",
        width=12,
    ),
    Field(name="記載数", en="mentions that went out", told="漏えい等をした記載の数。", width=9),
    Field(name="文書数", en="documents", told="その記載がある文書の数。", width=9),
    Field(name="連絡先の種類", en="kinds of contact", told="事案のどこかに記載がある連絡先。", width=18),
    Field(
        name="連絡先の更新日",
        en="newest change of a contact",
        told="連絡先のある最も新しい文書の更新日・送信日。連絡先はこれより古いことがある。",
        width=14,
    ),
    Field(name="連絡先の経過日数", en="age in days", told="その日から最初に知った日までの日数。", width=10),
    Field(
        name="代替措置",
        en="another measure to consider",
        told="連絡先がない人には代替措置(個人情報保護法第26条第2項ただし書)を検討する。",
        width=20,
    ),
    Field(name="参照", en="reference", told="根拠の行。", width=30),
)


def event_words(grade: str, routes: str) -> str:
    """What happened to a person's data in the words of Art. 26: of a grade and the routes, with commas between."""
    event = "毀損" if routes == "damaged" else "漏えい"
    return event if grade == "confirmed" else f"{event}のおそれ"
