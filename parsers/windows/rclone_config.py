r"""Places rclone is set up to reach (rclone.conf).

Shows: each remote with its name and kind, the host, address or other remote it leads to, and the name used to log on.
Does not show: that it was ever used, when, or what was copied; the log (if one was written) and traces of started programs may. The file may
come from another machine, and remotes can be given on the command line or in the environment instead.
Not read: passwords, tokens, keys (only that one is stored), options of transfer. A file that rclone encrypted holds nothing that can be read
without its password; that is told as locked.

References:
    - rclone documentation, "Configure" and the pages of its backends (type, host, user, endpoint, url, remote)
    - rclone, fs/config/crypt.go (RCLONE_ENCRYPT_V0)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Row,
    Table,
    Want,
    Yields,
    boolean,
    parser,
    text,
)
from parsers.formats import codecs
from parsers.formats.profile import PROFILE, profile_name
from parsers.formats.text_lines import TextLines
from parsers.questions import NETWORK

# Kinds that lead to a folder of the machine or to another remote and to no host of their own.
_INNER = ("alias", "cache", "chunker", "combine", "compress", "crypt", "hasher", "local", "memory", "union")
REMOTES = Table(
    "windows_rclone_config",
    Column("rclone_remote", text, "Name the remote is kept under.", is_personal=True),
    Column("remote_type", text, "Kind of the remote, as rclone names it: drive, s3, sftp, mega, crypt, ..."),
    Column("remote_host", text, "Host, as stored."),
    Column("remote_url", text, "Address the remote leads to, without a name or password in it."),
    Column("remote_service", text, "Host or address of the remote; its kind where neither is stored."),
    Column("wrapped_remote", text, "Other remote and folder it leads to, as stored.", is_personal=True),
    Column("logon_name", text, "Name used to log on at the host.", is_personal=True),
    Column("has_stored_secret", boolean, "Whether a password, token or key is stored; it is not read."),
    PROFILE,
    answers=NETWORK(
        where=f"remote_service is not null and remote_type not in {_INNER}",
        remote="remote_service",
        account="profile_name",
    ),
)

_MOST_REMOTES = 10_000
_HOSTS = ("host", "endpoint", "url")
_NAMES = ("user", "username", "account", "client_email")
# Whatever the backend calls it: an option of such a name holds a secret.
_SECRET = re.compile(
    r"pass|secret|token|key(?!_file)|credential|sas_url|cookie|bearer|auth_code|2fa|otp|private", re.ASCII
)
_IN_STRING = re.compile(r"(?:^| ):?[^,: ]+,(?:[^: ]*,)?\w*(?:pass|secret|token|key|auth)\w*=", re.ASCII)
_IN_ADDRESS = re.compile(r"^([a-z][a-z0-9+.-]*://)?[^/?#]*@", re.IGNORECASE)


def _is_config(head: bytes) -> bool:
    plain = head.replace(b"\0", b"")
    return codecs.is_text(head) and re.search(rb"^(?:\[|type\s*=|RCLONE_ENCRYPT_V)", plain, re.MULTILINE) is not None  # fmt: skip


@parser(
    version=1,
    wants=(
        Want("**/rclone/rclone.conf", sniff=codecs.is_text),
        Want("**/*rclone*.conf", sniff=_is_config, is_strict=False),
    ),
    tables=(REMOTES,),
)
def rclone_config(artefact: Artefact) -> Yields:
    """One row for each remote, in stored order; the locator is the line of its name."""
    lines = TextLines(artefact)
    profile = profile_name(artefact.path)
    for count, told in enumerate(_told(lines, profile), 1):
        if count > _MOST_REMOTES:
            message = f"more than {_MOST_REMOTES} remotes; the others are not read"
            yield Problem(kind=ProblemKind.LIMIT, locator=told.locator, message=message)
            break
        yield told
    yield from lines.problems()


def _told(lines: TextLines, profile: str | None) -> Iterator[Row | Problem]:
    remote: _Remote | None = None
    is_any = False
    for number, line in lines:
        said = line.strip("\0\r\ufeff ")
        if not said or said[0] in "#;":
            continue
        if not is_any and said.startswith("RCLONE_ENCRYPT_V"):
            message = "rclone encrypted the file: its remotes cannot be read without the password"
            yield Problem(kind=ProblemKind.LOCKED, locator=f"line:{number}", message=message)
            return
        if said.startswith("[") and said.endswith("]"):
            if remote is not None:
                yield remote.row(profile)
            is_any = True
            remote = _Remote(number, said[1:-1])
        elif remote is not None:
            name, mark, value = said.partition("=")
            if mark:
                remote.take(name.strip().casefold(), value.strip())
    if remote is not None:
        yield remote.row(profile)
    elif lines.last:
        message = f"no remote `[name]` in {lines.last} lines"
        yield Problem(kind=ProblemKind.UNRECOGNISED, locator="line:1", message=message)


class _Remote:
    """One remote; of a secret only that it is there is kept."""

    def __init__(self, number: int, name: str) -> None:
        self._number = number
        self._name = name
        self._values: dict[str, str] = {}
        self._has_secret = False

    def take(self, name: str, value: str) -> None:
        """Take one `name = value`; the first of a name stands."""
        if not value:
            return
        if _SECRET.search(name):
            self._has_secret = True
            return
        # The options of a connection string stand within the value.
        self._has_secret = self._has_secret or (
            name in ("remote", "upstreams") and _IN_STRING.search(value) is not None
        )
        if name in ("type", "remote", "upstreams", *_HOSTS, *_NAMES):
            self._values.setdefault(name, value)

    def row(self, profile: str | None) -> Row:
        """The row of the remote."""
        kind = self._values.get("type")
        stored = next((self._values[one] for one in _HOSTS if one in self._values), None)
        has_login = stored is not None and _IN_ADDRESS.match(stored) is not None
        address = None if stored is None else _bare(stored)
        is_url = address is not None and ("://" in address or "/" in address)
        values: dict[str, Any] = {
            "rclone_remote": self._name or None,
            "remote_type": kind,
            "remote_host": None if is_url else address,
            "remote_url": address if is_url else None,
            "remote_service": address or kind,
            "wrapped_remote": self._wrapped(),
            "logon_name": next((self._values[one] for one in _NAMES if one in self._values), None),
            "has_stored_secret": self._has_secret or has_login,
        }
        return REMOTES.row(f"line:{self._number}", profile_name=profile, **values)

    def _wrapped(self) -> str | None:
        """What it leads to: one remote, or several parted by blanks."""
        if one := self._values.get("remote"):
            return without_options(one)
        several = self._values.get("upstreams")
        return None if several is None else " ".join(map(without_options, several.split(" ")))


def _bare(address: str) -> str:
    """An address without name and password, and without what may hold a token behind it."""
    plain = _IN_ADDRESS.sub(r"\1", address)
    return re.split(r"[?#]", plain, maxsplit=1)[0]


def without_options(remote: str) -> str:
    """A remote and its folder; options of a connection string (`:sftp,host=h,pass=p:`) may hold secrets and are cut."""
    return re.sub(r"^(:?[^,:]+),.*", r"\1,...", remote)
