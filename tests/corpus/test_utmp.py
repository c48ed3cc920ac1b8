"""Real records of sessions: as many as utmpdump reads."""

from __future__ import annotations

import json
import struct

import pytest

from parsers.servers.utmp import utmp
from pipeline.extract.select import select
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

FILE = CORPUS / "expected" / "utmp.json"
EXPECTED = json.loads(FILE.read_text(encoding="utf-8")) if FILE.is_file() else {}
LINUX = sorted(name for name in EXPECTED if "/utmp/" in name)


@pytest.mark.parametrize("name", LINUX)
def test_every_record_is_a_row_or_empty(name: str) -> None:
    content = (CORPUS / name).read_bytes()
    kinds = [kind for (kind,) in struct.iter_unpack("<h382x", content)]
    assert len(kinds) == EXPECTED[name]["utmpdump_records"]
    found = run(utmp, artefact(CORPUS / name))
    assert found.problems == []
    assert len(found.rows) == sum(kind != 0 for kind in kinds)
    assert all(
        2010 < one["recorded_at"].year < 2027 for one in found.table("server_session") if one["recorded_at"]
    )


def test_the_form_of_macos_is_not_taken_for_it() -> None:
    assert (
        select([utmp], "/var/run/utmpx", (CORPUS / "plaso/test_data/utmpx_mac").read_bytes()[:4096]).chosen
        == ()
    )
