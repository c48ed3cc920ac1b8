"""Custody: what is written is read, links and roots are right, one holder at a time, nothing acknowledged is lost."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from pipeline import digest
from pipeline.custody.chain import NO_LINE, Tree, breaks, link
from pipeline.custody.log import (
    CustodyLog,
    current_products,
    current_steps,
    failed_steps,
    read,
    unfinished_steps,
    versions,
)
from pipeline.custody.record import (
    Actor,
    EvidenceFile,
    Host,
    Material,
    Product,
    Record,
    RecordError,
    Result,
    RuleUse,
    Tool,
    line_of,
    listing_sha256,
    parse,
    record_id,
)
from pipeline.custody.seal import load_key, parse_seal, public_text, read_seals
from pipeline.errors import BusyError, CustodyError
from pipeline.verify import verify

ROOT = Path(__file__).resolve().parents[1]
TOKYO = timezone(timedelta(hours=9))
EXAMINER = Actor(name="鑑識 担当")
A, B, C = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "keys" / "examiner.key"
    monkeypatch.setenv("KANSHIKI_KEY", str(path))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "case"
    path.mkdir()
    return path


def opened(root: Path, case: str = "KS-2026-001") -> CustodyLog:
    return CustodyLog.open(root, case, TOKYO, EXAMINER)


def log_file(root: Path) -> Path:
    return root / "custody" / "log.jsonl"


def files_of(root: Path) -> dict[str, bytes]:
    return {str(one.relative_to(root)): one.read_bytes() for one in root.rglob("*") if one.is_file()}


def end(log: CustodyLog, step: str, step_id: str = A, **fields: object) -> Record:
    return log.append("step_end", step=step, step_id=step_id, result=Result(status="complete"), **fields)


# The record


def full_record() -> Record:
    return Record(
        v=1,
        seq=7,
        case="KS-2026-001",
        prev=A,
        id=record_id("KS-2026-001", 7, A, "2026-10-06T01:02:03.000004Z"),
        at="2026-10-06T01:02:03.000004Z",
        at_local="2026-10-06T10:02:03.000004+09:00",
        boot_id="unknown",
        action="step_end",
        actor=EXAMINER,
        host=Host(hostname="lab", system="Linux", release="6.1", python="3.11.7"),
        step="extract pc01 0001",
        step_id=B,
        tool=Tool(name="kanshiki", version="0.1.0", libraries={"evtx": "0.9.0"}),
        command=("run", "fixtures/cases/usb-takeout"),
        materials=(
            Material(
                id="pc01",
                sha256=A,
                size=2**60,
                md5="d" * 32,
                sha1="e" * 40,
                files=(EvidenceFile(path="evidence/PC01\udcff\\.E01", size=5, sha256=B),),
            ),
        ),
        products=(Product(path="tables/windows_lnk/x.parquet", sha256=C, size=9, rows=2**53, rows_sha256=A),),
        superseded=("tables/windows_lnk/w.parquet", "step:extract pc01 0002"),
        rules=(RuleUse(file="rules/malware/web_shells.yar", sha256=A),),
        params={"workers": 2, "deep": {"list": [1, "二", None, True]}},
        result=Result(status="complete", counts={"rows": 2**53}, errors=("line\nbreak",)),
        note="覚え",
    )


def test_a_record_is_read_back_as_it_was_written() -> None:
    record = full_record()
    assert parse(line_of(record)) == record


def test_numbers_that_a_reader_would_round_are_decimal_text() -> None:
    stated = json.loads(line_of(full_record()))
    assert stated["materials"][0]["size"] == str(2**60)
    assert stated["products"][0]["rows"] == stated["result"]["counts"]["rows"] == str(2**53)


def test_bytes_of_an_evidence_path_that_are_no_utf8_are_kept_apart_from_what_looks_like_their_escape() -> (
    None
):
    paths = ["a\udcff", "a\\xff", "a\\\\xff", "a\\"]
    written = []
    for path in paths:
        files = (EvidenceFile(path=path, size=0, sha256=A),)
        record = replace(full_record(), materials=(Material(id="x", sha256=A, files=files),))
        line = line_of(record)
        written.append(line)
        assert parse(line).materials[0].files[0].path == path
    assert len(set(written)) == len(paths)


def test_what_is_not_known_is_left_out() -> None:
    line = line_of(replace(full_record(), note=None, params={}, command=()))
    assert not {"note", "params", "command", "public_key"} & json.loads(line).keys()


def altered(**changes: object) -> bytes:
    stated = json.loads(line_of(full_record()))
    for name, value in changes.items():
        if value is None:
            del stated[name]
        else:
            stated[name] = value
    return digest.canonical(stated)


BAD_LINES = {
    "unknown key": (altered(surprise=1), "unknown key 'surprise'"),
    "unknown key below": (
        altered(actor={"name": "x", "role": "y", "mail": "z"}),
        "record.actor: unknown key 'mail'",
    ),
    "missing key": (altered(host=None), "record.host: missing"),
    "unknown action": (altered(action="tidy_up"), "a known action"),
    "action without what it states": (altered(result=None), "a step_end record states it"),
    "products elsewhere": (altered(action="step_begin"), "only a step_end record has products"),
    "other version": (altered(v=2), "version 1"),
    "true is no version": (altered(v=True), "version 1"),
    "negative seq": (altered(seq=-1), "a whole number"),
    "upper-case digest": (altered(prev="A" * 64), "64 hex digits"),
    "size as number": (altered(materials=[{"id": "x", "sha256": A, "size": 5}]), "a whole number as text"),
    "leading zero": (altered(materials=[{"id": "x", "sha256": A, "size": "05"}]), "a whole number as text"),
    "other digits": (altered(materials=[{"id": "x", "sha256": A, "size": "٥"}]), "a whole number as text"),
    "no such day": (altered(at="2026-02-30T00:00:00.000000Z"), "an instant"),
    "local time without offset": (
        altered(at_local="2026-10-06T10:02:03.000004"),
        "a wall clock with its offset",
    ),
    "line break in case": (altered(case="a\nb"), "text without control characters"),
    "path out of the case": (
        altered(products=[{"path": "tables/../../x", "sha256": A, "size": "1"}]),
        "a path under",
    ),
    "absolute product": (altered(products=[{"path": "/tables/x", "sha256": A, "size": "1"}]), "a path under"),
    "product elsewhere": (
        altered(products=[{"path": "custody/log.jsonl", "sha256": A, "size": "1"}]),
        "a path under",
    ),
    "bad escape": (
        altered(materials=[{"id": "x", "sha256": A, "files": [{"path": "a\\q", "size": "1", "sha256": A}]}]),
        "escaped",
    ),
    "not an object": (b"[]", "an object expected"),
    "no JSON": (b"{", "no JSON"),
    "empty": (b"", "no JSON"),
    "no UTF-8": (b'{"v":"\xff"}', "no JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + altered(), "no JSON"),
    "fraction": (altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":1.5}'), "is no integer"),
    "not a number": (altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":NaN}'), "is no integer"),
    "number too large": (
        altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":9007199254740993}'),
        "no canonical form",
    ),
    "number far too large": (
        altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":' + b"9" * 5000 + b"}"),
        "no JSON",
    ),
    "lone surrogate": (altered(note="N").replace(b'"N"', b'"\\ud800"'), "no canonical form"),
    "nested too deep": (
        altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":' + b"[" * 40 + b"]" * 40 + b"}"),
        "levels",
    ),
    "nested beyond all": (
        altered(params={"x": 1}).replace(b'{"x":1}', b'{"x":' + b"[" * 99999 + b"]" * 99999 + b"}"),
        "no JSON",
    ),
    "key twice": (
        altered(note="N").replace(b'"note":"N"', b'"note":"M","note":"N"'),
        "the key 'note' stands twice",
    ),
    "space": (altered().replace(b'"v":1', b'"v": 1'), "canonical form"),
    "escaped needlessly": (altered(note="N").replace(b'"N"', b'"\\u004e"'), "canonical form"),
    "other order": (b'{"v":1,' + altered().replace(b',"v":1', b"")[1:], "canonical form"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_line_that_is_no_record_is_refused_with_the_reason(name: str) -> None:
    line, reason = BAD_LINES[name]
    with pytest.raises(RecordError, match=re.escape(reason)):
        parse(line)


def test_a_line_beyond_the_limit_is_refused_unread() -> None:
    with pytest.raises(RecordError, match="more than"):
        parse(b'"' + b"x" * (16 << 20) + b'"')


def test_a_field_that_has_no_place_in_a_record_is_not_written() -> None:
    for wrong in (
        {"params": {"x": 1.5}},
        {"params": {"x": 2**60}},
        {"note": "\ud800"},
        {"tool": object()},
        {"step": ""},
    ):
        with pytest.raises(RecordError):
            line_of(replace(full_record(), **wrong))


def test_the_listing_of_a_folder_does_not_depend_on_order() -> None:
    files = [("tables/a/2", B), ("tables/a/1", A)]
    assert (
        listing_sha256(files)
        == listing_sha256(reversed(files))
        == digest.of_json([["tables/a/1", A], ["tables/a/2", B]])
    )


# The chain and the tree


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def test_the_root_is_that_of_rfc_6962_at_every_size() -> None:
    leaves = [f"line {number}".encode() for number in range(70)]
    tree = Tree()
    assert tree.root() == plain_root([])
    for size, leaf in enumerate(leaves, start=1):
        tree.add(leaf)
        assert (tree.size, tree.root()) == (size, plain_root(leaves[:size]))


def test_the_root_agrees_with_the_published_vectors() -> None:
    # The leaves and roots with which certificate-transparency implementations test RFC 6962.
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]
    tree = Tree()
    for leaf, root in zip(leaves, roots, strict=True):
        tree.add(bytes.fromhex(leaf))
        assert tree.root().hex() == root


def test_every_break_is_found_and_only_where_it_is(root: Path) -> None:
    with opened(root) as log:
        for number in range(8):
            log.append("rule_ruling", note=f"ruling {number}")
    whole = read(root)
    assert breaks(whole.lines, whole.records, "KS-2026-001") == []

    def kinds(kept: list[int]) -> list[tuple[int, str]]:
        found = breaks([whole.lines[at] for at in kept], [whole.records[at] for at in kept])
        return [(one.line, one.kind) for one in found]

    assert kinds([0, 1, 2, 4, 5, 7, 8]) == [(4, "seq"), (4, "prev"), (6, "seq"), (6, "prev")]
    assert kinds([0, 0, 1]) == [(2, "seq"), (2, "prev"), (2, "genesis")]
    assert kinds([1, 2]) == [(1, "seq"), (1, "prev"), (1, "genesis")]
    assert kinds([]) == [(0, "genesis")]
    assert {one.kind for one in breaks(whole.lines, whole.records, "KS-2026-002")} == {"case"}


def chained(*records: Record) -> tuple[list[bytes], list[Record]]:
    lines: list[bytes] = []
    linked: list[Record] = []
    for seq, record in enumerate(records):
        prev = link(lines[-1]) if lines else NO_LINE
        made = replace(record, seq=seq, prev=prev, id=record_id(record.case, seq, prev, record.at))
        lines.append(line_of(made))
        linked.append(made)
    return lines, linked


def test_time_may_go_back_only_where_the_record_says_so() -> None:
    later = replace(
        full_record(), at="2026-10-06T01:02:04.000000Z", at_local="2026-10-06T10:02:04.000000+09:00"
    )
    genesis = replace(later, action="genesis", public_key=A, products=())
    assert [one.kind for one in breaks(*chained(genesis, full_record()))] == ["time"]
    assert breaks(*chained(genesis, replace(full_record(), clock="the clock went back"))) == []


def test_local_time_must_be_the_same_instant() -> None:
    wrong = replace(full_record(), at_local="2026-10-06T11:02:03.000004+09:00")
    genesis = replace(full_record(), action="genesis", public_key=A, products=())
    assert [one.kind for one in breaks(*chained(genesis, wrong))] == ["local time"]


# The log


def test_a_new_log_begins_with_genesis_and_names_the_key(root: Path, key: Path) -> None:
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis"]
        assert log.records[0].public_key == public_text(load_key(key))
        assert log.records[0].prev == NO_LINE
    assert read(root).problems == ()


def test_what_was_appended_is_read_in_order_and_continued_by_the_next_run(root: Path) -> None:
    with opened(root) as log:
        first = log.append("rule_ruling", note="一")
    with opened(root) as log:
        second = log.append("rule_ruling", note="二")
        head = log.head
    found = read(root)
    assert found.records[1:] == (first, second)
    assert found.head == head == f"3:{link(found.lines[-1])}"
    assert breaks(found.lines, found.records) == []
    assert first.at_local.endswith("+09:00")
    assert first.actor == EXAMINER


def test_only_the_owner_can_read_the_custody_folder_and_the_key(root: Path, key: Path) -> None:
    with opened(root) as log:
        log.seal()
    places = [root / "custody", *(root / "custody").rglob("*"), key, key.parent]
    assert {stat.S_IMODE(one.stat().st_mode) for one in places if one.is_dir()} == {0o700}
    assert {stat.S_IMODE(one.stat().st_mode) for one in places if one.is_file()} == {0o600}


def test_a_record_not_of_the_schema_writes_nothing(root: Path) -> None:
    with opened(root) as log:
        before = log_file(root).read_bytes()
        for action, fields in (("tidy_up", {}), ("step_end", {}), ("rule_ruling", {"params": {"x": 0.5}})):
            with pytest.raises(CustodyError, match="nothing was recorded"):
                log.append(action, **fields)
        assert log_file(root).read_bytes() == before
        log.append("rule_ruling", note="goes on")
    assert read(root).problems == ()


def test_a_closed_log_takes_no_record(root: Path) -> None:
    log = opened(root)
    log.close()
    log.close()
    with pytest.raises(CustodyError, match="closed"):
        log.append("rule_ruling", note="late")


def test_a_run_that_records_nothing_changes_no_byte(root: Path) -> None:
    with opened(root) as log:
        log.append("rule_ruling", note="x")
        assert log.seal() is not None
        assert log.seal() is None
    before = files_of(root)
    with opened(root) as log:
        assert log.seal() is None
    assert files_of(root) == before


def test_appending_is_cheap_and_does_not_read_the_log_again(root: Path) -> None:
    products = tuple(
        Product(path=f"tables/t/{n}.parquet", sha256=A, size=1, rows=1, rows_sha256=B) for n in range(4)
    )
    with opened(root) as log:
        log_file(root).rename(root / "custody" / "elsewhere")
        began = time.perf_counter()
        for number in range(200):
            end(log, f"extract {number}", products=products)
        assert (time.perf_counter() - began) / 200 < 0.02
        (root / "custody" / "elsewhere").rename(log_file(root))
    assert read(root).size == 201


def test_the_state_of_steps_and_products_follows_from_the_records(root: Path) -> None:
    def product(name: str, sha256: str) -> Product:
        return Product(path=f"tables/t/{name}", sha256=sha256, size=1)

    with opened(root) as log:
        log.append("step_begin", step="one", step_id=A)
        end(log, "one", A, products=(product("1", A), product("2", A)))
        log.append("step_begin", step="two", step_id=B)
        log.append("step_failed", step="two", step_id=B, result=Result(status="aborted"))
        log.append("step_begin", step="three", step_id=C)
        assert [one.step for one in unfinished_steps(log.records)] == ["three"]
        assert [one.step for one in failed_steps(log.records)] == ["two"]
        whole = log.listing("tables/t")
        assert (
            whole
            == log.material("tables/t/").sha256
            == listing_sha256([("tables/t/1", A), ("tables/t/2", A)])
        )

        end(log, "one", B, products=(product("1", B),), superseded=("tables/t/2",))
        end(log, "two", B)
        end(log, "three", C, products=(product("3", C),))
        assert {path: one.sha256 for path, one in current_products(log.records).items()} == {
            "tables/t/1": B,
            "tables/t/3": C,
        }
        assert {name: one.step_id for name, one in current_steps(log.records).items()} == {
            "one": B,
            "two": B,
            "three": C,
        }
        assert not unfinished_steps(log.records) and not failed_steps(log.records)
        assert log.listing("tables/t") != whole

        log.append("superseded", superseded=("tables/t/1", "step:two"))
        assert set(current_steps(log.records)) == {"three"}


def test_versions_name_the_program() -> None:
    assert "kanshiki" in versions()


# One holder


HOLD = """
import sys, time
from datetime import UTC
from pathlib import Path
from pipeline.custody.log import CustodyLog
from pipeline.custody.record import Actor
with CustodyLog.open(Path(sys.argv[1]), "KS-2026-001", UTC, Actor(name="other")):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_told_who_holds_the_case(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=rf"process {holder.pid} on .* since 20\d\d-"):
            opened(root)
        assert read(root).size == 1
        holder.communicate("", timeout=20)
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis"]


