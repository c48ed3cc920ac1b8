"""Decodes one shell item by its kind: files, drives, shares, devices, archives, searches, addresses, control panel.

Part of `parsers.formats.shellitem`, which says where the knowledge of the format comes from; [FWSI] is
cited here as there.

References:
    - J. Metz, Windows Shell Item format (libfwsi documentation)
    - E. Zimmerman, ExtensionBlocks (cited as [EXT]): block 0xbeef0026
    - Microsoft, propkey.h (property keys)
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pyfwps

from parsers.formats.ansi import code_page, until_nul
from parsers.formats.filetime import instant
from parsers.formats.shell_folders import category_name, folder_name

_DELEGATE = uuid.UUID("5e591a74-df96-48d3-8d67-1733bcee28ba").bytes_le
_DEEPEST = 4
_STORAGE = "b725f130-47ef-101a-a5f1-02608c9eebac"  # 10 ItemNameDisplay, 12 Size, 14 to 16 DateModified, -Created, -Accessed
_NAMES = (
    "28636aa6-953d-11d2-b5d6-00c04fd918d0",
    24,
)  # ParsingName: with the extension the display name hides
_PATH = (
    "1e3ee840-bc2b-476c-8237-2acd1a839b22",
    8,
)  # not published; seen in items of libraries: path in the file system
_APPLICATION = ("9f4c2855-9f79-4b39-a8d0-e1d42de1d5f3", 5)  # AppUserModel.ID
_STRING, _FILETIME, _UINT64 = 0x1F, 0x40, 0x15  # [MS-OLEPS] 2.2 PropertyType
_LAST_ZIP_TEXT = 48  # UTF-16 bytes of the date an archive item shows, from offset 0x24


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One shell item.

    `kind` is root, drive, folder, file, network, device, device_folder, archive_folder, uri, control_panel,
    search, application, other or unknown; `name` is None where the item gives none, `full_path` a whole
    path it repeats; `notes` are what could not be read: a column and a message each.
    """

    offset: int
    kind: str
    class_type: int
    name: str | None = None
    full_path: str | None = None
    short_name: str | None = None
    guid: str | None = None
    size_bytes: int | None = None
    attributes: int | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    accessed_at: datetime | None = None
    file_reference: int | None = None
    sequence: int | None = None
    device_path: str | None = None
    codec: str | None = None
    notes: tuple[tuple[str | None, str], ...] = ()


