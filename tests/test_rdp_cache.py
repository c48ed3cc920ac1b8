"""Pictures the Remote Desktop client kept, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.remote_traces import FOLDER, bin_cache, bmc_cache, rdp_cache_scenarios
from parsers.contract import ProblemKind
from parsers.windows.rdp_cache import CACHES, rdp_cache
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_rdp_cache"


def fixture(name: str) -> Yielded:
    one = rdp_cache_scenarios()[name]
    return run(rdp_cache, artefact(FOLDER / "rdp_cache" / name / one.artefact, one.path))


def test_pieces_of_pictures_are_counted_for_the_user() -> None:
    found = fixture("pictures")
    assert found.problems == []
    assert found.table(TABLE) == [{"tile_format": "bin", "tile_count": 3, "profile_name": "見本花子"}]
    # No host is known, so that no network is said to be reached.
    assert CACHES.answers == ()


def test_an_older_cache_keeps_each_piece_in_a_place_of_its_own() -> None:
    (row,) = fixture("older").table(TABLE)
    assert (row["tile_format"], row["tile_count"]) == ("bmc", 2)


def test_a_cache_that_begins_compressed_is_not_counted() -> None:
    found = fixture("compressed")
    assert found.table(TABLE)[0]["tile_count"] is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.UNSUPPORTED, "tile_count")]


def test_a_cut_is_told_and_whole_pieces_are_counted() -> None:
    found = fixture("cut-off")
    assert found.table(TABLE)[0]["tile_count"] == 2
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    assert found.rows[0][2] == "partial"


@pytest.mark.parametrize("content", [bin_cache([(8, 8)]) + bytes(500), bmc_cache([(64, 64, 0)]) + bytes(500)])
def test_unused_space_is_not_counted(content: bytes, tmp_path: Path) -> None:
    found = run(rdp_cache, from_bytes(content, tmp_path))
    assert (found.table(TABLE)[0]["tile_count"], found.problems) == (1, [])


def test_which_files_are_wanted() -> None:
    folder = "/Users/a/AppData/Local/Microsoft/Terminal Server Client/Cache"
    assert select((rdp_cache,), f"{folder}/Cache0000.bin", bin_cache([(8, 8)])).chosen
    assert select((rdp_cache,), f"{folder}/bcache24.bmc", bmc_cache([(64, 64, 0)])).chosen
    assert select((rdp_cache,), "/carved/f1", bin_cache([(8, 8)])).chosen
    # The client leaves an empty file for the older kind.
    assert not select((rdp_cache,), f"{folder}/bcache24.bmc", b"").refused


@pytest.mark.parametrize("name", sorted(rdp_cache_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = rdp_cache_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=2, count=150)):
        found = run(rdp_cache, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
