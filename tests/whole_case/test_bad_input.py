"""Bad input is a clear error or a problem row, and nothing is ever written outside the case."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from fixtures.builders.sheets import csv_bytes, xlsx_bytes
from pipeline import case as cases
from pipeline import cli
from pipeline.errors import CaseError
from pipeline.evidence.names import escape, unescape
from pipeline.work.job import Limits
from tests.whole_case import ask, copied, digests, run_case


def case_of(folder: Path, **files: bytes) -> Path:
    root = folder / "case"
    (root / "evidence").mkdir(parents=True)
    for name, content in files.items():
        (root / "evidence" / name.replace("__", ".")).write_bytes(content)
    return root


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, [*words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_missing_case_is_told_with_what_to_do() -> None:
    code, said = invoke("run", "/nowhere/at/all")
    assert code == CaseError.exit_code
    assert "/nowhere/at/all" in said


def test_an_unknown_key_is_told_with_its_line(tmp_path: Path) -> None:
    root = case_of(tmp_path, a__txt=b"text\n")
    (root / "case.toml").write_text('[case]\nnumber = "X"\nclinet = "typo"\n', encoding="utf-8")
    with pytest.raises(CaseError, match=r"(?s)line 3.*clinet|clinet.*line 3"):
        cases.load(root)


@pytest.mark.parametrize("name", ["empty.E01", "gone.E01"])
def test_evidence_that_cannot_be_used_stops_that_item_only(tmp_path: Path, name: str) -> None:
    root = case_of(tmp_path, good__csv=csv_bytes([("氏名", "電話番号"), ("見本 太郎", "090-1111-2222")]))
    toml = '[case]\nnumber = "X"\n[[evidence]]\nid = "good"\npath = "evidence/good.csv"\n[[evidence]]\nid = "bad"\npath = "evidence/{}"\n'
    (root / "case.toml").write_text(toml.format(name), encoding="utf-8")
    if name.startswith("empty"):
        (root / "evidence" / name).write_bytes(b"")
    outcome = run_case(root)
    assert outcome.exit_code == 4
    assert len(outcome.stopped) == 1
    assert name in outcome.stopped[0]
    assert ask(root, "SELECT count(*) FROM mention WHERE evidence_id = 'good'") == [(1,)]


def test_a_digest_that_does_not_agree_stops_the_item(tmp_path: Path) -> None:
    root = case_of(tmp_path, a__csv=b"a,b\n1,2\n", a__csv__sha256=b"0" * 64 + b"  a.csv\n")
    outcome = run_case(root)
    assert outcome.exit_code == 4
    assert ask(root, "SELECT acquisition FROM evidence_item") == [("mismatch",)]
    assert ask(root, "SELECT count(*) FROM file_entry") == [(0,)]
    # A second run says so again.
    assert run_case(root).exit_code == 4


def test_a_bit_flipped_in_an_image_is_found_before_anything_is_parsed(tmp_path: Path) -> None:
    root = copied("usb-takeout", tmp_path)
    image = root / "evidence" / "USB01.E01"
    content = bytearray(image.read_bytes())
    content[len(content) // 2] ^= 0x10
    image.write_bytes(content)
    outcome = run_case(root)
    assert outcome.exit_code == 4
    assert ask(root, "SELECT count(*) FROM file_entry WHERE evidence_id = 'usb01'") == [(0,)]
    assert ask(root, "SELECT count(*) > 0 FROM file_entry WHERE evidence_id = 'pc01'") == [(True,)]


def test_files_that_are_not_what_their_name_says_are_problems(tmp_path: Path) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"\0" * (80 << 20))
    root = case_of(
        tmp_path,
        SYSTEM=b"regf" + b"\0" * 600,
        log__evtx=b"ElfFile\0" + b"\xff" * 5000,
        damaged__xlsx=xlsx_bytes({"s": [("名前", "値"), ("a", 1)]})[:700],
        bomb__xlsx=bomb.getvalue(),
        notmail__eml=b"\x7fELF" + b"\0" * 100,
        picture__eml=b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        scan__pdf=b"%PDF-1.7\n%%EOF\n",
    )
    outcome = run_case(root)
    assert outcome.exit_code == 1
    kinds = dict(
        ask(root, "SELECT evidence_id, string_agg(DISTINCT kind, ' ' ORDER BY kind) FROM problem GROUP BY 1")
    )
    assert kinds["bomb-xlsx"] == "limit"
    assert kinds["scan-pdf"] == "damaged"
    assert kinds["notmail-eml"] == "unrecognised"
    assert kinds["picture-eml"] == "unsupported"
    assert kinds["damaged-xlsx"] in ("damaged", "damaged unrecognised", "unrecognised")
    assert {"system", "log-evtx"} <= set(kinds)
    assert ask(root, "SELECT count(*) FROM entry_content WHERE state = 'problem'") == [(7,)]


def test_a_list_of_more_rows_than_may_be_read_is_read_so_far_and_says_so(tmp_path: Path) -> None:
    rows = [
        ("氏名", "電話番号"),
        *((f"見本 {n}郎".translate(KANJI), f"090-1111-{n:04d}") for n in range(3000)),
    ]
    root = case_of(tmp_path, list__csv=csv_bytes(rows))
    toml = '[case]\nnumber = "X"\n[[evidence]]\nid = "list"\npath = "evidence/list.csv"\nrole = "leaked_medium"\n'
    (root / "case.toml").write_text(toml, encoding="utf-8")
    outcome = run_case(root, limits=Limits(rows=1000))
    assert outcome.exit_code == 1
    assert ask(root, "SELECT row_count FROM sheet") == [(1000,)]
    assert ask(root, "SELECT kind FROM problem") == [("limit",)]
    assert ask(
        root, "SELECT high, is_open FROM affected_count WHERE grade = 'confirmed' AND dimension = 'all'"
    ) == [(1000, True)]


# Figures of a name as kanji, so that they pass for one.
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
HOSTILE = (
    "../../escape.txt",
    "/etc/passwd",
    "a\nb.txt",
    "\x1b[31mred.txt",
    "=cmd().txt",
    "'); DROP TABLE x;--.txt",
    "<script>alert(1)</script>.txt",
    "a\\b.txt",
)


def test_hostile_names_stay_text_and_write_nothing_outside(tmp_path: Path) -> None:
    root = case_of(tmp_path)
    with tarfile.open(root / "evidence" / "names.tar", "w") as archive:
        for name in HOSTILE:
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b"text\n"))
        loop = tarfile.TarInfo("loop")
        loop.type, loop.linkname = tarfile.SYMTYPE, "loop"
        archive.addfile(loop)
    before = {path for path in tmp_path.rglob("*") if root not in path.parents}
    run_case(root)
    assert {path for path in tmp_path.rglob("*") if root not in path.parents} == before
    assert not (tmp_path / "escape.txt").exists()
    paths = {path for (path,) in ask(root, "SELECT path FROM file_entry WHERE kind = 'file'")}
    assert {unescape(path) for path in paths} == {"/" + name.strip("/") for name in HOSTILE}
    page = (root / "report" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert all("escape" not in path for path in digests(root))


def test_undecodable_names_survive_into_parquet_and_back(tmp_path: Path) -> None:
    root = case_of(tmp_path)
    folder = root / "evidence" / "folder"
    folder.mkdir()
    raw = [b"\xff\xfe.txt", "顧客.txt".encode("cp932"), b"plain.txt", b"back\\slash.txt"]
    for name in raw:
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(b"text\n")
    (folder / "loop").symlink_to(folder)
    run_case(root)
    found = dict(ask(root, "SELECT name, name_raw FROM file_entry WHERE kind = 'file'"))
    assert {os.fsencode(unescape(name)) for name in found} == set(raw)
    assert ask(root, "SELECT count(*) FROM entry_content") == [(4,)]
    for name, back in found.items():
        text = unescape(name)
        assert escape(text)[0] == name
        assert (
            back is None
            or text.encode("utf-8", "surrogatepass") == bytes(back)
            or os.fsencode(text) == bytes(back)
        )


def test_a_case_without_a_case_toml_runs_with_defaults(tmp_path: Path) -> None:
    root = case_of(tmp_path, list__csv=csv_bytes([("氏名", "電話番号"), ("見本 太郎", "090-1111-2222")]))
    outcome = run_case(root)
    assert outcome.exit_code == 0
    assert outcome.case == "case"


def test_a_query_cannot_leave_the_case(tmp_path: Path) -> None:
    root = case_of(tmp_path, a__txt=b"text\n")
    run_case(root)
    for sql in (
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/kanshiki-out.csv'",
        "INSTALL httpfs",
        "SELEC 1",
    ):
        code, said = invoke("query", str(root), sql)
        assert code == 8, said
    assert not Path("/tmp/kanshiki-out.csv").exists()


def test_every_help_example_names_a_command_that_works() -> None:
    for name, command in cli.main.commands.items():
        code, said = invoke(name, "--help")
        assert code == 0
        assert "Example: kanshiki" in (command.help or "")
        assert said
