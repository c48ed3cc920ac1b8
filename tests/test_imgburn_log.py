"""Logs of ImgBurn, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.tool_logs import imgburn_log_scenarios
from parsers.contract import ProblemKind
from parsers.windows.imgburn_log import imgburn_log
from pipeline.extract.select import select
from tests.artefacts import Yielded, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_imgburn"


def read(content: bytes, folder: Path) -> Yielded:
    return run(imgburn_log, from_bytes(content, folder))


def test_each_disc_that_was_written_is_a_row(tmp_path: Path) -> None:
    found = read(imgburn_log_scenarios()["two-discs"].content, tmp_path)
    assert found.problems == []
    image, built = found.table(TABLE)
    assert (image["begun_clock"], image["ended_clock"], image["burn_outcome"]) == (
        "20:51:20",
        "20:53:01",
        "completed",
    )
    assert (image["burned_image_path"], image["burned_bytes"]) == (
        "C:\\Users\\hanako\\Documents\\顧客名簿.iso",
        1245184,
    )
    assert (image["disc_label"], image["is_built"], image["is_test"]) == ("KOKYAKU", False, False)
    assert image["burner_name"].endswith("(D:) (ATA)")
    assert (built["burned_image_path"], built["is_built"], built["built_file_count"]) == (None, True, 4)
    assert (built["disc_label"], built["burn_outcome"], built["is_test"]) == ("Desktop", "failed", True)


def test_damage_is_told_and_the_rest_read(tmp_path: Path) -> None:
    found = read(imgburn_log_scenarios()["damaged"].content, tmp_path)
    (row,) = found.table(TABLE)
    assert (row["burn_outcome"], row["ended_clock"], row["burned_bytes"]) == ("unfinished", None, None)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "burned_bytes"),
        (ProblemKind.DAMAGED, None),
    ]


def test_it_is_wanted_by_its_first_lines() -> None:
    for one in imgburn_log_scenarios().values():
        assert select((imgburn_log,), "/handed/over.txt", one.content[:4096]).chosen
    assert not select((imgburn_log,), "/x/ImgBurn.log", b"I 20:49:15 something else\r\n").chosen


@pytest.mark.parametrize("name", sorted(imgburn_log_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = imgburn_log_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=5, count=60)):
        read(mutant, tmp_path)
