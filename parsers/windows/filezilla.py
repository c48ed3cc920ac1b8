r"""Servers FileZilla remembers (sitemanager.xml, recentservers.xml, filezilla.xml).

Shows: servers that were saved, servers lately connected to by the bar of quick connections, and those of tabs left open, with host, port,
name to log on and folders.
Does not show: when a connection was made, how long, or what was sent; that a saved server was ever used. The list of recent servers holds
ten and can be cleared. The files may come from another machine: FileZilla exports and imports them.
Not read: passwords (only that one is stored), bookmarks, the queue (queue.sqlite3), trusted certificates, other settings.

An XML document with a document type is refused, so that no entity is ever expanded.

References:
    - FileZilla Client, src/commonui/xml_file.cpp, site.cpp (Server: Host, Port, Protocol, User, Pass, Logontype, Keyfile)
    - libfilezilla/FileZilla, serverpath.cpp, GetSafePath (type, length of the prefix, then each part behind its length)
    - FileZilla, server.h (ServerProtocol)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Status,
    Table,
    Want,
    Yields,
    parser,
    text,
)
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.remote_site import SITE_COLUMNS, as_port
from parsers.questions import NETWORK

SITES = Table(
    "windows_filezilla",
    Column("server_list", text, "List the server is of: saved, recent, tab or other."),
    *SITE_COLUMNS,
    Column("folder_names", text, "Folders of the list of saved servers the server lies in, parted by `/`."),
    Column("site_comment", text, "Note kept with the server.", is_personal=True),
    PROFILE,
    answers=NETWORK(where="remote_host is not null", remote="remote_host", account="profile_name"),
)

_PROTOCOLS = {0: "FTP", 1: "SFTP", 2: "HTTP", 3: "FTPS", 4: "FTPES", 5: "HTTPS", 6: "FTP", 7: "S3"}
_LISTS = {"Servers": "saved", "RecentServers": "recent", "Tab": "tab", "Tabs": "tab"}
_TEXTS = {
    "Host": "remote_host",
    "User": "logon_name",
    "Keyfile": "key_file_path",
    "LocalDir": "local_directory",
    "RemoteDir": "remote_directory",
    "LocalPath": "local_directory",
    "RemotePath": "remote_directory",
    "Comments": "site_comment",
    "Name": "session_name",
}
_MOST_SIGNS = 1 << 16
_MOST_ROWS = 20_000
_DEEPEST = 100
_BLOCK = 1 << 16
# expat, expat.h: what a document gives that ends too early.
_CUT = frozenset(
    expat.errors.codes[one]
    for one in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
)


class _RefusedError(Exception):
    """The document is not read on."""

    def __init__(self, kind: ProblemKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def _is_filezilla(head: bytes) -> bool:
    return b"<FileZilla3" in head or b"<FileZilla" in head.replace(b"\0", b"")


@parser(
    version=1,
    wants=(
        Want("**/FileZilla/sitemanager.xml", sniff=_is_filezilla),
        Want("**/FileZilla/recentservers.xml", sniff=_is_filezilla),
        Want("**/FileZilla/filezilla.xml", sniff=_is_filezilla),
        Want("**/*filezilla*.xml", sniff=_is_filezilla, is_strict=False),
    ),
    tables=(SITES,),
)
def filezilla(artefact: Artefact) -> Yields:
    """One row for each server, in stored order; the locator is the line its element begins on."""
    reader = _Reader(profile_name(artefact.path))
    with artefact.open() as stream:
        try:
            while block := stream.read(_BLOCK):
                reader.feed(block)
                yield from reader.given()
            reader.feed(b"", is_last=True)
        # An encoding Python does not know, or one of several bytes, is refused with the last two.
        except (expat.ExpatError, _RefusedError, LookupError, ValueError) as error:
            yield from reader.given()
            yield from reader.left(_problem(error, reader.line))
            return
    yield from reader.given()


def _problem(error: Exception, line: int) -> Problem:
    match error:
        case _RefusedError():
            return Problem(kind=error.kind, locator=f"line:{line}", message=str(error))
        case expat.ExpatError():
            kind = ProblemKind.TRUNCATED if error.code in _CUT else ProblemKind.DAMAGED
            message = f"the XML breaks off: {expat.ErrorString(error.code)}"
            return Problem(kind=kind, locator=f"line:{error.lineno}", message=message)
        case _:
            message = f"the encoding of the XML is not read: {error}"
            return Problem(kind=ProblemKind.UNSUPPORTED, locator=f"line:{line}", message=message)


class _Reader:
    """Collects servers while the document is read; no more than one element's text is held."""

    def __init__(self, profile: str | None) -> None:
        self._profile = profile
        self._told: list[Row | Problem] = []
        self._count = 0
        self._open: list[str] = []
        self._folders: list[str] = []
        self._server: dict[str, Any] | None = None
        self._server_depth = 0
        self._text = ""
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    @property
    def line(self) -> int:
        """The line reached."""
        return self._parser.CurrentLineNumber

    def feed(self, block: bytes, *, is_last: bool = False) -> None:
        """Read on."""
        self._parser.Parse(block, is_last)

    def given(self) -> Iterator[Row | Problem]:
        """Rows of the servers read since this was last asked, each with what of it could not be read."""
        told, self._told = self._told, []
        yield from told

    def left(self, problem: Problem) -> Yields:
        """What is known of the server the document breaks off in, and the problem."""
        if self._server is not None and "remote_host" in self._server:
            yield self._row(self._server, Status.PARTIAL)
        yield problem

    def _doctype(self, *_: Any) -> None:
        message = "the document has a document type, which FileZilla never writes; it is not read"
        raise _RefusedError(ProblemKind.UNSUPPORTED, message)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise _RefusedError(ProblemKind.LIMIT, f"elements lie more than {_DEEPEST} deep")
        # A folder's name is the text in front of what lies in it.
        if self._open and self._open[-1] == "Folder" and len(self._folders) < self._open.count("Folder"):
            self._folders.append(self._text.strip())
        self._open.append(name)
        if name in ("Server", "Tab") and self._server is None:
            self._server = {"at": self.line}
            self._server_depth = len(self._open)
        self._text = ""

    def _characters(self, given: str) -> None:
        self._text = (self._text + given)[:_MOST_SIGNS]

    def _end(self, name: str) -> None:
        depth = len(self._open)
        if self._server is not None:
            if depth == self._server_depth:
                server, self._server = self._server, None
                self._take_server(server)
            elif depth == self._server_depth + 1:
                self._take(self._server, name, self._text.strip())
        self._open.pop()
        if name == "Folder":
            del self._folders[self._open.count("Folder") :]
        self._text = ""

    def _take(self, server: dict[str, Any], name: str, value: str) -> None:
        if not value:
            return
        if name == "Pass":
            server["has_stored_password"] = True
        elif name == "Port":
            server.setdefault("remote_port", as_port(value))
            if as_port(value) is None:
                server["bad_port"] = value[:40]
        elif name == "Protocol":
            number = as_port(value)
            server.setdefault("protocol", value if number is None else _PROTOCOLS.get(number, value))
        elif name in ("RemoteDir", "RemotePath"):
            server.setdefault("remote_directory", _safe_path(value))
        elif name in _TEXTS:
            server.setdefault(_TEXTS[name], value)

    def _take_server(self, server: dict[str, Any]) -> None:
        # Older versions write the server's name behind its elements.
        if tail := self._text.strip():
            server.setdefault("session_name", tail)
        if "remote_host" not in server:
            return
        server.setdefault("has_stored_password", False)
        self._count += 1
        if self._count > _MOST_ROWS:
            raise _RefusedError(ProblemKind.LIMIT, f"more than {_MOST_ROWS} servers; the others are not read")
        bad_port, status = server.pop("bad_port", None), Status.OK
        if bad_port is not None:
            status = Status.PARTIAL
        self._told.append(self._row(server, status))
        if bad_port is not None:
            at, message = self._told[-1].locator, f"{bad_port!r} is no port"
            problem = Problem(kind=ProblemKind.DAMAGED, locator=at, message=message, column="remote_port")
            self._told.append(problem)

    def _row(self, server: dict[str, Any], status: Status) -> Row:
        values = {**server}
        at = values.pop("at")
        values.pop("bad_port", None)
        listed = next((_LISTS[one] for one in reversed(self._open) if one in _LISTS), "other")
        return SITES.row(
            f"line:{at}",
            status,
            client_program="FileZilla",
            server_list=listed,
            folder_names="/".join(self._folders) or None,
            profile_name=self._profile,
            **values,
        )


def _safe_path(stored: str) -> str:
    """A folder as FileZilla stores it (`1 0 4 home 5 user`); as it stands where it is of another system than Unix."""
    kind, _, rest = stored.partition(" ")
    prefix, _, rest = rest.partition(" ")
    if kind != "1" or prefix != "0":
        return stored
    # On Windows the lengths count units of UTF-16.
    left = rest.encode("utf-16-le", "surrogatepass")
    parts = []
    while left:
        length, mark, left = left.partition(" ".encode("utf-16-le"))
        size = as_port(length.decode("utf-16-le", "replace"))
        if not mark or not size or len(left) < 2 * size:
            return stored
        parts.append(left[: 2 * size].decode("utf-16-le", "replace"))
        left = left[2 * size + 2 :]
    return "/" + "/".join(parts)
