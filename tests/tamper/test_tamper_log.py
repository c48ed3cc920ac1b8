"""What an attacker may do to a case, and the number of the check that must fail.

INTACT_UNPINNED at the end holds what no check inside the case can see: it is in the table too, so
that the manual and the code say the same.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from pipeline import digest
from pipeline.custody.chain import NO_LINE, Tree, link
from pipeline.custody.log import CustodyLog, read
from pipeline.custody.record import (
    Actor,
    EvidenceFile,
    Material,
    Product,
    Record,
    Result,
    RuleUse,
    line_of,
    listing_sha256,
    record_id,
)
from pipeline.custody.seal import load_key, public_text, seal_name, sign, write_seal
from pipeline.errors import CustodyError, EvidenceError
from pipeline.verify import NAMES, Check, Verification, verify

TOKYO = timezone(timedelta(hours=9))
RULE = "rules/malware/web_shells.yar"
PARSER = "parsers/windows/lnk.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A sealed case, the project its rules lie in, the examiner's key, and what was noted outside."""

    root: Path
    project: Path
    key: Path
    head: str

    @property
    def log(self) -> Path:
        return self.root / "custody" / "log.jsonl"

    @property
    def seals(self) -> Path:
        return self.root / "custody" / "seals"

    def lines(self) -> list[bytes]:
        return self.log.read_bytes().splitlines(keepends=True)

    def write(self, lines: list[bytes]) -> None:
        self.log.write_bytes(b"".join(lines))

    def public_key(self) -> str:
        return public_text(load_key(self.key))

    def verify(self, **given: str) -> Verification:
        return verify(self.root, project=self.project, **given)


def placed(root: Path, path: str, content: bytes) -> Product:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return Product(
        path=path, sha256=digest.of_bytes(content), size=len(content), rows=1, rows_sha256="0" * 64
    )


def build(folder: Path, case: str = "KS-2026-001", key: Path | None = None) -> Scene:
    root, project, key = folder / "case", folder / "project", key or folder / "keys" / "examiner.key"
    for file in (RULE, PARSER):
        (project / file).parent.mkdir(parents=True)
        (project / file).write_text(f"content of {file}", encoding="utf-8")
    evidence = root / "evidence" / "PC01.E01"
    evidence.parent.mkdir(parents=True)
    evidence.write_bytes(b"image of a disk")
    image = EvidenceFile(path="evidence/PC01.E01", size=15, sha256=digest.of_file(evidence))
    item = Material(id="pc01", sha256=digest.of_bytes(b"medium"), size=6, files=(image,))
    rules = tuple(RuleUse(file=file, sha256=digest.of_file(project / file)) for file in (RULE, PARSER))
    done = Result(status="complete", counts={"rows": 1})
    with CustodyLog.open(root, case, TOKYO, Actor(name="鑑識 担当"), key=key) as log:
        log.append("evidence_register", materials=(item,))
        log.append(
            "step_begin",
            step="extract pc01",
            step_id="1" * 64,
            materials=(replace(item, files=()),),
            rules=rules,
        )
        parts = (
            placed(root, "tables/windows_lnk/evidence=pc01/1.parquet", b"rows"),
            placed(root, "sheets/s1.parquet", b"sheet"),
        )
        log.append(
            "step_end",
            step="extract pc01",
            step_id="1" * 64,
            materials=(replace(item, files=()),),
            rules=rules,
            products=parts,
            result=done,
        )
        log.seal()
        tables = log.material("tables/windows_lnk")
        log.append("step_begin", step="report", step_id="2" * 64, materials=(tables,))
        page = placed(root, "report/report.html", b"<p>report</p>")
        log.append(
            "step_end", step="report", step_id="2" * 64, materials=(tables,), products=(page,), result=done
        )
        log.seal()
        return Scene(root=root, project=project, key=key, head=log.head)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return build(tmp_path)


def failed(verification: Verification) -> set[int]:
    return {one.number for one in verification.checks if one.passed is False}


