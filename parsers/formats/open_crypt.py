"""Packages of OpenDocument that are encrypted: by which method, and opened with the passwords of the case.

Each part may be encrypted alone, or, since LibreOffice 24.2, the whole package as one part. What a password opens is written as
a package without encryption, which goes through the same parsers. A right password is known by what it gives: deflated bytes
that end where they should and have the size the manifest names.

References:
    - OASIS OpenDocument 1.3 part 2: 3.4 (encryption), 4.4 to 4.8 (its elements in the manifest)
    - W3C XML Encryption 1.1: 5.2 (AES in CBC and GCM; the vector stands before what is encrypted); RFC 8018 (PBKDF2), RFC 9106 (Argon2)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from parsers.contract import Artefact
from parsers.formats.package import Package
from parsers.formats.xml_stream import END, START, BadPart

MANIFEST = "META-INF/manifest.xml"
WHOLE = "encrypted-package"
_MOST_BYTES = 512 << 20
_MOST_PARTS = 5000
# Work an item may ask for: PBKDF2 does some millions of rounds a second, Argon2 some hundred MiB.
_MOST_ROUNDS = 150_000_000
_MOST_MEMORY_KIB, _MOST_PASSES, _MOST_LANES = 1 << 18, 20, 64
_KEY_BYTES = {"aes128": 16, "aes192": 24, "aes256": 32}


@dataclass(slots=True)
class _Entry:
    """A part as the manifest describes it, attributes by name without prefix."""

    path: str
    media_type: str
    size: int
    algorithm: dict[str, str]
    derivation: dict[str, str]
    start: dict[str, str]


class _Spent(Exception):
    """The rounds an item may ask for are used up."""


class _Rounds:
    """The work that is left for an item."""

    def __init__(self) -> None:
        self._left = _MOST_ROUNDS

    def take(self, count: int) -> None:
        """Use some of it.

        Raises:
            _Spent: there is not so much left.
        """
        self._left -= count
        if self._left < 0:
            raise _Spent


def encryption(parts: Package) -> str | None:
    """How the manifest says the content is encrypted; None where it does not."""
    if parts.is_encrypted:
        return "encryption of the zip"
    words: list[str] = ["whole package"] if WHOLE in parts.parts else []
    for entry in _entries(parts):
        names = entry.algorithm.get("algorithm-name", ""), entry.derivation.get("key-derivation-name", "")
        words += [_word(one) for one in names if one]
        break
    if words == ["whole package"]:
        words.append("method not named")
    return ", ".join(words) or None


def decrypted(artefact: Artefact) -> bytes | None:
    """The package without its encryption; None where it has none or no password of the case opens it."""
    try:
        with Package(artefact) as parts:
            entries = {one.path: one for one in _entries(parts) if one.path in parts.parts}
            first = entries.get(WHOLE) or entries.get("content.xml")
            if first is None or parts.is_encrypted:
                return None
            rounds = _Rounds()
            stored = _read(parts, first.path)
            for password in artefact.passwords:
                content = _opened(first, stored, password, rounds)
                if content is not None:
                    artefact.opened_by(password)
                    return content if first.path == WHOLE else _rewritten(parts, entries, password, rounds)
    except (BadPart, _Spent):
        pass  # told as locked, or as damaged where it is read
    return None


def _rewritten(parts: Package, entries: dict[str, _Entry], password: str, rounds: _Rounds) -> bytes:
    """The package with its parts decrypted; a part that this password does not open is left out.

    Raises:
        BadPart: a part cannot be read.
        _Spent: the parts ask for too much work.
    """
    out, left = io.BytesIO(), _MOST_BYTES
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in parts.parts:
            if name == MANIFEST or name.endswith("/"):
                continue
            content: bytes | None = _read(parts, name)
            if name in entries:
                content = _opened(entries[name], content or b"", password, rounds)
            left -= len(content or b"")
            if left < 0:
                break
            if content is not None:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                target.writestr(info, content)
        plain = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        target.writestr(zipfile.ZipInfo(MANIFEST), plain)
    return out.getvalue()


def _read(parts: Package, name: str) -> bytes:
    content = bytearray()
    for block in parts.blocks(name):
        content += block
    return bytes(content)


def _entries(parts: Package) -> Iterator[_Entry]:
    """Parts the manifest describes as encrypted; a manifest that is damaged or refused hides nothing: the rest is read as it is."""
    if MANIFEST not in parts.parts:
        return
    entry: _Entry | None = None
    count = 0
    try:
        for kind, name, given in parts.events(MANIFEST):
            if kind == START:
                own = {one.rpartition(":")[2]: value for one, value in given.items()}
                if name == "manifest:file-entry":
                    entry = _Entry(
                        own.get("full-path", ""),
                        own.get("media-type", ""),
                        _number(own.get("size")),
                        {},
                        {},
                        {},
                    )
                elif entry is not None and name == "manifest:algorithm":
                    entry.algorithm = own
                elif entry is not None and name == "manifest:key-derivation":
                    entry.derivation = own
                elif entry is not None and name == "manifest:start-key-generation":
                    entry.start = own
            elif kind == END and name == "manifest:file-entry" and entry is not None:
                count += 1
                if (entry.algorithm or entry.derivation) and count <= _MOST_PARTS:
                    yield entry
                entry = None
    except BadPart:
        return


def _opened(entry: _Entry, stored: bytes, password: str, rounds: _Rounds) -> bytes | None:
    """The part a password gives; None where it is the wrong one.

    Raises:
        _Spent: the keys ask for too much work.
    """
    try:
        plain = _plain(entry, stored, password, rounds)
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        # What follows the end of the deflated bytes is padding.
        content = inflate.decompress(plain, _MOST_BYTES)
    except (zlib.error, InvalidTag, UnsupportedAlgorithm, ValueError, binascii.Error, MemoryError):
        return None
    return content if inflate.eof and (entry.size in (0, len(content))) else None


def _plain(entry: _Entry, stored: bytes, password: str, rounds: _Rounds) -> bytes:
    """The deflated bytes of a part.

    Raises:
        ValueError: the manifest names a method that is not known, or none.
        InvalidTag: the key is not the right one.
        _Spent: the key asks for too much work.
    """
    method = _word(entry.algorithm.get("algorithm-name", "")).lower()
    vector = base64.b64decode(entry.algorithm.get("initialisation-vector", ""))
    if method.startswith("blowfish"):
        cipher = Cipher(Blowfish(_key(entry, password, 16, rounds)), CFB(vector))
        return cipher.decryptor().update(stored)
    size = _KEY_BYTES.get(method.partition("-")[0])
    if size is None:
        raise ValueError(f"an unknown cipher: {method[:40]}")
    key = _key(entry, password, size, rounds)
    if method.endswith("-gcm"):
        return AESGCM(key).decrypt(stored[:12], stored[12:], None)
    return Cipher(AES(key), CBC(vector)).decryptor().update(stored)


def _key(entry: _Entry, password: str, usual_bytes: int, rounds: _Rounds) -> bytes:
    """The key of a part.

    Raises:
        ValueError: the derivation is not known or asks for more than programs do.
        _Spent: it asks for too much work.
    """
    given = entry.derivation
    start_name = _word(entry.start.get("start-key-generation-name", "SHA1")).lower()
    hashed = hashlib.sha256 if start_name == "sha256" else hashlib.sha1
    start = hashed(password.encode("utf-8", "surrogatepass")).digest()
    salt = base64.b64decode(given.get("salt", ""))
    size = _number(given.get("key-size")) or usual_bytes
    name = _word(given.get("key-derivation-name", "")).lower()
    if name == "pbkdf2" and size <= 64:
        count = _number(given.get("iteration-count"))
        rounds.take(count)
        return hashlib.pbkdf2_hmac("sha1", start, salt, count, size)
    if name == "argon2id" and size <= 64:
        passes, memory, lanes = (
            _number(given.get(f"argon2-{one}")) for one in ("iterations", "memory", "lanes")
        )
        if memory > _MOST_MEMORY_KIB or passes > _MOST_PASSES or lanes > _MOST_LANES:
            raise ValueError("a derivation of the key that asks for more than programs do")
        rounds.take(passes * memory)
        return Argon2id(salt=salt, length=size, iterations=passes, lanes=lanes, memory_cost=memory).derive(
            start
        )
    raise ValueError(f"an unknown derivation of the key: {name[:40]}")


def _word(name: str) -> str:
    """The last word of a name, which may be an address."""
    return name.rpartition("#")[2].rpartition(":")[2][:40]


def _number(stored: str | None) -> int:
    return int(stored) if stored and stored.isascii() and stored.isdigit() and len(stored) < 12 else 0
