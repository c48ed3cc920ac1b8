"""Event logs: the builder against three readers, rows, what damage costs, and that nothing is lost unsaid."""

from __future__ import annotations

import base64
import multiprocessing
import random
import struct
import uuid
import zlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyevtx
import pytest
from evtx import PyEvtxParser
from Evtx.Evtx import Evtx

from fixtures.builders import evtx as builder
from fixtures.builders.evtx import EventRecord, UserData, build, checked, record_offsets
from parsers.contract import Batch, Problem, ProblemKind, Status
from parsers.formats.filetime import instant
from parsers.windows.evtx import EVENTS, evtx
from tests.artefacts import from_bytes, run

AT = datetime(2026, 9, 14, 9, 30, 1, 234567, tzinfo=UTC)
SID = "S-1-5-21-1004336348-1177238915-682003330-1104"
NS = "{http://schemas.microsoft.com/win/2004/08/events/event}"


def many(count, **changes):
    """Records of several kinds, enough for more than one chunk."""
    made = []
    for number in range(1, count + 1):
        at = AT + timedelta(seconds=number, microseconds=number)
        data = {
            "TargetUserName": f"社員{number}",
            "LogonType": number % 11,
            "Text": f'<a&"b">{number}',
            "Big": 1 << 40,
            "Raw": b"\x00\xff",
        }
        kind = number % 4
        shared = {
            "record_id": number,
            "written_at": at,
            "computer": "PC01.example.jp",
            "process_id": 600 + number,
        } | changes
        if kind == 0:
            made.append(
                EventRecord(
                    provider="Classic Source",
                    event_id=7,
                    channel="Application",
                    event_data=("a", str(number), "日本"),
                    **shared,
                )
            )
        elif kind == 1:
            cleared = UserData(
                name="LogFileCleared",
                namespace="urn:x",
                values={"SubjectUserName": f"u{number}", "Count": number},
            )
            made.append(
                EventRecord(
                    provider=builder.EVENTLOG,
                    event_id=1102,
                    channel="Security",
                    user_data=cleared,
                    user_sid=SID,
                    **shared,
                )
            )
        else:
            guid = str(uuid.UUID(int=number))
            made.append(
                EventRecord(
                    provider=builder.SECURITY,
                    event_id=4624,
                    channel="Security",
                    event_data=data,
                    activity_id=guid,
                    **shared,
                )
            )
    return made


def as_told(record):
    """What every reader must give of a record: number, time, provider, kind, level, channel, machine, account, texts."""
    values = record.event_data.values() if isinstance(record.event_data, dict) else record.event_data
    values = record.user_data.values.values() if record.user_data else values
    texts = [one.hex().upper() if isinstance(one, bytes) else str(one) for one in values]
    return (
        record.record_id, record.written_at.replace(tzinfo=None), record.provider, record.event_id, record.level,
        record.channel, record.computer, record.user_sid, [text or None for text in texts],
    )  # fmt: skip


def by_libevtx(file):
    log = pyevtx.file()
    log.open(str(file))
    assert not log.is_corrupted()
    assert log.number_of_recovered_records == 0
    for one in log.records:
        yield (
            one.identifier, one.written_time, one.source_name, one.event_identifier, one.event_level, one.channel_name,
            one.computer_name, one.user_security_identifier, list(one.strings),
        )  # fmt: skip
    log.close()


def by_python_evtx(file):
    with Evtx(str(file)) as log:
        assert log.get_file_header().verify()
        for chunk in log.chunks():
            assert chunk.verify()
            for record in chunk.records():
                assert record.verify()
                event = ElementTree.fromstring(record.xml())
                system = {one.tag.removeprefix(NS): one for one in event[0]}
                # This reader computes times in floating point, so they may be off by a microsecond: the stored one is compared.
                shown = datetime.fromisoformat(system["TimeCreated"].get("SystemTime"))
                assert abs(shown - instant(record.unpack_qword(16))) <= timedelta(microseconds=2)
                values = [one for one in event[1].iter() if not len(one) and one is not event[1]]
                yield (
                    record.record_num(), instant(record.unpack_qword(16)).replace(tzinfo=None),
                    system["Provider"].get("Name"), int(system["EventID"].text), int(system["Level"].text),
                    system["Channel"].text, system["Computer"].text, system["Security"].get("UserID") or None,
                    [base64.b64decode(one.text).hex().upper() if one.get("Name") == "Raw" else one.text for one in values],
                )  # fmt: skip


