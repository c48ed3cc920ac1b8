"""What the finding of personal data is measured on: texts, a sheet and a large list of invented persons, the same for a seed."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from fixtures.name_texts import development
from fixtures.persons import persons

SEED = 20261126
END = "\f"  # stands between two texts of a file
CARDS = (
    "4111-1111-1111-1111",
    "5555-5555-5555-4444",
    "3530111333300000",
)  # numbers the brands publish for tests
HEADER = (
    "会員番号,氏名,フリガナ,生年月日,性別,郵便番号,住所,電話番号,携帯電話,メールアドレス,登録日,ポイント,備考"
)
COLUMNS = HEADER.count(",") + 1


def texts(count: int, folder: Path) -> None:
    """Business texts, about `count` kilobytes: what a template says, and below it how somebody can be reached."""
    chance = random.Random(SEED)
    made, size, number = [], 0, 0
    everybody = persons(2000, SEED)
    while size < count * 1000:
        for one in development(20, SEED + number):
            who = chance.choice(everybody)
            lines = [one.text, f"{who.surname} {who.given}", f"〒{who.postal_code} {who.address}", f"TEL: {'-'.join(who.phone)}", f"メール {who.email} まで"]  # fmt: skip
            if chance.random() < 0.25:
                lines.append(f"カード番号 {chance.choice(CARDS)} でお支払い済み")
            made.append("\n".join(lines))
            size += len(made[-1].encode())
        number += 1
    (folder / "texts.txt").write_text(END.join(made), encoding="utf-8")


def customers(count: int, folder: Path) -> None:
    """A list of `count` customers as a Japanese program writes it: CP932, thirteen columns, no person twice."""
    with (folder / "customers.csv").open("w", encoding="cp932", newline="") as stream:
        stream.write(f"{HEADER}\r\n")
        stream.writelines(_lines(count))


def _lines(count: int) -> Iterator[str]:
    """Rows of persons none of whom can be taken for another: with millions, names and birthdays of a short list would meet."""
    chance = random.Random(SEED)
    surnames = [(row[0], row[2]) for row in _named("last_name_org.csv")]
    given = [(one, row[0], sex) for sex, kind in (("男", "man"), ("女", "woman")) for row in _named(f"first_name_{kind}_org.csv") for one in row[2:] if one]  # fmt: skip
    places = [(f"{one.postal_code[:3]}-{one.postal_code[3:]}", one.town) for one in persons(200, SEED)]
    days = [f"{date(1935, 1, 1) + timedelta(days=one):%Y/%m/%d}" for one in range(70 * 365)]
    # As everybody's name and birthday differ from everybody else's, so do their numbers.
    seen: set[tuple[int, int, int]] = set()
    for number in range(count):
        while (key := (chance.randrange(len(surnames)), chance.randrange(len(given)), chance.randrange(len(days)))) in seen:  # fmt: skip
            pass
        seen.add(key)
        (surname, reading), (first, called, sex), born = surnames[key[0]], given[key[1]], days[key[2]]
        code, town = chance.choice(places)
        note = chance.choice(("", "", "", "退会手続き中", "要確認"))
        yield (
            f"A{number:08d},{surname} {first},{_katakana(reading)} {_katakana(called)},{born},{sex},{code},"
            f"{town}{1 + number % 9}-{1 + number // 9 % 30}-{1 + number // 270 % 30} ハイツ{1 + number // 8100}号室,"
            f"03-{3000 + number // 10_000:04d}-{number % 10_000:04d},090-{1000 + number // 10_000:04d}-{number % 10_000:04d},"
            f"user{number}@mail.example,2020-01-{1 + number % 28:02d},{number % 9973},{note}\r\n"
        )


def _named(name: str) -> list[list[str]]:
    """Rows of a list of names that CP932 can write: no person of that list is meant."""
    with (
        files("japanese_personal_name_dataset").joinpath("dataset", name).open(encoding="utf-8-sig") as stream
    ):
        rows = [row for row in csv.reader(stream) if len(row) > 2]
    return [[one for one in row if one == one.encode("cp932", "ignore").decode("cp932")] for row in rows]


def _katakana(text: str) -> str:
    return text.translate(_TO_KATAKANA)


_TO_KATAKANA = {sign: sign + 0x60 for sign in range(0x3041, 0x3097)}
_SUBJECTS = (
    "今期の売上", "新しい倉庫", "来月の展示会", "配送の遅れ", "在庫の棚卸し", "会議室の予約", "製品の仕様",
    "見積りの条件",
)  # fmt: skip
_MIDDLES = (
    "については", "に関して現場では", "のことで取引先からは", "の件は先週の会議で", "をめぐって工場の方では",
)  # fmt: skip
_ENDS = (
    "まだ結論が出ていないため、改めて検討することになりました。", "予定どおり進んでおり、特に問題は報告されていません。",
    "資料を整えたうえで、次の会合で説明することにしています。", "想定より時間がかかっており、手順を見直す必要があります。",
    "関係する部署の意見を聞いてから、方針を決めたいと考えています。",
)  # fmt: skip


def prose(count: int, folder: Path) -> None:
    """Reports of work, about `count` kilobytes: plain sentences, and in one paragraph of thirty how somebody can be reached."""
    chance = random.Random(SEED)
    everybody = persons(2000, SEED)
    made, size = [], 0
    while size < count * 1000:
        lines = []
        for _ in range(10):
            said = (
                chance.choice(_SUBJECTS) + chance.choice(_MIDDLES) + chance.choice(_ENDS) for _ in range(4)
            )
            lines.append("".join(said))
            if chance.random() < 1 / 30:
                who = chance.choice(everybody)
                lines.append(
                    f"連絡先は {who.surname} {who.given}、電話 {'-'.join(who.phone)}、メール {who.email} です。"
                )
        made.append("\n".join(lines))
        size += len(made[-1].encode())
    (folder / "texts.txt").write_text(END.join(made), encoding="utf-8")
