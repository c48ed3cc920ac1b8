r"""History, downloads and cache of Internet Explorer 10 and later, the first Edge and Explorer (WebCacheV01.dat).

Shows: that an address was visited under an account, the last time and how often (container History), or within a day
or week (containers MSHist...), each a record of its own for the same visit; which file was downloaded from where to
where; which content and cookies were kept of which address. An address of a file (`file:///E:/...`) was opened by this
account, in a browser or not: Explorer, Office and other programs write here as well, and mostly these do.
Does not show: each visit, for an address has one record in each container with the last time; who sat there, nor that
a page was looked at. What is in the cache was fetched, often without being asked for. Times are UTC but for
`visited_local`, which the clock of the machine told; a weekly container keeps no other. That the times mean what they
do in index.dat is taken from both being written through the same functions of WinINet.
Not read: the account of a container (PartitionId), cookies of version 1703 of Windows and later (CookieEntryEx_),
application caches, containers of other names; transaction logs, which often hold the last hours; deleted records.

References:
    - J. Metz, "Microsoft Internet Explorer web cache (WebCache) database" (esedb-kb): tables and columns
    - J. Metz, "MSIE Cache File (index.dat) format" (libmsiecf): what addresses, times and data of records mean
    - Microsoft, INTERNET_CACHE_ENTRY_INFO (wininet.h)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from parsers.contract import Artefact, ProblemKind, Row, Status, Want, Yields, parser
from parsers.formats import wininet
from parsers.formats.browser import CACHE, DOWNLOAD, VISIT, opened_path
from parsers.formats.ese import SIGNATURE_OFFSET, Database, Record, open_database
from parsers.formats.ese_pages import SIGNATURE
from parsers.formats.ese_values import Field
from parsers.formats.profile import profile_name

_CONTAINERS = "Containers"
_HISTORY, _DOWNLOADS, _PERIODIC = "history", "iedownload", "mshist"
_OTHERS = {_DOWNLOADS, "content", "cookies"}
_TABLE = re.compile(r"Container_(\d{1,19})")
_PACKAGE = re.compile(r"[\\/]Packages[\\/]([^\\/]+)[\\/]", re.IGNORECASE)
_EDGE = "microsoft.microsoftedge_"


def _number(stored: Any) -> int:
    if not isinstance(stored, int):
        raise ValueError("the column holds no numbers")  # noqa: TRY004  told, not raised further
    return stored


def _text(stored: Any) -> str:
    if not isinstance(stored, str):
        raise ValueError("the column holds no text")  # noqa: TRY004
    return stored


def _instant(stored: Any) -> datetime | None:
    """A FILETIME in a column of signed numbers."""
    return wininet.instant(_number(stored) & 0xFFFFFFFFFFFFFFFF)


_OF_CONTAINERS = {
    "number": Field(name="ContainerId", convert=_number),
    "name": Field(name="Name", convert=_text),
    "folder": Field(name="Directory", convert=_text),
}
_ENTRY = {
    "entry": Field(name="EntryId", convert=_number),
    "url": Field(name="Url", convert=_text),
    "data": Field(name="ResponseHeaders"),
}
# By the columns the values become.
_OF_VISITS = {
    **_ENTRY,
    "visit_count": Field(name="AccessCount", convert=_number),
    "visited_at": Field(name="AccessedTime", convert=_instant),
    "visited_local": Field(name="ModifiedTime", convert=_instant),
}
_OF_DOWNLOADS = {**_ENTRY, "started_at": Field(name="AccessedTime", convert=_instant)}
_OF_CACHE = {
    **_ENTRY,
    "cache_file_name": Field(name="Filename", convert=_text),
    "cached_bytes": Field(name="FileSize", convert=_number),
    "hit_count": Field(name="AccessCount", convert=_number),
    "cache_created_at": Field(name="CreationTime", convert=_instant),
    "cache_accessed_at": Field(name="AccessedTime", convert=_instant),
    "content_modified_at": Field(name="ModifiedTime", convert=_instant),
    "cache_expires_at": Field(name="ExpiryTime", convert=_instant),
    "cache_checked_at": Field(name="SyncTime", convert=_instant),
}


@parser(
    version=1,
    wants=(Want("**/WebCacheV*.dat", signature=SIGNATURE, offset=SIGNATURE_OFFSET, is_shared=True),),
    tables=(VISIT, DOWNLOAD, CACHE),
)
def web_cache(artefact: Artefact) -> Yields:
    """One row for each entry of the containers of history, downloads, content and cookies, container by container."""
    with open_database(artefact) as database:
        if database.is_open and not database.has(_CONTAINERS):
            message = f"the database has no table {_CONTAINERS}: what its other tables hold is not known"
            database.tell(ProblemKind.DAMAGED, _CONTAINERS, message)
        yield from database.problems()
        if not database.is_open or not database.has(_CONTAINERS):
            return
        containers = {
            one.values["number"]: one
            for one in database.records(_CONTAINERS, _OF_CONTAINERS, key="number")
            if one.values.get("number") is not None
        }
        yield from database.problems()
        for container in containers.values():
            yield from _container(database, container, profile_name(artefact.path))
            yield from database.problems()
        for table in database.names:
            number = _TABLE.fullmatch(table)
            if number is not None and int(number[1]) not in containers:
                message = f"no row of {_CONTAINERS} says what it is of; it is not read"
                database.tell(ProblemKind.AMBIGUOUS, table, message)
        yield from database.problems()


def _container(database: Database, container: Record, profile: str | None) -> Yields:
    name = str(container.values.get("name") or "").casefold()
    is_history = name == _HISTORY or name.startswith(_PERIODIC)
    if not (is_history or name in _OTHERS):
        return
    table = f"Container_{container.values['number']}"
    if not database.has(table):
        # esedb-kb: seen in databases that are whole, too.
        message = f"the database has no table {table}, which the container {name} is kept in"
        database.tell(ProblemKind.AMBIGUOUS, container.locator, message)
        return
    folder = container.values.get("folder")
    common = {"browser": _browser(folder), "profile_name": profile}
    fields = _OF_VISITS if is_history else _OF_DOWNLOADS if name == _DOWNLOADS else _OF_CACHE
    for record in database.records(table, fields, key="entry"):
        one = record
        if not isinstance(one.values.get("url"), str):
            one = replace(record, status=Status.PARTIAL, values={**record.values, "url": None})
            database.tell(ProblemKind.DAMAGED, record.locator, "the entry has no address", "url")
        if is_history:
            yield _visit(one, name, common)
        elif name == _DOWNLOADS:
            yield _download(database, one, common)
        else:
            yield _cached(one, {**common, "cache_store": name, "cache_folder": folder})
        yield from database.problems()


def _browser(folder: Any) -> str:
    """Whose container it is: a package of the Store has its own folders, all other programs share those of Internet Explorer."""
    package = _PACKAGE.search(folder) if isinstance(folder, str) else None
    if package is None:
        return "internet_explorer"
    return "edge_legacy" if package[1].casefold().startswith(_EDGE) else package[1]


def _visit(record: Record, name: str, common: Mapping[str, Any]) -> Row:
    """The access is the visit but in weekly containers; what was modified is local time in both periodic ones."""
    own = record.values
    said = wininet.location(own["url"] or "")
    store = said.store if said.is_visit else _HISTORY if name == _HISTORY else "periodic"
    at, clock = own.get("visited_at"), own.get("visited_local")
    return VISIT.row(
        record.locator,
        record.status,
        **common,
        account=said.account,
        history_store=store,
        visited_at=at if store in (_HISTORY, "daily") else None,
        visited_local=None if clock is None or store == _HISTORY else clock.replace(tzinfo=None),
        url=said.url or None,
        opened_path=opened_path(said.url),
        page_title=wininet.page_title(_data(own)),
        visit_count=own.get("visit_count"),
    )


def _download(database: Database, record: Record, common: Mapping[str, Any]) -> Row:
    found: dict[str, Any] = {}
    status = record.status
    try:
        found = wininet.download(_data(record.values))
    except ValueError as error:
        status = Status.PARTIAL
        database.tell(ProblemKind.DAMAGED, record.locator, str(error), "url")
    if found.get("started_at") is None:
        found["started_at"] = record.values.get("started_at")
    return DOWNLOAD.row(record.locator, status, **common, **found)


def _cached(record: Record, common: Mapping[str, Any]) -> Row:
    own = dict(record.values)
    del own["url"]
    own.pop("entry", None)
    data = _data({"data": own.pop("data", None)})
    said = wininet.location(record.values["url"] or "")
    values = {**common, **own, "cache_record": "url", "account": said.account, "url": said.url or None}
    if data.startswith(b"HTTP"):
        values["response_headers"] = data.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    return CACHE.row(record.locator, record.status, **values)


def _data(values: Mapping[str, Any]) -> bytes:
    found = values.get("data")
    return found if isinstance(found, bytes) else b""
