r"""Which encoding bytes of text are in, decided from the bytes; and decoding that loses nothing silently.

Always cp932, never Python's shift_jis: the latter refuses vendor characters (①, 髙). A byte that cannot be decoded, and
NUL, is kept as `\xNN` and counted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import BinaryIO

SAMPLE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 20
_WINDOW = 1 << 16
# The Unicode Standard 23.8; the mark of UTF-32 begins with that of UTF-16.
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# RFC 1468; ESC ( I is JIS X 0201 katakana, ESC $ ( D is JIS X 0212 (RFC 2237).
_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\(I|\x1b\$\(D")
_ISO_PART = re.compile(rb"(\x1b\$[@B]|\x1b\$\(D|\x1b\([BJI]|\x0e|\x0f)")
_PAIR = re.compile(rb"[\x21-\x7e]{2}|.", re.DOTALL)
_NON_ASCII = re.compile(rb"[\x80-\xff]")
_EUC_KANA = re.compile(rb"\x8e[\xa1-\xdf]")
# Bytes that cp932 does not define; Python gives these signs for them.
_UNDEFINED = {"\x80": 0x80, "\uf8f0": 0xA0, "\uf8f1": 0xFD, "\uf8f2": 0xFE, "\uf8f3": 0xFF}
_NOT_CP932 = re.compile(f"[{''.join(_UNDEFINED)}]")
_LONE = re.compile("[\udc00-\udcff]")
# Least mean weight of the signs beyond ASCII that counts as Japanese, and the share of bytes that may be damage.
_LEAST_JAPANESE = 0.4
_MOST_REPLACED = 0.1
_LEAST_UTF8 = 0.9


def decide(content: bytes) -> str:
    """Name of the encoding: utf-8, utf-8-sig, utf-16(-le, -be), utf-32, iso-2022-jp, cp932, euc_jp, cp1252 or ascii."""
    for bom, codec in _BOMS:
        if content.startswith(bom):
            return codec
    if wide := _utf16(content):
        return wide
    first = _NON_ASCII.search(content)
    if first is None:
        return "iso-2022-jp" if _ESCAPE.search(content) else "ascii"
    # From the line of the first byte beyond ASCII, so that no character is cut at the front.
    begin = content.rfind(b"\n", 0, first.start()) + 1
    window = content[max(begin, first.start() - _WINDOW) : first.start() + 4 * _WINDOW]
    if _is_utf8(content) or _share_of_utf8(window) >= _LEAST_UTF8:
        return "utf-8"
    # Half-width kana of EUC-JP, each behind 8E, reads as rare words of kanji in cp932.
    if 2 * len(_EUC_KANA.findall(window)) > _LEAST_UTF8 * len(_NON_ASCII.findall(window)):
        return "euc_jp"
    scores = {codec: _japanese(window, codec) for codec in ("cp932", "euc_jp")}
    best = max(scores, key=lambda one: scores[one])
    if scores[best] >= _LEAST_JAPANESE:
        return best
    # Wide text without one ASCII sign, so without a zero byte.
    wides = {codec: _japanese(content[: 4 * _WINDOW], codec) for codec in ("utf-16-le", "utf-16-be")}
    best = max(wides, key=lambda one: wides[one])
    return best if len(content) > 7 and wides[best] >= 2 * _LEAST_JAPANESE else "cp1252"


def sample(stream: BinaryIO) -> bytes:
    """Bytes to decide by: the head, and the first window with bytes beyond ASCII wherever in the stream it comes."""
    head = stream.read(SAMPLE_BYTES)
    if b"\x00" in head or _telling(head) is not None:
        return head
    before = head
    while block := stream.read(SAMPLE_BYTES):
        at = _telling(block)
        if at is not None:
            context = before[-4096:] + block
            more = stream.read(4 * _WINDOW)
            return head[:4096] + b"\n" + (context + more)[at : at + 4096 + 8 * _WINDOW]
        before = block
    return head


def _telling(block: bytes) -> int | None:
    """Where the first byte beyond ASCII or the first Japanese escape stands."""
    if block.isascii() and b"\x1b" not in block:
        return None
    found = _NON_ASCII.search(block) or _ESCAPE.search(block)
    return None if found is None else found.start()


def decode(content: bytes, codec: str) -> tuple[str, int]:
    r"""Text without its byte order mark, and how many bytes could not be decoded (written `\xNN`)."""
    decoder = Decoder(codec)
    return decoder.feed(content, is_last=True), decoder.replaced


def decode_iso2022jp(content: bytes) -> tuple[str, int]:
    """ISO-2022-JP as it is written in Japan: half-width kana (ESC ( I) and NEC row 13 included."""
    return decode(content, "iso-2022-jp")


def is_text(head: bytes) -> bool:
    """Whether the first bytes are text in some encoding, or nothing: no control bytes that text does not have."""
    if head.startswith(tuple(bom for bom, _ in _BOMS)) or _utf16(head):
        return True
    if head.startswith((b"PK\x03\x04", b"%PDF-")) or head.count(0) > len(head) // 100:
        return False
    odd = sum(head.count(one) for one in range(0x20) if one not in (9, 10, 11, 12, 13, 0x1A, 0x1B))
    return odd <= len(head) // 100


def texts(stream: BinaryIO, decoder: Decoder) -> Iterator[str]:
    r"""The text of a stream in pieces of any length, every line end (LF, CR LF, CR) as `\n`."""
    held = ""
    while block := stream.read(BLOCK_BYTES):
        piece = held + decoder.feed(block)
        # A CR at the end of a piece may be half a CR LF.
        held = "\r" if piece.endswith("\r") else ""
        yield _one_line_end(piece[: len(piece) - len(held)])
    yield _one_line_end(held + decoder.feed(b"", is_last=True))


def _one_line_end(piece: str) -> str:
    return piece.replace("\r\n", "\n").replace("\r", "\n") if "\r" in piece else piece


class Decoder:
    """Decodes a stream block by block, and tells how many bytes it could not decode and where the first one stood."""

    def __init__(self, codec: str) -> None:
        """Decode from `codec`, a name that `decide` gives or that Python knows."""
        self.codec = codec
        self.replaced = 0
        self.first_offset: int | None = None
        self._fed = 0
        self._inner: codecs.IncrementalDecoder
        self._inner = _Iso2022Jp() if codec == "iso-2022-jp" else _incremental(codec)

    def feed(self, block: bytes, *, is_last: bool = False) -> str:
        """The text of the next block."""
        self._fed += len(block)
        state = self._inner.getstate()
        try:
            text = self._inner.decode(block, is_last)
        except UnicodeDecodeError as error:
            if self.first_offset is None:
                self.first_offset = max(self._fed - len(error.object) + error.start, 0)
            self._inner.setstate(state)
            self._inner.errors = _escaping()
            text = self._inner.decode(block, is_last)
            self._inner.errors = "strict"
            text, count = _LONE.subn(_escaped, text)
            self.replaced += count
        if self.codec == "cp932" and any(sign in text for sign in _UNDEFINED):
            self._note(block, bytes(_UNDEFINED.values()))
            text, count = _NOT_CP932.subn(lambda found: f"\\x{_UNDEFINED[found[0]]:02x}", text)
            self.replaced += count
        if "\0" in text:
            self._note(block, b"\0")
            self.replaced += text.count("\0")
            text = text.replace("\0", "\\x00")
        return text

    def _note(self, block: bytes, bad: bytes) -> None:
        """Keep the place of the block's first bad byte; near it where such a byte may also be half of a character."""
        begin = self._fed - len(block)
        if self.first_offset is None or self.first_offset >= begin:
            places = [begin + place for one in bad if (place := block.find(one)) >= 0]
            known = [] if self.first_offset is None else [self.first_offset]
            self.first_offset = min([*places, *known], default=begin)


@cache
def _escaping() -> str:
    """Name of an error handler that tells a byte as the lone surrogate U+DCNN, which no strict decoding gives."""

    def handle(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        bad = error.object[error.start : error.end]
        pair = error.object[error.start : error.start + 2]
        # Vendor characters in EUC-JP (eucJP-ms) have the cells of cp932.
        if error.encoding.startswith("euc") and len(pair) == 2 and min(pair) >= 0xA1 and max(pair) < 0xFF:
            moved = _shift_jis(pair[0] & 0x7F, pair[1] & 0x7F)
            if sign := moved.decode("cp932", "ignore"):
                return sign, error.start + 2
        return "".join(chr(0xDC00 + one) for one in bad), error.end

    name = "kanshiki-escape"
    codecs.register_error(name, handle)
    return name


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]) - 0xDC00:02x}"