def test_an_honest_case_passes_every_check_that_can_run(scene: Scene) -> None:
    found = scene.verify(expect_head=scene.head, public_key=scene.public_key())
    assert [(one.number, one.name) for one in found.checks] == list(NAMES.items())
    assert [one.passed for one in found.checks] == [True] * 7 + [None] * 3
    assert found.is_intact and found.is_complete
    assert found.tail_pinned == "yes (by the head given, at size 8, 0 records after)"
    assert found.head == scene.head


# Forging: what an attacker without, or with, a key can compute


def records_of(scene: Scene) -> list[Record]:
    return [one for one in read(scene.root).records if one is not None]


def chained(records: list[Record]) -> list[bytes]:
    """The lines of records linked anew, as one who rewrites the log would."""
    lines: list[bytes] = []
    for seq, record in enumerate(records):
        prev = link(lines[-1]) if lines else NO_LINE
        lines.append(
            line_of(replace(record, seq=seq, prev=prev, id=record_id(record.case, seq, prev, record.at)))
        )
    return lines


def rewrite(scene: Scene, records: list[Record]) -> list[bytes]:
    lines = chained(records)
    scene.write([one + b"\n" for one in lines])
    return lines


def sign_again(scene: Scene, lines: list[bytes], key: Path) -> None:
    """Seals over the whole rewritten log and wherever it says one was made, by some key."""
    shutil.rmtree(scene.seals)
    tree = Tree()
    for line in lines:
        tree.add(line)
        record = json.loads(line)
        if record["action"] == "seal":
            sealed = sign(load_key(key), case=record["case"], tree=tree, head=link(line), at=record["at"])
            write_seal(scene.seals, sealed)


def forged(scene: Scene) -> list[Record]:
    """The records with another count in the result of the first step."""
    records = records_of(scene)
    records[3] = replace(records[3], result=Result(status="complete", counts={"rows": 7}))
    return records


def foreign_key(scene: Scene) -> Path:
    return scene.root.parent / "foreign" / "examiner.key"


# Each alteration of the log


def edit(scene: Scene) -> None:
    scene.log.write_bytes(scene.log.read_bytes().replace(b'"rows":"1"', b'"rows":"9"', 1))


def insert(scene: Scene) -> None:
    lines = scene.lines()
    scene.write([*lines[:3], lines[2], *lines[3:]])


def delete(scene: Scene) -> None:
    lines = scene.lines()
    scene.write(lines[:2] + lines[3:])


def delete_first(scene: Scene) -> None:
    scene.write(scene.lines()[1:])


def swap(scene: Scene) -> None:
    lines = scene.lines()
    lines[2], lines[3] = lines[3], lines[2]
    scene.write(lines)


def cut_tail(scene: Scene) -> None:
    scene.write(scene.lines()[:-1])


def cut_tail_with_last_seal(scene: Scene) -> None:
    scene.write(scene.lines()[:-1])
    (scene.seals / seal_name(8)).unlink()


def cut_to_genesis_without_seals(scene: Scene) -> None:
    scene.write(scene.lines()[:1])
    shutil.rmtree(scene.seals)


def replace_by_other_case(scene: Scene) -> None:
    other = build(scene.root.parent / "other", case="KS-2026-002", key=scene.key)
    shutil.copy(other.log, scene.log)


def rechain(scene: Scene) -> None:
    rewrite(scene, forged(scene))


def rechain_without_seals(scene: Scene) -> None:
    rewrite(scene, forged(scene))
    shutil.rmtree(scene.seals)


def rechain_signed_by_foreign_key(scene: Scene) -> None:
    sign_again(scene, rewrite(scene, forged(scene)), foreign_key(scene))


def append_forged(scene: Scene) -> None:
    records = records_of(scene)
    ruling = replace(records[-1], action="rule_ruling", public_key=None, note="forged")
    rewrite(scene, [*records, ruling])


def append_forged_signed_by_foreign_key(scene: Scene) -> None:
    records = records_of(scene)
    lines = rewrite(
        scene, [*records, replace(records[-1], public_key=public_text(load_key(foreign_key(scene))))]
    )
    kept = {one.name: one.read_bytes() for one in scene.seals.iterdir()}
    sign_again(scene, lines, foreign_key(scene))
    for name, content in kept.items():
        (scene.seals / name).write_bytes(content)


