"""Every event log of the corpus gives the records that independent readers count."""

from __future__ import annotations

import json

import pytest

from parsers.windows.evtx import evtx
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = needs_corpus


def expected() -> list[tuple[str, dict]]:
    path = CORPUS / "expected" / "evtx.json"
    if not path.is_file():
        return []
    told = json.loads(path.read_text(encoding="utf-8"))
    (files,) = [value for value in told.values() if isinstance(value, dict)]
    return sorted(files.items())


@pytest.mark.parametrize(("path", "told"), expected(), ids=[path for path, _ in expected()])
def test_records_are_those_counted(path: str, told: dict) -> None:
    yielded = run(evtx, artefact(CORPUS / path))
    read = sum(status == "ok" for _, _, status, _ in yielded.rows)
    counted = set(told["record_counts"].values()) if told.get("consensus") is None else {told["consensus"]}
    assert read in counted
    # No record that has a header is passed over in silence.
    assert len({locator for _, locator, _, _ in yielded.rows}) == len(yielded.rows)
