"""Texts of a case as office files may hold them."""

from __future__ import annotations

import re

from pipeline.progress import printable

# Signs no XML may hold, and lone halves of surrogate pairs.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff￾￿]")


def safe(text: str) -> str:
    """A text of a case as an office file may hold it: what is no sign of XML, or turns the direction of reading, is shown as what it is."""
    return "\n".join(printable(_FORBIDDEN.sub("�", line)) for line in text.split("\n"))
