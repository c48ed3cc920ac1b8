"""Which parsers are given an entry: by its name, by its bytes, and what is said when the two disagree."""

from __future__ import annotations

import pytest

from parsers import all_parsers
from parsers.contract import Artefact, Parser, Want, Yields, parser
from pipeline.extract.select import Selection, select, wanted_by_path
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


FALLBACK = {"an SQLite database": ["documents/sqlite_database"]}


@pytest.mark.parametrize("kind", SHARED)
def test_a_signature_that_many_kinds_share_chooses_no_parser_by_itself_but_a_fallback(kind: str) -> None:
    assert chosen("/other.bin", SHARED[kind]) == (FALLBACK.get(kind, []), [])


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/data/data/com.android.providers.contacts/databases/contacts2.db", ["phones/android_contacts"]),
        ("/Users/a/AppData/Local/Google/Chrome/User Data/Default/History", ["browsers/chromium_history"]),
        ("/data/data/jp.example.shop/databases/shop.db", ["documents/sqlite_database"]),
        ("/named.csv", ["documents/sqlite_database"]),
    ],
)
def test_a_fallback_reads_what_no_other_parser_takes(path: str, wanted: list[str]) -> None:
    assert chosen(path, SHARED["an SQLite database"]) == (wanted, [])


def made(name: str, *wants: Want) -> Parser:
    def nothing(artefact: Artefact) -> Yields:
        yield from ()

    nothing.__module__, nothing.__name__ = f"parsers.made.{name}", name
    return parser(version=1, wants=wants)(nothing)


def test_a_fallback_gives_way_whatever_the_order_and_one_alone_is_chosen() -> None:
    first = made("first", Want(signature=b"AB", is_fallback=True))
    second = made("second", Want(signature=b"AB", is_fallback=True))
    own = made("own", Want("**/own.bin", signature=b"AB", is_shared=True))
    for order in ((first, own, second), (own, second, first)):
        assert select(order, "/own.bin", b"AB").chosen == (own,)
    assert select((first, second, own), "/other.bin", b"AB").chosen == (first,)
    assert select((first, own), "/own.bin", b"XY").refused == (own,)


def test_a_parser_that_wants_an_entry_both_ways_is_no_fallback() -> None:
    both = made("both", Want("**/a", signature=b"AB"), Want(signature=b"AB", is_fallback=True))
    other = made("other", Want("**/*", sniff=lambda head: True))
    assert select((other, both), "/a", b"AB").chosen == (other, both)


def test_a_fallback_refuses_nothing() -> None:
    one = made("one", Want("**/*.db", signature=b"AB", is_fallback=True))
    assert select((one,), "/a.db", b"XY") == Selection(chosen=(), refused=())


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


@pytest.mark.parametrize("head", [b"\xff" * 4096, bytes(4096), b"\0\xff" * 2048, bytes(range(256)) * 16])
def test_bytes_of_no_kind_are_wanted_by_nobody(head: bytes) -> None:
    """Such as an erased journal, a wiped file, a table of the file system."""
    assert select(all_parsers(), "/$LogFile", head).chosen == ()