def backdate(scene: Scene) -> None:
    records = records_of(scene)
    records[4] = replace(
        records[4], at="2020-01-01T00:00:00.000000Z", at_local="2020-01-01T09:00:00.000000+09:00"
    )
    rewrite(scene, records)


def repeat_key(scene: Scene) -> None:
    scene.log.write_bytes(scene.log.read_bytes().replace(b'"v":1}', b'"v":1,"v":1}', 1))


def reformat(scene: Scene) -> None:
    lines = scene.lines()
    lines[3] = json.dumps(json.loads(lines[3]), ensure_ascii=False).encode() + b"\n"
    scene.write(lines)


def tear(scene: Scene) -> None:
    scene.log.write_bytes(scene.log.read_bytes()[:-20])


def empty_line(scene: Scene) -> None:
    lines = scene.lines()
    scene.write([*lines[:2], b"\n", *lines[2:]])


def carriage_returns(scene: Scene) -> None:
    scene.log.write_bytes(scene.log.read_bytes().replace(b"\n", b"\r\n"))


def empty_log(scene: Scene) -> None:
    scene.log.write_bytes(b"")


def absent_log(scene: Scene) -> None:
    scene.log.unlink()


def absent_custody(scene: Scene) -> None:
    shutil.rmtree(scene.root / "custody")


def link_log(scene: Scene) -> None:
    moved = scene.log.rename(scene.root.parent / "moved.jsonl")
    scene.log.symlink_to(moved)


def pipe_for_log(scene: Scene) -> None:
    scene.log.unlink()
    os.mkfifo(scene.log)


def remove_older_seal(scene: Scene) -> None:
    (scene.seals / seal_name(5)).unlink()


def remove_last_seal(scene: Scene) -> None:
    (scene.seals / seal_name(8)).unlink()


def swap_seals(scene: Scene) -> None:
    five, eight = scene.seals / seal_name(5), scene.seals / seal_name(8)
    content = five.read_bytes()
    five.write_bytes(eight.read_bytes())
    eight.write_bytes(content)


def seal_of_other_case(scene: Scene) -> None:
    other = build(scene.root.parent / "other", case="KS-2026-002", key=scene.key)
    shutil.copy(other.seals / seal_name(8), scene.seals / seal_name(8))


def stray_seal(scene: Scene) -> None:
    (scene.seals / "note.txt").write_bytes(b"x")


def seal_as_pipe(scene: Scene) -> None:
    os.mkfifo(scene.seals / seal_name(3))


def unexpected_torn(scene: Scene) -> None:
    (scene.root / "custody" / "torn").mkdir()
    (scene.root / "custody" / "torn" / digest.of_bytes(b"planted")).write_bytes(b"planted")


def stray_in_custody(scene: Scene) -> None:
    (scene.root / "custody" / "log.jsonl.bak").write_bytes(scene.log.read_bytes())


# Alterations of what the log speaks of


def edit_evidence(scene: Scene) -> None:
    (scene.root / "evidence" / "PC01.E01").write_bytes(b"image of a dusk")


def grow_evidence(scene: Scene) -> None:
    (scene.root / "evidence" / "PC01.E01").write_bytes(b"image of a disk and more")


def remove_evidence(scene: Scene) -> None:
    (scene.root / "evidence" / "PC01.E01").unlink()


def pipe_for_evidence(scene: Scene) -> None:
    remove_evidence(scene)
    os.mkfifo(scene.root / "evidence" / "PC01.E01")


def edit_product(scene: Scene) -> None:
    (scene.root / "tables/windows_lnk/evidence=pc01/1.parquet").write_bytes(b"r0ws")


def remove_product(scene: Scene) -> None:
    (scene.root / "sheets/s1.parquet").unlink()


def add_product(scene: Scene) -> None:
    (scene.root / "tables/windows_lnk/evidence=pc01/2.parquet").write_bytes(b"more rows")


def add_hidden_product(scene: Scene) -> None:
    (scene.root / "report/.hidden").write_bytes(b"x")


def link_product(scene: Scene) -> None:
    moved = (scene.root / "report/report.html").rename(scene.root / "evidence" / "report.html")
    (scene.root / "report/report.html").symlink_to(moved)


