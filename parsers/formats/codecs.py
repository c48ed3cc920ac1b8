r"""Which encoding bytes of text are in, decided from the bytes; and decoding that loses nothing silently.

Always cp932, never Python's shift_jis: the latter refuses vendor characters (①, 髙). Undecodable bytes are written `\xNN`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

SAMPLE_BYTES = 1 << 20
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\([BJI]")
_ISO_PART = re.compile(rb"(\x1b\$[@B]|\x1b\([BJI]|\x0e|\x0f)")
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_WINDOW = 4096
# Share of replaced characters above which a guess is no text.
_MOST_REPLACED = 0.05
_FRAGMENT_RANGES = (("ぁ", "ゖ"), ("ァ", "ー"), ("一", "龥"), ("ｦ", "ﾟ"), ("　", "〿"), ("！", "～"))


def decide(content: bytes) -> str:
    """Name of the encoding: utf-8, utf-8-sig, utf-16, utf-16-le, utf-16-be, iso-2022-jp, cp932, euc_jp, cp1252 or ascii."""
    for bom, codec in _BOMS:
        if content.startswith(bom):
            return codec
    if wide := _utf16(content):
        return wide
    if b"\x1b" in content and _ESCAPE.search(content) and not _NON_ASCII.search(content):
        return "iso-2022-jp"
    if not _NON_ASCII.search(content):
        return "ascii"
    if _is_utf8(content):
        return "utf-8"
    scores = {codec: _score(content, codec) for codec in ("utf-8", "cp932", "euc_jp")}
    best = max(scores, key=lambda one: scores[one])
    return best if scores[best] > 0 else "cp1252"


def sample(stream: BinaryIO) -> bytes:
    """Bytes to decide by: the head, and the first window around bytes beyond ASCII wherever they come."""
    head = stream.read(SAMPLE_BYTES)
    if _NON_ASCII.search(head) or b"\x00" in head or b"\x1b" in head:
        return head
    while block := stream.read(SAMPLE_BYTES):
        if found := _NON_ASCII.search(block):
            return head[:_WINDOW] + block[max(found.start() - _WINDOW, 0) : found.start() + 64 * _WINDOW]
    return head


def decode(content: bytes, codec: str) -> tuple[str, int]:
    r"""Text, and how many bytes could not be decoded (written `\xNN`)."""
    if codec == "iso-2022-jp":
        return decode_iso2022jp(content)
    counter = _Counter()
    text, _ = codecs.getdecoder("utf-8" if codec == "ascii" else codec)(content, counter.name)
    return text, counter.replaced


class TextReader:
    """Lines of a stream of bytes with their ends as they stand (LF, CR LF or CR), and how many bytes were replaced so far."""

    def __init__(self, stream: BinaryIO, codec: str) -> None:
        """Read `stream` in `codec`."""
        self._counter = _Counter()
        self._text: io.TextIOBase
        if codec == "iso-2022-jp":
            text, self._counter.replaced = decode_iso2022jp(stream.read())
            self._text = io.StringIO(text, newline="")
        else:
            encoding = "utf-8" if codec == "ascii" else codec
            self._text = io.TextIOWrapper(stream, encoding=encoding, errors=self._counter.name, newline="")

    @property
    def replaced(self) -> int:
        """Bytes that could not be decoded so far."""
        return self._counter.replaced

    def lines(self, most: int) -> Iterator[str]:
        """Every line; one longer than `most` signs comes in pieces."""
        while line := self._text.readline(most):
            yield line


def decode_iso2022jp(content: bytes) -> tuple[str, int]:
    """ISO-2022-JP as it is written in Japan: half-width kana (ESC ( I) and NEC row 13 included.

    The two-byte parts are moved to Shift_JIS code points and read as cp932 (JIS X 0208, annex 1), since no Python codec
    reads both.
    """
    mode = b"\x1b(B"
    text: list[str] = []
    replaced = 0
    for part in _ISO_PART.split(content):
        if _ISO_PART.fullmatch(part):
            mode = part
            continue
        if mode in (b"\x1b$@", b"\x1b$B"):
            piece, bad = _two_bytes(part)
        elif mode in (b"\x1b(I", b"\x0e"):
            piece, bad = decode(bytes(one | 0x80 if 0x21 <= one <= 0x5F else one for one in part), "cp932")
        else:
            piece, bad = decode(part, "cp932")
        text.append(piece)
        replaced += bad
    return "".join(text), replaced


def is_text(head: bytes) -> bool:
    """Whether the first bytes are text in some encoding: no control bytes that text does not have."""
    if not head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or _utf16(head):
        return True
    if b"\x00" in head:
        return False
    odd = sum(one < 0x20 and one not in (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1A, 0x1B) for one in head)
    return odd <= len(head) // 200


class _Counter:
    """An error handler for decoding that escapes bytes and counts them; registered under a name of its own."""

    def __init__(self) -> None:
        self.replaced = 0
        self.name = f"kanshiki-escape-{id(self)}"
        codecs.register_error(self.name, self._handle)

    def _handle(self, error: UnicodeError) -> tuple[str | bytes, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        self.replaced += error.end - error.start
        return "".join(f"\\x{one:02x}" for one in error.object[error.start : error.end]), error.end


def _two_bytes(part: bytes) -> tuple[str, int]:
    moved = bytearray()
    position = 0
    while position < len(part):
        one = part[position]
        if one < 0x21 or one > 0x7E or position + 1 >= len(part):
            moved.append(one)  # a line end inside a two-byte part
            position += 1
            continue
        row, cell = one, part[position + 1]
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
        moved += bytes((lead, trail))
        position += 2
    return decode(bytes(moved), "cp932")


def _utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: zero bytes on one side only, as ASCII and line ends give them."""
    even, odd = content[0:SAMPLE_BYTES:2].count(0), content[1:SAMPLE_BYTES:2].count(0)
    half = len(content[:SAMPLE_BYTES]) // 2
    if half < 2:
        return None
    if odd > half * 0.05 and even <= odd * 0.02:
        return "utf-16-le"
    if even > half * 0.05 and odd <= even * 0.02:
        return "utf-16-be"
    return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end within a character.
        return error.start >= len(content) - 3 and error.reason == "unexpected end of data"
    return True


def _score(content: bytes, codec: str) -> float:
    """How much like Japanese text the windows around bytes beyond ASCII read; below zero where they do not decode."""
    first = _NON_ASCII.search(content)
    # Begin at the line of the first such byte, so that a character is not cut.
    line = content.rfind(b"\n", 0, first.start() if first else 0) + 1
    window = content[line : line + 64 * _WINDOW]
    text, replaced = decode(window, codec)
    beyond = [sign for sign in text if ord(sign) > 0x7F]
    if not beyond or replaced > _MOST_REPLACED * len(beyond):
        return -1.0
    japanese = sum(any(low <= sign <= high for low, high in _FRAGMENT_RANGES) for sign in beyond)
    kana = sum("ぁ" <= sign <= "ゖ" or "ァ" <= sign <= "ー" for sign in beyond)
    # Half-width kana is what EUC-JP text looks like when it is read as cp932.
    half = sum("ｦ" <= sign <= "ﾟ" for sign in beyond)
    is_all_half = half == len(beyond) and codec == "cp932"
    return (japanese + kana * 0.5 - (0 if is_all_half else half * 0.6)) / len(beyond) - replaced / len(beyond)
