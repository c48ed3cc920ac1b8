"""Names and readings in kana: foreign names in katakana, surname and given name in kana, readings in brackets."""

from __future__ import annotations

import re

from pipeline.match.personal_data.names.lexicon import is_given_reading, is_surname_reading, kinds
from pipeline.match.personal_data.names.words import Shape, Words

KATAKANA = re.compile(r"[ァ-ヴー]{2,}(?:[・･＝=](?:[ァ-ヴー]+|[A-Z]\.?(?=[・･＝=])))*")
KATAKANA_BEFORE = re.compile(
    r"(?<![ァ-ヴー・ 　])[ァ-ヴー]{2,}(?:[・･＝=](?:[ァ-ヴー]+|[A-Z]\.?(?=[・･＝=])))*$"
)
READING = re.compile(r"[(（]\s*[ぁ-ゖァ-ヺー]{1,12}(?:[ \u3000・][ぁ-ゖァ-ヺー]{1,12})?\s*[)）]")
_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺー\u3400-\u9fff々〆ヶ\U00020000-\U0003ffff]")
_KANA_NAME = re.compile(
    r"(?<![ぁ-ゖー])(?:[ぁ-ゖー]{2,8})[ \u3000](?:[ぁ-ゖー]{1,8})(?![ぁ-ゖー])|"
    r"(?<![ァ-ヺー・])(?:[ァ-ヺー]{2,8})[ \u3000](?:[ァ-ヺー]{1,8})(?![ァ-ヺー・])"
)
_KANA_SUFFIX = re.compile(r"(?:くん|さん|ちゃん|さま|どの)$")


def foreign_names(words: Words) -> list[Shape]:
    """Names of two parts in katakana that the dictionary has at least one part of as a name of a person."""
    if "・" not in words.text and "＝" not in words.text and "=" not in words.text:
        return []
    found = [foreign_name(words, one.start(), one.end()) for one in KATAKANA.finditer(words.text)]
    return [one for one in found if one is not None and one.made == "foreign"]


def foreign_name(words: Words, start: int, end: int) -> Shape | None:
    """A stretch of katakana as a name: one word, parts of which one is a name and none a thing, or other parts."""
    parts = re.split("[・･＝=]", words.text[start:end])
    if len(parts) == 1:
        return Shape(start, end, "katakana", parts[0]) if len(parts[0]) > 1 else None
    told = [kinds(one) for one in parts if not one[:1].isascii()]
    persons = sum("人名" in one and "普通名詞" not in one for one in told)
    maybe = sum("人名" in one or not one for one in told)
    things = any(one and "人名" not in one for one in told)
    is_long = all(len(one) > 1 for one in parts[:1] + parts[-1:])
    made = "foreign" if persons and maybe == len(told) and not things and is_long else "katakanas"
    return Shape(start, end, made, parts[-1])


def kana_names(text: str) -> list[Shape]:
    """Surname and given name in kana with a space between, both known as readings."""
    found = []
    for one in _KANA_NAME.finditer(text):
        name = _KANA_SUFFIX.sub("", one.group())
        surname, _, given = name.replace("\u3000", " ").partition(" ")
        if is_surname_reading(rounded(surname)) and is_given_reading(rounded(given)):
            found.append(Shape(one.start(), one.start() + len(name), "kana", surname))
    return found


def rounded(kana: str) -> str:
    """Katakana as hiragana."""
    return "".join(chr(ord(one) - 0x60) if "ァ" <= one <= "ヶ" else one for one in kana)


def foreign_before(found: re.Match[str]) -> Shape | None:
    """Katakana in front of an honorific or a title: more parts, or one word, of which one is a name or no word at all."""
    parts = re.split("[・･＝=]", found.group())
    told = [kinds(one) for one in parts if not one[:1].isascii()]
    if len(parts) > 1:
        is_name = any("人名" in one or not one for one in told)
        return Shape(found.start(), found.end(), "foreign", parts[-1]) if is_name else None
    if "人名" in told[0]:
        return Shape(found.start(), found.end(), "katakana", parts[0])
    is_unknown = not told[0] and len(parts[0]) > 2
    return Shape(found.start(), found.end(), "katakanas", parts[0]) if is_unknown else None


def readings(text: str) -> list[tuple[int, int]]:
    """Where readings in brackets stand right behind a name or another word."""
    if "(" not in text and "（" not in text:
        return []
    return [
        one.span()
        for one in READING.finditer(text)
        if _JAPANESE.fullmatch(text[max(0, one.start() - 2) : one.start()].rstrip()[-1:])
    ]
