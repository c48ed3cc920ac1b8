r"""The index of Windows Search (Windows.edb, from Windows 11 on Windows.db): files as they stood when they were indexed.

Shows: path, size, owner, attributes and times of a file or folder when Windows indexed it, when that was, and the
beginning of its text where it was kept; addresses of pages and mails of stores that were indexed too.
Does not show: that the file was opened or still exists: rows stay for a while after a file is gone, so that a path
here which the file system does not have is a trace of it, which this parser does not decide. Only indexed places are
here, by default the users' folders. A row is written over when its file is indexed anew.
Not read: the index of Windows 7 and before; words of the index, other properties than those named here, the queue of the gatherer (Windows-gather.db,
SystemIndex_Gthr), activities and messages in detail; transaction logs of Windows.edb; deleted records.

References:
    - J. Metz, "Windows Search" (esedb-kb): tables and columns, FILETIMEs as bytes
    - Aon Cyber Labs, "Windows Search Index" and SIDR: the tables of Windows 11
    - Microsoft, Windows Property System (System.ItemPathDisplay, System.Search.GatherTime, System.Search.Store)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import ese, filetime, sqlite
from parsers.formats.ese_pages import SIGNATURE
from parsers.formats.ese_values import Field, text_of

ITEM = Table(
    "windows_search_item",
    Column("work_id", integer, "Number of the item in the index."),
    Column("indexed_path", text, "Path of the item as shown, or its address where it is no file."),
    Column("item_name", text, "Name of the item as shown."),
    Column("item_url", text, "Address of the item in its store (file:, iehistory:, mapi:, ...)."),
    Column("search_store", text, "Store the item was indexed from: file, iehistory, mapi, ..."),
    Column("item_type", text, "Type of the item, for a file its extension."),
    Column("is_folder", boolean, "Whether the item is a folder."),
    Column("indexed_bytes", integer, "Size of the item when it was indexed."),
    Column("attributes_flags", integer, "File attributes, as Windows numbers them."),
    Column("owner_name", text, "Owner of the file as shown.", is_personal=True),
    Column("indexed_created_at", utc, "Creation time of the item when it was indexed."),
    Column("indexed_modified_at", utc, "Last write time of the item when it was indexed."),
    Column("indexed_accessed_at", utc, "Last access time of the item when it was indexed."),
    Column("gathered_at", utc, "When the item was last indexed."),
    Column("thumbnail_cache_id", text, "Identifier of the small picture, sixteen hex digits."),
    Column("summary_text", text, "Beginning of the item's text, as kept by the index.", is_personal=True),
)

# System.FileAttributes: FILE_ATTRIBUTE_DIRECTORY.
_DIRECTORY = 0x10
_ESE_TABLE, _OLD_TABLE = "SystemIndex_PropertyStore", "SystemIndex_0A"
_STORE, _NAMES = "SystemIndex_1_PropertyStore", "SystemIndex_1_PropertyStore_Metadata"
# An item has some tens of properties of those read; more than this many rows of one item are no item.
_MOST_OPEN = 100_000


def _number(value: Any) -> int:
    """A number; the index keeps numbers of more than 32 bits as bytes."""
    if isinstance(value, bytes) and 1 <= len(value) <= 8:
        value = int.from_bytes(value, "little")
    if not isinstance(value, int) or not -(1 << 63) <= value < 1 << 63:
        raise ValueError(f"{str(value)[:40]!r} is no number")  # noqa: TRY004  told, not raised further
    return value


def _instant(value: Any) -> datetime | None:
    """A FILETIME in eight bytes or as a number; an instant where the database knows the column to hold one."""
    return value if isinstance(value, datetime) else filetime.instant(_number(value))


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = text_of(value)
    if not isinstance(value, str):
        raise ValueError(f"{str(value)[:40]!r} is no text")  # noqa: TRY004
    return value or None


def _cache_id(value: Any) -> str:
    """A number of 64 bits without a sign, as thumbnail caches keep it."""
    if isinstance(value, bytes) and len(value) == 8:
        return value[::-1].hex()
    return f"{_number(value) & 0xFFFFFFFFFFFFFFFF:016x}"


_PROPERTIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "System_ItemPathDisplay": ("indexed_path", _text),
    "System_ItemNameDisplay": ("item_name", _text),
    "System_ItemUrl": ("item_url", _text),
    "System_Search_Store": ("search_store", _text),
    "System_ItemType": ("item_type", _text),
    "System_IsFolder": ("is_folder", lambda value: bool(_number(value))),
    "System_Size": ("indexed_bytes", _number),
    "System_FileAttributes": ("attributes_flags", _number),
    "System_FileOwner": ("owner_name", _text),
    "System_DateCreated": ("indexed_created_at", _instant),
    "System_DateModified": ("indexed_modified_at", _instant),
    "System_DateAccessed": ("indexed_accessed_at", _instant),
    "System_Search_GatherTime": ("gathered_at", _instant),
    "System_ThumbnailCacheId": ("thumbnail_cache_id", _cache_id),
    "System_Search_AutoSummary": ("summary_text", _text),
}


@parser(
    version=1,
    wants=(
        Want("**/Windows.edb", signature=SIGNATURE, offset=ese.SIGNATURE_OFFSET, is_shared=True),
        Want(
            "**/Search/Data/Applications/*/*.edb",
            signature=SIGNATURE,
            offset=ese.SIGNATURE_OFFSET,
            is_strict=False,
            is_shared=True,
        ),
        Want("**/Search/Data/Applications/*/Windows.db", signature=sqlite.SIGNATURE, is_shared=True),
    ),
    tables=(ITEM,),
    companions=sqlite.COMPANION_SUFFIXES,
)
def windows_search(artefact: Artefact) -> Yields:
    """One row for each item of the index."""
    if artefact.head(16).startswith(sqlite.SIGNATURE):
        yield from _from_sqlite(artefact)
    else:
        yield from _from_ese(artefact)


def _property(column: str) -> str:
    """The property in the name of a column: `4447-System_ItemPathDisplay`, `System_ItemPathDisplay`."""
    return column.partition("-")[2] or column


def _from_ese(artefact: Artefact) -> Yields:
    with ese.open_database(artefact) as database:
        is_there = database.is_open and database.has(_ESE_TABLE)
        if database.is_open and database.has(_OLD_TABLE):
            message = f"{_OLD_TABLE} of Windows 7 and before keeps its texts in a coding that is not read"
            database.tell(ProblemKind.UNSUPPORTED, _OLD_TABLE, message)
        elif database.is_open and not is_there:
            message = f"the database has no table {_ESE_TABLE}: no index of Windows Search, or not one of Windows 8 to 11"
            database.tell(ProblemKind.UNRECOGNISED, "0", message)
        yield from database.problems()
        if not is_there:
            return
        fields = {"work_id": Field(name="WorkID")}
        for stored in database.columns(_ESE_TABLE):
            if _property(stored) in _PROPERTIES:
                column, convert = _PROPERTIES[_property(stored)]
                fields[column] = Field(name=stored, convert=convert)
        for record in database.records(_ESE_TABLE, fields, key="work_id"):
            yield ITEM.row(record.locator, record.status, **_completed(record.values))
            yield from database.problems()
        yield from database.problems()


def _from_sqlite(artefact: Artefact) -> Yields:
    with sqlite.open_database(artefact) as database:
        for name in (_STORE, _NAMES) if database.is_open else ():
            if not database.has(name):
                database.tell(ProblemKind.UNRECOGNISED, name, f"the database has no table {name}")
        yield from database.problems()
        names = {}
        for stored in database.rows(_NAMES, ("Id", "UniqueKey", "PropertyId")):
            key = stored.values.get("UniqueKey") or stored.values.get("PropertyId")
            if isinstance(key, str):
                names[stored.values.get("Id")] = _property(key.replace(".", "_"))
        for work_id, properties, status in _items(database, names):
            yield from _item(work_id, properties, status)
        yield from database.problems()


def _items(
    database: sqlite.Database, names: Mapping[Any, str]
) -> Iterator[tuple[int, dict[str, Any], Status]]:
    """Items with their properties; the rows of one follow each other by its number."""
    current: int | None = None
    properties: dict[str, Any] = {}
    status = Status.OK
    for stored in database.rows(_STORE, ("WorkId", "ColumnId", "Value"), order=("WorkId",)):
        work_id = stored.values.get("WorkId")
        if not isinstance(work_id, int):
            database.tell(ProblemKind.DAMAGED, stored.locator, "the row belongs to no item", "work_id")
            continue
        if current is not None and work_id != current:
            yield current, properties, status
            properties, status = {}, Status.OK
        current = work_id
        name = names.get(stored.values.get("ColumnId"))
        if name in _PROPERTIES and stored.values.get("Value") is not None and len(properties) < _MOST_OPEN:
            properties[name] = stored.values["Value"]
        if stored.status is not Status.OK:
            status = stored.status
    if current is not None:
        yield current, properties, status


def _item(work_id: int, properties: Mapping[str, Any], status: Status) -> Yields:
    values: dict[str, Any] = {"work_id": work_id}
    problems = []
    place = f"{_STORE}#{work_id}"
    for name, stored in properties.items():
        column, convert = _PROPERTIES[name]
        try:
            values[column] = convert(stored)
        except ValueError as error:
            problems.append(
                Problem(kind=ProblemKind.DAMAGED, locator=place, message=f"{name}: {error}", column=column)
            )
    yield ITEM.row(place, Status.PARTIAL if problems else status, **_completed(values))
    yield from problems


def _completed(values: dict[str, Any]) -> dict[str, Any]:
    """Whether an item is a folder, from its attributes where the index does not say."""
    flags = values.get("attributes_flags")
    if values.get("is_folder") is None and flags is not None:
        values["is_folder"] = bool(flags & _DIRECTORY)
    return values
