"""Text of evidence as it may be shown: signs no reader sees, or no XML holds, become signs everybody sees."""

from __future__ import annotations

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# XML 1.0, 2.2: what is no Char. Surrogates have no place in UTF-8, and U+0085 to U+009F are controls no font draws.
_NOT_SHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# UAX 9, explicit formatting and marks; zero-width signs and the byte order mark hide as well as they do.
_HIDING = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_BREAKS = re.compile("[\t\n\r]+")


def visible(text: str) -> str:
    """The text with U+FFFD for each sign that cannot be shown, and `⟦U+202E⟧` for each that would hide or turn others."""
    shown = _NOT_SHOWN.sub(lambda one: "\n" if one[0] == "\r" else REPLACEMENT, text)
    return _HIDING.sub(lambda one: f"⟦U+{ord(one[0]):04X}⟧", shown)


def on_one_line(text: str) -> str:
    """The same on one line: breaks and tabs are spaces."""
    return visible(_BREAKS.sub(" ", text))
