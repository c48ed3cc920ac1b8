"""Pictures and pages without text are read by optical character recognition where the case asks for it, within its budget."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from fixtures.builders.card_picture import FOLDER, HOLDER
from pipeline import case as cases
from pipeline.errors import CaseError
from pipeline.extract import ocr, scans
from tests.whole_case import ask, digests, run_case

CARD = (FOLDER / "pictures" / "member-card" / "card.png").read_bytes()
needs_tesseract = pytest.mark.skipif(
    scans.find() is None,
    reason="tesseract with jpn is not on this machine: install tesseract-ocr and tesseract-ocr-jpn",
)
READ = "SELECT path, t.locator, t.content, t.status FROM text t JOIN file_entry USING (evidence_id, entry_id) WHERE segment = 'ocr' ORDER BY 1, 2"
LEFT = "SELECT path, kind, message FROM problem WHERE parser = 'pipeline/extract/ocr' ORDER BY 1"


def scanned_pdf(pages: int) -> bytes:
    """A PDF of which each page is the card and nothing else."""
    width, height = struct.unpack_from(">II", CARD, 16)
    size = CARD.index(b"IDAT") - 4
    (length,) = struct.unpack_from(">I", CARD, size)
    rows = zlib.decompress(CARD[size + 8 : size + 8 + length])
    stride = (width + 1) // 2
    dots = zlib.compress(b"".join(rows[at + 1 : at + 1 + stride] for at in range(0, len(rows), stride + 1)))
    draw = b"q 360 0 0 220 0 0 cm /I Do Q"
    image = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 4/ColorSpace/DeviceGray/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
    kids = b" ".join(b"%d 0 R" % (5 + at) for at in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        image % (width, height, len(dots), dots),
        b"<</Length %d>>stream\n%s\nendstream" % (len(draw), draw),
        *[
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 360 220]/Resources<</XObject<</I 3 0 R>>>>/Contents 4 0 R>>"
        ]
        * pages,
    ]
    out, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % one for one in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def case_of(folder: Path, pages: int | None) -> Path:
    """A picture, a scan of two pages, and another picture within an archive."""
    root = folder / "case"
    (root / "evidence" / "disk").mkdir(parents=True)
    (root / "evidence" / "disk" / "card.png").write_bytes(CARD)
    (root / "evidence" / "disk" / "scan.pdf").write_bytes(scanned_pdf(2))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("inner/card.png", CARD)
        archive.writestr("notes.txt", "担当は山田です。\n")
    (root / "evidence" / "disk" / "mail.zip").write_bytes(packed.getvalue())
    configure(root, pages)
    return root


def configure(root: Path, pages: int | None) -> None:
    asked = "" if pages is None else f"[ocr]\npages = {pages}\n"
    (root / "case.toml").write_text(f'[case]\nnumber = "X"\n{asked}', encoding="utf-8")


@needs_tesseract
def test_pages_pictures_and_members_are_read(tmp_path: Path) -> None:
    root = case_of(tmp_path, 10)
    run_case(root)
    found = ask(root, READ)
    assert [(path.lstrip("/"), locator.partition("/")[0]) for path, locator, _, _ in found] == [
        ("card.png", "picture"),
        ("mail.zip//inner/card.png", "picture"),
        ("scan.pdf", "page:1"),
        ("scan.pdf", "page:2"),
    ]
    for _, locator, content, status in found:
        assert f"{HOLDER.surname} {HOLDER.given}" in content and "-".join(HOLDER.phone) in content
        assert int(locator.partition("confidence:")[2]) > 60
        assert status == "partial"
    assert ask(root, LEFT) == []
    # What it misses is not counted: the pages stay open.
    assert ask(root, "SELECT count(*) FROM document WHERE NOT is_complete AND path LIKE '%scan.pdf'") == [
        (1,)
    ]
    before = digests(root)
    run_case(root)
    assert {name: one for name, one in digests(root).items() if name.startswith("tables/text/")} == {
        name: one for name, one in before.items() if name.startswith("tables/text/")
    }


@needs_tesseract
def test_pages_beyond_the_budget_are_counted(tmp_path: Path) -> None:
    root = case_of(tmp_path, 1)
    run_case(root)
    assert [path.lstrip("/") for path, *_ in ask(root, READ)] == ["scan.pdf"]
    left = ask(root, LEFT)
    assert [(path.lstrip("/"), kind, message.partition(" ")[0]) for path, kind, message in left] == [
        ("card.png", "limit", "1"),
        ("mail.zip//inner/card.png", "limit", "1"),
        ("scan.pdf", "limit", "1"),
    ]
    assert "budget of 1 pages" in left[0][2]
    # A larger budget reads the others; none takes all of it back.
    configure(root, 4)
    run_case(root)
    assert (len(ask(root, READ)), ask(root, LEFT)) == (4, [])
    configure(root, 0)
    run_case(root)
    assert (ask(root, READ), ask(root, LEFT)) == ([], [])


def test_without_the_program_the_pages_stay_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    root = case_of(tmp_path, 10)
    run_case(root)
    assert ask(root, READ) == []
    left = ask(root, LEFT)
    assert [(path.lstrip("/"), kind) for path, kind, _ in left] == [
        ("card.png", "unsupported"),
        ("mail.zip//inner/card.png", "unsupported"),
        ("scan.pdf", "unsupported"),
    ]
    assert left[2][2].startswith("2 pages or pictures") and "tesseract-ocr-jpn" in left[2][2]


def test_nothing_is_read_unless_asked_for(tmp_path: Path) -> None:
    root = case_of(tmp_path, None)
    run_case(root)
    assert (ask(root, READ), ask(root, LEFT)) == ([], [])


@pytest.mark.parametrize("value", ["-1", "true", '"10"', "1.5", "10000000"])
def test_a_budget_is_a_number(tmp_path: Path, value: str) -> None:
    root = case_of(tmp_path, None)
    (root / "case.toml").write_text(f'[case]\nnumber = "X"\n[ocr]\npages = {value}\n', encoding="utf-8")
    with pytest.raises(CaseError, match=r"(?s)line 4.*ocr\.pages"):
        cases.load(root)


@needs_tesseract
@pytest.mark.parametrize("picture", [b"", b"no picture", CARD[:500], b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_what_is_no_picture_is_told(picture: bytes) -> None:
    program = scans.find()
    assert program is not None
    with pytest.raises(ocr.OcrError, match="tesseract ended with"):
        ocr.read_picture(program.path, picture)


def test_a_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o700)
    monkeypatch.setattr(ocr, "PAGE_SECONDS", 1)
    with pytest.raises(ocr.OcrLimitError, match="more than 1 seconds"):
        ocr.read_picture(slow, CARD)


def test_lines_the_program_is_not_sure_of_are_left_out() -> None:
    head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
    words = [
        (1, 0, 30, 90, "氏"), (1, 32, 30, 90, "名"), (1, 100, 60, 80, '山"田'), (2, 0, 30, 20, "|:.;"), (3, 0, 30, 95, " "), (3, 50, 30, 60, "東京"),
    ]  # fmt: skip
    table = head + "".join(
        f"5\t1\t1\t1\t{line}\t1\t{left}\t0\t{width}\t30\t{sure}\t{word}\n"
        for line, left, width, sure, word in words
    )
    assert ocr.reading(table) == ocr.Reading(text='氏名 山"田\n東京', confidence=77)
    assert ocr.reading("") == ocr.Reading(text="", confidence=0)
