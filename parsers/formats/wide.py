"""UTF-16 as Windows stores names in it: any sequence of 16-bit units, half a surrogate among them."""

from __future__ import annotations


def wide_text(stored: bytes) -> tuple[str, bool]:
    """Little-endian UTF-16 as text, and whether it was UTF-16 throughout; half a surrogate or an odd byte becomes U+FFFD."""
    try:
        return stored.decode("utf-16-le"), True
    except UnicodeDecodeError:
        return stored.decode("utf-16-le", "replace"), False
