"""Real shell items: every node of every BagMRU tree, every item as libfwsi reads it, FAT times against FILETIMEs."""

from __future__ import annotations

import json
import struct
from datetime import UTC, datetime
from pathlib import Path

import pylnk
import pytest

from parsers.formats.regf import open_hive
from parsers.formats.shellitem import read_id_list
from parsers.windows.dialog_mru import dialog_mru
from parsers.windows.lnk import lnk
from parsers.windows.shellbags import shellbags
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus
from tests.corpus.test_registry import HIVES, given
from tests.test_shellitem import agrees

pytestmark = [needs_corpus, pytest.mark.corpus]

REGIPY = "regipy/regipy_tests/data"
FILE = CORPUS / "expected" / "windows_artifacts.json"
LINKS = sorted(json.loads(FILE.read_text(encoding="utf-8"))["lnk"]) if FILE.is_file() else []
TREES = [name for name, one in HIVES.items() if "shellbag_mru_keys" in one.get("ntuser", {})]


@pytest.mark.parametrize("name", TREES)
def test_every_key_of_every_tree_is_a_row(name: str, tmp_path: Path) -> None:
    found = run(shellbags, given(name, tmp_path))
    # The expected number counts the root of a tree too, which is the desktop and no row.
    said = HIVES[name]["ntuser"]["shellbag_mru_keys"]
    assert len(found.rows) == sum(said.values()) - len(said)
    assert all("<" not in str(one["shell_path"]) for one in found.table("windows_shellbags"))
    assert {str(one.kind) for one in found.problems} <= {"ambiguous"}


def test_a_known_tree_is_rebuilt(tmp_path: Path) -> None:
    logs = (f"{REGIPY}/UsrClass.dat.LOG1.xz", f"{REGIPY}/UsrClass.dat.LOG2.xz")
    found = run(shellbags, given(f"{REGIPY}/UsrClass.dat.xz", tmp_path, *logs))
    rows = {one["shell_path"]: one for one in found.table("windows_shellbags")}
    assert {
        r"D:\AKMonitor\logs\pic",
        r"User Folder\Dropbox",
        r"Control Panel\System and Security\System",
    } <= set(rows)
    stick = rows[r"D:\AKMonitor\logs"]
    # Not an NTFS volume: the sequence number of its folders is 0.
    assert (stick["sequence"], stick["item_created_at"]) == (0, datetime(2018, 3, 27, 9, 12, 36, tzinfo=UTC))


def test_choices_in_dialogs_of_windows_7_and_10(tmp_path: Path) -> None:
    ten = run(dialog_mru, given(f"{REGIPY}/NTUSER_BAGMRU.DAT.xz", tmp_path)).table("windows_dialog_mru")
    seven = run(dialog_mru, given("plaso/test_data/NTUSER-WIN7.DAT", tmp_path)).table("windows_dialog_mru")
    assert (len(ten), len(seven)) == (81, 37)
    newest = [one for one in ten if one["file_extension"] == "*" and one["mru_position"] == 0]
    assert [(one["opened_path"], str(one["last_interacted_at"])[:19]) for one in newest] == [
        (r"C:\Offline\proceccors\NTUSER_IR.reg", "2022-05-29 09:16:32")
    ]
    # Files of libraries keep the path in the file system and the extension.
    assert r"C:\Users\nfury\Documents\Leadership\htlhtl.pdf" in {one["opened_path"] for one in seven}
    assert all(one["opened_path"] and "<" not in one["opened_path"] for one in (*ten, *seven))
    assert {one["program_name"] for one in seven if one["dialog_list"] == "LastVisitedPidlMRU"} >= {
        "Skype.exe"
    }


def lists(name: str) -> bytes | None:
    link = pylnk.file()
    link.open(str(CORPUS / name))
    found: bytes | None = link.link_target_identifier_data
    return found


@pytest.mark.parametrize("name", LINKS)
def test_every_item_of_a_link_is_the_one_libfwsi_reads(name: str) -> None:
    content = lists(name)
    if content is None:
        return
    found = read_id_list(content)
    assert (found.fault, found.notes) == (None, ())
    assert all(item.name for item in found.items)
    agrees(content)
    assert run(lnk, artefact(CORPUS / name)).table("windows_lnk")[0]["id_list_path"] == found.path


def test_paths_of_links_on_drives_are_those_of_their_link_information() -> None:
    same = differing = 0
    for name in LINKS:
        (row,) = run(lnk, artefact(CORPUS / name)).table("windows_lnk")
        by_items, by_information = row.get("id_list_path"), row.get("local_path")
        if by_items and by_information and str(by_items)[1:3] == ":\\":
            same += by_items == by_information
            differing += by_items != by_information
    assert (same, differing) == (48, 0)


def test_fat_times_of_items_are_utc() -> None:
    """The last item's times against the header's FILETIMEs, which are UTC: the target may have changed, no zone lies between."""
    equal, odd = 0, []
    for name in LINKS:
        content, (row,) = lists(name), run(lnk, artefact(CORPUS / name)).table("windows_lnk")
        items = read_id_list(content).items if content else ()
        if not items or items[-1].kind not in ("file", "folder"):
            continue
        for ours, theirs in (
            (items[-1].created_at, row.get("target_created_at")),
            (items[-1].modified_at, row.get("target_modified_at")),
            (items[-1].accessed_at, row.get("target_accessed_at")),
        ):
            if ours is None or not isinstance(theirs, datetime):
                continue
            apart = abs((ours - theirs).total_seconds())
            equal += apart <= 2
            odd += [apart] if apart > 2 else []
    assert equal >= 170
    # A zone would show as a multiple of a quarter of an hour.
    assert len(odd) <= 6
    assert all(apart % 900 > 2 for apart in odd), odd


def test_every_item_of_the_trees_is_the_one_libfwsi_reads(tmp_path: Path) -> None:
    read = 0
    for name in TREES:
        with open_hive(given(name, tmp_path)) as hive:
            for key in hive.walk():
                if "BagMRU" not in key.path:
                    continue
                for value in hive.values(key):
                    if value.name.isdecimal():
                        (size,) = struct.unpack_from("<H", value.content)
                        assert size + 2 == len(value.content)
                        read += agrees(value.content)
    assert read > 110