def by_this_parser(file):
    for row in run(evtx, from_bytes(file.read_bytes(), file.parent)).table("windows_evtx"):
        yield (
            row["event_record_id"], row["written_at"].replace(tzinfo=None), row["provider"], row["event_id"], row["level"],
            row["channel"], row["computer"], row["user_sid"], [value for _, value in row["event_data"]],
        )  # fmt: skip


@pytest.mark.parametrize("read", [by_libevtx, by_python_evtx, by_this_parser])
def test_three_readers_give_what_was_written(read, tmp_path):
    records = many(900)
    file = tmp_path / "log.evtx"
    file.write_bytes(build(records))
    assert (file.stat().st_size - 4096) // 65536 > 2
    assert list(read(file)) == [as_told(one) for one in records]


def test_the_strict_reader_gives_the_whole_built_log_without_an_error(tmp_path):
    file = tmp_path / "log.evtx"
    file.write_bytes(build(many(900)))
    found = list(PyEvtxParser(str(file), number_of_threads=1, validate_checksums=True).records_json())
    assert [one["event_record_id"] for one in found] == list(range(1, 901))


def test_the_same_records_give_the_same_bytes():
    assert build(many(50)) == build(many(50))


def test_the_fixtures_are_those_the_builder_writes():
    for scenario, path, log, _ in builder._scenarios():
        assert (builder.FOLDER / scenario / path.rsplit("/", 1)[1]).read_bytes() == log
        assert len(log) < 140_000


def test_user_data_given_as_xml_is_written_with_its_structure(tmp_path):
    xml = '<A xmlns="urn:x"><B c="1">d</B><E><F>g</F></E></A>'
    log = build(
        [
            EventRecord(
                record_id=1, written_at=AT, provider="P", event_id=1, channel="C", computer="M", user_data=xml
            )
        ]
    )
    (row,) = run(evtx, from_bytes(log, tmp_path)).table("windows_evtx")
    assert dict(row["event_data"]) == {"A.B.c": "1", "A.B": "d", "A.E.F": "g"}


def test_a_record_too_large_for_a_chunk_is_refused():
    with pytest.raises(ValueError, match="record 1 is larger than a chunk"):
        build(
            [
                EventRecord(
                    record_id=1,
                    written_at=AT,
                    provider="P",
                    event_id=1,
                    channel="C",
                    computer="M",
                    event_data=("x" * 40_000,),
                )
            ]
        )


def test_sessions_and_cleared_logs_are_named(tmp_path):
    rows = run(evtx, from_bytes(build(builder.security_records()), tmp_path)).table("windows_evtx")
    told = [
        (row["event_id"], row["action"], row["account"], row["from_host"], row["cleared_log"]) for row in rows
    ]
    assert told == [
        (1102, None, "eigyo", None, "Security"),
        (4625, "failed", "eigyo", "192.0.2.44", None),
        (4624, "logon", "eigyo", "127.0.0.1", None),
        (4624, "unlock", "eigyo", "127.0.0.1", None),
        (4624, "logon", "eigyo", "192.0.2.15", None),
        (4663, None, None, None, None),
        (4634, "logoff", "eigyo", None, None),
    ]
    assert [row["account_sid"] for row in rows] == [SID, "S-1-0-0", SID, SID, SID, None, SID]


def test_the_log_another_log_was_cleared_in_names_that_one(tmp_path):
    record = builder.log_cleared(1, AT, computer="PC01", account="eigyo", sid=SID, log="Windows PowerShell")
    (row,) = run(evtx, from_bytes(build([record]), tmp_path)).table("windows_evtx")
    assert (row["cleared_log"], row["account"], row["user_sid"], row["channel"]) == (
        "Windows PowerShell",
        "eigyo",
        SID,
        "System",
    )


def test_an_event_of_another_provider_with_the_same_number_is_no_session(tmp_path):
    record = EventRecord(
        record_id=1,
        written_at=AT,
        provider="Own",
        event_id=4624,
        channel="Application",
        computer="PC01",
        event_data={"TargetUserName": "x"},
    )
    (row,) = run(evtx, from_bytes(build([record]), tmp_path)).table("windows_evtx")
    assert (row["action"], row["account"]) == (None, None)


