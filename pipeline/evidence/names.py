r"""Names from evidence as text that Arrow can hold and that can be turned back into what was stored.

A backslash is written `\\`, a lone surrogate `\uDNNN`, an undecodable byte `\xNN`; nothing else changes.
In one part of a path a slash is written `\x2f`, since as it stands it would read as a folder.
"""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\(\\|x[0-9a-f]{2}|u[dD][0-9a-f]{3})")
_SPECIAL = re.compile("[\\\\\ud800-\udfff]")


def escape(name: str | bytes) -> tuple[str, bytes | None]:
    """The name as storable text, and its bytes where that text is not the name itself.

    Bytes are read as UTF-8; of text, lone surrogates U+DC80 to U+DCFF stand for undecodable bytes (PEP 383).
    """
    text = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
    if _SPECIAL.search(text) is None:
        return text, None
    return _SPECIAL.sub(_sign, text), _raw(name)


def escape_part(name: str | bytes) -> tuple[str, bytes | None]:
    """As `escape`, for a name that is one part of a path: a slash in it is escaped, too."""
    text, raw = escape(name)
    return (text, raw) if "/" not in text else (text.replace("/", "\\x2f"), _raw(name))


def unescape(text: str) -> str:
    """What `escape` was given, as text; undecodable bytes are U+DC80 to U+DCFF again."""
    return _ESCAPED.sub(_back, text)


def _raw(name: str | bytes) -> bytes:
    if isinstance(name, bytes):
        return name
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass")


def _sign(found: re.Match[str]) -> str:
    code = ord(found.group())
    if code == ord("\\"):
        return "\\\\"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}"


def _back(found: re.Match[str]) -> str:
    escaped = found.group(1)
    if escaped == "\\":
        return "\\"
    if escaped.startswith("x"):
        code = int(escaped[1:], 16)
        return chr(code if code < 0x80 else 0xDC00 + code)
    return chr(int(escaped[1:], 16))
