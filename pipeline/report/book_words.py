"""Words of the workbooks and of the memo, in Japanese and English."""

from __future__ import annotations

from pipeline.report.words import CATEGORY, DOUBT, ITEM, MEDIUM, ROUTE, SUBJECT, Words

DECIDES = (
    "これは事実と規則からの評価であり、決定は責任者・弁護士が行う。",
    "An evaluation of facts by rules; a person decides.",
)
WHAT_FIGURES = (
    "本書は report/figures.json と同じ数値を表にしたもので、ここで計算した数値はない。各数値の「参照」は、根拠となった表と行を示す。",
    "The figures of report/figures.json as sheets; nothing is computed here. Each reference names the table and row a figure rests on.",
)
WHAT_BOUNDS = (
    "下限は同一人であり得る記載をすべて一人とした数、上限は別人でないと言えるものだけを一人とした数。",
    "Low joins every mention that could be the same human; high joins only what cannot be two.",
)
AT_LEAST = ("少なくとも", "at least")
NOT_ZERO = (
    "数えられる本人は見つかっていない。ゼロ人という意味ではない。",
    "Nobody was counted: that is not zero persons.",
)
MASKED = (
    "氏名・住所などの値は載せていない。値を載せたものは kanshiki notification --unmasked で作成でき、作成した事実は証拠保全記録に残る。",
    "No name and no address stands here. `kanshiki notification --unmasked` writes them, and the custody log keeps that it did.",
)
UNMASKED = (
    "個人情報を含む。取扱者を限定し、通知が済み次第、定められた方法で廃棄すること。作成した事実は証拠保全記録に残っている。",
    "Holds personal data: restrict who has it, and destroy it as laid down once the notices are sent. The custody log keeps that it was made.",
)
ONE_ROW = (
    "一行が一人(蓋然の名寄せによる表 person の人)。漏えい等をした記載のある人だけを載せる。人数は figures.xlsx によること"
    "(行の数は重複の見込みを引く前のもので、本人か疑わしい人を含む)。",
    "One row a person (table person, bound likely) with a mention that went out. For numbers of persons see figures.xlsx: "
    "these rows are before what is expected to be counted twice, and hold those in doubt.",
)
SUBSTITUTE = (
    "連絡先が一つもない人には、本人通知に代わる措置(個人情報保護法第26条第2項ただし書。公表、問合せ窓口の設置など)を検討する。"
    "連絡先が古く届かないと見込まれる人も同じ。",
    "Where there is no contact, consider another measure (Art. 26(2) proviso: publication, a contact point); so too where contacts are too old to reach anybody.",
)
OF_VALUE: Words = CATEGORY | ITEM | ROUTE | SUBJECT | MEDIUM | DOUBT
SUBJECT_OF_PERSON: Words = SUBJECT | {"mixed": ("複数の立場", "mixed")}
YES_NO = {True: "はい", False: "いいえ"}
KIND_OF_ROW = {
    "count": "人数 count",
    "exposure": "文書 exposed document",
    "decision": "評価 decision",
    "fact": "事実 fact",
    "open": "未確定要因 open item",
    "problem": "未読 problem",
}


def named(value: str, words: Words = OF_VALUE) -> str:
    """The Japanese name of a value of a table; the value itself where there is none."""
    found = words.get(value)
    return found[0] if found else value


def place_of(value: str, words: Words = OF_VALUE) -> tuple[int, str]:
    """Where a value stands in a list: name and address before the rest."""
    told = named(value, words)
    return _ORDER.get(told, len(_ORDER)), told


def listed(values: list[str], words: Words = OF_VALUE) -> str:
    """The Japanese names of values, each once, as a sentence lists them."""
    return "、".join(dict.fromkeys(named(one, words) for one in sorted(values, key=place_of)))


_ORDER = {ja: place for place, ja in enumerate(dict.fromkeys(ja for ja, _ in OF_VALUE.values()))}
