"""What a source is: told from its bytes, never from its name; its segments; its media stream."""

from __future__ import annotations

import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from dfvfs.lib import definitions
from dfvfs.path import factory

from pipeline import digest
from pipeline.errors import EvidenceError
from pipeline.evidence.item import segments, short
from pipeline.evidence.stream import SpecStream

IMAGES = {
    "ewf": definitions.TYPE_INDICATOR_EWF,
    "vmdk": definitions.TYPE_INDICATOR_VMDK,
    "vhd": definitions.TYPE_INDICATOR_VHDI,
    "vhdx": definitions.TYPE_INDICATOR_VHDI,
    "qcow2": definitions.TYPE_INDICATOR_QCOW,
    "dmg": definitions.TYPE_INDICATOR_MODI,
    "raw": definitions.TYPE_INDICATOR_RAW,
}
_HEAD = 0x9000
_PIECE = 4096
_MOST_FAILURES = 1024
# OOXML, ODF and the like are zip files that are documents, not containers of evidence.
_DOCUMENT_ZIPS = (b"[Content_Types].xml", b"mimetype", b"_rels/.rels", b"META-INF/MANIFEST.MF")
# What a bare file system or partition table shows: signature and offset, from the formats' specifications.
_DISK_SIGNATURES = (
    (b"NTFS    ", 3),
    (b"-FVE-FS-", 3),
    (b"EXFAT   ", 3),
    (b"FAT12   ", 54),
    (b"FAT16   ", 54),
    (b"FAT32   ", 82),
    (b"XFSB", 0),
    (b"LUKS\xba\xbe", 0),
    (b"NXSB", 32),
    (b"EFI PART", 512),
    (b"EFI PART", 4096),
    (b"\x53\xef", 0x438),
    (b"H+\x00\x04", 1024),
    (b"HX\x00\x05", 1024),
    (b"BD", 1024),
    (b"CD001", 0x8001),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as found: where it lies, what its bytes are, and the files it is made of."""

    path: Path
    format: str
    segments: tuple[Path, ...]
    size_bytes: int = 0

    @property
    def is_image(self) -> bool:
        """Whether it holds a medium with volumes."""
        return self.format in IMAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """One file of a source with its size and digests."""

    path: Path
    size: int
    sha256: str
    md5: str
    sha1: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRange:
    """Bytes that could not be read: where in the medium (in a folder: in the file), how many, and why."""

    path: Path
    offset: int
    size: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """Digests of the medium and of every file, and where the medium could not be read."""

    media: digest.Digests
    files: tuple[FileDigest, ...]
    ranges: tuple[UnreadableRange, ...] = ()

    @property
    def unreadable(self) -> tuple[tuple[int, str], ...]:
        """Where each unreadable range begins, and what is to be told of it."""
        return tuple((one.offset, f"{one.path.name}, {one.size} bytes: {one.reason}") for one in self.ranges)

    @property
    def is_complete(self) -> bool:
        """Whether every byte was read; otherwise the digests are those of the readable bytes only."""
        return not self.ranges


def identify(path: Path) -> Source:
    """What lies at a path.

    Raises:
        EvidenceError: nothing lies there, it cannot be read, is empty or cut short, or a part of it is missing.
    """
    status = _status(path)
    if stat.S_ISDIR(status.st_mode):
        size = sum(one.lstat().st_size for one in folder_files(path))
        return Source(path=path, format="folder", segments=(path,), size_bytes=size)
    if not stat.S_ISREG(status.st_mode):
        raise EvidenceError(
            f"evidence {path} is neither a file nor a folder: name an image, a file or a folder"
        )
    if status.st_size == 0:
        raise EvidenceError(f"evidence {path} is empty: acquire it again")
    kind = _kind_of(path, status.st_size)
    if kind == "file":
        _refuse_later_segment(path)
    source = Source(path=path, format=kind, segments=segments(path, kind))
    return _opened(source) if source.is_image else replace(source, size_bytes=status.st_size)


def _status(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as error:
        if path.is_symlink():
            raise EvidenceError(
                f"evidence {path} is a link to {path.readlink()}, which cannot be followed "
                f"({error.strerror}): mount what it points to, or correct the path in case.toml"
            ) from error
        raise EvidenceError(
            f"evidence {path} cannot be read: {error.strerror}; check the path in case.toml"
        ) from error
    except ValueError as error:
        raise EvidenceError(f"evidence {str(path)!r} is no path: {error}") from error


def _kind_of(path: Path, size: int) -> str:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(max(size - 512, 0))
            tail = stream.read(512)
    except OSError as error:
        raise EvidenceError(f"evidence {path} cannot be read: {error.strerror}") from error
    return _format(path, head, tail)


def media_spec(source: Source) -> Any:
    """The dfVFS path spec of the bytes of a source's medium.

    Raises:
        EvidenceError: the path is relative to nothing dfVFS can open.
    """
    base = factory.Factory.NewPathSpec(definitions.TYPE_INDICATOR_OS, location=str(source.path.absolute()))
    # A raw image in one file is its own medium; the raw layer is what joins a split one.
    is_layered = source.is_image and (source.format != "raw" or len(source.segments) > 1)
    return factory.Factory.NewPathSpec(IMAGES[source.format], parent=base) if is_layered else base


def open_media(source: Source) -> BinaryIO:
    """The bytes of a source's medium, or of a single file.

    Raises:
        EvidenceError: the image cannot be opened.
    """
    if not source.is_image:
        return source.path.open("rb")
    try:
        return cast(BinaryIO, SpecStream(media_spec(source)))
    except OSError as error:
        raise EvidenceError(
            f"evidence {source.path} cannot be opened as {source.format}: {short(error)}"
        ) from error


def media_size(source: Source) -> int:
    """Bytes of the medium, or of the file; of a folder the sum over its files."""
    return source.size_bytes


def hash_source(source: Source, seen: Callable[[int], None]) -> Hashed:
    """Read a source once and give all digests; ranges that cannot be read are told and left out of them.

    Raises:
        EvidenceError: the image cannot be opened.
    """
    if source.format == "folder":
        return _hash_folder(source, seen)
    ranges: list[UnreadableRange] = []
    whole = digest.Hasher()
    if source.is_image and source.format != "raw":
        with open_media(source) as stream:
            for block in _blocks(stream, source.path, 0, source.size_bytes, ranges):
                whole.update(block)
                seen(len(block))
        files = tuple(_hash_file(one, 0, ranges, None, lambda _: None) for one in source.segments)
        return Hashed(media=whole.digests(), files=files, ranges=tuple(ranges))
    # A raw image is its files one after another: the same pass gives the medium's digests and each file's.
    listed, at = [], 0
    for one in source.segments:
        listed.append(_hash_file(one, at, ranges, whole if len(source.segments) > 1 else None, seen))
        at += one.stat().st_size
    if len(listed) > 1:
        return Hashed(media=whole.digests(), files=tuple(listed), ranges=tuple(ranges))
    only = listed[0]
    media = digest.Digests(md5=only.md5, sha1=only.sha1, sha256=only.sha256, size=only.size)
    return Hashed(media=media, files=(only,), ranges=tuple(ranges))


def folder_files(root: Path) -> list[Path]:
    """Every regular file under a folder that can be listed, links not followed, sorted by its path."""
    return _folder(root)[0]


def _folder(root: Path) -> tuple[list[Path], list[UnreadableRange]]:
    """Files under a folder, and the folders in it that cannot be listed."""
    found: list[Path] = []
    refused: list[UnreadableRange] = []
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                for item in listing:
                    if item.is_dir(follow_symlinks=False):
                        waiting.append(folder / item.name)
                    elif item.is_file(follow_symlinks=False):
                        found.append(folder / item.name)
        except OSError as error:
            reason = f"the folder cannot be listed: {error.strerror}"
            refused.append(UnreadableRange(path=folder, offset=0, size=0, reason=reason))
    return sorted(found, key=os.fsencode), sorted(refused, key=lambda one: os.fsencode(one.path))


def _hash_file(
    path: Path,
    start: int,
    ranges: list[UnreadableRange],
    whole: digest.Hasher | None,
    seen: Callable[[int], None],
) -> FileDigest:
    hasher = digest.Hasher()
    with _open_no_wait(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        for block in _blocks(stream, path, start, size, ranges):
            hasher.update(block)
            if whole is not None:
                whole.update(block)
            seen(len(block))
    found = hasher.digests()
    return FileDigest(path=path, size=found.size, sha256=found.sha256, md5=found.md5, sha1=found.sha1)


def _open_no_wait(path: Path) -> BinaryIO:
    """A file to be read; a pipe put in its place makes no one wait."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb", buffering=0)


