r"""What OneDrive synchronises (SyncEngineDatabase.db) and what was deleted of it (SafeDelete.db).

Shows: files of the user's OneDrive and of SharePoint libraries synchronised here, with folders, size, time and hash; when
the content of one was first and last fetched to this machine; who made and last changed it; which libraries, of which tenant;
what was deleted under a synchronised folder, when OneDrive noticed and by which program.
Does not show: in which direction a file went: whether it was put up from this machine or came from another. A file here
can be in the cloud alone (see `sync_status`, whose numbers are not documented). Files deleted in the cloud leave the database.
`last_hydrated_at` is when content came to this machine for any reason, not when somebody read it. Times are in whole seconds.
Not read: <cid>.dat and <cid>.ini (older clients, account), logs (.odl), Microsoft.ListSync.db, FileUsageSync.db, deleted rows.

References:
    - B. Maloney, OneDriveExplorer (tables, columns and units of the databases, schema versions 8 to 40)
    - artemis-api, onedrive (od_GraphMetadata_Records)
    - SQLite, "Database File Format"
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
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
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.sqlite import COMPANION_SUFFIXES, SIGNATURE, Database, Stored, open_database
from parsers.questions import DELETED, NETWORK

_COMMON = (
    Column("sync_account", text, "Folder of the account's settings: Personal, Business1, ..."),
    PROFILE,
    Column(
        "is_wal_applied", boolean, "Whether a write-ahead log was applied to the database before it was read."
    ),
)
FILES = Table(
    "windows_one_drive_file",
    Column("file_name", text, "Name of the file, without a path."),
    Column("folder_path", text, "Folders above the file as far as they are known, outermost first."),
    Column("size_bytes", integer, "Size of the content; null for a folder."),
    Column("last_change_at", utc, "Last change of the file, as OneDrive keeps it."),
    Column("disk_created_at", utc, "Creation of the file on this machine's volume."),
    Column("disk_accessed_at", utc, "Last access to the file on this machine's volume."),
    Column("first_hydrated_at", utc, "When the content was first fetched to this machine."),
    Column("last_hydrated_at", utc, "When the content was last fetched to this machine."),
    Column("hydration_count", integer, "How often the content was fetched to this machine."),
    Column("sha1", text, "SHA-1 of the file."),
    Column("quick_xor_hash", text, "QuickXorHash of the file, Base64, as SharePoint and Microsoft Graph give it."),
    Column("created_by", text, "Who made the file, as the cloud says.", is_personal=True),
    Column("modified_by", text, "Who last changed the file, as the cloud says.", is_personal=True),
    Column("sync_status", integer, "State of the file, as OneDrive numbers it."),
    Column("is_shared_item", boolean, "Whether the file is shared with others."),
    Column("resource_id", text, "Identifier of the file in the cloud."),
    Column("parent_resource_id", text, "Identifier of the folder in the cloud."),
    *_COMMON,
)  # fmt: skip
SCOPES = Table(
    "windows_one_drive_library",
    Column("scope_id", text, "Identifier of the library."),
    Column("web_url", text, "Address of the library's site."),
    Column("remote_path", text, "Folder within the library, as stored."),
    Column("library_type", integer, "Kind of library, as OneDrive numbers it."),
    Column("tenant_id", text, "Identifier of the organisation."),
    Column("site_id", text, "Identifier of the site."),
    Column("list_id", text, "Identifier of the list that is the library."),
    *_COMMON,
    answers=NETWORK(where="web_url is not null", remote="web_url", account="profile_name"),
)
DELETIONS = Table(
    "windows_one_drive_deletion",
    Column("kind", text, "recycle_bin (moved to that of the machine) or filter (seen by the file system filter)."),
    Column("noticed_at", utc, "When OneDrive noticed the deletion."),
    Column("deleted_path", text, "Path of what was deleted; its name alone where no path is stored."),
    Column("program_path", text, "Program that deleted it, as stored."),
    Column("resource_id", text, "Identifier of the file in the cloud."),
    *_COMMON,
    answers=DELETED(at="noticed_at", what="deleted_path", account="profile_name"),
)  # fmt: skip

_FILE_COLUMNS = {
    "fileName": ("file_name", str),
    "resourceID": ("resource_id", str),
    "parentResourceID": ("parent_resource_id", str),
    "size": ("size_bytes", int),
    "fileStatus": ("sync_status", int),
    "lastChange": ("last_change_at", datetime),
    "diskCreationTime": ("disk_created_at", datetime),
    "diskLastAccessTime": ("disk_accessed_at", datetime),
}
_SCOPE_COLUMNS = {
    "scopeID": ("scope_id", str),
    "webURL": ("web_url", str),
    "remotePath": ("remote_path", str),
    "libraryType": ("library_type", int),
    "tenantID": ("tenant_id", str),
    "siteID": ("site_id", str),
    "listID": ("list_id", str),
}
_HYDRATION_COLUMNS = {
    "firstHydrationTime": ("first_hydrated_at", datetime),
    "lastHydrationTime": ("last_hydrated_at", datetime),
    "hydrationCount": ("hydration_count", int),
}
_AUTHOR_COLUMNS = {"createdBy": ("created_by", str), "modifiedBy": ("modified_by", str)}
_BIN_COLUMNS = {
    "itemName": ("deleted_path", str),
    "resourceId": ("resource_id", str),
    "notificationTime": ("noticed_at", datetime),
}
_FILTER_COLUMNS = {
    "path": ("deleted_path", str),
    "process": ("program_path", str),
    "notificationTime": ("noticed_at", datetime),
}
_SHA1, _QUICK_XOR = 4, 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ACCOUNT = re.compile(r"/settings/([^/]+)/[^/]*\Z", re.IGNORECASE)
_MOST_KEPT = 1_000_000
_MOST_DEPTH = 128


@parser(
    version=1,
    wants=(
        Want("**/OneDrive/settings/*/SyncEngineDatabase.db", signature=SIGNATURE, is_shared=True),
        Want("**/OneDrive/settings/*/SafeDelete.db", signature=SIGNATURE, is_shared=True),
        Want("**/SyncEngineDatabase.db", signature=SIGNATURE, is_shared=True, is_strict=False),
        Want("**/SafeDelete.db", signature=SIGNATURE, is_shared=True, is_strict=False),
    ),
    tables=(FILES, SCOPES, DELETIONS),
    companions=COMPANION_SUFFIXES,
)
def one_drive(artefact: Artefact) -> Yields:
    """One row for each library, then for each file; of SafeDelete.db one for each deletion."""
    found = _ACCOUNT.search(artefact.path)
    with open_database(artefact) as database:
        common = {
            "sync_account": None if found is None else found[1],
            "profile_name": profile_name(artefact.path),
            "is_wal_applied": database.is_wal_applied,
        }
        known = ("od_ClientFile_Records", "items_moved_to_recycle_bin", "filter_delete_info")
        if database.is_open and not any(database.has(one) for one in known):
            database.tell(ProblemKind.DAMAGED, "0", "the database has none of the tables of OneDrive")
        yield from database.problems()
        for stored in database.rows("od_ScopeInfo_Records", tuple(_SCOPE_COLUMNS)):
            values, errors = _values(stored, _SCOPE_COLUMNS)
            yield from _row(SCOPES, stored, common | values, errors)
        yield from _files(database, common)
        for table, kind, columns in (
            ("items_moved_to_recycle_bin", "recycle_bin", _BIN_COLUMNS),
            ("filter_delete_info", "filter", _FILTER_COLUMNS),
        ):
            for stored in database.rows(table, tuple(columns)):
                values, errors = _values(stored, columns)
                yield from _row(DELETIONS, stored, common | values | {"kind": kind}, errors)
        yield from database.problems()


def _files(database: Database, common: Mapping[str, Any]) -> Yields:
    """The files with what other tables say of each."""
    folders: dict[str, tuple[str | None, str]] = {}
    for stored in database.rows(
        "od_ClientFolder_Records", ("resourceID", "parentResourceID", "folderName"), most=_MOST_KEPT
    ):
        resource, parent, name = (
            stored.values.get(one) for one in ("resourceID", "parentResourceID", "folderName")
        )
        if isinstance(resource, str) and isinstance(name, str):
            folders[resource] = (parent if isinstance(parent, str) else None, name)
    beside = {
        table: _by_resource(database, table, tuple(columns))
        for table, columns in (
            ("od_HydrationData", _HYDRATION_COLUMNS),
            ("od_GraphMetadata_Records", _AUTHOR_COLUMNS),
        )
    }
    asked = (*_FILE_COLUMNS, "localHashDigest", "localHashAlgorithm", "sharedItem")
    for stored in database.rows("od_ClientFile_Records", asked):
        values, errors = _values(stored, _FILE_COLUMNS)
        resource = values.get("resource_id")
        for table, columns in (
            ("od_HydrationData", _HYDRATION_COLUMNS),
            ("od_GraphMetadata_Records", _AUTHOR_COLUMNS),
        ):
            if (other := beside[table].get(resource)) is not None:
                more, others = _values(other, columns)
                values |= more
                errors += others
        values |= _digest(stored.values)
        shared = stored.values.get("sharedItem")
        values["is_shared_item"] = bool(shared) if isinstance(shared, int) else None
        values["folder_path"] = _folder(folders, values.get("parent_resource_id"))
        yield from _row(FILES, stored, dict(common) | values, errors)
        yield from database.problems()


def _by_resource(database: Database, table: str, columns: tuple[str, ...]) -> dict[Any, Stored]:
    """Rows of a table by the identifier of their file."""
    rows = database.rows(table, ("resourceID", *columns), most=_MOST_KEPT)
    return {one.values["resourceID"]: one for one in rows if isinstance(one.values.get("resourceID"), str)}


def _folder(folders: Mapping[str, tuple[str | None, str]], parent: Any) -> str | None:
    """The folders above a file; a chain that does not end is cut."""
    names: list[str] = []
    while isinstance(parent, str) and parent in folders and len(names) < _MOST_DEPTH:
        parent, name = folders[parent]
        names.append(name)
    return "\\".join(reversed(names)) or None


def _digest(stored: Mapping[str, Any]) -> dict[str, Any]:
    digest, algorithm = stored.get("localHashDigest"), stored.get("localHashAlgorithm")
    if not isinstance(digest, bytes) or not digest:
        return {}
    if algorithm == _SHA1 and len(digest) == 20:
        return {"sha1": digest.hex()}
    return {"quick_xor_hash": base64.b64encode(digest).decode()} if algorithm == _QUICK_XOR else {}


def _values(
    stored: Stored, columns: Mapping[str, tuple[str, type]]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The columns of a row, and what of them cannot be read."""
    values: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for name, (column, kind) in columns.items():
        value = stored.values.get(name)
        # An empty text, and 0 for a time, stand for nothing.
        if value is None or value == "" or (kind is datetime and value == 0):
            continue
        told: Any = None
        if kind is datetime:
            told = _instant(value) if isinstance(value, int) else None
        elif isinstance(value, kind):
            told = None if isinstance(value, int) and column.endswith("_bytes") and value < 0 else value
        if told is not None:
            values[column] = told
            continue
        errors.append((column, f"{name} holds {str(value)[:40]!r}"))
    return values, errors


def _instant(seconds: int) -> datetime | None:
    """The instant of seconds since 1970, None where it is none."""
    try:
        return _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _row(table: Table, stored: Stored, values: dict[str, Any], errors: list[tuple[str, str]]) -> Yields:
    is_ok = stored.status is Status.OK and not errors
    yield table.row(stored.locator, Status.OK if is_ok else Status.PARTIAL, **values)
    for column, message in errors:
        yield Problem(kind=ProblemKind.DAMAGED, locator=stored.locator, message=message, column=column)
