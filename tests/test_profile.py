"""Whose profile a path lies in."""

from __future__ import annotations

import pytest

from parsers.formats.profile import profile_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/Users/hanako/NTUSER.DAT", "hanako"),
        ("/Windows.old/Users/花子/AppData/Local/Microsoft/Windows/UsrClass.dat", "花子"),
        ("/Documents and Settings/taro/Recent/list.lnk", "taro"),
        ("/Windows/ServiceProfiles/LocalService/NTUSER.DAT", "LocalService"),
        ("/Windows/System32/config/systemprofile/NTUSER.DAT", "systemprofile"),
        ("/Windows/System32/config/SYSTEM", None),
        ("/Users/NTUSER.DAT", None),
        ("NTUSER.DAT", None),
    ],
)
def test_the_profile_is_the_folder_below_users(path: str, name: str | None) -> None:
    assert profile_name(path) == name