def _blocks(
    stream: BinaryIO, path: Path, start: int, size: int, ranges: list[UnreadableRange]
) -> Iterator[bytes]:
    """Blocks of a stream in order; a block that fails is read again in pieces, and the pieces that fail are told."""
    at = failures = 0
    while at < size:
        wanted = min(digest.BLOCK_BYTES, size - at)
        try:
            stream.seek(at)
            block = stream.read(wanted)
        except (OSError, RuntimeError) as error:
            for offset in range(at, at + wanted, _PIECE):
                piece = min(_PIECE, at + wanted - offset)
                try:
                    stream.seek(offset)
                    block = stream.read(piece)
                    yield block
                except (OSError, RuntimeError):
                    failures += 1
                    _told(ranges, path, start + offset, piece, short(error))
                    if failures >= _MOST_FAILURES:
                        _told(ranges, path, start + offset, size - offset, short(error))
                        return
            at += wanted
            continue
        if not block:
            _told(ranges, path, start + at, size - at, "the bytes end here")
            return
        yield block
        at += len(block)


def _told(ranges: list[UnreadableRange], path: Path, offset: int, size: int, reason: str) -> None:
    """Add a range, or make the last one longer where they touch."""
    last = ranges[-1] if ranges else None
    if last is not None and last.path == path and offset <= last.offset + last.size:
        ranges[-1] = replace(last, size=max(last.size, offset + size - last.offset))
    else:
        ranges.append(UnreadableRange(path=path, offset=offset, size=size, reason=reason))