def read_item(item: bytes, *, around: bytes = b"", before: str | None = None) -> Item:
    """One item with its size in front; `around` and `before` help to choose the code page of ANSI names."""
    reader = _Reader(item=item, around=around or item, codec=before)
    found = reader.read()
    return replace(found, codec=reader.codec if reader.is_ansi else None, notes=(*found.notes, *reader.notes))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one item; offsets are those of [FWSI], which count from the item's size field."""

    item: bytes
    around: bytes
    codec: str | None
    depth: int = 0
    is_ansi: bool = False
    notes: list[tuple[str | None, str]] = field(default_factory=list)

    def read(self) -> Item:
        """The item; what lies outside it is a note and the rest is given."""
        class_type = self.item[2]
        try:
            return self._by_signature(class_type) or self._by_class(class_type)
        except struct.error:
            self.notes.append((None, f"the item of class {class_type:#04x} is too short for its kind"))
            return Item(offset=0, kind="unknown", class_type=class_type)

    def number(self, layout: str, offset: int) -> int:
        """One little-endian number."""
        found: int = struct.unpack_from(f"<{layout}", self.item, offset)[0]
        return found

    def guid(self, offset: int) -> uuid.UUID:
        """The GUID at an offset."""
        raw = self.item[offset : offset + 16]
        if len(raw) < 16:
            raise struct.error("a GUID has 16 bytes")
        return uuid.UUID(bytes_le=raw)

    def wide(self, offset: int, characters: int | None = None) -> tuple[str, int]:
        """UTF-16 text at an offset up to its NUL, or as many characters; and where it ends."""
        if offset > len(self.item):
            raise struct.error("text outside the item")
        if characters is not None:
            raw = self.item[offset : offset + 2 * characters]
            if len(raw) < 2 * characters:
                raise struct.error("text outside the item")
            return self._decoded(until_nul(raw, 2)), offset + 2 * characters
        raw = until_nul(self.item[offset:], 2)
        return self._decoded(raw), offset + len(raw) + 2

    def ansi(self, offset: int) -> tuple[str, int]:
        """ANSI text at an offset up to its NUL, and where it ends."""
        raw = until_nul(self.item[offset:], 1)
        if raw.isascii():
            return raw.decode("ascii"), offset + len(raw) + 1
        self.is_ansi = True
        self.codec = code_page(raw, self.around, self.codec)
        found = raw.decode(self.codec, "replace")
        if "\ufffd" in found:
            self.notes.append(("name", f"signs of a name are not {self.codec}; they stand as U+FFFD"))
        return found, offset + len(raw) + 1

    def text(self, offset: int, *, is_unicode: bool) -> tuple[str, int]:
        """Text of either kind."""
        return self.wide(offset) if is_unicode else self.ansi(offset)

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode("utf-16-le")
        except UnicodeDecodeError:
            self.notes.append(("name", "the name is no valid UTF-16; what is not stands as U+FFFD"))
            return raw.decode("utf-16-le", "replace")

    def blocks(self) -> dict[int, int]:
        """Offsets of the extension blocks by their signature; the last word of the item tells where the first one is."""
        found: dict[int, int] = {}
        if len(self.item) < 10:
            return found
        at = self.number("H", len(self.item) - 2)
        while 4 <= at <= len(self.item) - 8 and len(found) < 32:
            size, _, signature = struct.unpack_from("<HHI", self.item, at)
            if size < 8 or signature >> 16 != 0xBEEF or at + size > len(self.item):
                break
            found.setdefault(signature, at)
            at += size
        return found

    def _by_signature(self, class_type: int) -> Item | None:
        """Items told by a signature within them ([FWSI] Signature-based shell items)."""
        delegate = self._delegate(class_type)
        if delegate is not None:
            return delegate
        size = len(self.item)
        signature = self.number("I", 4) if size >= 8 else 0
        data = self.number("I", 6) if size >= 10 else 0
        if data == 0x10312005 and size >= 54:
            name, _ = self.wide(54, self.number("I", 38))
            return Item(offset=0, kind="device", class_type=class_type, name=name or None)
        if data == 0x07192006 and size >= 74:
            first, at = self.wide(74, self.number("I", 62))
            second, _ = self.wide(at, self.number("I", 66))
            return Item(offset=0, kind="device_folder", class_type=class_type, name=second or first or None)
        if class_type & 0x70 not in (0x20, 0x30, 0x40) and (zipped := self._archive(class_type)):
            return zipped
        if signature == 0x39DE2184 and size >= 12:
            name = category_name(self.number("I", 8))
            return Item(offset=0, kind="control_panel", class_type=class_type, name=name)
        if class_type == 0 and signature in (0xFFFFFF38, 0xFFFFFFFF):
            # The second is the ANSI variant of Windows 2000 and before: offsets of the texts at 8, the path at 12.
            path = self.wide(24)[0] if signature == 0xFFFFFF38 else self.ansi(12)[0]
            return Item(
                offset=0,
                kind="control_panel",
                class_type=class_type,
                name=path.rpartition("\\")[2] or None,
                full_path=path or None,
            )
        if class_type == 0 and signature == 0x49534647:
            return Item(offset=0, kind="other", class_type=class_type, name=folder_name(self.guid(8)))
        if signature == 0x4D677541:
            return self._nested_list(class_type)
        if signature >> 16 and self.item[6:10] == b"APPS":
            return self._properties("application", class_type, 10)
        if class_type == 0 and size >= 14 and self.number("H", 4) >= 8:
            return self._property_view(class_type, data)
        return None

    def _by_class(self, class_type: int) -> Item:
        """Items told by their class ([FWSI] Type indicator-based shell items)."""
        if class_type in (0x1E, 0x1F):
            return self._folder_item("root", 4, class_type)
        group = class_type & 0x70
        if group == 0x20:
            if class_type & 1:
                name, _ = self.ansi(3)
                return Item(offset=0, kind="drive", class_type=class_type, name=name[:20] or None)
            return self._folder_item("root", 4, class_type)
        if group == 0x30:
            return self._file(class_type)
        if group == 0x40:
            name, _ = self.ansi(5)
            return Item(offset=0, kind="network", class_type=class_type, name=name or None)
        if class_type == 0x61:
            return self._uri(class_type)
        if class_type == 0x71:
            return self._folder_item("control_panel", 14, class_type)
        return Item(offset=0, kind="unknown", class_type=class_type)

    def _folder_item(self, kind: str, offset: int, class_type: int) -> Item:
        """An item that is a GUID; Windows 10 adds times (extension block 0xbeef0026: three FILETIMEs at 12).

        [EXT] names the times, libfwsi leaves them unknown; a block of another size holds a property store.
        """
        guid = self.guid(offset)
        times: list[datetime | None] = [None] * 3
        at = self.blocks().get(0xBEEF0026)
        if at is not None and self.number("H", at) == 38:
            names = ("item_created_at", "item_modified_at", "item_accessed_at")
            times = [
                self._instant(self.number("Q", at + 12 + 8 * index), name) for index, name in enumerate(names)
            ]
        return Item(
            offset=0,
            kind=kind,
            class_type=class_type,
            name=folder_name(guid),
            guid=f"{{{guid}}}",
            created_at=times[0],
            modified_at=times[1],
            accessed_at=times[2],
        )

    def _instant(self, ticks: Any, column: str) -> datetime | None:
        try:
            return instant(ticks) if isinstance(ticks, int) else None
        except ValueError as error:
            self.notes.append((column, str(error)))
            return None

    def _delegate(self, class_type: int) -> Item | None:
        """[FWSI] Delegate shell item: a size at 4, data, the delegate's GUID, the GUID of the folder it stands in."""
        if len(self.item) < 38:
            return None
        at = 6 + self.number("H", 4)
        if self.item[at : at + 16] != _DELEGATE:
            return None
        guid = self.guid(at + 16)
        signature = self.number("I", 6)
        common = {"offset": 0, "class_type": class_type, "guid": f"{{{guid}}}"}
        if signature in (0x46534643, 0xF5A6B710):  # "CFSF", and the drive of Windows 10: an item within
            size = self.number("H", 10)
            inner = struct.pack("<H", size) + self.item[12 : min(12 + size, at)]
            found = self._inner(inner)
            if signature == 0x46534643:
                found = self._extended(found)
            return replace(found, class_type=class_type, guid=f"{{{guid}}}")
        if signature == 0x08312006:  # [FWSI] Shell folder 35786d3c: a portable device
            name, after = self.wide(6 + 34, self.number("I", 6 + 24))
            path, _ = self.wide(after, self.number("I", 6 + 28))
            return Item(kind="device", name=name.strip() or None, device_path=path or None, **common)  # type: ignore[arg-type]
        if signature == 0x23A3DFD5:
            return replace(self._properties("search", class_type, 14), guid=f"{{{guid}}}", name="Search")
        return Item(kind="other", name=folder_name(guid), **common)  # type: ignore[arg-type]

    def _inner(self, item: bytes) -> Item:
        """An item within this one."""
        if self.depth >= _DEEPEST or len(item) < 3:
            self.notes.append((None, "items lie too deep within each other, or one is empty"))
            return Item(offset=0, kind="unknown", class_type=self.item[2])
        inner = _Reader(item=item, around=self.around, codec=self.codec, depth=self.depth + 1)
        found = inner.read()
        self.codec, self.is_ansi = inner.codec, self.is_ansi or inner.is_ansi
        self.notes += inner.notes
        return found

    def _nested_list(self, class_type: int) -> Item:
        """[FWSI] CDBurn shell item: items within; the first names the folder."""
        at = 16 if self.number("I", 8) == 2 else 20
        size = self.number("H", at)
        found = self._inner(self.item[at : at + size])
        return replace(found, class_type=class_type)

    def _archive(self, class_type: int) -> Item | None:
        """[FWSI] Compressed folder shell item, second variant: a date as shown at 0x24, two lengths at 0x54, the names."""
        if len(self.item) < 0x60 or self.item[0x24:0x26] == b"\0\0":
            return None
        shown = until_nul(self.item[0x24 : 0x24 + _LAST_ZIP_TEXT], 2).decode("utf-16-le", "replace")
        is_date = shown == "N/A" or (shown[:1].isdigit() and "/" in shown)
        first, second = self.number("I", 0x54), self.number("I", 0x58)
        if not is_date or not 0 < first + second < len(self.item):
            return None
        names, at = [], 0x5C
        for length in (first, second):
            if length:
                name, at = self.wide(at, length)
                names.append(name)
                at += 2  # the NUL, which is not counted
        name = "\\".join(names).replace("/", "\\")
        return Item(offset=0, kind="archive_folder", class_type=class_type, name=name or None)

    def _property_view(self, class_type: int, signature: int) -> Item:
        """[FWSI] Users property view: size of the property store at 10, of the identifier at 12."""
        stored, identifier = self.number("H", 10), self.number("H", 12)
        if signature == 0x23FEBBEE and identifier == 16:
            guid = self.guid(14)
            name = folder_name(guid)
            return Item(offset=0, kind="root", class_type=class_type, name=name, guid=f"{{{guid}}}")
        if stored and 14 + identifier + stored <= len(self.item):
            kind = "network" if signature == 0x3B93AFBB else "search" if signature == 0x10141981 else "other"
            return self._properties(kind, class_type, 14 + identifier)
        return Item(offset=0, kind="unknown", class_type=class_type)

    def _properties(self, kind: str, class_type: int, offset: int) -> Item:
        """An item told by a property store: its name, and what the store keeps of a file."""
        found = self._values(self.item[offset:])
        keys = (_APPLICATION, _NAMES, (_STORAGE, 10)) if kind == "application" else (_NAMES, (_STORAGE, 10))
        names = [found[key] for key in keys if isinstance(found.get(key), str) and found[key]]
        # A parsing name that is a GUID names a library or known folder; the display name says more.
        name = next((one for one in names if not one.startswith("{")), names[0] if names else None)
        path, size = found.get(_PATH), found.get((_STORAGE, 12))
        times = [
            self._instant(found.get((_STORAGE, key)), column)
            for key, column in ((15, "item_created_at"), (14, "item_modified_at"), (16, "item_accessed_at"))
        ]
        return Item(
            offset=0,
            kind=kind,
            class_type=class_type,
            name=name,
            full_path=path if isinstance(path, str) and path else None,
            size_bytes=size if isinstance(size, int) and size < 1 << 63 else None,
            created_at=times[0],
            modified_at=times[1],
            accessed_at=times[2],
        )

    def _values(self, content: bytes) -> dict[tuple[str, int], Any]:
        """Texts and numbers of a property store by property key; those libfwps cannot give are left out."""
        found: dict[tuple[str, int], Any] = {}
        store = pyfwps.store()
        try:
            store.copy_from_byte_stream(content)
            for group in store.sets:
                for record in group.records:
                    if record.entry_type is not None and record.value_type in (_STRING, _FILETIME, _UINT64):
                        value = (
                            record.get_data_as_string()
                            if record.value_type == _STRING
                            else int.from_bytes(record.data or b"", "little")
                        )
                        found.setdefault((group.identifier, record.entry_type), value)
        except (OSError, ValueError, MemoryError):
            self.notes.append(("name", "the property store of the item cannot be read to its end"))
        return found

    def _uri(self, class_type: int) -> Item:
        """[FWSI] URI shell item: data of the connection, if any, then the address; its user name and password are left."""
        flags, size = self.number("B", 3), self.number("H", 4)
        is_unicode = bool(flags & 0x80)
        at = 4 + max(size, 2) + 2
        name = self.text(at, is_unicode=is_unicode)[0] if at < len(self.item) else ""
        if not name and size >= 46:
            # The first text of the data is the host.
            name = self.text(46, is_unicode=is_unicode)[0]
        return Item(offset=0, kind="uri", class_type=class_type, name=name or None)

    def _file(self, class_type: int) -> Item:
        """[FWSI] File entry shell item: size at 4, FAT time at 8, attributes at 12, name at 14."""
        is_unicode = bool(class_type & 4)
        name, end = self.text(14, is_unicode=is_unicode)
        found = Item(
            offset=0,
            kind="file" if class_type & 2 and not class_type & 1 else "folder",
            class_type=class_type,
            name=name or None,
            size_bytes=self.number("I", 4),
            modified_at=self._fat(8, "item_modified_at"),
            attributes=self.number("H", 12),
        )
        blocks = self.blocks()
        if 0xBEEF0004 in blocks:
            return self._extended(found)
        if not blocks and end < len(self.item) and self.number("B", end):
            # Before Windows XP a second name, the short one, follows.
            found = replace(found, short_name=self.text(end, is_unicode=is_unicode)[0] or None)
        return found

    def _extended(self, found: Item) -> Item:
        """[FWSI] File entry extension block 0xbeef0004: times, MFT reference and long name."""
        blocks = self.blocks()
        at = blocks.get(0xBEEF0004)
        if at is None:
            return found
        size, version = self.number("H", at), self.number("H", at + 2)
        created, accessed = self._fat(at + 8, "item_created_at"), self._fat(at + 12, "item_accessed_at")
        found = replace(found, created_at=created, accessed_at=accessed)
        place = at + 18
        if version >= 7:
            reference = self.number("Q", at + 20)
            if reference:
                found = replace(found, file_reference=reference & ((1 << 48) - 1), sequence=reference >> 48)
            place = at + 36
        if version < 3:
            return found
        place += 2 + (4 if version >= 9 else 0) + (4 if version >= 8 else 0)
        if place >= at + size:
            self.notes.append(("name", "the long name lies outside its block"))
            return found
        long, _ = self.wide(place)
        if not long:
            return found
        return replace(found, name=long, short_name=found.name if found.name != long else None)

    def _fat(self, offset: int, column: str) -> datetime | None:
        """A FAT date and time; None for 0, which stands for none."""
        date, time = struct.unpack_from("<HH", self.item, offset)
        if not date:
            return None
        year, month, day = 1980 + (date >> 9), date >> 5 & 15, date & 31
        try:
            return datetime(year, month, day, tzinfo=UTC) + timedelta(
                hours=time >> 11, minutes=time >> 5 & 63, seconds=2 * (time & 31)
            )
        except ValueError:
            self.notes.append((column, f"FAT date {date:#06x} is no date"))
            return None
