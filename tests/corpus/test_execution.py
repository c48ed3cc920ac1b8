"""Programs in real SYSTEM hives and a real Amcache.hve: every entry as regipy reads it, counts as expected."""

from __future__ import annotations

import json
import lzma
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from regipy.plugins.amcache.amcache import AmCachePlugin
from regipy.plugins.system.bam import BAMPlugin
from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries
from regipy.registry import RegistryHive

from parsers.contract import ProblemKind
from parsers.windows.amcache import amcache
from parsers.windows.bam import bam
from parsers.windows.services import services
from parsers.windows.shim_cache import shim_cache
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

DATA = CORPUS / "regipy" / "regipy_tests" / "data"
EXPECTED = CORPUS / "expected" / "registry.json"
SYSTEMS = ("SYSTEM", "SYSTEM_WIN_10_1709")
# regipy rounds the times, which here are cut to microseconds.
ROUNDED = timedelta(microseconds=1)
FLAGS = {True: "True", False: "False", None: None}


@pytest.fixture(scope="module", params=SYSTEMS)
def hive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("hive") / "SYSTEM"
    file.write_bytes(lzma.decompress((DATA / f"{request.param}.xz").read_bytes()))
    return file


def test_the_shim_cache_is_the_one_regipy_reads(hive: Path) -> None:
    other = RegistryHive(str(hive))
    rows = run(shim_cache, artefact(hive)).table("windows_shim_cache")
    count = 0
    for path in other.get_control_sets(r"Control\Session Manager"):
        value = other.get_key(path).get_subkey("AppCompatCache").get_value("AppCompatCache")
        theirs = [
            (one["path"], one["last_mod_date"], one.get("exec_flag")) for one in get_shimcache_entries(value)
        ]
        own = [one for one in rows if one["control_set"] == path.split("\\")[1]]
        # regipy leaves out entries without a time: of applications of the Store.
        timed = [one for one in own if one["file_modified_at"] is not None]
        assert [
            (one["program_path"], FLAGS[one["has_run_flag"]])  # type: ignore[index]
            for one in timed
        ] == [(path, flag) for path, _, flag in theirs]
        assert all(
            abs(one["file_modified_at"] - at) <= ROUNDED  # type: ignore[operator]
            for one, (_, at, _) in zip(timed, theirs, strict=True)
        )
        assert all("package_name" in one for one in own if one["file_modified_at"] is None)
        assert [one["cache_place"] for one in own] == list(range(1, len(own) + 1))
        count += len(own)
    assert count in (660, 1024)


def test_bam_is_the_one_regipy_reads(hive: Path) -> None:
    plugin = BAMPlugin(RegistryHive(str(hive)), as_json=False)
    plugin.run()
    rows = run(bam, artefact(hive)).table("windows_bam")
    assert [(one["account_sid"], one["program_path"]) for one in rows] == [
        (one["sid"], one["executable"]) for one in plugin.entries
    ]
    assert all(
        abs(own["last_run_at"] - one["timestamp"]) <= ROUNDED  # type: ignore[operator]
        for own, one in zip(rows, plugin.entries, strict=True)
    )
    assert len(rows) in (0, 55)


def test_services_have_the_values_regipy_reads(hive: Path) -> None:
    other = RegistryHive(str(hive))
    rows = run(services, artefact(hive)).table("windows_services")
    ours = {(one["control_set"], one["service_name"]): one for one in rows}
    met = 0
    for path in other.get_control_sets("Services"):
        for key in other.get_key(path).iter_subkeys():
            row = ours.get((path.split("\\")[1], key.name))
            values = {one.name.casefold(): one.value for one in key.iter_values()}
            if row is None:
                assert not {"type", "start", "imagepath"} & set(values)
                continue
            met += 1
            assert (row["image_path"], row["runs_as"]) == (values.get("imagepath"), values.get("objectname"))
            assert (row["start_type"] is None) == ("start" not in values)
    assert met == len(rows) in (833, 682)


def test_amcache_has_the_files_programs_and_devices_expected(tmp_path: Path) -> None:
    file = tmp_path / "Amcache.hve"
    file.write_bytes(lzma.decompress((DATA / "amcache.hve.xz").read_bytes()))
    said = json.loads(EXPECTED.read_text(encoding="utf-8"))["hives"][
        "regipy/regipy_tests/data/amcache.hve.xz"
    ]
    found = run(amcache, artefact(file, "/Windows/AppCompat/Programs/Amcache.hve"))
    # The hive is dirty and has no logs with it.
    assert [one.kind for one in found.problems] == [ProblemKind.AMBIGUOUS]
    counts = Counter(str(values["inventory"]) for _, _, _, values in found.rows)
    devices = [one.get("enumerator") for one in found.table("windows_amcache_device")]
    assert counts.pop(r"Root\InventoryDriverBinary") == 311
    assert dict(counts) == {key: count for key, count in said["amcache"].items() if key != "usb_devices"}
    paths = [
        f"{one['enumerator']}/{one['device_class_id']}/{one['instance_id']}"
        for one in found.table("windows_amcache_device")
        if one.get("enumerator") == "usb"
    ]
    assert sorted(paths) == sorted(said["amcache"]["usb_devices"])
    assert devices.count("usb") == 12
    plugin = AmCachePlugin(RegistryHive(str(file)), as_json=False)
    plugin.run()
    theirs = {
        (one.get("lower_case_long_path") or one.get("full_path"), one["sha1"])
        for one in plugin.entries
        if one.get("sha1")
    }
    rows = found.table("windows_amcache_file")
    assert {(one["file_path"], one["stated_sha1"]) for one in rows if one["stated_sha1"]} == theirs
    # Every key below Root\\File is read as a file reference.
    assert all("file_reference" in one for one in rows if one["inventory"] == r"Root\File")
