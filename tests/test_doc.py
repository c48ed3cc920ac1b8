"""Binary documents of Word: pieces, parts, tables, and what is not read told as it is."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fixtures.builders import binary_office as office
from fixtures.builders.binary_office import CELL, FOLDER, INSIDE, ONE, ROW, THREE, TWO, doc, full
from fixtures.builders.jump_lists import compound
from parsers.contract import ProblemKind
from parsers.documents.doc import doc as parser
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped, in_child


def fixture(name: str) -> Yielded:
    return run(parser, artefact(FOLDER / "doc" / name / f"{name}.doc"))


def read(content: bytes, folder: Path) -> Yielded:
    return run(parser, from_bytes(content, folder, "a.doc"))


@pytest.mark.parametrize("name", ["everything", "fast-saved"])
def test_each_part_is_read_in_its_segment(name: str) -> None:
    found = fixture(name)
    assert found.problems == []
    assert [(one.segment, one.content) for one in found.texts] == [
        ("body", f"会員台帳\nMemo “A”: {full(THREE)}\n連絡先-\n次の行"), ("field", f'HYPERLINK "mailto:{ONE.email}"'),
        ("footnote", f" 出典: {full(TWO)}"), ("header", "社外秘"), ("comment", "確認済み"), ("text_box", "枠の中"),
    ]  # fmt: skip
    ((sheet, table),) = found.sheets
    assert (sheet.locator, sheet.header) == ("table:1", ("氏名", "電話番号"))
    assert [tuple(one.values()) for one in table.to_pylist()] == [
        (2, full(ONE), "-".join(ONE.phone)),
        (3, full(TWO), "-".join(TWO.phone)),
    ]


def test_a_locator_counts_signs_as_word_does() -> None:
    found = {one.segment: one.locator for one in fixture("everything").texts}
    parts = office.word_parts()
    assert found["footnote"] == f"character:{len(parts['body']) + 1}"


def test_paragraphs_of_a_cell_stay_in_it(tmp_path: Path) -> None:
    body = f"前\r氏名{CELL}住所{CELL}{ROW}{full(ONE)}{INSIDE}様{CELL}{CELL}{ROW}後\r"
    found = read(doc({"body": body}), tmp_path)
    assert [one.content for one in found.texts] == ["前\n後"]
    assert [tuple(one.values()) for one in found.sheets[0][1].to_pylist()] == [(2, f"{full(ONE)}\n様", "")]


def test_a_form_is_told_as_labels_and_values(tmp_path: Path) -> None:
    body = f"氏 名{CELL}{full(ONE)}{CELL}{ROW}電話番号{CELL}03-0000-0001{CELL}{ROW}"
    found = read(doc({"body": body}), tmp_path)
    assert [one.content for one in found.texts] == [f"氏名: {full(ONE)}\n電話番号: 03-0000-0001"]


@pytest.mark.parametrize(
    ("flags", "head", "method"),
    [
        (0x9300, b"", "XOR obfuscation"), (0x1300, struct.pack("<HH", 1, 1), "(RC4)"),
        (0x1300, struct.pack("<HH", 4, 2), "RC4 CryptoAPI"),
    ],
)  # fmt: skip
def test_a_password_is_told_with_its_method(flags: int, head: bytes, method: str, tmp_path: Path) -> None:
    found = read(doc({"body": "秘密\r"}, flags=flags, encryption=head + bytes(60)), tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.LOCKED]
    assert method in found.problems[0].message
    assert found.texts == []


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    assert [one.kind for one in fixture("word-95").problems] == [ProblemKind.UNSUPPORTED]
    assert [one.kind for one in read(compound({"x": b"1"}), tmp_path).problems] == [ProblemKind.UNRECOGNISED]
    cut_off = read(compound({"WordDocument": b"\xec\xa5\xc1\0"}), tmp_path)
    assert [one.kind for one in cut_off.problems] == [ProblemKind.TRUNCATED]


def test_a_file_of_the_packager_is_taken_out() -> None:
    from parsers.formats.compound_objects import native

    assert native(office.native("名簿.csv", b"a,b")) == ("名簿.csv", b"a,b")
    assert native(b"\4\0\0\0abcd") == ("", b"abcd")


def shared_pieces() -> None:
    """A table of pieces that names the same text a hundred thousand times ends at the budget."""
    import tempfile

    content = bytearray(doc({"body": "a" * 40_000}))
    count = 100_000
    plc = struct.pack(f"<{count + 1}I", *range(0, 40_000 * (count + 1), 40_000))
    plc += struct.pack("<HIH", 0, 0x800 * 2 | 0x40000000, 0) * count
    clx = b"\2" + struct.pack("<I", len(plc)) + plc
    head = bytearray(0x800)
    struct.pack_into("<HHHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0, 0, 0x1200, 0)
    struct.pack_into("<I", head, 0x4C, 0xFFFFFFFF)
    struct.pack_into("<II", head, 0x1A2, 0, len(clx))
    content = compound({"WordDocument": bytes(head) + b"a" * 40_000, "1Table": clx})
    with tempfile.TemporaryDirectory() as folder:
        found = read(content, Path(folder))
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_pieces_that_share_their_text_are_bounded() -> None:
    in_child("tests.test_doc", "shared_pieces()")


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    whole = (FOLDER / "doc" / "everything" / "everything.doc").read_bytes()
    for content in (*cut(whole), *flipped(whole, 300), *flipped(whole, 100, spare=2048)):
        found = read(content or b"\xd0", tmp_path)
        assert found.texts or found.problems


def test_a_field_that_is_not_ended_hides_nothing(tmp_path: Path) -> None:
    found = read(doc({"body": f"\x13 氏名: {full(ONE)}\r次\r"}), tmp_path)
    assert [one.content for one in found.texts if one.segment == "body"] == [f" 氏名: {full(ONE)}\n次"]
    long = read(doc({"body": "\x13" + "a" * 100_000}), tmp_path)
    assert sum(len(one.content) for one in long.texts) == 100_000
