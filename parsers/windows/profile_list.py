r"""User profiles of the machine, in the SOFTWARE hive (ProfileList).

Shows: which account, by its security identifier, has which profile folder: domain accounts included, which the SAM hive does not
hold. Since Windows 10 (1809) also when the profile was last loaded and unloaded.
Does not show: logons. A profile is loaded by a session, and also by services and tasks that run under the account, and
stays loaded while anything uses it. The folder's name is mostly, not always, the name the account had when it was made.
Not read: preferences of policies, profile folders that have no key here.

References:
    - Microsoft, "User Profiles" and "ProfileList" (State, Sid, ProfileImagePath)
    - [MS-DTYP] 2.3.3 FILETIME, stored in two halves
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import Artefact, Column, Table, Yields, boolean, integer, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key
from parsers.formats.registry_values import first_problems, keys_at, split_instant

PROFILES = Table(
    "windows_profile_list",
    Column("account_sid", text, "Security identifier of the account."),
    Column("profile_path", text, "Folder of the profile, as stored.", is_personal=True),
    Column("profile_name", text, "Name of the profile's folder.", is_personal=True),
    Column("is_backup", boolean, "Whether the key is one Windows set aside (`.bak`)."),
    Column("profile_state_flags", integer, "State of the profile, as Windows numbers it."),
    Column("profile_guid", text, "Identifier of the profile."),
    Column("loaded_at", utc, "When the profile was last loaded from this machine."),
    Column("unloaded_at", utc, "When the profile was last unloaded."),
    Column("central_loaded_at", utc, "When the profile was last loaded from a server."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_KEY = r"Microsoft\Windows NT\CurrentVersion\ProfileList"
_SID = re.compile(r"(S-1(?:-\d+)+)(\.bak(?:-\d+)?)?", re.IGNORECASE)
_TIMES = {
    "loaded_at": "LocalProfileLoadTime",
    "unloaded_at": "LocalProfileUnloadTime",
    "central_loaded_at": "ProfileLoadTime",
}


@parser(
    version=1,
    wants=hive_wants("SOFTWARE"),
    tables=(PROFILES,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def profile_list(artefact: Artefact) -> Yields:
    """One row for each profile, in stored order."""
    with open_hive(artefact) as hive:
        found = keys_at(hive, _KEY)
        yield from first_problems(hive, artefact, found, "SOFTWARE")
        for profile in [one for key in found for one in hive.subkeys(key)]:
            columns = _columns(hive, profile)
            yield PROFILES.row(profile.path, hive.status(), is_replayed=hive.is_replayed, **columns)
            yield from hive.problems()
        if found:
            yield from hive.problems()


def _columns(hive: Hive, profile: Key) -> dict[str, Any]:
    """What the key of a profile says."""
    values = hive.named(profile)
    sid = _SID.fullmatch(profile.name)
    path = hive.as_text(values["ProfileImagePath"], "profile_path")
    return {
        "account_sid": profile.name if sid is None else sid[1].upper(),
        "profile_path": path,
        "profile_name": path and (path.rstrip("\\").rpartition("\\")[2] or None),
        "is_backup": sid is not None and sid[2] is not None,
        "profile_state_flags": hive.as_number(values["State"], "profile_state_flags"),
        "profile_guid": hive.as_text(values["Guid"], "profile_guid"),
        "key_written_at": profile.written_at,
        **{
            column: split_instant(hive, values[f"{name}High"], values[f"{name}Low"], column)
            for column, name in _TIMES.items()
        },
    }
