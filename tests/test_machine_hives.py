"""What holds for every parser of machine hives: made fixtures, other hives, dirty hives, and a second reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from regipy.plugins.software.defender import WindowsDefenderPlugin
from regipy.plugins.system.shares import SharesPlugin
from regipy.registry import RegistryHive

from fixtures.builders import (
    machine_devices,
    machine_facts,
    machine_settings,
    machine_users,
    regf,
)
from fixtures.builders.machine_hives import AT, hive, tree
from parsers import all_parsers
from parsers.contract import Parser, ProblemKind
from parsers.formats.regf import open_hive
from tests.artefacts import artefact, from_bytes, run
from tests.golden_rows import FIXTURES

MADE = machine_devices.made() | machine_facts.made() | machine_users.made() | machine_settings.made()
NAMES = sorted({name.partition("/")[0] for name in MADE})


def parser_of(name: str) -> Parser:
    return next(one for one in all_parsers() if one.name == name.partition("/")[0])


@pytest.mark.parametrize("name", MADE)
def test_fixtures_are_what_their_builders_make(name: str) -> None:
    path, content, _ = MADE[name]
    assert (FIXTURES / "windows" / name / path.rpartition("/")[2]).read_bytes() == content


def test_joined_hives_hold_the_keys_and_values_of_both(tmp_path: Path) -> None:
    first = tree({r"A\B": (regf.dword("one", 1),), "C": ()})
    second = tree({r"a\b": (regf.dword("two", 2),), r"a\D": ()}, name="other")
    content = regf.build(regf.merged(first, second), file_name="SYSTEM")
    with open_hive(from_bytes(content, tmp_path, "SYSTEM")) as found:
        keys = {key.path: [one.name for one in found.values(key)] for key in found.walk()}
    assert list(keys.values()) == [[], [], ["one", "two"], [], []]
    assert [path.rpartition("\\")[2] for path in keys][1:] == ["A", "B", "D", "C"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", MADE)
def test_regipy_finds_the_same_keys_and_values(name: str, tmp_path: Path) -> None:
    path, content, _ = MADE[name]
    given = from_bytes(content, tmp_path, path.rpartition("/")[2])
    with open_hive(given) as ours:
        keys = {key.path: len(list(ours.values(key))) for key in ours.walk()}
        assert list(ours.problems()) == []
    theirs = RegistryHive(str(given.local()))
    assert {one.path: one.values_count for one in theirs.recurse_subkeys(fetch_values=False)} == {
        path or "\\": count for path, count in keys.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_hives_of_another_kind_are_passed_over(name: str, tmp_path: Path) -> None:
    parser = parser_of(name)
    key = {r"Elsewhere\Key": (regf.sz("x", "y"),)}
    whole = hive("OTHER.DAT", key)
    dirty = regf.restamped(whole, 2, 1)
    for content in (whole, dirty):
        found = run(parser, from_bytes(content, tmp_path, "OTHER.DAT"))
        assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize("name", MADE)
def test_a_dirty_hive_without_its_logs_gives_partial_rows(name: str, tmp_path: Path) -> None:
    path, content, _ = MADE[name]
    given = from_bytes(regf.restamped(content, 2, 1), tmp_path, path.rpartition("/")[2])
    found = run(parser_of(name), given)
    assert found.problems[0].kind is ProblemKind.AMBIGUOUS
    assert {status for _, _, status, _ in found.rows} == {"partial"}
    whole = run(parser_of(name), from_bytes(content, tmp_path, path.rpartition("/")[2]))
    assert [values for _, _, _, values in found.rows] == [values for _, _, _, values in whole.rows]


def test_a_log_is_replayed_before_networks_are_read(tmp_path: Path) -> None:
    guid = "{7A1B2C3D-9000-11F1-8001-0200000000A9}"

    def tree(name: str) -> regf.Key:
        values = (regf.sz("ProfileName", name),)
        key = regf.Key(name=guid, written_at=AT, values=values)
        for one in reversed((*machine_facts.NETWORKS.split("\\"), "Profiles")):
            key = regf.Key(name=one, written_at=AT, subkeys=(key,))
        return regf.Key(name="ROOT", written_at=AT, subkeys=(key,))

    dirty, log = regf.build_dirty(tree("前の名"), tree("後の名"), file_name="SOFTWARE")
    (tmp_path / "SOFTWARE").write_bytes(dirty)
    (tmp_path / "SOFTWARE.LOG1").write_bytes(log)
    found = run(parser_of("network_list"), artefact(tmp_path / "SOFTWARE", LOG1=tmp_path / "SOFTWARE.LOG1"))
    (row,) = found.table("windows_network_list")
    assert (row["network_name"], row["is_replayed"]) == ("後の名", True)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_regipy_reads_the_same_shares_and_exclusions(tmp_path: Path) -> None:
    for name, content in (
        ("SYSTEM", machine_settings.shares()),
        ("SOFTWARE", machine_settings.defender_exclusions()),
    ):
        (tmp_path / name).write_bytes(content)
    shares = SharesPlugin(RegistryHive(str(tmp_path / "SYSTEM")), as_json=True)
    defender = WindowsDefenderPlugin(RegistryHive(str(tmp_path / "SOFTWARE")), as_json=True)
    for plugin in (shares, defender):
        plugin.run()
    rows = run(parser_of("shares"), artefact(tmp_path / "SYSTEM")).table("windows_shares")
    assert [(one["share_name"], one.get("path")) for one in shares.entries] == [
        (one["share_name"], one["share_path"]) for one in rows
    ]
    theirs = {
        (kind["exclusion_type"], one)
        for kind in defender.entries
        if kind["type"] == "exclusion"
        for one in kind["exclusions"]
    }
    given = run(parser_of("defender_exclusions"), artefact(tmp_path / "SOFTWARE"))
    ours = {
        (one["setting_kind"], one["setting_name"])
        for one in given.table("windows_defender_exclusions")
        if one["setting_kind"] != "turned_off" and one["setting_origin"] == "machine"
    }
    assert ours == theirs
