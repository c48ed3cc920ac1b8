"""Servers a client of SSH or FTP remembers: the columns of their tables, names written with percent signs.

References:
    - PuTTY, windows/storage.c and utils/escape_registry_key.c (bytes written as %XX)
    - WinSCP, core/HierarchicalStorage.cpp (the same, and UTF-8 with its mark in front where a text is not ASCII)
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

from parsers.contract import Column, boolean, integer, text
from parsers.formats import codecs

SITE_COLUMNS = (
    Column("client_program", text, "Program that remembers the server: PuTTY, WinSCP or FileZilla."),
    Column("session_name", text, "Name the server is kept under.", is_personal=True),
    Column("remote_host", text, "Host, as stored."),
    Column("remote_port", integer, "Port of the host; null where the stored one is that of the protocol."),
    Column("protocol", text, "Protocol, as stored or, where it is stored as a number, by its name."),
    Column("logon_name", text, "Name used to log on at the host.", is_personal=True),
    Column("remote_directory", text, "Folder on the server, as stored.", is_personal=True),
    Column("local_directory", text, "Folder on this side, as stored.", is_personal=True),
    Column("key_file_path", text, "File of the key used to log on, as stored.", is_personal=True),
    Column(
        "has_stored_password",
        boolean,
        "Whether a password is stored with it; the password itself is not read.",
    ),
)
TRACE_COLUMNS = (
    Column("host_key_type", text, "Kind of the host's key, as stored."),
    Column("host_fingerprint", text, "Fingerprint of the host's key, as stored."),
    Column(
        "typed_list", text, "List a typed folder is of, as WinSCP names it: LocalTarget, RemoteTarget, ..."
    ),
    Column("typed_text", text, "Folder that was typed.", is_personal=True),
)
SITE_KIND = Column("site_kind", text, "What the row is of: session, host_key, fingerprint or typed.")
# Lists of WinSCP that hold folders; those of commands may hold secrets and are not read.
FOLDER_LISTS = frozenset(("localtarget", "remotetarget", "localdirectory", "remotedirectory"))
# WinSCP, core/SessionData.h: TFSProtocol.
WINSCP_PROTOCOLS = {0: "SCP", 1: "SFTP", 2: "SFTP", 5: "FTP", 6: "WebDAV", 7: "S3"}
# Values of WinSCP that hold a secret. Whether they are there is told, what they hold never.
WINSCP_SECRETS = frozenset(
    (
        "password",
        "passwordplain",
        "tunnelpassword",
        "tunnelpasswordplain",
        "proxypasswordenc",
        "proxypassword",
    )
    + ("passphrase", "passphraseplain", "newpassword", "encryptkey", "encryptkeyplain")
)


def unescaped(stored: str) -> str:
    """A name or text without its percent signs."""
    if "%" not in stored:
        return stored
    content = unquote_to_bytes(stored.encode("utf-8", "surrogatepass"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # PuTTY writes the bytes of the machine's own encoding.
        return content.decode(codecs.decide(content), "backslashreplace")


def host_key(name: str) -> dict[str, Any]:
    """Kind of key, port and host of the name of a host key: `ssh-ed25519@22:host`; nothing of another name."""
    kind, mark, rest = name.partition("@")
    number, colon, host = rest.partition(":")
    port = as_port(number)
    if not mark or not colon or not host or port is None:
        return {}
    return {"host_key_type": kind, "remote_port": port, "remote_host": host}


def fingerprint_site(name: str) -> dict[str, Any]:
    """Host, port and kind of the name of a fingerprint: `host:22:ssh`; the host alone where there is no more."""
    parts = name.rsplit(":", 2)
    port = as_port(parts[1]) if len(parts) == 3 else None
    if port is None:
        return {"remote_host": name or None}
    return {"remote_host": parts[0] or None, "remote_port": port, "host_key_type": parts[2] or None}


def as_port(stored: str) -> int | None:
    """A port, None for what is none."""
    if stored.isascii() and stored.isdigit() and len(stored) < 6:
        return int(stored) if int(stored) < 1 << 16 else None
    return None
