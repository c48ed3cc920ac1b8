r"""RTF as Outlook keeps bodies in: undone from its compression, and its text without control words.

References:
    - [MS-OXRTFCP] Rich Text Format (RTF) Compression Algorithm, 2.1.3 (dictionary, CRC); [MS-OXRTFEX] (text out of HTML in RTF)
    - Microsoft, Rich Text Format (RTF) Specification 1.9.1: \ansicpg, \fcharset, \uN, \uc
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, replace

from parsers.formats.codecs import decode

_HEAD = struct.Struct("<IIII")  # size without its own field, size of the RTF, type, CRC
_COMPRESSED, _PLAIN = 0x75465A4C, 0x414C454D  # LZFu, MELA
# [MS-OXRTFCP] 2.1.2.1: what the dictionary begins with.
_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par "
    rb"\pard\plain\f0\fs20\b\i\u\tab\tx"
)
MOST_BYTES = 64 << 20
_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\"
)
_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore generator listtable listoverridetable rsidtbl "
    b"xmlnstbl latentstyles header footer colorschememapping filetbl revtbl".split()
)
_SIGNS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•", b"endash": "–", b"emdash": "—"}  # fmt: skip
# RTF specification, \fcharset: the code page of a font's charset.
_FONT_PAGES = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 204: "cp1251", 238: "cp1250"}


def decompressed(content: bytes) -> tuple[bytes, str | None]:
    """The RTF of a compressed body, and what was wrong with it, if anything."""
    if len(content) < _HEAD.size:
        return b"", f"compressed RTF has a head of {_HEAD.size} bytes, {len(content)} are there"
    size, raw_size, kind, crc = _HEAD.unpack_from(content)
    packed = content[_HEAD.size : size + 4]
    if kind == _PLAIN:
        return packed[:raw_size], None if len(packed) >= raw_size else "the RTF ends early"
    if kind != _COMPRESSED:
        return b"", f"{kind:#010x} is no kind of compressed RTF"
    if raw_size > MOST_BYTES:
        return b"", f"an RTF of {raw_size} bytes is not read"
    out, is_whole = _unpacked(packed, raw_size)
    if zlib.crc32(packed, 0xFFFFFFFF) ^ 0xFFFFFFFF != crc:
        return out, "the CRC of the compressed RTF does not hold"
    return out, None if is_whole else f"the RTF has {raw_size} bytes, {len(out)} are there"


def _unpacked(packed: bytes, raw_size: int) -> tuple[bytes, bool]:
    window = bytearray(_DICTIONARY.ljust(4096, b"\0"))
    end = len(_DICTIONARY)
    out = bytearray()
    at = 0
    while at < len(packed):
        flags = packed[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > len(packed):
                    return bytes(out), False
                pair = packed[at] << 8 | packed[at + 1]
                at += 2
                offset, count = pair >> 4, (pair & 0xF) + 2
                if offset == end:  # [MS-OXRTFCP] 2.2.2.1: a reference to its own place ends the stream
                    return bytes(out[:raw_size]), len(out) >= raw_size
                run = range(offset, offset + count)
            else:
                if at >= len(packed):
                    return bytes(out), len(out) >= raw_size
                window[end] = packed[at]
                at += 1
                run = range(end, end + 1)
            for place in run:
                sign = window[place & 0xFFF]
                out.append(sign)
                window[end] = sign
                end = (end + 1) & 0xFFF
            if len(out) > raw_size + 16:
                return bytes(out[:raw_size]), True
    return bytes(out[:raw_size]), len(out) >= raw_size


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group."""

    is_skipped: bool = False
    is_markup: bool = False
    skip_count: int = 1
    font: int = 0
    is_fonts: bool = False


def text(rtf: bytes) -> tuple[str, int]:
    """The text an RTF shows, and how many bytes of it could not be decoded."""
    return _Reader().read(rtf.rstrip(b"\0"))


class _Reader:
    def __init__(self) -> None:
        self._out: list[str] = []
        self._raw = bytearray()
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._replaced = 0
        self._left = 0  # signs that stand behind \uN for readers without Unicode

    def read(self, rtf: bytes) -> tuple[str, int]:
        stack: list[_State] = []
        state = _State()
        is_starred = False
        for token in _TOKEN.finditer(rtf):
            word, number, code, symbol, brace, run = token.groups()
            if brace == b"{":
                if len(stack) < 10_000:
                    stack.append(state)
            elif brace == b"}":
                self._flush(state)
                if stack:
                    state = stack.pop()
            elif word is not None:
                state = self._word(word, number, state, is_starred=is_starred)
            elif symbol == b"*":
                is_starred = True
                continue
            elif not state.is_skipped and not state.is_markup:
                self._sign(code, symbol, run, state)
            is_starred = False
        self._flush(state)
        told = re.sub(r"\n{3,}", "\n\n", "".join(self._out)).strip(" \t\r\n")
        # \uN gives halves of a pair one by one.
        return told.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), self._replaced

    def _word(self, word: bytes, number: bytes | None, state: _State, *, is_starred: bool) -> _State:
        value = int(number) if number is not None else None
        if word != b"u":
            self._flush(state)
        if word == b"htmlrtf":
            return replace(state, is_markup=value != 0)
        if word == b"fonttbl":
            return replace(state, is_skipped=True, is_fonts=True)
        if is_starred or word in _SKIPPED:
            return replace(state, is_skipped=True)
        if word == b"ansicpg" and value:
            self._page = "utf-8" if value == 65001 else f"cp{value}"
        elif word == b"f" and value is not None:
            return replace(state, font=value)
        elif word == b"fcharset" and state.is_fonts and value in _FONT_PAGES:
            self._fonts[state.font] = _FONT_PAGES[value]
        elif word == b"uc" and value is not None:
            return replace(state, skip_count=min(max(value, 0), 16))
        elif word == b"bin" and value:
            return state
        elif not state.is_skipped and not state.is_markup:
            if word == b"u" and value is not None:
                self._flush(state)
                self._out.append(chr(value & 0xFFFF))
                self._left = state.skip_count
            elif word in _SIGNS:
                self._out.append(_SIGNS[word])
        return state

    def _sign(self, code: bytes | None, symbol: bytes | None, run: bytes | None, state: _State) -> None:
        if code is not None:
            if self._left:
                self._left -= 1
            else:
                self._raw.append(int(code, 16))
        elif symbol is not None:
            self._left = 0
            if symbol in (b"\\", b"{", b"}"):
                self._raw += symbol
            elif symbol == b"~":
                self._flush(state)
                self._out.append("\u00a0")
        elif run is not None:
            skipped = min(self._left, len(run))
            self._left -= skipped
            self._raw += run[skipped:]

    def _flush(self, state: _State) -> None:
        if not self._raw:
            return
        try:
            told, replaced = decode(bytes(self._raw), self._fonts.get(state.font, self._page))
        except LookupError:
            told, replaced = decode(bytes(self._raw), "cp1252")
        self._replaced += replaced
        self._out.append(told)
        self._raw.clear()