def _incremental(codec: str) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8" if codec == "ascii" else codec)("strict")


@dataclass(slots=True)
class _Mode:
    """Where an ISO-2022-JP stream stands: the set last escaped to, and bytes not decoded yet."""

    escape: bytes = b"\x1b(B"
    pending: bytes = b""


class _Iso2022Jp(codecs.IncrementalDecoder):
    """ISO-2022-JP through cp932, since no Python codec reads NEC row 13 and half-width kana both.

    The two-byte parts are moved to Shift_JIS code points (JIS X 0208, annex 1) and read as cp932.
    """

    def __init__(self, errors: str = "strict") -> None:
        super().__init__(errors)
        self._mode = _Mode()

    def getstate(self) -> tuple[bytes, int]:
        return self._mode.pending + self._mode.escape, len(self._mode.escape)

    def setstate(self, state: tuple[bytes, int]) -> None:
        both, size = state
        self._mode = _Mode(both[len(both) - size :], both[: len(both) - size])

    def decode(self, block: bytes, final: bool = False) -> str:  # type: ignore[override]
        content = self._mode.pending + block
        escape = self._mode.escape
        # Up to the last line end: neither an escape nor a pair crosses it.
        cut = len(content) if final else content.rfind(b"\n") + 1
        if not cut and len(content) > BLOCK_BYTES:
            cut = len(content) - len(content) % 2
        text: list[str] = []
        place = 0
        for part in _ISO_PART.split(content[:cut]):
            if _ISO_PART.fullmatch(part):
                escape = part
            else:
                try:
                    text.append(self._part(part, escape))
                except UnicodeDecodeError as error:
                    start, end = place + error.start, place + error.end
                    raise UnicodeDecodeError("iso-2022-jp", content, start, end, error.reason) from error
            place += len(part)
        self._mode = _Mode(escape, content[cut:])
        return "".join(text)

    def _pairs(self, part: bytes) -> str:
        """A part in a two-byte set; a line end within it stands for itself, half a pair is damage."""
        halves = [one for one in _PAIR.finditer(part) if len(one[0]) == 1 and one[0] > b"\x20"]
        if halves and self.errors == "strict":
            start, end = halves[0].span()
            raise UnicodeDecodeError("iso-2022-jp", part, start, end, "half a pair")
        text: list[str] = []
        begin = 0
        for half in halves:
            text += (
                _two_bytes(part[begin : half.start()]).decode("cp932", self.errors),
                chr(0xDC00 + half[0][0]),
            )
            begin = half.end()
        return "".join(text) + _two_bytes(part[begin:]).decode("cp932", self.errors)

    def _part(self, part: bytes, escape: bytes) -> str:
        if escape in (b"\x1b$@", b"\x1b$B"):
            return self._pairs(part)
        if escape == b"\x1b$(D":
            return _jis_x_0212(part).decode("euc_jp", self.errors)
        if escape in (b"\x1b(I", b"\x0e"):
            kana = bytes(one | 0x80 if 0x21 <= one <= 0x5F else one for one in part)
            return kana.decode("cp932", self.errors)
        return part.decode("cp932", self.errors)


