r"""Tokens of RTF as the bytes go by: groups, control words, signs in a code page.

References:
    - Rich Text Format (RTF) Specification 1.9.1: syntax, character set, Unicode RTF, font table (fcharset)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

OPEN, CLOSE, WORD, BYTES, SYMBOL = range(5)
Token = tuple[int, bytes, int | None]
_BLOCK = 1 << 18
# The longest token that may be cut at the end of a block; runs of plain bytes are cut anywhere.
_LONGEST = 64
_TOKEN = re.compile(
    rb"\{|\}|\\([A-Za-z]{1,32})(-?\d{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z'])|([^\\{}\r\n\0]{1,4096})|[\r\n\0]+|\\'?", re.DOTALL
)  # fmt: skip
# Character sets of Windows: fcharset as code pages.
CHARSETS = {
    77: "mac_roman", 78: "cp932", 128: "cp932", 129: "cp949", 130: "johab", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250", 254: "cp437", 255: "cp437",
}  # fmt: skip
DOUBLE_BYTE = {"cp932", "cp949", "cp950", "gbk", "johab"}


def tokens(stream: BinaryIO) -> Iterator[Token]:
    r"""Tokens in order: kind, word or bytes, number; what follows `\bin` is passed over."""
    held = b""
    while True:
        block = stream.read(_BLOCK)
        held += block
        at = 0
        limit = len(held) - (_LONGEST if block else 0)
        while at < limit:
            found = _TOKEN.match(held, at)
            if found is None:  # no byte is without a token; kept so that it cannot hang
                at += 1
                continue
            at = found.end()
            word, number, byte, symbol, plain = found.groups()
            if word is not None:
                value = int(number) if number else None
                if word == b"bin" and value is not None and value > 0:
                    left = value - (len(held) - at)
                    at = min(at + value, len(held))
                    while left > 0 and (passed := stream.read(min(left, _BLOCK))):
                        left -= len(passed)
                    continue
                yield WORD, word, value
            elif byte is not None:
                yield BYTES, bytes([int(byte, 16)]), 1
            elif symbol is not None:
                yield SYMBOL, symbol, None
            elif plain is not None:
                yield BYTES, plain, None
            elif found[0] == b"{":
                yield OPEN, b"", None
            elif found[0] == b"}":
                yield CLOSE, b"", None
        held = held[at:]
        if not block:
            return