def link_product_folder(scene: Scene) -> None:
    moved = (scene.root / "sheets").rename(scene.root / "evidence" / "sheets")
    (scene.root / "sheets").symlink_to(moved)


def pipe_for_product(scene: Scene) -> None:
    remove_product(scene)
    os.mkfifo(scene.root / "sheets/s1.parquet")


def undecodable_name(scene: Scene) -> None:
    (scene.root / os.fsdecode(b"tables/\xff\x1b[2J")).write_bytes(b"x")


def edit_rule(scene: Scene) -> None:
    (scene.project / RULE).write_text("rule none { condition: false }", encoding="utf-8")


def remove_rule(scene: Scene) -> None:
    (scene.project / RULE).unlink()


def add_rule(scene: Scene) -> None:
    (scene.project / "rules/malware/more.yar").write_text("rule more { condition: true }", encoding="utf-8")


def edit_parser(scene: Scene) -> None:
    (scene.project / PARSER).write_text("yields nothing", encoding="utf-8")


Alteration = Callable[[Scene], None]
# What is altered, and the checks that must fail: these and no other.
ALTERATIONS: dict[Alteration, set[int]] = {
    edit: {2, 3},
    insert: {2, 3},
    delete: {2, 3},
    delete_first: {2, 3},
    swap: {2, 3},
    cut_tail: {3},
    cut_tail_with_last_seal: {3},
    cut_to_genesis_without_seals: {3, 6},
    replace_by_other_case: {3},
    rechain: {3},
    rechain_without_seals: {3},
    rechain_signed_by_foreign_key: {3},
    append_forged: {3},
    append_forged_signed_by_foreign_key: {3},
    backdate: {2, 3},
    repeat_key: {1, 2, 3},
    reformat: {1, 2, 3, 5, 6},
    tear: {1, 3},
    empty_line: {1, 2, 3},
    carriage_returns: {1, 2, 3, 6},
    empty_log: {1, 2, 3, 6},
    absent_log: {1, 2, 3, 6},
    absent_custody: {1, 2, 3, 6},
    link_log: {1, 2, 3, 6},
    pipe_for_log: {1, 2, 3, 6},
    remove_older_seal: {3},
    remove_last_seal: {3},
    swap_seals: {3},
    seal_of_other_case: {3},
    stray_seal: {3},
    seal_as_pipe: {3},
    unexpected_torn: {1},
    stray_in_custody: {1},
    edit_evidence: {4},
    grow_evidence: {4},
    remove_evidence: {4},
    pipe_for_evidence: {4},
    edit_product: {6},
    remove_product: {6},
    add_product: {6},
    add_hidden_product: {6},
    link_product: {6},
    link_product_folder: {6},
    pipe_for_product: {6},
    undecodable_name: {6},
    edit_rule: {7},
    remove_rule: {7},
    add_rule: {7},
    edit_parser: {7},
}


@pytest.mark.parametrize("alteration", ALTERATIONS, ids=lambda one: one.__name__)
def test_an_alteration_fails_the_checks_it_must_and_no_other(scene: Scene, alteration: Alteration) -> None:
    alteration(scene)
    found = scene.verify()
    assert failed(found) == ALTERATIONS[alteration]
    assert not found.is_intact
    for one in found.checks:
        assert (one.passed is False) == bool(one.details and one.found.endswith(one.details[0]))
        assert "\x1b" not in "".join((one.found, *one.details))


def pretend_to_be_new(scene: Scene) -> None:
    """The whole history written again under another key, genesis included."""
    records = forged(scene)
    name = public_text(load_key(foreign_key(scene)))
    lines = rewrite(scene, [replace(one, public_key=name) if one.public_key else one for one in records])
    sign_again(scene, lines, foreign_key(scene))


def use_stolen_key(scene: Scene) -> None:
    sign_again(scene, rewrite(scene, forged(scene)), scene.key)


def roll_back(scene: Scene) -> None:
    """The case as it stood at its first seal, products and all."""
    scene.write(scene.lines()[:5])
    (scene.seals / seal_name(8)).unlink()
    shutil.rmtree(scene.root / "report")


