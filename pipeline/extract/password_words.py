"""Words of a text that stand where people write a password: behind a word for it, as they stand, never varied.

Where a sentence goes on around a word, nothing tells which signs at its edges are its own: it is given without them and with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEAR_SIGNS = 40
_LEAST_SIGNS, _MOST_SIGNS = 4, 64
_MOST_WORDS = 200
# Far enough that no word is cut: a sign in front of it, blanks, itself and one more.
_REACH_SIGNS = _MOST_SIGNS + 16
# What the engine of the tables looks for first (RE2): whatever has no such word is not read here.
ANNOUNCED = "(?i)パス(ワード|コード|フレーズ)|ﾊﾟｽﾜｰﾄﾞ|暗証|解凍|開封|pass|pwd|pw|ｐａｓｓ|ｐｗ"
_ANNOUNCED = re.compile(
    r"パス(?:ワード|コード|フレーズ)|ﾊﾟｽﾜｰﾄﾞ|暗証(?:番号)?|解凍|開封|"
    r"(?<![a-z])p(?:ass(?:word|wd|code|phrase)?|wd|w)(?![a-z])|ｐａｓｓ(?:ｗｏｒｄ)?|ｐｗ",
    re.IGNORECASE,
)
# In brackets; behind a colon up to a blank; a run of signs of ASCII. One sign more than a word may have shows that it is none.
_WORD = re.compile(
    r"(?=[「『\"'“‘《【\[(（<＜](?P<held>[^\r\n「」『』“”]{4,65}?)[」』\"'”’》】\])）>＞])|"
    r"(?=[:：=＝][ \t\u3000]{0,8}(?P<told>[^\s。、「」『』（）]{4,65}))|"
    r"(?<![!-~])(?P<run>[!-~]{4,65})"
)
_BEFORE, _BEHIND = ":=-([{<\"'", ".,;:!?)]}>\"'"


def words(content: str) -> tuple[str, ...]:
    """Distinct words of 4 to 64 signs that begin within 40 signs behind a word for a password, at most 200, in their order."""
    found: dict[str, None] = {}
    for announced in _ANNOUNCED.finditer(content):
        for word in _behind(content, announced.end()):
            if _LEAST_SIGNS <= len(word) <= _MOST_SIGNS and word.isprintable() and "://" not in word:
                found.setdefault(word)
        if len(found) >= _MOST_WORDS:
            break
    return tuple(found)[:_MOST_WORDS]


def _behind(content: str, start: int) -> Iterator[str]:
    for one in _WORD.finditer(content, start, start + _NEAR_SIGNS + _REACH_SIGNS):
        if one.start() >= start + _NEAR_SIGNS:
            return
        word = one["held"] or one["told"] or one["run"]
        if len(word) <= _MOST_SIGNS:
            yield from _readings(word)


def _readings(word: str) -> Iterator[str]:
    """A word without the signs at its edges that the sentence may have put there, and with them."""
    inner = word.lstrip(_BEFORE)
    if len(inner) < _LEAST_SIGNS:
        return
    yield inner.rstrip(_BEHIND)
    yield inner
    yield word
