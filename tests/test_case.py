"""case.toml: what is read, what stands in for what is missing, and what is refused with key and line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import case, digest
from pipeline.errors import CaseError

WHOLE = """\
[case]
number = "KS-2026-001"
client = "株式会社 例"
examiner = "鑑識 担当"
time_zone = "Asia/Tokyo"
[entity]
kind = "private"
law_packs = ["appi-private", "my-number"]
ordinance_defines = []
[incident]
cause = "insider_exfiltration"
improper_purpose = "yes"
window_from = "2026-09-14T00:00:00+09:00"
window_to = "2026-09-30T23:59:59+09:00"
mail_domains = ["example.co.jp"]
passwords = ["env:CASE_PASSWORDS"]
[[knowledge]]
department = "総務部"
at = "2026-10-05T09:30:00+09:00"
[[evidence]]
id = "pc01"
path = "evidence/PC01.E01"
role = "host"
custodian = "営業部"
acquired_by = "鑑識 担当"
acquired_at = "2026-10-06T10:10:00+09:00"
acquired_with = "ewfacquire"
md5 = "D41D8CD98F00B204E9800998ECF8427E"
encryption = "none"
keys = { bitlocker_recovery = "env:PC01_RECOVERY" }
[[evidence]]
id = "usb"
path = "evidence/usb.dd"
role = "leaked_medium"
[[ruling]]
on = "fact:recovered_before_viewing"
decision = "confirmed"
reason = "受信者が削除した"
"""


def folder(tmp_path: Path, toml: str | None, *names: str) -> Path:
    (tmp_path / "evidence").mkdir()
    for name in names:
        (tmp_path / "evidence" / name).write_bytes(b"x")
    if toml is not None:
        (tmp_path / "case.toml").write_text(toml, encoding="utf-8")
    return tmp_path


def test_a_whole_case_is_read_key_by_key(tmp_path: Path) -> None:
    one = case.load(folder(tmp_path, WHOLE))
    assert (one.number, one.client, one.examiner) == ("KS-2026-001", "株式会社 例", "鑑識 担当")
    assert one.incident.window_from == datetime(2026, 9, 13, 15, tzinfo=UTC)
    assert one.knowledge[0].at == datetime(2026, 10, 5, 0, 30, tzinfo=UTC)
    assert [item.id for item in one.evidence] == ["pc01", "usb"]
    assert one.item("pc01").stated_digests == {"md5": "d41d8cd98f00b204e9800998ecf8427e"}
    assert one.source(one.item("usb")) == tmp_path / "evidence" / "usb.dd"
    assert one.rulings[0].kind == "fact"
    assert one.rulings[0].subject == "recovered_before_viewing"
    assert one.rulings[0].by == "鑑識 担当"
    assert one.toml_sha256 == digest.of_bytes((tmp_path / "case.toml").read_bytes())
    assert str(one.zone) == "Asia/Tokyo"


def test_only_the_number_is_needed_and_defaults_are_named(tmp_path: Path) -> None:
    one = case.load(folder(tmp_path, '[case]\nnumber = "X"\n', "mail.eml"))
    assert one.incident.cause == "unknown"
    assert one.incident.improper_purpose == "unknown"
    assert one.evidence[0] == case.EvidenceSpec(id="mail-eml", path="evidence/mail.eml")
    assert {"case.client", "entity.kind", "incident.cause", "incident.window_to", "evidence"} <= set(
        one.defaulted
    )


def test_a_folder_with_only_evidence_is_a_case_named_as_the_folder(tmp_path: Path) -> None:
    root = tmp_path / "KS-9"
    root.mkdir()
    one = case.load(folder(root, None, "a.eml"))
    assert (one.number, one.toml_sha256) == ("KS-9", None)
    assert [item.path for item in one.evidence] == ["evidence/a.eml"]


def test_segments_and_sidecars_belong_to_their_image() -> None:
    names = ["PC.E01", "PC.E02", "PC.EAA", "PC.E01.txt", "PC.md5", "usb.001", "usb.002", "usb.001.sha1", "usb.txt",
             "vm.vmdk", "vm-flat.vmdk", "vm-s001.vmdk", "notes.txt", "notes.eml", "x.ex01", "x.ex02"]  # fmt: skip
    assert case.items_under(names) == ("PC.E01", "notes.eml", "notes.txt", "usb.001", "vm.vmdk", "x.ex01")


def test_an_image_without_its_first_segment_is_still_one_item() -> None:
    assert case.items_under(["PC.E02", "PC.E03"]) == ("PC.E02",)


def test_numbered_files_without_a_first_are_not_taken_for_segments() -> None:
    assert case.items_under(["app.104", "app.105", "a.ear", "b.exe"]) == (
        "a.ear",
        "app.104",
        "app.105",
        "b.exe",
    )


def test_names_become_unique_ids(tmp_path: Path) -> None:
    one = case.load(folder(tmp_path, None, "顧客.eml", "社員.eml", "A b.eml", "A_B.eml", "名簿"))
    assert sorted(item.id for item in one.evidence) == ["a-b-eml", "a-b-eml-2", "eml", "eml-2", "item"]


def test_an_item_no_block_names_is_said(tmp_path: Path) -> None:
    toml = '[case]\nnumber = "X"\n[[evidence]]\nid = "a"\npath = "evidence/a.E01"\n'
    assert case.load(folder(tmp_path, toml, "a.E01", "a.E02", "b.eml")).unlisted == ("b.eml",)


def test_a_time_without_offset_is_read_in_the_zone_of_the_case(tmp_path: Path) -> None:
    toml = '[case]\nnumber = "X"\ntime_zone = "Asia/Seoul"\n[[knowledge]]\nat = 2026-01-02T09:00:00\n'
    assert case.load(folder(tmp_path, toml)).knowledge[0].at == datetime(2026, 1, 2, tzinfo=UTC)


def test_places_lie_in_the_folder_of_the_case(tmp_path: Path) -> None:
    one = case.load(folder(tmp_path, WHOLE))
    places = (one.custody, one.tables, one.sheets, one.report, one.work, one.toml)
    assert [place.name for place in places] == ["custody", "tables", "sheets", "report", "work", "case.toml"]
    assert all(place.parent == tmp_path for place in places)


@pytest.mark.parametrize(
    ("before", "after", "named", "line"),
    [
        ('client = "株式会社 例"', 'cleint = "x"', "case.cleint", 3),
        ("[entity]", "[entitty]", "entitty", 6),
        ('kind = "private"', 'kind = "company"', "entity.kind", 7),
        ('cause = "insider_exfiltration"', 'cause = "magic"', "incident.cause", 11),
        ('improper_purpose = "yes"', "improper_purpose = true", "incident.improper_purpose", 12),
        ('window_to = "2026-09-30T23:59:59+09:00"', 'window_to = "2026-09-01"', "incident.window_to", 14),
        ('["env:CASE_PASSWORDS"]', '["hunter2"]', "incident.passwords", 16),
        ('at = "2026-10-05T09:30:00+09:00"', 'at = "yesterday"', "knowledge.at", 19),
        ('id = "usb"', 'id = "pc01"', "evidence.id", 32),
        ('id = "usb"', 'id = "USB 1"', "evidence.id", 32),
        ('role = "leaked_medium"', 'role = "stick"', "evidence.role", 34),
        ('path = "evidence/usb.dd"', "path = 3", "evidence.path", 33),
        ('path = "evidence/usb.dd"', 'path = "../usb.dd"', "evidence.path", 33),
        ('path = "evidence/usb.dd"', r'path = "evidence/\u0000"', "evidence.path", 33),
        ('md5 = "D41D8CD98F00B204E9800998ECF8427E"', 'md5 = "D41D"', "evidence.md5", 28),
        ('"env:PC01_RECOVERY"', '"123456-654321"', "evidence.keys", 30),
        ('on = "fact:recovered_before_viewing"', 'on = "weather:fine"', "ruling.on", 36),
        ('on = "fact:recovered_before_viewing"', 'on = "passwords:all"', "ruling.on", 36),
        ('on = "fact:recovered_before_viewing"', 'on = "passwords:found"', "ruling.decision", 37),
        ('reason = "受信者が削除した"', "", "ruling", 35),
        ('number = "KS-2026-001"', "", "case", 1),
    ],
)
def test_what_is_wrong_is_refused_with_key_and_line(
    tmp_path: Path, before: str, after: str, named: str, line: int
) -> None:
    assert before in WHOLE
    with pytest.raises(CaseError) as caught:
        case.load(folder(tmp_path, WHOLE.replace(before, after)))
    assert f"line {line}: {named} " in str(caught.value)


def test_a_literal_secret_is_not_repeated_in_the_message(tmp_path: Path) -> None:
    with pytest.raises(CaseError) as caught:
        case.load(folder(tmp_path, WHOLE.replace("env:CASE_PASSWORDS", "hunter2")))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"[case\n", b"\xff\xfe", b"[[case]]\nnumber='x'\n", b"evidence = 3\n[case]\nnumber='x'"]
)
def test_a_damaged_case_toml_is_a_case_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "case.toml").write_bytes(content)
    with pytest.raises(CaseError):
        case.load(tmp_path)


def test_a_key_inside_a_long_string_is_not_taken_for_the_key(tmp_path: Path) -> None:
    toml = '[case]\nnumber = "X"\n[[ruling]]\non = "fact:event"\ndecision = "leak"\nreason = """\nby = 1\n"""\nby = 2\n'
    with pytest.raises(CaseError, match=r"line 6: ruling\.reason"):
        case.load(folder(tmp_path, toml))


def test_an_empty_folder_is_no_case(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no case"):
        case.load(tmp_path)
    with pytest.raises(CaseError, match="missing"):
        case.load(tmp_path / "absent")


def test_a_scaffold_loads_and_is_never_overwritten(tmp_path: Path) -> None:
    toml = case.scaffold(tmp_path / "KS-1", client='"例"\\社', examiner="担当")
    one = case.load(toml.parent)
    assert (one.number, one.client, one.examiner) == ("KS-1", '"例"\\社', "担当")
    assert (toml.parent / "evidence").is_dir()
    with pytest.raises(CaseError, match="already exists"):
        case.scaffold(tmp_path / "KS-1")


def test_every_commented_line_of_the_scaffold_is_valid(tmp_path: Path) -> None:
    toml = case.scaffold(tmp_path / "KS-1")
    lines = toml.read_text(encoding="utf-8").splitlines()
    shown = [
        line.removeprefix("# ") if line.startswith("# ") and ("=" in line or "[[" in line) else line
        for line in lines
    ]
    toml.write_text("\n".join(shown).replace('sha256 = "..."', f'sha256 = "{"0" * 64}"'), encoding="utf-8")
    one = case.load(toml.parent)
    assert one.evidence[0].keys == {"bitlocker_recovery": "env:PC01_RECOVERY"}
    assert one.rulings[0].decision == "confirmed"


def test_a_name_is_sought_under_cases_and_then_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cases" / "A").mkdir(parents=True)
    (tmp_path / "B").mkdir()
    monkeypatch.chdir(tmp_path)
    assert case.find("A") == Path("cases/A")
    assert case.find("B") == Path("B")
    assert case.find(str(tmp_path / "B")) == tmp_path / "B"
    with pytest.raises(CaseError, match="kanshiki init C"):
        case.find("C")
