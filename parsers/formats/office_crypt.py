"""Documents of Office and OpenDocument that are protected by a password, opened with the passwords of the case.

References:
    - [MS-OFFCRYPTO] 2.3.4 (standard, agile), 2.3.5 (RC4, CryptoAPI), 2.3.7 (XOR)
"""

from __future__ import annotations

import functools
import io
import logging
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import msoffcrypto
from msoffcrypto import exceptions

from parsers.contract import Artefact, Problem, ProblemKind, Yields
from parsers.formats import open_crypt
from parsers.formats.compound import SIGNATURE, Compound
from parsers.formats.package import ZIP
from parsers.formats.xml_stream import BadPart

# A document is decrypted in memory.
_MOST_BYTES = 512 << 20
_KINDS = (ZIP, SIGNATURE)
# What a wrong password or damaged bytes lead the library to.
_FAILURES = (
    exceptions.FileFormatError, exceptions.ParseError, exceptions.DecryptionError, exceptions.EncryptionError, exceptions.InvalidKeyError,
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, OSError, RuntimeError, TypeError, ValueError, struct.error,
    ExpatError,
)  # fmt: skip

logging.getLogger("msoffcrypto").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class _Opened:
    content: bytes | None


def opened(artefact: Artefact) -> bytes | None:
    """The document without its protection; None where it has none or no password of the case opens it.

    Tried once for an artefact, whichever parsers ask.
    """
    found: _Opened = artefact.once("office without its password", lambda: _Opened(_decrypted(artefact)))
    return found.content


def unless_opened(parse: Callable[[Artefact], Yields]) -> Callable[[Artefact], Yields]:
    """A parser that does not tell a document as locked which a password of the case opens: it is read as a member."""

    @functools.wraps(parse)
    def told(artefact: Artefact) -> Yields:
        for one in parse(artefact):
            is_locked = isinstance(one, Problem) and one.kind is ProblemKind.LOCKED
            if not is_locked or opened(artefact) is None:
                yield one

    return told


def _decrypted(artefact: Artefact) -> bytes | None:
    if artefact.passwords and artefact.head(len(ZIP)) == ZIP and artefact.size <= _MOST_BYTES:
        return open_crypt.decrypted(artefact)
    is_compound = artefact.head(len(SIGNATURE)) == SIGNATURE
    if not artefact.passwords or not is_compound or artefact.size > _MOST_BYTES or _has_entities(artefact):
        return None
    for word in artefact.passwords:
        out = io.BytesIO()
        try:
            with artefact.open() as stream:
                document: Any = msoffcrypto.OfficeFile(stream)
                if not document.is_encrypted():
                    return None
                document.load_key(password=word)
                document.decrypt(out)
        except _FAILURES:
            continue
        if out.getvalue().startswith(_KINDS):
            artefact.opened_by(word)
            return out.getvalue()
    return None


def _has_entities(artefact: Artefact) -> bool:
    """Whether the XML that says how it is encrypted declares entities, which no program writes and the library would expand."""
    try:
        with Compound(artefact) as file:
            path = file.find("EncryptionInfo")
            return path is not None and b"<!" in file.read(path)
    except BadPart:
        return True
