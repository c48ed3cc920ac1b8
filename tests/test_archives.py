"""Archives: members with their names, times and content, what is locked, what is damaged, and what a bomb may cost."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from fixtures.builders import archives as builder
from parsers.archives import compressed, rar_lzh_cab, seven_zip, tar, zip  # noqa: A004  the format's name
from parsers.contract import Parser, ProblemKind
from tests.artefacts import Yielded, from_bytes, run

ROSTER = builder.roster()
PARSERS: dict[str, Parser] = {
    "zip": zip.zip,
    "seven_zip": seven_zip.seven_zip,
    "tar": tar.tar,
    "compressed": compressed.compressed,
    "rar_lzh_cab": rar_lzh_cab.rar_lzh_cab,
}
needs_libarchive = pytest.mark.skipif(
    rar_lzh_cab._library() is None,
    reason="libarchive is not on this machine: install libarchive13",
)


def read(
    kind: str, content: bytes, folder: Path, name: str = "a", passwords: tuple[str, ...] = ()
) -> Yielded:
    return run(PARSERS[kind], replace(from_bytes(content, folder, name), passwords=passwords))


def contents(found: Yielded) -> dict[str, object]:
    return {one.name: one.content for one in found.members if one.refusal is None}


def test_names_in_cp932_are_read_and_their_bytes_kept(tmp_path: Path) -> None:
    found = read("zip", builder.zipped((builder.NAME, ROSTER), ("メモ.txt", b"memo")), tmp_path)
    assert contents(found) == {builder.NAME: ROSTER, "メモ.txt": b"memo"}
    first = found.members[0]
    assert (first.locator, first.name_raw, first.size) == (
        "member:0",
        builder.NAME.encode("cp932"),
        len(ROSTER),
    )
    assert first.modified_local == datetime(2026, 9, 28, 18, 12, 30)  # noqa: DTZ001  a wall clock
    assert found.problems == []


def test_a_name_stated_to_be_utf8_is_no_guess(tmp_path: Path) -> None:
    found = read("zip", builder.zipped((builder.NAME, ROSTER), codec=None), tmp_path)
    assert [(one.name, one.name_raw) for one in found.members] == [(builder.NAME, None)]


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_methods_of_compression(method: int, tmp_path: Path) -> None:
    found = read("zip", builder.zipped(("a.csv", ROSTER), codec=None, method=method), tmp_path)
    assert contents(found) == {"a.csv": ROSTER}


def test_files_behind_a_lost_directory_are_given(tmp_path: Path) -> None:
    whole = builder.zipped(("a.csv", ROSTER), ("b.txt", b"memo"), ("c.txt", b"c" * 500))
    found = read("zip", whole[: whole.index(b"PK\x01\x02")], tmp_path)
    assert contents(found) == {"a.csv": ROSTER, "b.txt": b"memo", "c.txt": b"c" * 500}
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert found.members[0].locator == "offset:0"


def test_a_file_that_breaks_off_is_given_as_far_as_it_goes(tmp_path: Path) -> None:
    content = random.Random(3).randbytes(900)
    whole = builder.zipped(("a.bin", content), method=zipfile.ZIP_STORED)
    found = read("zip", whole[:500], tmp_path)
    (one,) = found.members
    assert isinstance(one.content, bytes)
    assert 0 < len(one.content) < 500
    assert content.startswith(one.content)
    assert "ends within" in found.broken[one.locator]


def test_a_wrong_sum_is_told(tmp_path: Path) -> None:
    whole = bytearray(builder.zipped(("a.txt", b"memo" * 9), method=zipfile.ZIP_STORED))
    whole[whole.index(b"memo")] ^= 1
    found = read("zip", bytes(whole), tmp_path)
    assert "CRC" in found.broken["member:0"]


@pytest.mark.parametrize(
    ("made", "method"),
    [
        (builder.zip_crypto("名簿.csv", ROSTER, builder.PASSWORD.encode("cp932")), "ZipCrypto"),
        (builder.zip_aes("名簿.csv", ROSTER, builder.PASSWORD.encode()), "AES"),
    ],
    ids=["ZipCrypto", "AES"],
)
def test_a_locked_file_is_told_with_its_method_and_opened_by_a_password(
    made: bytes, method: str, tmp_path: Path
) -> None:
    for passwords, said in ((), "ask for the password"), (("wrong", "も"), "none of the passwords"):
        (one,) = read("zip", made, tmp_path, passwords=passwords).members
        assert one.refusal is not None
        assert one.refusal.kind is ProblemKind.LOCKED
        assert method in one.refusal.message
        assert said in one.refusal.message
        assert "wrong" not in one.refusal.message
    found = read("zip", made, tmp_path, passwords=("wrong", builder.PASSWORD))
    assert contents(found) == {"名簿.csv": ROSTER}


@pytest.mark.parametrize("is_list_encrypted", [False, True])
def test_a_locked_7z_is_told_and_opened_by_a_password(is_list_encrypted: bool, tmp_path: Path) -> None:
    made = builder.seven(("名簿.csv", ROSTER), password=builder.PASSWORD, is_list_encrypted=is_list_encrypted)
    for passwords in (), ("wrong",):
        found = read("seven_zip", made, tmp_path, passwords=passwords)
        told = [one.refusal for one in found.members] + found.problems
        assert {one.kind for one in told if one} == {ProblemKind.LOCKED}
        assert contents(found) == {}
    found = read("seven_zip", made, tmp_path, passwords=("wrong", builder.PASSWORD))
    assert (contents(found), found.problems) == ({"名簿.csv": ROSTER}, [])


def test_7z_gives_its_files_one_after_another(tmp_path: Path) -> None:
    files = [(f"{number}.csv", ROSTER * number) for number in range(1, 30)]
    found = read("seven_zip", builder.seven(*files), tmp_path)
    assert contents(found) == dict(files)
    assert found.members[0].modified_at == builder.AT


def test_a_member_nobody_reads_on_from_ends_the_unpacking(tmp_path: Path) -> None:
    made = builder.seven(*((f"{number}.csv", ROSTER) for number in range(50)))
    given = seven_zip.seven_zip.parse(from_bytes(made, tmp_path))
    assert next(given)
    given.close()  # type: ignore[attr-defined]


def test_names_of_tar_in_two_encodings(tmp_path: Path) -> None:
    made = builder.tarred((builder.NAME.encode(), ROSTER), ("名簿.txt".encode("cp932"), b"memo"))
    found = read("tar", made, tmp_path)
    assert contents(found) == {builder.NAME: ROSTER, "名簿.txt": b"memo"}
    assert [one.name_raw for one in found.members] == [None, "名簿.txt".encode("cp932")]
    assert found.members[0].modified_at == builder.AT


def test_a_tar_that_breaks_off(tmp_path: Path) -> None:
    made = builder.tarred((b"a.txt", b"memo"), (b"b.csv", ROSTER * 20))
    found = read("tar", made[:2000], tmp_path)
    assert contents(found)["a.txt"] == b"memo"
    assert found.broken or found.problems


@pytest.mark.parametrize(
    ("path", "told"),
    [("list.csv.gz", "list.csv"), ("list.TGZ", "list.tar"), (".gz", ".gz"), ("noending", "noending")],
)
def test_the_name_of_a_packed_file(path: str, told: str, tmp_path: Path) -> None:
    (one,) = read("compressed", builder.gzipped(ROSTER), tmp_path, path).members
    assert (one.name, one.content, one.modified_at) == (told, ROSTER, builder.AT)


def test_a_gzip_that_breaks_off_gives_what_came_before(tmp_path: Path) -> None:
    found = read("compressed", builder.gzipped(random.Random(5).randbytes(9000))[:5000], tmp_path)
    (one,) = found.members
    assert isinstance(one.content, bytes)
    assert len(one.content) > 4000
    assert "ended" in found.broken["stream"]


@needs_libarchive
def test_lzh_and_cabinets_give_their_files(tmp_path: Path) -> None:
    made = builder.lzh(("名簿.csv".encode("cp932"), ROSTER), (b"memo.txt", b"memo"))
    assert contents(read("rar_lzh_cab", made, tmp_path)) == {"名簿.csv": ROSTER, "memo.txt": b"memo"}
    made = builder.cabinet((b"list.csv", ROSTER), (b"memo.txt", b"memo"))
    assert contents(read("rar_lzh_cab", made, tmp_path)) == {"list.csv": ROSTER, "memo.txt": b"memo"}


def test_without_libarchive_the_archive_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rar_lzh_cab, "_library", lambda: None)
    found = read("rar_lzh_cab", builder.lzh((b"a.csv", ROSTER)), tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED]
    assert "libarchive" in found.problems[0].message


def test_a_name_without_a_sign_is_read(tmp_path: Path) -> None:
    found = read("zip", builder.zipped(("", b"memo")), tmp_path)
    assert contents(found) == {"": b"memo"}


def test_documents_that_are_packages_are_left_to_their_parsers(tmp_path: Path) -> None:
    document = builder.zipped(
        ("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<a/>"), codec=None
    )
    assert not any(want.sniff and want.sniff(document[:4096]) for want in zip.zip.wants)
    other_order = builder.zipped(
        ("word/theme/theme1.xml", b"<a/>"), ("[Content_Types].xml", b"<Types/>"), codec=None
    )
    assert read("zip", other_order, tmp_path, "a.docx").members == []
    assert len(read("zip", other_order, tmp_path, "a.zip").members) == 2


@pytest.mark.parametrize("kind", sorted(PARSERS))
def test_damage_never_raises(kind: str, tmp_path: Path) -> None:
    if kind == "rar_lzh_cab" and rar_lzh_cab._library() is None:
        pytest.skip("libarchive is not on this machine: install libarchive13")
    for path in sorted((builder.FOLDER / kind).glob("*/*")):
        if path.name == "about.toml":
            continue
        content = path.read_bytes()
        chance = random.Random(path.parent.name)
        for place in range(0, len(content), max(1, len(content) // 25)):
            read(kind, content[:place], tmp_path, path.name)
        for _ in range(40):
            flipped = bytearray(content)
            for _ in range(chance.choice((1, 3, 20))):
                flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
            read(kind, bytes(flipped), tmp_path, path.name)