def _hash_folder(source: Source, seen: Callable[[int], None]) -> Hashed:
    """A folder's digest is that of the listing of its files: path and SHA-256 of each, sorted."""
    files: list[FileDigest] = []
    listed, ranges = _folder(source.path)
    for path in listed:
        try:
            files.append(_hash_file(path, 0, ranges, None, seen))
        except OSError as error:
            ranges.append(
                UnreadableRange(
                    path=path, offset=0, size=path.lstat().st_size, reason=error.strerror or str(error)
                )
            )
    listing = [[os.fsencode(one.path.relative_to(source.path)).hex(), one.sha256] for one in files]
    sha256 = digest.of_json(listing)
    media = digest.Digests(md5="", sha1="", sha256=sha256, size=sum(one.size for one in files))
    return Hashed(media=media, files=tuple(files), ranges=tuple(ranges))


def _format(path: Path, head: bytes, tail: bytes) -> str:
    if head.startswith((b"EVF\x09\x0d\x0a\xff\x00", b"EVF2\x0d\x0a\x81\x00")):
        return "ewf"
    if head.startswith((b"LVF\x09\x0d\x0a\xff\x00", b"LEF2\x0d\x0a\x81\x00")):
        raise EvidenceError(
            f"evidence {path} is a logical EnCase file (L01), which is not read: export its files into a folder or zip"
        )
    if head.startswith((b"KDMV", b"COWD", b"# Disk DescriptorFile")):
        return "vmdk"
    if head.startswith(b"vhdxfile"):
        return "vhdx"
    if head.startswith(b"conectix") or tail.startswith(b"conectix"):
        return "vhd"
    if head.startswith(b"QFI\xfb"):
        return "qcow2"
    if tail.startswith(b"koly"):
        return "dmg"
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        name_size = int.from_bytes(head[26:28], "little")
        return "file" if head[30 : 30 + name_size] in _DOCUMENT_ZIPS or _is_document(path) else "zip"
    if _is_disk(head):
        return "raw"
    if head[257:262] == b"ustar" or (head.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ")) and _is_tar(path)):
        return "tar"
    return "file"


def _is_document(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name in archive.namelist() for name in ("[Content_Types].xml", "mimetype"))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _is_tar(path: Path) -> bool:
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error, ValueError):
        return False