def replace_whole_case(scene: Scene) -> None:
    other = build(scene.root.parent / "other", case="KS-2026-002", key=scene.key)
    shutil.rmtree(scene.root)
    shutil.copytree(other.root, scene.root)


# What nothing inside the case can show, and what shows it: a head, or a key, noted outside.
INTACT_UNPINNED: dict[Alteration, set[str]] = {
    pretend_to_be_new: {"expect_head", "public_key"},
    use_stolen_key: {"expect_head"},
    roll_back: {"expect_head"},
    replace_whole_case: {"expect_head"},
}


@pytest.mark.parametrize("alteration", INTACT_UNPINNED, ids=lambda one: one.__name__)
def test_only_what_was_noted_outside_shows_a_whole_new_history(scene: Scene, alteration: Alteration) -> None:
    noted = {"expect_head": scene.head, "public_key": scene.public_key()}
    alteration(scene)
    found = scene.verify()
    assert found.is_intact
    assert found.tail_pinned.startswith("no (no head noted outside was given")
    for name, value in noted.items():
        assert failed(scene.verify(**{name: value})) == (
            {3} if name in INTACT_UNPINNED[alteration] else set()
        )


def test_a_head_noted_earlier_pins_what_came_before_it(scene: Scene) -> None:
    early = f"5:{link(read(scene.root).lines[4])}"
    found = scene.verify(expect_head=early)
    assert found.is_intact
    assert found.tail_pinned == "yes (by the head given, at size 5, 3 records after)"
    for wrong in (f"5:{'0' * 64}", f"9:{scene.head[2:]}", f"0:{NO_LINE}", f"9999999999:{NO_LINE}"):
        found = scene.verify(expect_head=wrong)
        assert failed(found) == {3}
        assert found.tail_pinned == "no (the head given is not in this log)"


@pytest.mark.parametrize(
    "given", [{"expect_head": "8"}, {"expect_head": "8:xyz"}, {"public_key": "abc"}, {"public_key": ""}]
)
def test_a_head_or_key_that_cannot_be_one_is_refused(scene: Scene, given: dict[str, str]) -> None:
    with pytest.raises(CustodyError):
        scene.verify(**given)


# Every bit


