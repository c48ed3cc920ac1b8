"""Names that something marks: an honorific, a title, a label, an age, the place of who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.match.personal_data.names.hits import Hit, ends_free, follows, hit, is_firm_head_before
from pipeline.match.personal_data.names.lexicon import is_common_surname, kinds
from pipeline.match.personal_data.names.rules import NameRules
from pipeline.match.personal_data.names.shapes import name_before, name_from, with_unlisted_given
from pipeline.match.personal_data.names.words import Shape, Words

_SPEAKER = re.compile(
    r"^\s*(?:>+\s*)?(?:\[?\d{1,2}:\d{2}(?::\d{2})?\]?|\[[^\]\n]{1,20}\d:\d{2}[^\]\n]{0,8}\])[ \t\u3000]+(?=\S)"
)
_SPOKEN = re.compile(r"[ \u3000]*(?:[:\t]|[ \u3000]|$)")
_TIME_BEHIND = re.compile(r"[ \u3000]{2,}\[?\d{1,2}:\d{2}")
_LONGEST_FOREIGN = 9
_AGED = re.compile(r"[(（](?:当時)?\d{1,3}(?:歳|才)?[)）、,=＝]")
_AROUND = re.compile("[HTBEo(]")
_KANA = re.compile(
    r"(?:[ァ-ヺー]{1,8}[ \u3000]?[ァ-ヺー]{1,8}|[ぁ-ゖー]{2,8}[ \u3000][ぁ-ゖー]{1,8})(?=[ \u3000]*(?:$|[(（)）、,]|様|殿|[ \u3000]{2}))"
)
_STATED = re.compile(
    r"([\u3400-\u9fff々〆ヶ]{1,5}(?:[ \u3000][\u3400-\u9fff々ぁ-ゖァ-ヺー]{1,5})?)(?=[ \u3000]*(?:[(（、,,;・/|]|$)|[ \u3000]+|様|殿|さん|氏)"
)


def behind_and_before(words: Words, rules: NameRules) -> Iterator[Hit]:
    """Names in front of honorifics and titles, and behind titles and roles."""
    for index in map(re.Match.start, _AROUND.finditer(words.parts)):
        part = words.parts[index]
        if part == "H" or (part in "BT" and words.surfaces[index] in rules.words["honorifics"]):
            shape = name_before(words, index)
            if shape and not is_firm_head_before(words, shape):
                yield hit(
                    shape, {"unknown": 0.6, "katakanas": 0.75, "given": 0.7}.get(shape.made, 0.9), "honorific"
                )
        elif part == "(" and _AGED.match(words.text, words.starts[index]):
            shape = name_before(words, index)
            if shape and shape.made != "given":
                yield hit(shape, {"unknown": 0.6, "katakanas": 0.6}.get(shape.made, 0.8), "age")
        if part == "T":
            yield from _before_title(words, rules, index)
        if part in "TB" or words.surfaces[index] in rules.words["titles"]:
            yield from _behind_title(words, index)
        elif part == "o" and words.surfaces[index] in rules.words["own"]:
            shape = name_from(words, index + 1)
            if shape and shape.made in ("full", "surname") and ends_free(words, shape):
                yield hit(shape, 0.75, "own side")
        elif part == "E":
            yield from _behind_team(words, index)


def _before_title(words: Words, rules: NameRules, index: int) -> Iterator[Hit]:
    if words.parts[index + 1 : index + 2] in ("X", "N"):
        return
    at = index
    while at and words.surfaces[at - 1] in rules.words["between"]:
        at -= 1
    shape = name_before(words, at)
    if shape is None or shape.made in ("unknown", "given") or is_firm_head_before(words, shape):
        return
    if shape.made in ("katakana", "katakanas"):
        told = [kinds(one) for one in shape.surname.split("・") if not one[:1].isascii()]
        is_long = len(told) == 1 and len(shape.surname) > _LONGEST_FOREIGN
        if all(("人名" in one and "地名" not in one) or not one for one in told) and not is_long:
            yield hit(shape, 0.65, "title")
        return
    first = words.index_of(shape.start)
    is_sure = shape.made != "surname" or (first is not None and words.parts[first] == "S")
    is_site = any(words.surfaces[index].endswith(one) for one in rules.words["site_titles"])
    if is_sure or not is_site:
        yield hit(shape, 0.85, "title")


def _behind_title(words: Words, index: int) -> Iterator[Hit]:
    """課長の田中, 弁護士 田中 太郎, 店員林: the name may be a place or a noun as well where only の stands between."""
    words, at = words, index + 1
    if (
        words.parts[at : at + 1] == ":"
        or words.surfaces[at : at + 1] == ["の"]
        or words.parts[at : at + 1] == "m"
    ):
        at += 1
    while words.parts[at : at + 1] == "_":
        at += 1
    shape = name_from(words, at)
    shape = shape and with_unlisted_given(words, shape)
    if shape is None or not ends_free(words, shape) or shape.made in ("katakanas", "katakana"):
        return
    if shape.made == "foreign" or shape.made == "full":
        yield hit(shape, 0.85, "title")
    elif words.parts[at] == "S" or (follows(words, shape) and is_common_surname(shape.surname)):
        yield hit(shape, 0.75, "title")


def _behind_team(words: Words, index: int) -> Iterator[Hit]:
    words, at = words, index + 1
    joined = words.surfaces[at : at + 1] == ["の"]
    at += joined or words.parts[at : at + 1] == "_"
    shape = name_from(words, at)
    if shape and shape.made == "surname" and ends_free(words, shape):
        if words.parts[at] == "S":
            yield hit(shape, 0.7, "team")
        elif (
            is_common_surname(shape.surname) and follows(words, shape) and (joined or words.parts[at] == "L")
        ):
            yield hit(shape, 0.55, "team")


def labelled(words: Words, rules: NameRules, labels: re.Pattern[str]) -> Iterator[Hit]:
    """Names behind a label, the further ones of a list as well."""
    for label in labels.finditer(words.text):
        at = words.index_of(label.end())
        is_sure = ":" in label.group() or "：" in label.group()
        kana = _KANA.match(words.text, label.end())
        if kana and (is_sure or _is_reading(words, rules, label)):
            yield Hit(kana.start(), kana.end(), 0.9, "reading", "")
            continue
        at = _behind_team_words(words, at)
        while at is not None and at < len(words.surfaces):
            shape = name_from(words, at) or _stated(words, at)
            shape = shape and with_unlisted_given(words, shape)
            if shape is None or not ends_free(words, shape):
                break
            if shape.made == "katakana" and not is_sure:
                break
            yield hit(shape, 0.9 if is_sure else 0.8, "label")
            at = _next_in_list(words, shape)


def _is_reading(words: Words, rules: NameRules, label: re.Match[str]) -> bool:
    return label.group().strip(" \u3000\t:") in rules.words["readings"]


def _behind_team_words(words: Words, index: int | None) -> int | None:
    """Where the name begins if the part of the firm stands in front of it: 担当: 営業部 田中."""
    parts = words.parts
    for at in range(index or 0, min((index or 0) + 4, len(parts))):
        if parts[at] in "ETB":
            return at + 2 if parts[at + 1 : at + 2] == "_" else at + 1
        if parts[at] not in "NKLz":
            break
    return index


def _stated(words: Words, index: int) -> Shape | None:
    """What a label calls a name though nothing knows it: kanji of one to six characters, with a space or without, up to a mark."""
    found = _STATED.match(words.text, words.starts[index])
    if found is None or words.parts[index] in "RXYZEC":
        return None
    name = found.group(1)
    known = kinds(name)
    if known and not known & {"人名", "地名"}:
        return None
    inner = words.parts[index : words.index_of(found.end(1))]
    if set(inner) & set("XYZETBH"):
        return None
    is_one = not any(mark in name for mark in " \u3000")
    if is_one and (set(inner) & set("RCjv") or (len(inner) > 1 and not set(inner) & set("GS"))):
        return None
    return Shape(found.start(1), found.end(1), "stated", name.replace("\u3000", " ").partition(" ")[0])


def _next_in_list(words: Words, shape: Shape) -> int | None:
    """The word at which the next name of a list stands: behind a title, an honorific, what is in brackets, and a comma."""
    at = words.index_of(shape.end)
    if at is None:
        return None
    closed = words.parts.find(")", at)
    if words.parts[at : at + 1] == "(" and closed > 0:
        at = closed + 1
    for _ in range(3):
        if words.parts[at : at + 1] and words.parts[at] in "HTB_" and len(words.surfaces[at]) < 8:
            at += 1
    if words.parts[at : at + 1] and words.parts[at] in "cm":
        at += 1
        return at + (words.parts[at : at + 1] == "_")
    behind = words.parts[at - 1]
    return at if behind == "_" else None


def spoken(words: Words) -> Iterator[Hit]:
    """Who speaks: [10:22] 田中: ..., and 田中  10:22."""
    opened = _SPEAKER.match(words.text)
    at = words.index_of(opened.end()) if opened else 0
    shape = name_from(words, at) if at is not None and words.surfaces else None
    if shape is None or shape.made in ("katakana", "katakanas"):
        return
    pattern = _SPOKEN if opened else _TIME_BEHIND
    if pattern.match(words.text, shape.end) and ends_free(words, shape):
        is_sure = words.text[shape.end : shape.end + 1] in (":", "\t") or not opened
        if is_sure or shape.made == "full" or words.parts[at or 0] == "S" or is_common_surname(shape.surname):
            yield hit(shape, 0.85 if is_sure else 0.65, "speaker")


def label_pattern(rules: NameRules) -> re.Pattern[str]:
    """Labels, behind which a name stands: a colon, or spaces where the label begins a line or stands behind a space or a mark."""
    listed = rules.words["labels"] | rules.words["readings"] | rules.words["headers"]
    told = "|".join(re.escape(one) for one in sorted(listed, key=lambda one: (-len(one), one)))
    behind = (
        r"(?:[(（][^()（）\n]{1,12}[)）])?[ \u3000\t]*(?:[:|=]|(?<=[^ \u3000\t:])[ \u3000\t]+)[ \u3000\t]*"
    )
    spread = r"[ \u3000]?".join
    short = "|".join(
        spread(map(re.escape, one)) for one in sorted(listed) if 2 <= len(one) <= 3 and not one.isascii()
    )
    return re.compile(rf"(?:(?<![^\s(（【・|,、;／/「のご])|(?<=\s))(?:{told}|{short}){behind}")