def test_a_second_holder_in_the_same_process_is_refused_and_leaves_the_first_alone(root: Path) -> None:
    with opened(root) as log:
        with pytest.raises(BusyError):
            opened(root)
        with pytest.raises(BusyError):
            opened(root)
        log.append("rule_ruling", note="still held")
    with opened(root):
        assert (root / "custody" / "lock").exists()


def test_a_hostile_lock_file_does_not_spoil_the_message(root: Path) -> None:
    with opened(root):
        for content in (
            b"\xff\xfe",
            b"[]",
            b"{}",
            b"[" * 4096,
            b'{"at":"\\u001b[2J","hostname":"h","pid":"1"}',
        ):
            (root / "custody" / "lock").write_bytes(content)
            with pytest.raises(BusyError) as caught:
                opened(root)
            assert "\x1b" not in str(caught.value)


# Crashes


WRITE = """
import sys
from datetime import UTC
from pathlib import Path
from pipeline.custody.log import CustodyLog
from pipeline.custody.record import Actor
with CustodyLog.open(Path(sys.argv[1]), "KS-2026-001", UTC, Actor(name="writer")) as log:
    while True:
        record = log.append("rule_ruling", note="x" * 60000)
        print(record.seq, flush=True)
"""


def test_killed_while_appending_no_acknowledged_record_is_lost(root: Path) -> None:
    acknowledged = 0
    for moment in range(20):
        with subprocess.Popen(
            [sys.executable, "-c", WRITE, str(root)], stdout=subprocess.PIPE, cwd=ROOT, text=True
        ) as writer:
            assert writer.stdout is not None
            for _ in range(1 + moment % 3):
                acknowledged = int(writer.stdout.readline())
            time.sleep(0.0007 * moment)
            writer.send_signal(signal.SIGKILL)
            rest = writer.stdout.read().splitlines(keepends=True)
            acknowledged = max([acknowledged, *(int(one) for one in rest if one.endswith("\n"))])
        found = read(root)
        assert found.size > acknowledged
        assert not [one for one in found.problems if "without the end" not in one]
    with opened(root) as log:
        log.seal()
    verification = verify(root)
    assert verification.is_intact and verification.is_complete


