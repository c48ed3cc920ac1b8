r"""Zip archives (also jar, apk and other packages that are no document).

Shows: each file of the archive as an entry of its own, with the time its directory gives; files that stand behind a lost or damaged directory,
by the headers in front of them.
Does not show: folders without files, who packed it; a name in no stated encoding is read as UTF-8 or cp932, whichever reads it first, and its bytes
are kept. An encrypted file is told as locked with its method, and read where one of the passwords of the case opens it; passwords are never guessed.
Not read: documents that are packages themselves (docx, xlsx, odt ...: their own parsers read them), comments, archives split over several files,
the methods Implode, Shrink and PPMd.

References:
    - PKWARE APPNOTE 6.3.10: 4.3.7 (local header), 4.4.4 (flags), 4.4.5 (methods), 6 (traditional encryption), 7
    - WinZip, "AES Encryption Information" (method 99)
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

import inflate64
import pyzipper

from parsers.contract import Artefact, Member, Problem, ProblemKind, Want, Yields, parser
from parsers.formats.member_stream import BLOCK_BYTES, blocks_of, from_blocks
from parsers.formats.package import is_package
from parsers.formats.zip_names import ENCRYPTED_FLAG, UTF8_FLAG, member_name, member_time

_LOCAL = b"PK\x03\x04"
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")  # 4.3.7
_DEFLATE64, _AES = 9, 99
_SIZES_FOLLOW = 0x8
_STRONG_FLAG = 0x40
_MOST_MEMBERS = 1_000_000
_MOST_TRIED_BYTES = 256 << 20
# Members of one archive seldom have passwords of their own: what opened none of so many is not tried on the others.
_MOST_FAILURES = 20_000
_DAMAGED = (
    zipfile.BadZipFile, pyzipper.BadZipFile, OSError, EOFError, RuntimeError, ValueError, zlib.error, lzma.LZMAError, struct.error,
    NotImplementedError, KeyError,
)  # fmt: skip


def _is_archive(head: bytes) -> bool:
    return head.startswith((_LOCAL, b"PK\x05\x06")) and not is_package(head)


@parser(version=1, wants=(Want(sniff=_is_archive),))
def zip(artefact: Artefact) -> Yields:  # noqa: A001  the format's name
    """One member for each file, in the order of the directory (`member:` and its place there), else by its local header (`offset:`)."""
    with artefact.open() as stream:
        try:
            archive = zipfile.ZipFile(stream)
            listed = archive.infolist()
        except _DAMAGED as error:
            message = (
                f"the directory cannot be read ({error}); files are given by the headers in front of them"
            )
            yield Problem(kind=ProblemKind.DAMAGED, locator="directory", message=message)
            yield from _salvaged(stream)
            return
        if is_package(artefact.head(), [one.filename for one in listed], artefact.path):
            return
        passwords = _Passwords(artefact)
        for index, info in enumerate(listed):
            if index >= _MOST_MEMBERS:
                message = f"more than {_MOST_MEMBERS} members; the others are not read"
                yield Problem(kind=ProblemKind.LIMIT, locator=f"member:{index}", message=message)
                return
            if not info.filename.endswith("/"):  # is_dir fails on a name without a sign
                yield _member(archive, info, index, passwords)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, index: int, passwords: _Passwords) -> Member:
    name, raw = member_name(info)
    known: dict[str, Any] = {
        "locator": f"member:{index}",
        "name": name,
        "name_raw": raw,
        "size": info.file_size,
        "modified_local": member_time(info),
    }
    try:
        if info.flag_bits & ENCRYPTED_FLAG:
            opened = passwords.open(archive, info)
            if opened is None:
                method = "AES" if info.compress_type == _AES else "ZipCrypto"
                method = "strong encryption" if info.flag_bits & _STRONG_FLAG else method
                return Member(refusal=_locked(known["locator"], method, passwords), **known)
            return Member(content=opened, **known)
        if info.compress_type == _DEFLATE64:
            return Member(content=from_blocks(_deflate64(archive, info), _DAMAGED), **known)
        return Member(content=from_blocks(_blocks(lambda: archive.open(info)), _DAMAGED), **known)
    except _DAMAGED as error:
        kind = ProblemKind.UNSUPPORTED if isinstance(error, NotImplementedError) else ProblemKind.DAMAGED
        message = f"the member cannot be read: {error}"
        return Member(refusal=Problem(kind=kind, locator=known["locator"], message=message), **known)


def _locked(locator: str, method: str, passwords: _Passwords) -> Problem:
    tried = "none of the passwords of the case opens it" if passwords.count else "ask for the password"
    message = f"the member is encrypted ({method}); nothing in it is counted: {tried}"
    return Problem(kind=ProblemKind.LOCKED, locator=locator, message=message)


class _Passwords:
    """The passwords of the case, the one that opened last first; after many failures those alone that opened something."""

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._words = [(one.encode(codec), one) for one in artefact.passwords for codec in _codecs(one)]
        self._opened: set[str] = set()
        self._failures = 0
        self._aes: Any = None
        self.count = len(artefact.passwords)

    def open(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> BinaryIO | None:
        """The content of an encrypted member; None where no password opens it."""
        for word in tuple(self._words):
            if self._failures >= _MOST_FAILURES and word[1] not in self._opened:
                return None
            source = self._source(archive, info, word[0])
            try:
                # One byte tells a wrong password of ZipCrypto in 255 of 256 cases; the sum over the whole tells it always.
                tried = 0
                for block in _blocks(source):
                    tried += len(block)
                    if tried > _MOST_TRIED_BYTES:
                        break
            except _DAMAGED:
                self._failures += 1
                continue
            self._words.remove(word)
            self._words.insert(0, word)
            # An empty file does not tell: its sum agrees with any word.
            if tried and word[1] not in self._opened:
                self._opened.add(word[1])
                self._artefact.opened_by(word[1])
            return from_blocks(_blocks(source), _DAMAGED)
        return None

    def _source(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, word: bytes) -> Callable[[], BinaryIO]:
        if info.compress_type != _AES:
            return lambda: cast(BinaryIO, archive.open(info, pwd=word))

        def opened() -> BinaryIO:
            # Its directory is read once: there may be many words for many members.
            self._aes = self._aes or pyzipper.AESZipFile(self._artefact.open())
            self._aes.setpassword(word)
            # By its place: names may stand twice.
            place = archive.infolist().index(info)
            return cast(BinaryIO, self._aes.open(self._aes.infolist()[place]))

        return opened


def _codecs(word: str) -> Iterator[str]:
    """Encodings a password may have been typed in: Japanese programs take cp932, others UTF-8."""
    for codec in ("utf-8",) if word.isascii() else ("cp932", "utf-8"):
        try:
            word.encode(codec)
        except UnicodeEncodeError:
            continue
        yield codec


def _blocks(source: Callable[[], Any]) -> Iterator[bytes]:
    yield from blocks_of(source())


def _deflate64(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member packed by Deflate64, as Explorer packs large files; its sum is checked at the end."""
    stream = cast(BinaryIO, archive.fp)
    stream.seek(info.header_offset)
    header = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    stream.seek(header[9] + header[10], io.SEEK_CUR)
    inflate, left, total = inflate64.Inflater(), info.compress_size, 0
    while left > 0 and (block := stream.read(min(left, BLOCK_BYTES))):
        left -= len(block)
        content = inflate.inflate(block)
        total = zlib.crc32(content, total)
        yield content
    if total != info.CRC:
        raise zipfile.BadZipFile("the sum of the member is another")


