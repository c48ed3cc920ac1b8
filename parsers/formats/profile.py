"""Whose profile a path lies in: the folder name Windows gave a user, which is not always the account's name."""

from __future__ import annotations

import re

from parsers.contract import Column, text

PROFILE = Column(
    "profile_name",
    text,
    "Name of the profile folder the artefact lies in, which is not always the account's name.",
    is_personal=True,
)
# Windows Vista and later keep profiles under Users, before that under Documents and Settings; services have their own.
_PROFILE = re.compile(r"/(?:Users|Documents and Settings)/([^/]+)/", re.IGNORECASE)
_SERVICE = re.compile(r"/(?:ServiceProfiles/([^/]+)|System32/config/(systemprofile))/", re.IGNORECASE)


def profile_name(path: str) -> str | None:
    """Name of the profile folder an artefact's path lies in (`/Users/hanako/NTUSER.DAT` gives `hanako`); None outside one."""
    found = _PROFILE.search(path) or _SERVICE.search(path)
    return None if found is None else next(one for one in found.groups() if one)
