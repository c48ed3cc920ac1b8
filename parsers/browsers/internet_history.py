r"""History, cache and downloads of Internet Explorer up to version 9 (index.dat), which Explorer and others write too.

Shows: that an address was visited under an account, the last time and how often (history), or within a day or week
(daily, weekly), each a record of its own for the same visit; files from which address were downloaded to where, and
begun when (version 9); which content and cookies were kept of which address. An address of a file (`file:///E:/...`)
was opened by this account, in the browser or not: Explorer and programs that use its parts write here as well.
Does not show: each visit, for an address has one record in each history with the last time; who sat there, nor
that a page was looked at. What is in the cache was fetched, often without being asked for. Records that were
deleted and can still be read have the status recovered; what took their place may have gone into them.
Times are UTC but for those of the weekly and daily histories (`visited_local`), which the clock of the machine told
in its zone; the weekly one keeps no other. Texts that are not ASCII name no code page: UTF-8 where they are that,
else what `parsers.formats.ansi` decides.
Not read: groups and the hash table's order; mm256.dat and mm1024.dat of version 3; the files the content is kept in.
WebCacheV01.dat of versions 10 and later is another format.

References:
    - J. Metz, "MSIE Cache File (index.dat) format" (libmsiecf), cited as [MSIECF]
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from typing import Any

import pymsiecf

from parsers.contract import Artefact, Problem, ProblemKind, Status, Want, Yields, parser
from parsers.formats import wininet
from parsers.formats.ansi import code_page
from parsers.formats.browser import CACHE, DOWNLOAD, VISIT, opened_path
from parsers.formats.profile import profile_name

SIGNATURE = b"Client UrlCache MMF Ver "
_UNREADABLE = (OSError, ValueError, RuntimeError, MemoryError)  # what libmsiecf raises for bad bytes
_MOST_BYTES = 256 << 20  # the cache of a user rarely has more than 32 MiB
# [MSIECF] File header: size at 28, first hash table at 32, number of cache directories at 72; blocks begin at 0x4000.
_SIZE, _HASH_TABLE, _DIRECTORIES, _BLOCKS, _BLOCK_BYTES = 28, 32, 72, 0x4000, 128
# [MSIECF] URL record: where the offset of its address stands in versions 4.7 and 5.2; a redirect begins with it at 16.
_LOCATION = {"4.7": 56, "5.2": 52}
_REDIRECT_LOCATION = 16
_NO_FOLDER = 0xF0  # indices above name no folder but a special kind


@parser(
    version=1,
    wants=(
        Want("**/*.IE5/**/index.dat", signature=SIGNATURE),
        Want("**/Cookies/**/index.dat", signature=SIGNATURE),
        Want("**/IEDownloadHistory/index.dat", signature=SIGNATURE),
        # Office keeps a list of another format under this name.
        Want("**/index.dat", signature=SIGNATURE, is_strict=False),
    ),
    tables=(VISIT, DOWNLOAD, CACHE),
)
def internet_history(artefact: Artefact) -> Yields:
    """One row for each record as the library finds them, then one for each deleted record that can be read."""
    problems: list[Problem] = []
    content = _content(artefact, problems)
    file = None if content is None else _opened(content, problems)
    yield from problems
    if content is None or file is None:
        return
    common = {"browser": "internet_explorer", "profile_name": profile_name(artefact.path)}
    is_partial = bool(problems)
    try:
        version = str(file.format_version)
        folders = _folders(file)
        for status, count, get in (
            (Status.PARTIAL if is_partial else Status.OK, file.number_of_items, file.get_item),
            (Status.RECOVERED, file.number_of_recovered_items, file.get_recovered_item),
        ):
            for number in range(count):
                yield from _item(_Item(get, number, status, content, version), folders, common)
    finally:
        file.close()


def _content(artefact: Artefact, problems: list[Problem]) -> bytearray | None:
    """The bytes of the file, with a size in its header that they have; None where it is no cache file."""
    head = artefact.head(32)
    if not head.startswith(SIGNATURE):
        what = "the file is empty" if not head else f"no cache file: it begins with {head[:16]!r}"
        problems.append(Problem(kind=ProblemKind.UNRECOGNISED, locator="0", message=what))
        return None
    if artefact.size > _MOST_BYTES:
        message = f"{artefact.size} bytes, more than the {_MOST_BYTES} that are read"
        problems.append(Problem(kind=ProblemKind.LIMIT, locator="0", message=message))
        return None
    with artefact.open() as stream:
        content = bytearray(stream.read())
    (stated,) = struct.unpack_from("<I", content.ljust(_SIZE + 4, b"\0"), _SIZE)
    if stated != len(content):
        kind = ProblemKind.TRUNCATED if stated > len(content) else ProblemKind.DAMAGED
        message = f"the header states {stated} bytes, the file has {len(content)}"
        problems.append(Problem(kind=kind, locator=str(_SIZE), message=message))
        # libmsiecf refuses a file that ends before the size stated; blocks of zeros hold no record.
        least = max(len(content), _BLOCKS, stated if stated <= _MOST_BYTES else 0)
        content.extend(bytes(-(-least // _BLOCK_BYTES) * _BLOCK_BYTES - len(content)))
        struct.pack_into("<I", content, _SIZE, len(content))
    return content


def _opened(content: bytearray, problems: list[Problem]) -> Any:
    """The file opened by libmsiecf; where it refuses the header, without what the header leads to."""
    attempts = ((), (_HASH_TABLE,), (_HASH_TABLE, _DIRECTORIES))
    for left_out in attempts:
        given = bytearray(content)
        for place in left_out:
            struct.pack_into("<I", given, place, 0)
        file = pymsiecf.file()
        try:
            file.set_ascii_codepage("cp1252")
            file.open_file_object(io.BytesIO(bytes(given)))
        except _UNREADABLE as error:
            if not left_out:
                message = f"the file cannot be opened as it stands: {_reason(error)}"
                problems.append(Problem(kind=ProblemKind.DAMAGED, locator="0", message=message))
        else:
            return file
    return None


def _folders(file: Any) -> list[str]:
    """Names of the folders the cache keeps files in, by number."""
    try:
        names = [file.get_cache_directory(number) for number in range(file.number_of_cache_directories)]
        return [
            one.decode("ascii", "backslashreplace") if isinstance(one, bytes) else str(one) for one in names
        ]
    except _UNREADABLE:
        return []


class _Item:
    """A record as libmsiecf gives it: values that cannot be read are None and problems of their column."""

    def __init__(
        self, get: Callable[[int], Any], number: int, status: Status, content: bytearray, version: str
    ) -> None:
        self.problems: list[Problem] = []
        self._status, self._content, self.version = status, content, version
        self.locator = f"record {number}"
        self.item = self.value("", lambda: get(number))
        self.offset = None if self.item is None else self.value("", lambda: int(self.item.offset))
        if self.offset is not None:
            self.locator = str(self.offset)

    @property
    def status(self) -> Status:
        """How the record was read."""
        return Status.PARTIAL if self._status is Status.OK and self.problems else self._status

    def value(self, column: str, read: Callable[[], Any]) -> Any:
        """What `read` gives; None and a problem where it raises."""
        try:
            return read()
        except _UNREADABLE as error:
            self.tell(column, _reason(error) if isinstance(error, OSError) else str(error)[:200])
            return None

    def tell(self, column: str, message: str) -> None:
        """Keep a problem of this record."""
        problem = Problem(
            kind=ProblemKind.DAMAGED, locator=self.locator, message=message, column=column or None
        )
        self.problems.append(problem)

    def location(self) -> str | None:
        """The address; one that is not ASCII is read from its bytes."""
        stored: str | None = self.value("url", lambda: self.item.location)
        if stored is None or stored.isascii() or self.offset is None:
            return stored
        place = _REDIRECT_LOCATION
        if isinstance(self.item, pymsiecf.url):
            at = self.offset + _LOCATION.get(self.version, _LOCATION["5.2"])
            place = int.from_bytes(self._content[at : at + 4], "little")
        begin = self.offset + place
        end = self._content.find(b"\0", begin)
        raw = bytes(self._content[begin : end if end >= 0 else len(self._content)])
        return _decoded(raw) if raw else stored

    def filetime(self, name: str, column: str) -> Any:
        """A time of the record kept as a FILETIME."""
        read = getattr(self.item, f"get_{name}_as_integer")
        return self.value(column, lambda: wininet.instant(read()))

    def fat_time(self, name: str, column: str) -> Any:
        """A time of the record kept as a FAT date and time, the expiry of version 4.7 as a FILETIME."""
        if name == "expiration_time" and self.version == "4.7":
            return self.filetime(name, column)
        read = getattr(self.item, f"get_{name}_as_integer")
        return self.value(column, lambda: wininet.fat_instant(read()))


def _item(one: _Item, folders: list[str], common: dict[str, Any]) -> Yields:
    if isinstance(one.item, pymsiecf.url):
        yield from _url(one, folders, common)
    elif isinstance(one.item, pymsiecf.redirected):
        values = {**common, "cache_store": "content", "cache_record": "redirect", "url": one.location()}
        yield CACHE.row(one.locator, one.status, **values)
    elif isinstance(one.item, pymsiecf.leak):
        values = {**common, "cache_store": "content", "cache_record": "leak", **_file(one, folders)}
        yield CACHE.row(one.locator, one.status, **values)
    yield from one.problems


def _url(one: _Item, folders: list[str], common: dict[str, Any]) -> Iterator[Any]:
    stored = one.location()
    if stored is None and not one.problems:
        one.tell("url", "the record has no address")
    said = wininet.location(stored or "")
    data = one.value("", lambda: one.item.data) or b""
    values = {**common, "account": said.account, "url": said.url or None}
    if said.is_visit:
        yield _visit(one, said, data, values)
    elif said.store == "downloads":
        yield _download(one, data, values)
    else:
        yield _cached(one, said, data, folders, values)


def _visit(one: _Item, said: wininet.Location, data: bytes, values: dict[str, Any]) -> Any:
    """[MSIECF] Use of the FILETIME values: the first is of the visit but in weekly histories, the second is local in both."""
    is_periodic = said.store != "history"
    if said.store in ("history", "daily"):
        values["visited_at"] = one.filetime("primary_time", "visited_at")
    if is_periodic:
        at = one.filetime("secondary_time", "visited_local")
        values["visited_local"] = None if at is None else at.replace(tzinfo=None)
    values |= {
        "history_store": said.store,
        "opened_path": opened_path(said.url),
        "page_title": wininet.page_title(data),
        "visit_count": one.value("visit_count", lambda: one.item.number_of_hits),
    }
    return VISIT.row(one.locator, one.status, **values)


def _download(one: _Item, data: bytes, values: dict[str, Any]) -> Any:
    found = one.value("url", lambda: wininet.download(data)) or {}
    # The address of the record is a GUID; that of the download stands in its data.
    values = {key: value for key, value in values.items() if key not in ("account", "url")}
    if found.get("started_at") is None:
        found["started_at"] = one.filetime("primary_time", "started_at")
    return DOWNLOAD.row(one.locator, one.status, **values, **found)


def _cached(
    one: _Item, said: wininet.Location, data: bytes, folders: list[str], values: dict[str, Any]
) -> Any:
    values |= {
        **_file(one, folders),
        "cache_store": said.store,
        "cache_record": "url",
        "hit_count": one.value("hit_count", lambda: one.item.number_of_hits),
        "cache_accessed_at": one.filetime("primary_time", "cache_accessed_at"),
        "content_modified_at": one.filetime("secondary_time", "content_modified_at"),
        "cache_expires_at": one.fat_time("expiration_time", "cache_expires_at"),
        "cache_checked_at": one.fat_time("last_checked_time", "cache_checked_at"),
    }
    if data.startswith(b"HTTP"):
        headers = _decoded(data.split(b"\0", 1)[0])
        values["response_headers"] = headers
        # WinINet adds a line with the account to what the server said.
        values["account"] = next((line[3:] for line in headers.splitlines() if line[:3] == "~U:"), None)
    return CACHE.row(one.locator, one.status, **values)


def _file(one: _Item, folders: list[str]) -> dict[str, Any]:
    """The file the content is kept in."""
    number = one.value("cache_folder", lambda: one.item.cache_directory_index & 0xFF)
    is_known = number is not None and number < min(len(folders), _NO_FOLDER)
    return {
        "cache_file_name": one.value("cache_file_name", lambda: one.item.filename) or None,
        "cached_bytes": one.value("cached_bytes", lambda: one.item.cached_file_size),
        "cache_folder": folders[number] if is_known else None,
    }


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode(code_page(raw, b""), "backslashreplace")


def _reason(error: BaseException) -> str:
    """What libmsiecf says: its message begins with what was wanted, the cause stands next."""
    parts = [one.partition(": ")[2] or one for one in str(error).split(". ")]
    return parts[min(1, len(parts) - 1)].strip().rstrip(".")[:200] or type(error).__name__