def test_batches_have_the_columns_of_the_table_and_a_locator_each(tmp_path):
    log = build(many(1500))
    batches = [one for one in evtx.parse(from_bytes(log, tmp_path)) if isinstance(one, Batch)]
    assert all(one.rows.schema.equals(EVENTS.schema()) for one in batches)
    assert max(one.rows.num_rows for one in batches) <= 2000
    locators = pa.concat_arrays([one.locators for one in batches]).to_pylist()
    assert locators == [str(offset) for offset in record_offsets(log)]


def test_times_are_cut_to_microseconds(tmp_path):
    log = bytearray(
        build([EventRecord(record_id=1, written_at=AT, provider="P", event_id=1, channel="C", computer="M")])
    )
    ticks = struct.pack("<Q", builder.ticks(AT))
    place = log.find(ticks, 4096 + 512 + 24)
    log[place : place + 8] = struct.pack("<Q", builder.ticks(AT) + 9)
    (row,) = run(evtx, from_bytes(checked(bytes(log)), tmp_path)).table("windows_evtx")
    assert row["written_at"] == AT


def test_the_time_in_the_header_of_the_record_is_not_needed(tmp_path):
    log = bytearray(build(many(3)))
    for offset in record_offsets(bytes(log)):
        log[offset + 16 : offset + 24] = bytes(8)
    found = run(evtx, from_bytes(checked(bytes(log)), tmp_path))
    assert [row["written_at"] for row in found.table("windows_evtx")] == [one.written_at for one in many(3)]
    assert found.problems == []


def test_a_damaged_chunk_is_read_record_by_record_and_the_others_are_not(tmp_path):
    log = bytearray(build(many(900)))
    first = [offset for offset in record_offsets(bytes(log)) if offset < 4096 + 65536]
    log[first[5]] ^= 1
    found = run(evtx, from_bytes(bytes(log), tmp_path))
    statuses = Counter(status for _, _, status, _ in found.rows)
    assert statuses == {Status.RECOVERED: len(first) - 1, Status.OK: 900 - len(first)}
    assert [one.locator for one in found.problems] == ["4096", str(first[5])]
    assert "record 6 is lost" in found.problems[1].message
    numbers = [values["record_number"] for _, _, _, values in found.rows]
    assert numbers == [one for one in range(1, 901) if one != 6]


def test_a_record_the_strict_reader_leaves_out_is_a_problem_with_its_offset(tmp_path):
    # The checksums are right, so the strict reader is given the chunk; it stops at the record and tells nothing of it.
    log = bytearray(build(many(40)))
    offsets = record_offsets(bytes(log))
    log[offsets[20] + 24 : offsets[20] + 40] = b"\xee" * 16
    found = run(evtx, from_bytes(checked(bytes(log)), tmp_path))
    assert [values["record_number"] for _, _, _, values in found.rows] == [
        one for one in range(1, 41) if one != 21
    ]
    assert [one.locator for one in found.problems] == [str(offsets[20])]


def test_the_count_of_chunks_in_the_file_header_hides_nothing(tmp_path):
    log = bytearray(build(many(900)))
    struct.pack_into("<H", log, 42, 1)
    struct.pack_into("<I", log, 124, zlib.crc32(log[:120]))
    found = run(evtx, from_bytes(bytes(log), tmp_path))
    assert (len(found.rows), found.problems) == (900, [])


def test_a_damaged_file_header_costs_no_record(tmp_path):
    log = bytearray(build(many(900)))
    log[:64] = bytes(64)
    found = run(evtx, from_bytes(bytes(log), tmp_path))
    assert len(found.rows) == 900
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_a_chunk_of_zeros_that_the_header_counts_is_told_and_free_space_is_not(tmp_path):
    log = build(many(900), free_chunks=2)
    assert run(evtx, from_bytes(log, tmp_path)).problems == []
    second = 4096 + 65536
    lost = log[:second] + bytes(65536) + log[second + 65536 :]
    (problem,) = run(evtx, from_bytes(lost, tmp_path)).problems
    assert (problem.kind, problem.locator) == (ProblemKind.DAMAGED, str(second))


def test_records_written_after_the_header_of_the_chunk_are_recovered(tmp_path):
    # A log that was not closed: the header of its chunk tells of 30 records, 40 stand in it.
    whole, part = build(many(40)), build(many(30))
    log = part[: 4096 + 512] + whole[4096 + 512 :]
    written = record_offsets(part)[3] + 16  # its time, which stands in the event once more
    found = run(evtx, from_bytes(log[:written] + b"\xff" + log[written + 1 :], tmp_path))
    numbers = [values["record_number"] for _, _, _, values in found.rows]
    assert numbers[-10:] == list(range(31, 41))


