"""The whole corpus as one case: it runs to its report, and the questions have rows."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from parsers.questions import QUESTIONS
from pipeline.tables.schema import all_tables
from tests.corpus import CORPUS, needs_corpus
from tests.whole_case import ask, run_case

# One worker runs the case for all of them.
pytestmark = [needs_corpus, pytest.mark.corpus]

# Nothing in the corpus was printed.
_WITHOUT_ROWS = {"printed"}
_HIVES = "regipy/regipy_tests/data"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case over the corpus as it lies, and over a machine of its hives, unpacked."""
    root = tmp_path_factory.mktemp("corpus")
    config = root / "evidence" / "pc" / "Windows" / "System32" / "config"
    config.mkdir(parents=True)
    for name in ("SYSTEM_WIN_10_1709.xz", "SAM.xz"):
        hive = config / name.removesuffix(".xz").removesuffix("_WIN_10_1709")
        hive.write_bytes(lzma.decompress((CORPUS / _HIVES / name).read_bytes()))
    items = (("corpus", CORPUS.resolve()), ("pc", "evidence/pc"))
    told = "".join(f'[[evidence]]\nid = "{one}"\npath = "{path}"\nrole = "host"\n' for one, path in items)
    (root / "case.toml").write_text(f'[case]\nnumber = "CORPUS"\n{told}', encoding="utf-8")
    run_case(root)
    return root


def test_the_report_is_written_and_counts_nobody_as_zero(root: Path) -> None:
    figures = json.loads((root / "report" / "figures.json").read_text(encoding="utf-8"))
    assert figures["decisions"]
    assert (root / "report" / "report.html").stat().st_size > 10_000
    assert ask(root, "SELECT count(*) FROM affected_count WHERE len(open_reasons) = 0") == [(0,)]


@pytest.mark.parametrize("name", [one.name for one in QUESTIONS])
def test_every_question_can_be_asked_and_has_rows(root: Path, name: str) -> None:
    view = f"{name}_answers" if name in all_tables() else name
    ((count,),) = ask(root, f'SELECT count(*) FROM "{view}"')
    assert (count > 0) is (name not in _WITHOUT_ROWS)


def test_the_devices_of_the_machine_are_those_of_its_hives(root: Path) -> None:
    told = ask(
        root, "SELECT DISTINCT d.device_serial FROM device d WHERE list_contains(d.seen_on, 'pc') ORDER BY 1"
    )
    serials = {one for (one,) in told}
    assert {"200608767007B7C08A6A", "MSFT30160087320341700000F9", "MSFT30313735303835343230333437"} <= serials
