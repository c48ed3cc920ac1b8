"""Real hives of users: programs the compatibility layer and Explorer know of, as regipy reads them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from regipy.exceptions import RegistryKeyNotFoundException
from regipy.registry import RegistryHive

from parsers.formats.filetime import instant
from parsers.formats.regf import open_hive
from parsers.windows.app_compat_layers import app_compat_layers
from parsers.windows.mui_cache import mui_cache
from tests.artefacts import run
from tests.corpus import needs_corpus
from tests.corpus.test_registry import REGIPY, content, given

pytestmark = [needs_corpus, pytest.mark.corpus]

FLAGS = r"\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags"
SHELL = r"\Software\Microsoft\Windows\Shell"
# Entries counted by hand: watched programs, then programs in Explorer's cache of names.
WATCHED = {
    "plaso/test_data/NTUSER-WIN7.DAT": 7,
    "plaso/test_data/NTUSER.DAT": 0,
    f"{REGIPY}/NTUSER.DAT.xz": 0,
    f"{REGIPY}/NTUSER_BAGMRU.DAT.xz": 80,
    f"{REGIPY}/transactions_NTUSER.DAT.xz": 4,
}


def names(name: str, folder: Path, *keys: str) -> list[str]:
    """Names of the values of keys, as a second reader gives them."""
    file = folder / "for-regipy"
    file.write_bytes(content(name))
    hive = RegistryHive(str(file))
    found: list[str] = []
    for key in keys:
        try:
            found += [one.name for one in hive.get_key(key).iter_values()]
        except RegistryKeyNotFoundException:
            continue
    return found


@pytest.mark.parametrize("name", sorted(WATCHED))
def test_watched_programs_are_those_a_second_reader_sees(name: str, tmp_path: Path) -> None:
    found = run(app_compat_layers, given(name, tmp_path))
    rows: list[dict[str, Any]] = [
        one for one in found.table("windows_app_compat_layers") if one["kind"] != "layers"
    ]
    assert len(rows) == WATCHED[name]
    place = rf"{FLAGS}\Compatibility Assistant"
    theirs = names(name, tmp_path, rf"{place}\Store", rf"{place}\Persisted")
    ours = [
        one["program_path"]
        if "media_sign" not in one
        else f"SIGN.MEDIA={one['media_sign']} {one['program_path']}"
        for one in rows
    ]
    assert ours == theirs


def test_the_date_in_the_store_is_that_of_windows_and_not_of_a_run(tmp_path: Path) -> None:
    # Why it is not given: programs of many months bear one date, before this Windows was installed.
    key_path = FLAGS.removeprefix("\\") + r"\Compatibility Assistant\Store"
    with open_hive(given(f"{REGIPY}/NTUSER_BAGMRU.DAT.xz", tmp_path)) as hive:
        key = hive.key(key_path)
        assert key is not None
        dates = [str(instant(int.from_bytes(one.content[44:52], "little"))) for one in hive.values(key)]
    assert dates == ["2019-12-07 09:08:44.784929+00:00"] * 80


@pytest.mark.parametrize(
    ("name", "place", "count"),
    [
        (f"{REGIPY}/UsrClass.dat.xz", rf"\Local Settings{SHELL}\MuiCache", 15),
        ("plaso/test_data/NTUSER.DAT", r"\Software\Microsoft\Windows\ShellNoRoam\MUICache", 4),
    ],
)
def test_programs_whose_names_were_looked_up(name: str, place: str, count: int, tmp_path: Path) -> None:
    found = run(mui_cache, given(name, tmp_path))
    rows: list[dict[str, Any]] = found.table("windows_mui_cache")
    theirs = {
        one.removesuffix(".FriendlyAppName").removesuffix(".ApplicationCompany")
        for one in names(name, tmp_path, place)
        if not one.startswith("@") and one != "LangID"
    }
    # The second reader does not decode signs beyond ASCII in compressed names (Niðurhal).
    assert {ascii_part(one["program_path"]) for one in rows} == {ascii_part(one) for one in theirs}
    assert len(rows) == count
    assert all(one["program_name"] for one in rows)


def ascii_part(path: str) -> str:
    return re.sub(r"[^ -~]", "?", path)