def _salvaged(stream: BinaryIO) -> Yields:
    """Files by their local headers, in stored order, for an archive whose directory is lost."""
    at = 0
    while (at := _next_header(stream, at)) >= 0:
        stream.seek(at)
        stored = stream.read(_LOCAL_HEADER.size)
        if len(stored) < _LOCAL_HEADER.size:
            return
        _, _, flags, method, clock, day, total, packed, size, name_size, extra_size = _LOCAL_HEADER.unpack(
            stored
        )
        name = stream.read(name_size)
        info = zipfile.ZipInfo(date_time=_dos_time(day, clock))
        info.orig_filename = name.decode("utf-8" if flags & UTF8_FLAG else "cp437", "surrogateescape")
        info.flag_bits, info.extra = flags, stream.read(extra_size)
        start = at + _LOCAL_HEADER.size + name_size + extra_size
        text, raw = member_name(info)
        at = start + (0 if flags & _SIZES_FOLLOW else packed)
        if text.endswith("/"):
            continue
        known: dict[str, Any] = {
            "locator": f"offset:{start - _LOCAL_HEADER.size - name_size - extra_size}",
            "name": text,
            "name_raw": raw,
            "modified_local": member_time(info),
        }
        if flags & ENCRYPTED_FLAG or method not in (0, 8):
            message = f"a file of an archive without a directory, {'encrypted' if flags & 1 else f'of method {method}'}: not read"
            kind = ProblemKind.LOCKED if flags & ENCRYPTED_FLAG else ProblemKind.UNSUPPORTED
            yield Member(refusal=Problem(kind=kind, locator=known["locator"], message=message), **known)
            continue
        length = None if flags & _SIZES_FOLLOW else packed
        yield Member(content=from_blocks(_raw(stream, start, length, method, total), _DAMAGED), **known)


def _next_header(stream: BinaryIO, at: int) -> int:
    """Where the next local header begins; -1 where there is none."""
    stream.seek(at)
    tail = b""
    while block := stream.read(1 << 20):
        seen = tail + block
        if (found := seen.find(_LOCAL)) >= 0:
            return at - len(tail) + found
        at += len(block)
        tail = seen[-3:]
    return -1


def _raw(stream: BinaryIO, start: int, length: int | None, method: int, total: int) -> Iterator[bytes]:
    """The content behind a local header; without a length a packed file tells its own end."""
    if method == 0 and length is None:
        raise zipfile.BadZipFile("the length of a file that is not packed is lost")
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if method == 8 else None
    place, left, found = start, length, 0
    while left is None or left > 0:
        stream.seek(place)
        block = stream.read(BLOCK_BYTES if left is None else min(left, BLOCK_BYTES))
        if not block:
            raise EOFError("the archive ends within the file")
        place += len(block)
        left = None if left is None else left - len(block)
        while block:
            content = block if inflate is None else inflate.decompress(block, 4 * BLOCK_BYTES)
            block = b"" if inflate is None else inflate.unconsumed_tail
            found = zlib.crc32(content, found)
            yield content
        if inflate is not None and inflate.eof:
            break
    if length is not None and found != total:
        raise zipfile.BadZipFile("the sum of the file is another")


def _dos_time(day: int, clock: int) -> tuple[int, int, int, int, int, int]:
    return (
        (day >> 9) + 1980, day >> 5 & 0xF, day & 0x1F,
        clock >> 11, clock >> 5 & 0x3F, (clock & 0x1F) * 2,
    )  # fmt: skip
