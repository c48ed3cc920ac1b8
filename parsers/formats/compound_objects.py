"""Files and documents embedded in a compound file: packages, files of the Packager, PDF, and documents of Office as storages.

References:
    - [MS-OLEDS] 2.3.6 (Ole10Native); [MS-DOC] 2.1.10 (ObjectPool); [MS-XLS] 2.1.4 (embedding storages); [MS-PPT] 2.10.34
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from parsers.contract import Member, Problem, ProblemKind
from parsers.formats.compound import SIGNATURE, Compound
from parsers.formats.compound_copy import copied
from parsers.formats.xml_stream import BadPart

_MOST_BYTES = 64 << 20
_MOST_OBJECTS = 1000
# The stream that tells what a storage is, and the ending its parser knows it by.
_DOCUMENTS = {
    "workbook": "xls", "book": "xls", "worddocument": "doc", "powerpoint document": "ppt", "encryptedpackage": "docx",
    "visiodocument": "vsd", "__properties_version1.0": "msg",
}  # fmt: skip
_PACKAGES = ("package", "embeddedodf")
_NATIVE = "\x01ole10native"


@dataclass(frozen=True, slots=True)
class _Bytes:
    """Bytes that are opened like an artefact."""

    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)


def embedded(file: Compound) -> Iterator[Member | Problem]:
    """Every object in a storage of the file; what lies within one goes with it."""
    folders = {
        "/".join(parts[:depth])
        for parts in (one.split("/") for one in file.streams)
        for depth in range(1, len(parts))
    }
    taken: list[str] = []
    for folder in sorted(folders, key=lambda one: (one.count("/"), one)):
        if folder.startswith(tuple(taken)):
            continue
        if len(taken) >= _MOST_OBJECTS:
            message = f"more than {_MOST_OBJECTS} objects; the rest is not read"
            yield Problem(kind=ProblemKind.LIMIT, locator=f"storage:{folder}", message=message)
            return
        found = list(_object(file, folder))
        yield from found
        if found:
            taken.append(f"{folder}/")


def unpacked(stored: bytes, locator: str, name: str, *, is_packed: bool) -> Iterator[Member | Problem]:
    """The object in a record of PowerPoint; [MS-PPT] 2.10.34: four bytes of size, then deflated, where it is packed."""
    try:
        content = stored
        if is_packed:
            inflate = zlib.decompressobj()
            content = inflate.decompress(stored[4:], _MOST_BYTES)
            if inflate.unconsumed_tail:
                raise BadPart(ProblemKind.LIMIT, f"an object of more than {_MOST_BYTES} bytes; not read")  # noqa: TRY301  told below
        if not content.startswith(SIGNATURE) or _is_empty(content):
            return
        with Compound(_Bytes(content)) as file:
            kind = _kind(file, "")
            if kind is not None:
                yield Member(locator=locator, name=f"{name}.{kind}", content=content)
                return
            for one in _object(file, ""):
                yield (
                    Member(locator=locator, name=one.name or name, content=one.content)
                    if isinstance(one, Member)
                    else one
                )
    except zlib.error as error:
        yield Problem(
            kind=ProblemKind.DAMAGED, locator=locator, message=f"the object cannot be unpacked: {error}"
        )
    except BadPart as error:
        yield Problem(kind=error.kind, locator=locator, message=str(error))


def _is_empty(content: bytes) -> bool:
    """Whether the root of a compound file holds nothing, as in the place PowerPoint keeps for macros."""
    # [MS-CFB] 2.2: shift of sectors at 30, first sector of the directory at 48; 2.6.1: type at 66, child at 76.
    place = (int.from_bytes(content[48:52], "little") + 1) << min(
        int.from_bytes(content[30:32], "little"), 16
    )
    return (
        content[place + 66 : place + 67] == b"\5" and content[place + 76 : place + 80] == b"\xff\xff\xff\xff"
    )


def _own(file: Compound, folder: str) -> dict[str, str]:
    """Paths of the streams of a storage by their names in small letters."""
    return {
        path.rpartition("/")[2].lower(): path for path in file.streams if path.rpartition("/")[0] == folder
    }


def _kind(file: Compound, folder: str) -> str | None:
    """The ending of the document a storage is; None where it is none."""
    own = _own(file, folder)
    return next((ending for name, ending in _DOCUMENTS.items() if name in own), None)


def _object(file: Compound, folder: str) -> Iterator[Member | Problem]:
    own = _own(file, folder)
    name = folder.rpartition("/")[2]
    told = next((own[one] for one in (*_PACKAGES, _NATIVE, "contents") if one in own), folder)
    locator = f"stream:{told}"
    try:
        for one in _PACKAGES:
            if one in own:
                yield Member(locator=locator, name=name, content=file.read(own[one]))
                return
        if _NATIVE in own:
            stored_name, content = native(file.read(own[_NATIVE]))
            yield Member(locator=locator, name=stored_name or name, content=content)
            return
        kind = _kind(file, folder) if folder else None
        if kind is not None:
            locator = f"storage:{folder}"
            inner = [path for path in file.streams if path.startswith(f"{folder}/")]
            streams, left = {}, _MOST_BYTES
            for path in inner:
                content = file.read(path)
                left -= len(content)
                if left < 0:
                    raise BadPart(ProblemKind.LIMIT, f"an object of more than {_MOST_BYTES} bytes; not read")  # noqa: TRY301
                streams[path[len(folder) + 1 :]] = content
            yield Member(locator=locator, name=f"{name}.{kind}", content=copied(streams))
        elif "contents" in own and (content := file.read(own["contents"])).startswith(b"%PDF"):
            yield Member(locator=locator, name=f"{name}.pdf", content=content)
    except BadPart as error:
        yield Problem(kind=error.kind, locator=locator, message=str(error))
    except (ValueError, UnicodeEncodeError) as error:
        yield Problem(
            kind=ProblemKind.DAMAGED, locator=locator, message=f"the object cannot be taken out: {error}"
        )


def native(stored: bytes) -> tuple[str, bytes]:
    """Name and content of a file in an Ole10Native stream as the Packager of Windows writes it."""
    parts = stored[6:].split(b"\0", 2)
    if len(parts) == 3 and stored[4:6] == b"\2\0":
        rest = parts[2]
        size = int.from_bytes(rest[4:8], "little")
        content = rest[8 + size :]
        if size < 4096 and len(content) >= 4:
            length = int.from_bytes(content[:4], "little")
            if length <= len(content) - 4:
                return parts[0].decode("cp932", "replace"), content[4 : 4 + length]
    return "", stored[4:]
