"""What a source is: told from its bytes, never from its name; its segments; its media stream."""

from __future__ import annotations

import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from dfvfs.lib import definitions
from dfvfs.path import factory

from pipeline import digest
from pipeline.errors import EvidenceError
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

    @property
    def is_image(self) -> bool:
        """Whether it holds a medium with volumes."""
        return self.format in IMAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDigest:
    """One file of a source with its size and SHA-256."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """Digests of the medium and of every file, and where the medium could not be read."""

    media: digest.Digests
    files: tuple[FileDigest, ...]
    unreadable: tuple[tuple[int, str], ...]


def identify(path: Path) -> Source:
    """What lies at a path.

    Raises:
        EvidenceError: nothing lies there, it cannot be read, is empty, or a segment of it is missing.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise EvidenceError(
            f"evidence {path} cannot be read: {error.strerror}; check the path in case.toml"
        ) from error
    if stat.S_ISDIR(status.st_mode):
        return Source(path=path, format="folder", segments=(path,))
    if not stat.S_ISREG(status.st_mode):
        raise EvidenceError(
            f"evidence {path} is neither a file nor a folder: name an image, a file or a folder"
        )
    if status.st_size == 0:
        raise EvidenceError(f"evidence {path} is empty: acquire it again")
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(max(status.st_size - 512, 0))
            tail = stream.read(512)
    except OSError as error:
        raise EvidenceError(f"evidence {path} cannot be read: {error.strerror}") from error
    kind = _format(path, head, tail)
    segments = _segments(path, kind)
    source = Source(path=path, format=kind, segments=segments)
    if source.is_image:
        _check_opens(source)
    return source


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
        raise EvidenceError(f"evidence {source.path} cannot be opened as {source.format}: {error}") from error


def media_size(source: Source) -> int:
    """Bytes of the medium, or of the file; of a folder the sum over its files."""
    if source.format == "folder":
        return sum(one.lstat().st_size for one in folder_files(source.path))
    with open_media(source) as stream:
        stream.seek(0, os.SEEK_END)
        return stream.tell()


def hash_source(source: Source, seen: Callable[[int], None]) -> Hashed:
    """Read a source once and give all digests; ranges that cannot be read are told and leave the rest unread."""
    if source.format == "folder":
        return _hash_folder(source, seen)
    unreadable: list[tuple[int, str]] = []
    hasher = digest.Hasher()
    with open_media(source) as stream:
        while True:
            try:
                block = stream.read(digest.BLOCK_BYTES)
            except OSError as error:
                unreadable.append((hasher.digests().size, str(error)))
                break
            if not block:
                break
            hasher.update(block)
            seen(len(block))
    media = hasher.digests()
    if source.format in ("raw", "file", "zip", "tar") and len(source.segments) == 1:
        return Hashed(
            media=media,
            files=(FileDigest(path=source.path, size=media.size, sha256=media.sha256),),
            unreadable=tuple(unreadable),
        )
    files = tuple(
        FileDigest(path=one, size=one.stat().st_size, sha256=digest.of_file(one)) for one in source.segments
    )
    return Hashed(media=media, files=files, unreadable=tuple(unreadable))