@pytest.mark.parametrize("tail", [b'{"action":"ru', b"\0" * 4096, b"\0" * 100 + b"\n", b"x"])
def test_a_torn_tail_is_kept_and_told(root: Path, tail: bytes) -> None:
    with opened(root) as log:
        log.append("rule_ruling", note="whole")
    with log_file(root).open("ab") as stream:
        stream.write(tail)
    assert verify(root).checks[0].passed is False
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis", "rule_ruling", "recovery"]
        assert log.records[-1].materials[0].sha256 == digest.of_bytes(tail)
        log.seal()
    assert (root / "custody" / "torn" / digest.of_bytes(tail)).read_bytes() == tail
    verification = verify(root)
    assert verification.is_intact and verification.is_complete
    assert "recovery" in verification.checks[0].details[0]
    before = files_of(root)
    with opened(root) as log:
        assert log.seal() is None
    assert files_of(root) == before


def test_a_recovery_that_was_itself_killed_is_told_by_the_next(root: Path) -> None:
    with opened(root):
        pass
    folder = root / "custody" / "torn"
    folder.mkdir()
    (folder / digest.of_bytes(b"half")).write_bytes(b"half")
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis", "recovery"]


def test_genesis_cut_off_by_a_crash_begins_anew_and_says_so(root: Path) -> None:
    with opened(root):
        pass
    log_file(root).write_bytes(log_file(root).read_bytes()[:-40])
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis", "recovery"]
        log.seal()
    assert verify(root).is_intact