def test_records_of_an_earlier_use_of_a_chunk_are_not_taken_for_its_own(tmp_path):
    old, new = build(many(40)), build(many(5))
    free = struct.unpack_from("<I", new, 4096 + 48)[0]
    later = [one for one in record_offsets(old) if one > 4096 + free][0]
    log = new[: 4096 + free] + old[later:]
    found = run(evtx, from_bytes(log[: len(old)].ljust(len(old), b"\0"), tmp_path))
    assert (len(found.rows), found.problems) == (5, [])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ProblemKind.TRUNCATED),
        (b"Elf", ProblemKind.TRUNCATED),
        (b"MZ" + bytes(70_000), ProblemKind.UNRECOGNISED),
        (bytes(200), ProblemKind.UNRECOGNISED),
        (b"ElfFile\0" + bytes(100), ProblemKind.DAMAGED),
        (build(many(3))[:4096], ProblemKind.TRUNCATED),
        (build(many(3))[:4500], ProblemKind.TRUNCATED),
    ],
)
def test_what_is_no_log_or_none_any_more_is_a_problem(content, kind, tmp_path):
    found = run(evtx, from_bytes(content, tmp_path))
    assert found.rows == []
    assert kind in [one.kind for one in found.problems]


def test_a_log_without_records_is_no_problem(tmp_path):
    found = run(evtx, from_bytes(build([]), tmp_path))
    assert (found.rows, found.problems) == ([], [])


def test_names_and_texts_of_a_hostile_log_stay_texts(tmp_path):
    data = {
        "#attributes": "x",
        "#text": "y",
        "../../etc": "=cmd()",
        "a.b": "\x00\x1b[2J",
        "Data": "z",
        "'); DROP": "<script>",
    }
    record = EventRecord(
        record_id=1 << 62,
        written_at=AT,
        provider="P\n\x1b",
        event_id=65535,
        channel="C",
        computer="M" * 2000,
        event_data=data,
    )
    found = run(evtx, from_bytes(build([record]), tmp_path))
    assert len(found.rows) + len(found.problems) == 1
    for _, _, _, values in found.rows:
        assert dict(values["event_data"])["../../etc"] == "=cmd()"


def mutants(seed, count):
    """Logs with bytes flipped, runs overwritten, cut, or torn; every second one with its checksums made right again."""
    chosen = random.Random(seed)
    whole = build(many(60))
    used = record_offsets(whole)[-1] + 400
    for number in range(count):
        log = bytearray(whole)
        way = number % 4
        place = chosen.choice(
            (chosen.randrange(4096), chosen.randrange(4096, 4608), chosen.randrange(4608, used))
        )
        if way == 0:
            log[place] ^= 1 << chosen.randrange(8)
        elif way == 1:
            for _ in range(chosen.randrange(1, 20)):
                log[chosen.randrange(4608, used)] = chosen.randrange(256)
        elif way == 2:
            log[place : place + 32] = chosen.randbytes(32)
        else:
            del log[place:]
        yield number, checked(bytes(log)) if number % 8 in (1, 2) else bytes(log)


def _read_mutants(folder, count, queue):
    whole = {one.record_id for one in many(60)}
    for number, log in mutants(20260914, count):
        queue.put(("begin", number, None))
        told = list(evtx.parse(from_bytes(log, Path(folder))))
        rows = [one for batch in told if isinstance(batch, Batch) for one in batch.rows.to_pylist()]
        lost = whole - {row["record_number"] for row in rows}
        problems = [one for one in told if isinstance(one, Problem)]
        queue.put(("end", number, (len(rows), sorted(lost), [one.message for one in problems])))
    queue.put(("done", count, None))


def test_no_mutant_raises_and_none_loses_a_record_unsaid(tmp_path):
    count = 300
    # One process for all, each mutant with its own time: a reader that hangs ends the test, not the run.
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    worker = context.Process(target=_read_mutants, args=(str(tmp_path), count, queue), daemon=True)
    worker.start()
    silent, at = [], None
    try:
        while True:
            word, at, told = queue.get(timeout=60)
            if word == "done":
                break
            if word == "end" and told[1] and not told[2]:
                silent.append((at, told))
    except Exception as error:
        raise AssertionError(f"mutant {at} of seed 20260914 raised or hung") from error
    finally:
        worker.terminate()
        worker.join()
    assert silent == []
