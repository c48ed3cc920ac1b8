"""Folds values for comparison, apart from the recognisers' own folding, so that no mistake of theirs hides itself."""

from __future__ import annotations

import re
import unicodedata

_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−－", "-"))
# A sign, with the mark of its sound where half-width kana write that apart.
_SIGN = re.compile(r".[ﾞﾟ\u3099\u309a]?", re.DOTALL)
_DIGITS_ALONE = {
    "phone", "postal_code", "credit_card_number", "my_number", "pension_number", "driving_licence", "insurer_number",
}  # fmt: skip


def folded(text: str) -> str:
    """Widths and case folded, hyphens as one, without space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_HYPHENS)).casefold()


def cell(text: str | None) -> str:
    """A cell as its source has it, without what a program adds to whole numbers and days."""
    told = folded(text or "")
    return re.sub(r"(?<=\d)(\.0|00:00:00|t00:00:00)$", "", told)


def value(item: str, text: str) -> str:
    """A value of an item: numbers by their digits, a telephone as it is dialled in Japan."""
    told = folded(text)
    if item in _DIGITS_ALONE:
        digits = re.sub(r"\D", "", told)
        if item == "phone" and told.startswith("+81"):
            digits = "0" + digits[2:].removeprefix("0")
        return digits
    return told


def with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its signs where it stood."""
    out, places = [], []
    for found in _SIGN.finditer(text):
        for one in folded(found.group()):
            out.append(one)
            places.append(found.start())
    return "".join(out), places
