"""Every parser gives for every fixture the rows that stand in tests/golden."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from parsers.archives import rar_lzh_cab
from tests.golden_rows import ABOUT_KEYS, FIXTURES, about, golden_file, golden_lines, scenarios


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.relative_to(FIXTURES).as_posix())
def test_rows_are_the_golden_ones(scenario: Path) -> None:
    if scenario.parent.name == "rar_lzh_cab" and rar_lzh_cab._library() is None:
        pytest.skip("libarchive is not on this machine: install libarchive13")
    golden = golden_file(scenario)
    assert golden.is_file(), (
        f"no golden rows at {golden}: `make golden` writes them; read them before you commit"
    )
    wanted = golden.read_text(encoding="utf-8").splitlines()
    assert golden_lines(scenario) == wanted, (
        "rows changed: was that meant? then raise the version and `make golden`"
    )


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.relative_to(FIXTURES).as_posix())
def test_fixture_says_what_it_is(scenario: Path) -> None:
    told = about(scenario)
    assert {"artefact", "path", "origin", "licence", "sha256", "shows"} <= set(told) <= ABOUT_KEYS
    assert hashlib.sha256((scenario / told["artefact"]).read_bytes()).hexdigest() == told["sha256"]
    files = {one.name for one in scenario.iterdir()}
    assert files == {"about.toml", told["artefact"], *told.get("companions", [])}, (
        "orphan or missing file in the fixture"
    )