def _shift_jis(row: int, cell: int) -> bytes:
    """The Shift_JIS bytes of a row and cell of JIS X 0208 given as bytes 21 to 7E."""
    lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    trail = cell + (0x1F if cell < 0x60 else 0x20) if row % 2 else cell + 0x7E
    return bytes((lead, trail))


def _two_bytes(part: bytes) -> bytes:
    """The Shift_JIS bytes of pairs and of the line ends among them."""
    return b"".join(_shift_jis(one[0], one[1]) if len(one) == 2 else one for one in _PAIR.findall(part))


def _jis_x_0212(part: bytes) -> bytes:
    """The EUC-JP bytes of a part in JIS X 0212: 8F and the pair with the high bit set."""
    return b"".join(
        b"\x8f" + bytes(one | 0x80 for one in pair) if min(pair) > 0x20 else pair
        for pair in (part[at : at + 2] for at in range(0, len(part), 2))
    )


def _utf16(content: bytes) -> str | None:
    """UTF-16 without a mark: zero bytes on one side only, as ASCII and line ends give them."""
    head = content[: SAMPLE_BYTES // 16 * 2]
    even, odd = head[0::2], head[1::2]
    for codec, zeros, signs in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        count = zeros.count(0)
        if count < 2 or count <= len(zeros) * 0.05 or signs.count(0) > count * 0.02:
            continue
        # Line ends and commas are wide as well, or these are single bytes with zeros among them.
        ends = [other for sign, other in zip(signs, zeros, strict=False) if sign in b"\n\r, "]
        if ends.count(0) * 2 >= len(ends):
            return codec
    return None


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end within a character.
        return error.start >= len(content) - 3 and error.reason == "unexpected end of data"
    return True


def _share_of_utf8(window: bytes) -> float:
    """Which part of the bytes beyond ASCII stands in characters of UTF-8 of three bytes or more."""
    beyond = len(_NON_ASCII.findall(window))
    signs = window.decode("utf-8", "ignore")
    return sum(3 if sign < "\U00010000" else 4 for sign in signs if sign > "\u07ff") / max(beyond, 1)


def _japanese(window: bytes, codec: str) -> float:
    """How much the signs beyond ASCII look like Japanese, from about 1 down; 0 where too many bytes do not decode."""
    decoder = Decoder(codec)
    text = decoder.feed(window)
    beyond = sum(sign > "\x7f" for sign in text)
    if not beyond or decoder.replaced > max(_MOST_REPLACED * beyond, 0 if beyond < 20 else 1):
        return 0.0
    total = 0.0
    half = sum("ｦ" <= sign <= "ﾟ" for sign in text)
    is_half_width = half > 0.7 * beyond and codec == "cp932"
    before = " "
    for is_beyond, run in groupby(text, lambda sign: sign > "\x7f"):
        signs = "".join(run)
        if is_beyond:
            # One sign alone behind a letter is an accented letter of a western code page.
            is_alone = len(signs) == 1 and (before.isalpha() or "ｦ" <= signs <= "ﾟ")
            total += -0.5 if is_alone else sum(_weight(sign, is_half_width=is_half_width) for sign in signs)
        before = signs[-1]
    return total / beyond - decoder.replaced / beyond


def _weight(sign: str, *, is_half_width: bool) -> float:
    if "ぁ" <= sign <= "ヾ":
        return 1.5
    if "一" <= sign <= "鿿":
        return 1.0 if _is_common(sign) else 0.2
    if "｡" <= sign <= "ﾟ":
        # EUC-JP read as cp932 gives half-width kana among kanji; a file of nothing else is half-width kana.
        return 0.9 if is_half_width else 0.1
    if "　" <= sign <= "〿" or "！" <= sign <= "～" or "①" <= sign <= "⑳":
        return 0.8
    return 0.4 if "豈" <= sign <= "﫿" else 0.0


@cache
def _is_common(sign: str) -> bool:
    """Whether a kanji is of JIS level 1 (rows 16 to 47)."""
    stored = sign.encode("euc_jp", "ignore")
    return len(stored) == 2 and 0xB0 <= stored[0] <= 0xCF
