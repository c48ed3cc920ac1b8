"""Which parsers are given an entry: by its name, by its bytes, and what is said when the two disagree."""

from __future__ import annotations

import pytest

from parsers import all_parsers
from pipeline.extract.select import select, wanted_by_path
from pipeline.extract.unread import unread_document


def chosen(path: str, head: bytes) -> tuple[list[str], list[str]]:
    found = select(all_parsers(), path, head)
    return [one.full_name for one in found.chosen], [one.full_name for one in found.refused]


@pytest.mark.parametrize(
    ("path", "head", "wanted", "refused"),
    [
        ("/Windows/System32/winevt/Logs/Security.evtx", b"ElfFile\0" + b"\0" * 100, ["windows/evtx"], []),
        ("/misnamed.bin", b"ElfFile\0" + b"\0" * 100, ["windows/evtx"], []),
        ("/named.evtx", b"not an event log", [], ["windows/evtx"]),
        ("/LIST.CSV", b"a,b\n1,2\n", ["documents/csv"], []),
        ("/program.csv", b"\x7fELF\2\1\1\0\0\0\0\0", [], ["documents/csv"]),
        ("/picture.csv", b"\x89PNG\r\n\x1a\n\0\0\0\0", ["documents/pictures"], []),
        ("/empty.csv", b"", [], []),
        # A record of the recycle bin carries the ending of what was deleted; who knows its bytes has read it.
        (
            "/$Recycle.Bin/S-1-5-21-1/$I4F7A2C.xlsx",
            b"\2" + bytes(15) + b"\1" * 16,
            ["windows/recycle_bin"],
            [],
        ),
        ("/program.exe", b"MZ\x90\0", [], []),
    ],
)
def test_bytes_decide_and_names_propose(
    path: str, head: bytes, wanted: list[str], refused: list[str]
) -> None:
    assert chosen(path, head) == (wanted, refused)


SHARED = {
    "a compound file": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
    "an ESE database": bytes(4) + b"\xef\xcd\xab\x89" + bytes(504),
    "an SQLite database": b"SQLite format 3\0" + bytes(496),
}


@pytest.mark.parametrize("head", SHARED.values(), ids=SHARED)
def test_a_signature_that_many_kinds_share_chooses_no_parser_by_itself(head: bytes) -> None:
    assert chosen("/other.bin", head) == ([], [])


def test_each_want_of_such_a_signature_says_so() -> None:
    for one in all_parsers():
        for want in one.wants:
            if want.signature and want.pattern:
                end = want.offset + len(want.signature)
                is_shared = any(head[want.offset : end] == want.signature for head in SHARED.values())
                assert want.is_shared == is_shared, (one.full_name, want.pattern)


def test_such_a_file_goes_to_the_parser_of_its_name_alone() -> None:
    database = SHARED["an ESE database"]
    assert chosen("/Windows/System32/sru/SRUDB.dat", database) == (["windows/srum"], [])
    assert chosen("/SRUDB_copy", database) == (["windows/srum"], [])


def test_a_path_alone_tells_who_would_have_read_it() -> None:
    assert [one.full_name for one in wanted_by_path(all_parsers(), "/a/b/list.csv")] == ["documents/csv"]


@pytest.mark.parametrize(
    ("path", "head", "is_document"),
    [
        ("/scan.pdf", b"%PDF-1.7", True),
        ("/no-ending", b"%PDF-1.7", True),
        ("/photo.jpg", b"\xff\xd8\xff\xe0", True),
        ("/store.pst", b"!BDN....", True),
        ("/data.json", b"{}", True),
        ("/program.exe", b"MZ\x90\0", False),
        ("/font.ttf", b"\0\x01\0\0", False),
        ("/empty.pdf", b"", False),
    ],
)
def test_documents_that_may_hold_persons_are_known_though_nothing_reads_them(
    path: str, head: bytes, is_document: bool
) -> None:
    assert (unread_document(path, head) is not None) == is_document
