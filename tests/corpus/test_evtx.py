"""Real event logs: record counts of four other readers, and both ways of reading here against each other."""

from __future__ import annotations

import json
import time
from collections import Counter

import msgspec
import pytest

from parsers.contract import Batch, Problem, Status
from parsers.formats.evtx_chunks import FILE_HEADER_BYTES, chunks, read_file_header
from parsers.formats.evtx_recovery import DamagedChunk
from parsers.formats.evtx_strict import Record, read_chunk
from parsers.windows import evtx as module
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

# The readers differ on the last record of this log; either count is right.
EITHER = {"Microsoft-Windows-LanguagePackSetup%4Operational.evtx": {16, 17}}
# This file ends within its third chunk. The four readers give up that chunk; 89 records are recovered from it here.
RECOVERED_BEYOND = {"System2.evtx": 89}
DAMAGED = {
    "Microsoft-Windows-LanguagePackSetup%4Operational.evtx",
    "security_bad_string_cache.evtx",
    "System2.evtx",
}


def expected():
    return json.loads((CORPUS / "expected" / "evtx.json").read_text(encoding="utf-8"))["files"]


def named(name):
    return next(CORPUS / path for path in expected() if path.rsplit("/", 1)[1] == name)


def test_every_log_gives_the_expected_records():
    wrong, records, seconds = [], 0, 0.0
    for path, told in expected().items():
        name = path.rsplit("/", 1)[1]
        start = time.perf_counter()
        yielded = list(module.evtx.parse(artefact(CORPUS / path)))
        seconds += time.perf_counter() - start
        found = sum(one.rows.num_rows for one in yielded if isinstance(one, Batch))
        records += found
        right = EITHER.get(name) or {told["consensus"] + RECOVERED_BEYOND.get(name, 0)}
        if found not in right:
            wrong.append((name, found, right))
        has_problems = any(isinstance(one, Problem) for one in yielded)
        if has_problems != (name in DAMAGED):
            wrong.append((name, [one for one in yielded if isinstance(one, Problem)][:3]))
    print(f"{len(expected())} logs, {records} records, {records / seconds:.0f} records/s")  # noqa: T201  a figure to note
    assert wrong == []


def test_every_log_gives_the_expected_channels_providers_and_kinds():
    wrong = []
    for path, told in expected().items():
        name = path.rsplit("/", 1)[1]
        if name in EITHER or name in RECOVERED_BEYOND:
            continue
        rows = [values for _, _, _, values in run(module.evtx, artefact(CORPUS / path)).rows]
        for column, key in (
            ("channel", "channels"),
            ("provider", "providers"),
            ("event_id", "event_ids"),
            ("computer", "computers"),
        ):
            found = Counter(str(row[column]) for row in rows if row[column] is not None)
            right = Counter({value: count for value, count in told[key].items() if value not in ("", "None")})
            # Long lists are cut in the expected values; what they name must be right.
            if any(found[value] != count for value, count in right.items()):
                wrong.append((name, column, found - right, right - found))
        times = sorted(row["written_at"].strftime("%Y-%m-%dT%H:%M:%S.%f") for row in rows)
        if (times[0], times[-1]) != tuple(told[key].rstrip("Z")[:26] for key in ("first_time", "last_time")):
            wrong.append((name, times[0], times[-1], told["first_time"], told["last_time"]))
    assert wrong == []


def typed(record, number):
    """The values of the row a record becomes."""
    pending = module._Pending()
    pending.add("0", number, record)
    (batch,) = pending.given()
    return tuple(batch.rows.to_pylist()[0].values())


def test_records_read_one_by_one_are_those_the_strict_reader_gives():
    # The first chunk of every log: about 1,500 records through python-evtx, whose rows must be the same.
    different, compared = [], 0
    for path in expected():
        file = CORPUS / path
        with file.open("rb") as stream:
            header = read_file_header(stream.read(FILE_HEADER_BYTES + 8), file.stat().st_size)
            chunk = next(chunks(stream, header))
        if not chunk.is_sound:
            continue
        strict, damaged = read_chunk(chunk), DamagedChunk(chunk.content)
        for place in chunk.places:
            other = msgspec.convert(damaged.event(place.offset, place.end), Record)
            one, two = (typed(each, place.number) for each in (strict[place.offset], other))
            compared += 1
            if one != two:
                different.append(
                    (
                        file.name,
                        place.number,
                        [pair for pair in zip(one, two, strict=True) if pair[0] != pair[1]],
                    )
                )
    assert compared > 1400
    assert different == []


def test_a_chunk_count_that_is_too_small_hides_no_record():
    found = run(module.evtx, artefact(named("2-vss_7-System.evtx")))
    assert len(found.rows) == 1160
    assert found.problems == []


def test_what_is_lost_of_a_log_cut_short_is_told():
    found = run(module.evtx, artefact(named("System2.evtx")))
    assert Counter(status for _, _, status, _ in found.rows) == {Status.OK: 194, Status.RECOVERED: 89}
    assert [one.kind.value for one in found.problems] == ["truncated", "damaged", "truncated"]
    assert "record 284" in found.problems[1].message


def test_records_that_were_never_written_are_told_by_number():
    found = run(module.evtx, artefact(named("Microsoft-Windows-LanguagePackSetup%4Operational.evtx")))
    lost = [one.message for one in found.problems if "is lost" in one.message]
    assert [message.split()[1] for message in lost] == ["18", "19", "20"]


def test_a_name_that_occurs_twice_loses_no_value():
    rows = run(module.evtx, artefact(named("Security_with_size_t.evtx"))).table("windows_evtx")
    assert any({"LogonGuid", "LogonGuid_1"} <= dict(row["event_data"]).keys() for row in rows)


def test_a_log_without_checksums_is_whole():
    found = run(module.evtx, artefact(named("Application_no_crc32.evtx")))
    assert (len(found.rows), found.problems) == (17, [])
