"""Passwords of a case: named in case.toml by environment variable, never written, logged or told.

What rests on them is identified by a seal: scrypt (RFC 7914) over the password with the number of the case as salt, so that
a step is done again when a password changes and nobody reads the password out of the custody log.
"""

from __future__ import annotations

import hashlib
import os

from pipeline.case import TOML_NAME, Case
from pipeline.errors import CaseError

_COST, _BLOCK, _PARALLEL = 1 << 14, 8, 1
_SEAL_BYTES = 16


def passwords(case: Case) -> tuple[str, ...]:
    """The passwords of the case in the order case.toml names them.

    Raises:
        CaseError: a variable it names is not set.
    """
    found = []
    for reference in case.incident.passwords:
        name = reference.removeprefix("env:")
        word = os.environ.get(name)
        if not word:
            raise CaseError(
                f"{case.root / TOML_NAME}: [incident] passwords names {reference}, which is not set: "
                f"set the variable {name} to the password, or take the reference out"
            )
        found.append(word)
    return tuple(found)


def seals(case: Case) -> list[str]:
    """A seal of each password, in the same order.

    Raises:
        CaseError: a variable case.toml names is not set.
    """
    return [seal(case, one) for one in passwords(case)]


def seal(case: Case, word: str) -> str:
    """The seal of one password: of one given, or of a word of the evidence that opened a file."""
    salt = case.number.encode("utf-8")
    return hashlib.scrypt(
        word.encode("utf-8"), salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_SEAL_BYTES
    ).hex()
