"""Deleted keys and values of real hives: what yarp's own tests expect of its hives, and no key in use told as deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from parsers.contract import ProblemKind
from parsers.formats.regf import open_hive
from parsers.windows.registry_deleted import registry_deleted
from tests.artefacts import Yielded, run
from tests.corpus import needs_corpus
from tests.corpus.test_registry import REGIPY, YARP, given

pytestmark = [needs_corpus, pytest.mark.corpus]

PLASO = "plaso/test_data"
# Hives and their logs; how many keys, values and devices stand in them, as they were when samples of each were looked at.
REAL = {
    (f"{REGIPY}/SYSTEM.xz",): (0, 0, 0),
    (f"{REGIPY}/SYSTEM_WIN_10_1709.xz",): (1768, 3032, 0),
    (f"{REGIPY}/NTUSER.DAT.xz",): (103, 415, 0),
    (f"{REGIPY}/NTUSER_BAGMRU.DAT.xz",): (9, 28, 0),
    (f"{REGIPY}/UsrClass.dat.xz", f"{REGIPY}/UsrClass.dat.LOG1.xz", f"{REGIPY}/UsrClass.dat.LOG2.xz"): None,
    (f"{REGIPY}/SAM.xz",): (3, 4, 0),
    (f"{REGIPY}/SECURITY.xz",): (0, 1, 0),
    (f"{REGIPY}/amcache.hve.xz",): (0, 1, 0),
    (f"{REGIPY}/transactions_NTUSER.DAT.xz", f"{REGIPY}/transactions_ntuser.dat.log1.xz"): None,
    (f"{PLASO}/NTUSER-WIN7.DAT",): (82, 457, 0),
    (f"{PLASO}/NTUSER.DAT",): (0, 0, 0),
    (f"{PLASO}/regf/SAM",): (0, 3, 0),
}


def found_in(folder: Path, *names: str) -> Yielded:
    return run(registry_deleted, given(*names[:1], folder, *names[1:]))


def keys(found: Yielded) -> list[str]:
    return sorted(str(one["key_path"]) for one in found.table("windows_registry_deleted_key"))


def test_a_deleted_key_and_two_values_are_those_yarp_expects(tmp_path: Path) -> None:
    found = found_in(tmp_path, f"{YARP}/DeletedDataHive")
    assert keys(found) == [r"\456"]
    told = [
        (one["key_path"], one["value_name"], one["value_type"], one["value_text"], one["is_key_deleted"])
        for one in found.table("windows_registry_deleted_value")
    ]
    assert told == [(r"\123", "v2", "REG_SZ", "456", False), (r"\456", "v", "REG_SZ", "123456", True)]
    assert found.problems == []


def test_a_deleted_tree_has_the_paths_yarp_expects(tmp_path: Path) -> None:
    found = found_in(tmp_path, f"{YARP}/DeletedTreeHive")
    assert keys(found) == [r"\1\2\3", r"\1\2\3\4", r"\1\2\3\4\5", r"\1\2\3\4\New Key #1"]
    rows = found.table("windows_registry_deleted_key")
    assert all(one["is_path_whole"] and one["is_path_in_order"] for one in rows)
    assert found.table("windows_registry_deleted_value") == []


@pytest.mark.parametrize("names", REAL, ids=lambda names: Path(names[0]).name)
def test_no_key_in_use_is_told_as_deleted(names: tuple[str, ...], tmp_path: Path) -> None:
    artefact = given(*names[:1], tmp_path, *names[1:])
    found = run(registry_deleted, artefact)
    with open_hive(artefact) as hive:
        live = {f"{key.cell.offset - 4:#x}": key for key in hive.walk()}
        paths = {key.path.casefold() for key in live.values()}
        values = {
            (key.path.casefold(), one.name.casefold()): one
            for key in live.values()
            for one in hive.values(key)
        }
    for table, locator, status, row in found.rows:
        assert status == "recovered"
        assert locator not in live
        if row.get("is_path_whole") and table == "windows_registry_deleted_key":
            assert row["is_there_again"] is (str(row["key_path"]).casefold() in paths)
        if row.get("is_path_whole") and table == "windows_registry_deleted_value":
            at = (str(row["key_path"]).casefold(), str(row["value_name"]).casefold())
            assert row["is_there_again"] is (at in values)
    assert {one.kind for one in found.problems} <= {ProblemKind.AMBIGUOUS}
    counted = tuple(len(found.table(f"windows_registry_deleted_{one}")) for one in ("key", "value", "device"))
    assert REAL[names] in (None, counted)