def folder_files(root: Path) -> list[Path]:
    """Every regular file under a folder, links not followed, sorted by its path."""
    found = []
    for folder, folders, names in os.walk(root, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if stat.S_ISREG(path.lstat().st_mode):
                found.append(path)
    return found


def _hash_folder(source: Source, seen: Callable[[int], None]) -> Hashed:
    """A folder's digest is that of the listing of its files: path and SHA-256 of each, sorted."""
    files, unreadable = [], []
    for path in folder_files(source.path):
        try:
            sha256 = digest.of_file(path)
        except OSError as error:
            unreadable.append((0, f"{path.relative_to(source.path)}: {error.strerror}"))
            continue
        size = path.stat().st_size
        seen(size)
        files.append(FileDigest(path=path, size=size, sha256=sha256))
    listing = [[os.fsencode(one.path.relative_to(source.path)).hex(), one.sha256] for one in files]
    sha256 = digest.of_json(listing)
    media = digest.Digests(md5="", sha1="", sha256=sha256, size=sum(one.size for one in files))
    return Hashed(media=media, files=tuple(files), unreadable=tuple(unreadable))


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
    except (OSError, EOFError):
        return False


def _is_disk(head: bytes) -> bool:
    if any(head[at : at + len(signature)] == signature for signature, at in _DISK_SIGNATURES):
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


def _segments(path: Path, kind: str) -> tuple[Path, ...]:
    """Every file of a segment set, in order.

    Raises:
        EvidenceError: one is missing.
    """
    if kind == "ewf":
        return _ewf_segments(path)
    number = re.fullmatch(r"(.*)\.(\d{3})", path.name)
    if kind == "raw" and number and int(number.group(2)) in (0, 1):
        first = int(number.group(2))
        have = {
            int(found.group(1)): one
            for one in path.parent.iterdir()
            if (found := re.fullmatch(re.escape(number.group(1)) + r"\.(\d{3})", one.name))
        }
        last = max(have)
        for index in range(first, last + 1):
            if index not in have:
                raise EvidenceError(
                    f"segment {index - first + 1} of {last - first + 1} of {path.name} is missing: "
                    f"expected {number.group(1)}.{index:03d} beside {path.name}"
                )
        return tuple(have[index] for index in range(first, last + 1))
    return (path,)


def _ewf_segments(path: Path) -> tuple[Path, ...]:
    """E01 to E99, then EAA on; the last segment ends with a `done` section, every other with `next` (EWF specification, 3.3)."""
    found = re.fullmatch(r"(.*)\.([A-Za-z]x?)01", path.name)
    if found is None:
        inner = re.fullmatch(r".*\.[A-Za-z]x?(\d\d)", path.name)
        if inner and int(inner.group(1)) > 1:
            raise EvidenceError(
                f"{path.name} is segment {int(inner.group(1))} of an E01 set: name the first segment in case.toml"
            )
        return (path,)
    stem, letters = found.group(1), found.group(2)
    files: list[Path] = []
    for number in range(1, 14_971):
        candidate = path.parent / f"{stem}.{_ewf_extension(letters, number)}"
        if not candidate.is_file():
            break
        files.append(candidate)
    listed = {one.name for one in path.parent.iterdir()}
    later = [
        n for n in range(len(files) + 2, len(files) + 100) if f"{stem}.{_ewf_extension(letters, n)}" in listed
    ]
    expected = f"{stem}.{_ewf_extension(letters, len(files) + 1)}"
    if later:
        raise EvidenceError(
            f"E01 segment {len(files) + 1} of {later[-1]} is missing: expected {expected} beside {files[-1].name}"
        )
    if not letters.endswith("x") and _last_section(files[-1]) == b"next":
        raise EvidenceError(
            f"E01 segment {len(files) + 1} is missing: expected {expected} beside {files[-1].name}, which says that one follows"
        )
    return tuple(files)


def _ewf_extension(letters: str, number: int) -> str:
    if number < 100:
        return f"{letters}{number:02d}"
    count = number - 100
    base = ord("a" if letters[0].islower() else "A")
    return f"{chr(ord(letters[0]) + count // 676)}{chr(base + count // 26 % 26)}{chr(base + count % 26)}"


def _last_section(path: Path) -> bytes:
    """Type of the last section: its descriptor is the last 76 bytes of the file."""
    with path.open("rb") as stream:
        stream.seek(-76, os.SEEK_END)
        return stream.read(16).rstrip(b"\0")


def _check_opens(source: Source) -> None:
    with open_media(source) as stream:
        stream.seek(0, os.SEEK_END)
        size = stream.tell()
        if size == 0:
            raise EvidenceError(
                f"evidence {source.path} is a {source.format} image of no bytes: acquire it again"
            )