def test_a_crash_between_seal_record_and_seal_is_told_and_no_tampering(root: Path) -> None:
    with opened(root) as log:
        log.seal()
    (root / "custody" / "seals" / "0000000002.json").rename(
        root / "custody" / "seals" / ".0000000002.json.tmp"
    )
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis", "seal", "recovery"]
        log.seal()
    verification = verify(root)
    assert verification.is_intact and verification.is_complete


FULL_DISK = """
import resource, signal, sys
from datetime import UTC
from pathlib import Path
from pipeline.custody.log import CustodyLog
from pipeline.custody.record import Actor
from pipeline.errors import CustodyError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with CustodyLog.open(Path(sys.argv[1]), "KS-2026-001", UTC, Actor(name="writer")) as log:
    size = (Path(sys.argv[1]) / "custody" / "log.jsonl").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
    for attempt in range(3):
        try:
            log.append("rule_ruling", note="x" * 500)
        except CustodyError as error:
            print(error)
"""


def test_a_write_that_does_not_fit_stops_the_log_and_the_next_run_recovers(root: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(root)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    first, *later = ended.stdout.splitlines()
    assert first.startswith("only 100 of ")
    assert len(later) == 2 and all("failed before" in one for one in later)
    with opened(root) as log:
        assert [one.action for one in log.records] == ["genesis", "recovery"]


def test_a_descriptor_that_fails_stops_the_log(root: Path) -> None:
    log = opened(root)
    os.close(log._log)
    log._log = os.open(os.devnull, os.O_RDONLY)
    with pytest.raises(CustodyError, match="could not be written"):
        log.append("rule_ruling", note="x")
    with pytest.raises(CustodyError, match="failed before"):
        log.append("rule_ruling", note="x")
    log.close()


# What is not continued


def test_a_log_of_another_case_is_not_continued(root: Path) -> None:
    with opened(root, "KS-2026-002"):
        pass
    with pytest.raises(CustodyError, match="of case KS-2026-002, this is case KS-2026-001"):
        opened(root)


def test_a_case_sealed_with_another_key_is_not_continued(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with opened(root):
        pass
    monkeypatch.setenv("KANSHIKI_KEY", str(tmp_path / "other.key"))
    with pytest.raises(CustodyError, match="name that key by KANSHIKI_KEY"):
        opened(root)


def test_a_log_cut_back_behind_its_seal_is_not_continued(root: Path) -> None:
    with opened(root) as log:
        log.append("rule_ruling", note="x")
        log.seal()
    whole = log_file(root).read_bytes()
    for content in (b"\n".join(whole.split(b"\n")[:2]) + b"\n", whole[:-30], b""):
        log_file(root).write_bytes(content)
        with pytest.raises(CustodyError, match="its end was cut off"):
            opened(root)
        assert log_file(root).read_bytes() == content
    log_file(root).unlink()
    with pytest.raises(CustodyError, match="its end was cut off"):
        opened(root)
    assert not log_file(root).exists()


def test_an_altered_log_is_not_continued_and_not_touched(root: Path) -> None:
    with opened(root) as log:
        log.append("rule_ruling", note="before")
        log.append("rule_ruling", note="after")
    content = log_file(root).read_bytes().replace(b"before", b"beforf")
    log_file(root).write_bytes(content)
    with pytest.raises(CustodyError, match="cannot be continued: line 3: prev"):
        opened(root)
    assert log_file(root).read_bytes() == content


def test_a_log_that_is_no_file_is_neither_read_nor_continued(root: Path, tmp_path: Path) -> None:
    (root / "custody").mkdir()
    aside = tmp_path / "aside"
    aside.write_bytes(b"")
    for make in (
        lambda: log_file(root).symlink_to(aside),
        lambda: os.mkfifo(log_file(root)),
        lambda: log_file(root).mkdir(),
    ):
        make()
        assert read(root).problems
        with pytest.raises(CustodyError):
            opened(root)
        log_file(root).rmdir() if log_file(root).is_dir() else log_file(root).unlink()
    assert aside.read_bytes() == b""


@pytest.mark.parametrize("name", ["custody", "custody/seals", "custody/torn"])
def test_nothing_is_written_through_a_link(root: Path, tmp_path: Path, name: str) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(aside)
    with pytest.raises(CustodyError, match="is a link"):
        opened(root)
    assert list(aside.iterdir()) == []


def test_two_first_uses_of_a_key_end_with_the_same_key(key: Path) -> None:
    made = "from pipeline.custody.seal import key_path, load_key, public_text; print(public_text(load_key(key_path())))"
    both = [
        subprocess.Popen([sys.executable, "-c", made], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert {one.communicate(timeout=60)[0] for one in both} == {public_text(load_key(key)) + "\n"}
    assert [one.name for one in key.parent.iterdir()] == [key.name]


# Key and seals


def test_a_key_that_others_can_read_is_refused(root: Path, key: Path) -> None:
    with opened(root):
        pass
    key.chmod(0o640)
    with pytest.raises(CustodyError, match="chmod 600"):
        opened(root)


@pytest.mark.parametrize(
    "content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_file_that_is_no_key_is_refused(root: Path, key: Path, content: bytes) -> None:
    key.parent.mkdir()
    key.write_bytes(content)
    key.chmod(0o600)
    with pytest.raises(CustodyError, match="is no unencrypted PEM key"):
        opened(root)


def test_a_key_inside_the_case_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANSHIKI_KEY", str(root / "examiner.key"))
    with pytest.raises(CustodyError, match="lies inside the case"):
        opened(root)
    assert not (root / "examiner.key").exists()


def test_a_seal_signs_case_size_root_and_head(root: Path) -> None:
    with opened(root) as log:
        made = log.seal()
        head = log.head
    seals, problems = read_seals(root / "custody" / "seals")
    assert (seals, problems) == ({2: made}, [])
    seal = seals[2]
    assert seal.is_signed()
    assert seal.root == plain_root(list(read(root).lines)).hex()
    assert f"{seal.size}:{seal.head}" == head
    assert seal.body.decode().splitlines()[0] == "kanshiki custody v1 KS-2026-001"


def test_every_bit_of_a_seal_counts(root: Path) -> None:
    with opened(root) as log:
        log.seal()
    content = (root / "custody" / "seals" / "0000000002.json").read_bytes()
    for at in range(len(content)):
        for bit in range(8):
            flipped = bytearray(content)
            flipped[at] ^= 1 << bit
            try:
                seal = parse_seal(bytes(flipped))
            except ValueError:
                continue
            assert not seal.is_signed(), (at, bit)


def test_instants_are_those_of_the_zone_of_the_case(root: Path) -> None:
    with CustodyLog.open(root, "KS-2026-001", UTC, EXAMINER) as log:
        assert log.records[0].at_local == log.records[0].at.replace("Z", "+00:00")