def fat_type(head: bytes) -> str | None:
    """fat12, fat16 or fat32 by the number of clusters, as the specification has it, not by the text at 54 or 82.

    Microsoft FAT specification, 3.1 (boot sector fields) and 3.5 (determination of the FAT type).
    """
    if len(head) < 512 or head[510:512] != b"\x55\xaa" or head[0] not in (0xEB, 0xE9):
        return None
    sector, cluster, reserved, tables, roots, sectors, media, length = struct.unpack_from(
        "<HBHBHHBH", head, 11
    )
    sectors = sectors or struct.unpack_from("<I", head, 32)[0]
    long_length = struct.unpack_from("<I", head, 36)[0]
    is_sound = (
        sector in (512, 1024, 2048, 4096)
        and cluster in (1, 2, 4, 8, 16, 32, 64, 128)
        and reserved and tables in (1, 2) and media in (0xF0, *range(0xF8, 0x100)) and (length or long_length)
    )  # fmt: skip
    if not is_sound:
        return None
    root_sectors = -(-roots * 32 // sector)
    clusters = (sectors - reserved - tables * (length or long_length) - root_sectors) // cluster
    if clusters <= 0:
        return None
    if not length:
        return "fat32"
    return "fat12" if clusters < 4085 else "fat16"


def _is_disk(head: bytes) -> bool:
    if any(head[at : at + len(signature)] == signature for signature, at in _DISK_SIGNATURES):
        return True
    if fat_type(head) is not None:
        return True
    if head[:2] == b"ER" and head[512:514] == b"PM":  # Apple partition map
        return True
    if head[510:512] != b"\x55\xaa":
        return False
    # A master boot record: every entry is unused or has a valid status byte, and one has a size.
    entries = [head[446 + 16 * n : 462 + 16 * n] for n in range(4)]
    return all(one[0] in (0x00, 0x80) for one in entries) and any(
        one[4] and one[12:16] != b"\0\0\0\0" for one in entries
    )


def _opened(source: Source) -> Source:
    """The source with the size of its medium, once that can be opened.

    Raises:
        EvidenceError: it cannot, or holds nothing.
    """
    with open_media(source) as stream:
        try:
            size = stream.seek(0, os.SEEK_END)
        except (OSError, RuntimeError) as error:
            raise EvidenceError(
                f"evidence {source.path} cannot be opened as {source.format}: {short(error)}"
            ) from error
    if size == 0:
        raise EvidenceError(
            f"evidence {source.path} is a {source.format} image of no bytes: acquire it again"
        )
    files = sum(one.stat().st_size for one in source.segments)
    if source.format == "raw" and files != size:
        raise EvidenceError(
            f"the {len(source.segments)} segments of {source.path.name} hold {files} bytes, but {size} open: "
            "put nothing else with their name beside them"
        )
    return replace(source, size_bytes=size)


def _refuse_later_segment(path: Path) -> None:
    """A later segment of a split image holds nothing by itself.

    Raises:
        EvidenceError: the first segment lies beside it.
    """
    for pattern, firsts in ((r"(.*)\.\d{3}", ("000", "001")), (r"(.*)\.[a-z]{2}", ("aa",))):
        found = re.fullmatch(pattern, path.name)
        for ending in firsts if found else ():
            first = path.with_name(f"{found.group(1)}.{ending}") if found else path
            if (
                first != path
                and first.is_file()
                and first.stat().st_size
                and _kind_of(first, first.stat().st_size) == "raw"
            ):
                raise EvidenceError(
                    f"{path.name} is a later segment of {first.name}: name the first segment in case.toml"
                )