def test_no_flipped_bit_of_a_sealed_log_goes_unseen(tmp_path: Path) -> None:
    root = tmp_path / "case"
    root.mkdir()
    with CustodyLog.open(root, "KS-2026-001", TOKYO, Actor(name="鑑識"), key=tmp_path / "k" / "key") as log:
        log.append("rule_ruling", note="一")
        log.seal()
    path = root / "custody" / "log.jsonl"
    content = path.read_bytes()
    seed = random.randrange(1 << 32)
    chosen = random.Random(seed)
    for at in range(len(content)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << chosen.randrange(8)
        path.write_bytes(flipped)
        assert failed(verify(root)) & {1, 2, 3}, f"byte {at}, seed {seed}"


def test_no_flipped_bit_of_a_seal_goes_unseen(scene: Scene) -> None:
    path = scene.seals / seal_name(8)
    content = path.read_bytes()
    for at in range(len(content)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << (at % 8)
        path.write_bytes(flipped)
        assert failed(scene.verify()) == {3}, at


def test_a_log_cut_at_any_byte_of_its_end_is_seen(scene: Scene) -> None:
    content = scene.log.read_bytes()
    for size in range(len(content) - 700, len(content)):
        scene.log.write_bytes(content[:size])
        assert 3 in failed(scene.verify()), size


def hostile() -> Iterator[bytes]:
    chosen = random.Random(20261006)
    yield from (
        b"\n" * 1000,
        b"{}\n" * 100,
        b"[" * 100_000 + b"\n",
        b"null\ntrue\n",
        b"\xff\xfe\n",
        b"\0" * 5000,
        b'{"v":1e999}\n',
    )
    for _ in range(40):
        yield chosen.randbytes(300).replace(b" ", b"\n")


def test_hostile_bytes_are_told_and_never_raised(scene: Scene) -> None:
    for content in hostile():
        scene.log.write_bytes(content)
        (scene.seals / seal_name(5)).write_bytes(content)
        assert {1, 2, 3} <= failed(scene.verify())


def test_a_recorded_path_that_leads_elsewhere_reads_nothing_there(scene: Scene) -> None:
    records = records_of(scene)
    item = records[1].materials[0]
    for path in (
        "/dev/zero",
        "/proc/self/mem",
        "../../../../../../dev/full",
        "evidence",
        "a\n\x1b[2J",
        "x" * 5000,
    ):
        records[1] = replace(
            records[1], materials=(replace(item, files=(EvidenceFile(path=path, size=0, sha256="0" * 64),)),)
        )
        rewrite(scene, records)
        assert {3, 4} <= failed(scene.verify())


# Completeness


def test_work_that_did_not_end_is_incomplete_and_not_tampering(scene: Scene) -> None:
    with CustodyLog.open(scene.root, "KS-2026-001", TOKYO, Actor(name="鑑識"), key=scene.key) as log:
        log.append("step_begin", step="match", step_id="3" * 64)
        log.append("step_begin", step="scope", step_id="4" * 64)
        log.append("step_failed", step="scope", step_id="4" * 64, result=Result(status="failed"))
        log.seal()
    found = scene.verify()
    assert found.is_intact and not found.is_complete
    assert [one.split(": ", 1)[1] for one in found.incomplete] == [
        "step match was begun and did not end",
        "step scope failed and was not done again",
    ]


def test_a_run_that_was_not_sealed_is_incomplete(scene: Scene) -> None:
    with CustodyLog.open(scene.root, "KS-2026-001", TOKYO, Actor(name="鑑識"), key=scene.key) as log:
        log.append("rule_ruling", note="x")
    found = scene.verify()
    assert failed(found) == {3}
    assert found.incomplete == ("the log is not sealed to its end: the last run did not finish",)


# What is right must not fail


def continued(scene: Scene) -> CustodyLog:
    return CustodyLog.open(scene.root, "KS-2026-001", TOKYO, Actor(name="鑑識"), key=scene.key)


def test_a_step_done_again_takes_the_place_of_the_earlier_one(scene: Scene) -> None:
    (scene.project / RULE).write_text("changed for a reason", encoding="utf-8")
    assert failed(scene.verify()) == {7}
    rules = tuple(RuleUse(file=file, sha256=digest.of_file(scene.project / file)) for file in (RULE, PARSER))
    old = "tables/windows_lnk/evidence=pc01/1.parquet"
    with continued(scene) as log:
        item = replace(records_of(scene)[1].materials[0], files=())
        log.append("step_begin", step="extract pc01", step_id="5" * 64, materials=(item,), rules=rules)
        new = placed(scene.root, "tables/windows_lnk/evidence=pc01/2.parquet", b"other rows")
        done = Result(status="complete")
        log.append(
            "step_end",
            step="extract pc01",
            step_id="5" * 64,
            materials=(item,),
            rules=rules,
            products=(new,),
            superseded=(old, "sheets/s1.parquet"),
            result=done,
        )
        log.seal()
    assert failed(scene.verify()) == {6}
    (scene.root / old).unlink()
    (scene.root / "sheets/s1.parquet").unlink()
    found = scene.verify()
    assert found.is_intact and found.is_complete


def test_a_folder_of_products_is_a_material_only_as_it_stood_then(scene: Scene) -> None:
    with continued(scene) as log:
        wrong = Material(
            id="tables/windows_lnk", sha256=listing_sha256([("tables/windows_lnk/none", "0" * 64)])
        )
        log.append(
            "step_begin",
            step="scope",
            step_id="6" * 64,
            materials=(log.material("tables/windows_lnk"), wrong),
        )
        log.append("step_end", step="scope", step_id="6" * 64, result=Result(status="complete"))
        log.seal()
    found = scene.verify()
    assert failed(found) == {5}
    assert len(found.checks[4].details) == 1


def test_evidence_registered_again_with_another_digest_fails_unless_withdrawn(scene: Scene) -> None:
    other = scene.root / "evidence" / "PC01.E01"
    other.write_bytes(b"a better copy")
    image = EvidenceFile(path="evidence/PC01.E01", size=13, sha256=digest.of_file(other))
    item = Material(id="pc01", sha256=digest.of_bytes(b"other medium"), files=(image,))
    with continued(scene) as log:
        log.append("evidence_register", materials=(item,))
        log.seal()
    assert failed(scene.verify()) == {4}
    with continued(scene) as log:
        log.append(
            "evidence_register",
            materials=(item,),
            superseded=("pc01",),
            note="copied again: the first copy was damaged",
        )
        log.seal()
    assert scene.verify().is_intact


def test_evidence_of_many_files_may_be_registered_in_parts(scene: Scene) -> None:
    files = []
    for number in range(4):
        path = scene.root / "evidence" / f"mail{number}.eml"
        path.write_bytes(b"mail %d" % number)
        files.append(EvidenceFile(path=f"evidence/mail{number}.eml", size=6, sha256=digest.of_file(path)))
    listing = listing_sha256((one.path, one.sha256) for one in files)
    with continued(scene) as log:
        for part in (files[:2], files[2:]):
            log.append(
                "evidence_register", materials=(Material(id="mails", sha256=listing, files=tuple(part)),)
            )
        log.seal()
    found = scene.verify()
    assert found.is_intact
    assert found.checks[3].found == "5 files of 2 items read again"
    (scene.root / "evidence" / "mail3.eml").unlink()
    assert failed(scene.verify()) == {4}


def test_the_checks_that_need_the_stages_are_run_when_given(scene: Scene) -> None:
    def good(root: Path) -> Check:
        assert root == scene.root
        return Check(number=8, name=NAMES[8], passed=True, expected="same", found="same")

    def stopped(root: Path) -> Check:
        raise EvidenceError("the item cannot be opened")

    def unreadable(root: Path) -> Check:
        raise ValueError("no figures")

    found = verify(scene.root, project=scene.project, again={8: good, 9: stopped, 10: unreadable})
    assert [one.passed for one in found.checks] == [True] * 8 + [False] * 2
    assert found.checks[8].details == ("EvidenceError: the item cannot be opened",)


def test_verifying_changes_nothing_and_takes_no_lock(scene: Scene) -> None:
    before = {one: one.read_bytes() for one in scene.root.rglob("*") if one.is_file()}
    with continued(scene) as log:
        assert scene.verify().is_intact
        assert log.seal() is None
    scene.verify()
    assert {one: one.read_bytes() for one in scene.root.rglob("*") if one.is_file()} == before


# The manual's way by hand, with the tools of others

MANUAL = (
    (Path(__file__).resolve().parents[2] / "docs" / "custody.md")
    .read_text(encoding="utf-8")
    .split("## By hand")[1]
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)


def by_hand(scene: Scene, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=scene.root, capture_output=True, text=True, timeout=60, check=False)


def test_the_chain_can_be_checked_by_hand(scene: Scene) -> None:
    (script,) = blocks("python")
    assert by_hand(scene, sys.executable, "-I", "-c", script).stdout.strip() == scene.head
    edit(scene)
    assert "line 5 does not follow" in by_hand(scene, sys.executable, "-I", "-c", script).stderr


@pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("jq", "openssl", "xxd", "sha256sum")),
    reason="jq, openssl, xxd and sha256sum are what the manual uses",
)
def test_seal_evidence_and_products_can_be_checked_by_hand(scene: Scene) -> None:
    seal, evidence, products = blocks("sh")
    told = by_hand(scene, "sh", "-e", "-c", seal)
    assert "Signature Verified Successfully" in told.stdout
    assert told.stdout.split().count(scene.public_key()) == 1
    size, head = scene.head.split(":")
    assert f"\n{size}\n" in told.stdout
    assert f"head {head}\n" in told.stdout
    assert by_hand(scene, "sh", "-e", "-c", evidence).stdout == "evidence/PC01.E01: OK\n"
    checked = by_hand(scene, "sh", "-e", "-c", products)
    assert checked.returncode == 0
    assert checked.stdout.count(": OK\n") == 3
    edit_product(scene)
    assert by_hand(scene, "sh", "-e", "-c", products).returncode == 1
