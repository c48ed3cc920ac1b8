"""Text in the ANSI code page of a machine that is not named: which code page, decided from what stands around it."""

from __future__ import annotations

import re

_CODECS = ("cp932", "cp1252")
_LONE_KANA = re.compile("(?<![｡-ﾟ])[｡-ﾟ](?![｡-ﾟ])")


def code_page(raw: bytes, around: bytes, before: str | None = None) -> str:
    """The code page of an ANSI text: what UTF-16 in the bytes around agrees with, the one used before, cp932.

    `around` are the bytes of the artefact, which may repeat a name of the text in UTF-16; `before` is
    the code page an earlier text of the same artefact was read with.
    """
    read = {}
    for codec in _CODECS:
        try:
            read[codec] = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        names = [name for name in read[codec].split("\\") if not name.isascii()]
        if any(name.encode("utf-16-le") in around for name in names):
            return codec
    if before is not None:
        return before
    # One half-width kana between Latin letters is an accented letter of another code page: QUALITﾉ is QUALITÉ.
    japanese = read.get("cp932", "")
    if "cp1252" in read and japanese and _LONE_KANA.sub("", japanese).isascii():
        return "cp1252"
    return "cp932" if "cp932" in read or not read else "cp1252"


def until_nul(raw: bytes, width: int) -> bytes:
    """The bytes before the first NUL of one or two bytes; all whole characters where there is none."""
    if width == 1:
        return raw.split(b"\0", 1)[0]
    end = next(
        (index for index in range(0, len(raw) - 1, 2) if raw[index : index + 2] == b"\0\0"), len(raw) & ~1
    )
    return raw[:end]
