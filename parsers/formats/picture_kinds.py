"""How pictures begin, and what kind each is: one list for who reads their metadata and for who tells what they show is unread.

References:
    - ITU-T T.81 (JPEG), TIFF 6.0, W3C PNG 5.2, ISO/IEC 23008-12 (HEIF: brands)
"""

from __future__ import annotations

# Signature, offset, media type. WebP has two, at 0 and at 8, and is told by who asks.
SIGNATURES = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"II*\0", 0, "image/tiff"),
    (b"MM\0*", 0, "image/tiff"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    *((b"ftyp" + brand, 4, "image/heic") for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif")),
)
