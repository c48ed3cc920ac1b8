"""UTF-16 as Windows stores names in it: any sequence of 16-bit units, half a surrogate among them."""

from __future__ import annotations

import re

_SPECIAL = re.compile("[\\\\/\ud800-\udfff]")


def wide_text(stored: bytes) -> tuple[str, bool]:
    """Little-endian UTF-16 as text, and whether it was UTF-16 throughout; half a surrogate or an odd byte becomes U+FFFD."""
    try:
        return stored.decode("utf-16-le"), True
    except UnicodeDecodeError:
        return stored.decode("utf-16-le", "replace"), False


def wide_name(stored: bytes) -> str:
    r"""A name as one part of a path, escaped as `file_entry` escapes it.

    A backslash is written `\\`, a slash `\x2f`, half a surrogate `\udNNN`.
    """
    text = stored[: len(stored) // 2 * 2].decode("utf-16-le", "surrogatepass")
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\\\\" if found[0] == "\\" else "\\x2f" if found[0] == "/" else f"\\u{code:04x}"
