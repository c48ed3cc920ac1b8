r"""Names from evidence as text that Arrow can hold and that can be turned back into what was stored.

A backslash is written `\\`, a lone surrogate `\uDNNN`, an undecodable byte `\xNN`; nothing else changes.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2}|u[dD][0-9a-f]{3})")


def escape(name: str | bytes) -> tuple[str, bytes | None]:
    """The name as storable text, and its bytes where that text is not the name itself.

    Bytes are read as UTF-8; of text, lone surrogates U+DC80 to U+DCFF stand for undecodable bytes (PEP 383).
    """
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    written = "".join(_sign(sign) for sign in text)
    if written == text:
        return text, None
    return written, name if isinstance(name, bytes) else text.encode("utf-8", "surrogatepass")


def unescape(text: str) -> str:
    """What `escape` was given, as text; undecodable bytes are U+DC80 to U+DCFF again."""
    return _ESCAPED.sub(_back, text)


def _sign(sign: str) -> str:
    code = ord(sign)
    if sign == "\\":
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if 0xD800 <= code <= 0xDFFF:
        return f"\\u{code:04x}"
    return sign


def _back(found: re.Match[str]) -> str:
    escaped = found.group(1)
    if escaped == "\\":
        return "\\"
    if escaped.startswith("x"):
        return chr(0xDC00 + int(escaped[1:], 16))
    return chr(int(escaped[1:], 16))
