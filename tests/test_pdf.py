"""PDF from bytes: Japanese text across and down, forms, comments, attachments, what is not read, encryption, damage."""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import pdfs
from parsers.contract import ProblemKind
from parsers.documents.pdf import looks_like_pdf, pdf
from parsers.formats.pdf_head import encryption, moment
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, flipped, in_child, mutants

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "documents" / "pdf"


def fixture(name: str) -> Yielded:
    return run(pdf, artefact(FIXTURES / name / "list.pdf"))


def read(content: bytes, folder: Path) -> Yielded:
    return run(pdf, from_bytes(content, folder, "a.pdf"))


def one_page(content: bytes, resources: str = "", *more: bytes) -> bytes:
    own = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<{resources}>>>>"
    return pdfs.document(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            own.encode(),
            pdfs.stream(content),
            *more,
        ]
    )


def test_pages_across_and_down_are_read_with_form_and_comment() -> None:
    assert [(one.locator, one.segment, one.content) for one in fixture("form").texts] == [
        ("page:1", "page", "会員名簿①㈱\n髙見 例子 03-0000-0002"),
        ("page:1/annotation:1", "comment", "総務部: 至急確認"),
        ("page:1/annotation:0", "form_field", "氏名: 見本 太郎"),
        ("page:2", "page", "縦書きの名簿。"),
    ]


def test_files_attached_to_the_document_and_to_a_page_are_members() -> None:
    assert [(one.locator, one.name, one.content) for one in fixture("form").members] == [
        ("page:2/annotation:0", "会員名簿.csv", pdfs.LIST),
        ("attachment:0", "会員名簿.csv", pdfs.LIST),
    ]


def test_what_a_document_says_of_itself() -> None:
    ((_, locator, status, row),) = fixture("form").rows
    assert (locator, status) == ("0", "ok")
    assert (row["title"], row["author"], row["application"]) == ("会員名簿", "見本 太郎", "Writer")
    assert row["document_keywords"] == "社外秘"
    assert row["created_at"] == datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)
    # It names no zone: no instant is made of it.
    assert row.get("modified_at") is None
    assert row["modified_local"] == datetime(2026, 9, 28, 18)  # noqa: DTZ001
    assert (row["page_count"], row["is_encrypted"]) == (5, False)
    assert row["custom_properties"] == ["Producer=Maker"]


def test_a_scan_and_drawn_letters_are_told_as_not_read_and_an_empty_page_is_not() -> None:
    assert [(one.kind, one.locator) for one in fixture("form").problems] == [
        (ProblemKind.UNSUPPORTED, "page:3"),
        (ProblemKind.UNSUPPORTED, "page:5"),
    ]


def test_signs_without_unicode_are_told() -> None:
    found = fixture("no-unicode")
    assert {(one.kind, one.locator, one.column) for one in found.problems} == {
        (ProblemKind.UNSUPPORTED, "page:1", None),
        (ProblemKind.DAMAGED, "0", "created_at"),
        (ProblemKind.DAMAGED, "0", "modified_at"),
    }
    assert any("4 of 4 signs" in one.message for one in found.problems)


def test_a_document_that_opens_without_a_password_is_read() -> None:
    found = fixture("no-password")
    assert found.problems == []
    assert [one.content for one in found.texts] == ["髙見 例子"]
    (row,) = found.table("document_properties")
    assert (row["is_encrypted"], row["custom_properties"]) == (True, ["Encryption=RC4 40"])


def test_a_document_with_a_password_is_locked() -> None:
    found = fixture("locked")
    assert found.texts == []
    assert [one.kind for one in found.problems] == [ProblemKind.LOCKED]
    assert "RC4 40" in found.problems[0].message
    assert found.table("document_properties")[0]["is_encrypted"] is True


def test_a_password_of_the_case_opens_a_document(tmp_path: Path) -> None:
    given = from_bytes(pdfs.encrypted(b"secret"), tmp_path, "a.pdf")
    found = run(pdf, replace(given, passwords=("wrong", "secret")))
    assert [one.content for one in found.texts] == ["髙見 例子"]
    assert found.problems == []
    assert [one.kind for one in run(pdf, replace(given, passwords=("wrong",))).problems] == [
        ProblemKind.LOCKED
    ]


def test_a_document_that_lost_its_end_is_read_as_far_as_it_goes() -> None:
    found = fixture("cut-off")
    assert [one.content for one in found.texts if one.segment == "page"][0].startswith("会員名簿①㈱")
    assert ProblemKind.TRUNCATED in {one.kind for one in found.problems}
    assert found.rows[0][2] == "partial"


@pytest.mark.parametrize(
    ("told", "method"),
    [
        (b"/V 1/R 2/Filter/Standard", "RC4 40"),
        (b"/Filter /Standard /V 2 /R 3 /Length 128", "RC4 128"),
        (b"/Filter/Standard/V 4/R 4/Length 128/CF<</StdCF<</CFM/AESV2>>>>", "AES-128"),
        (b"/Filter/Standard/V 4/R 4/Length 128/CF<</StdCF<</CFM/V2>>>>", "RC4 128"),
        (b"/Filter/Standard/V 5/R 6/Length 256/CF<</StdCF<</CFM/AESV3>>>>", "AES-256"),
        (b"/Filter/Other", None),
    ],
)
def test_the_method_of_encryption_is_told(told: bytes, method: str | None, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF-1.7\n1 0 obj\n<</V 5/Length 99>>\nendobj\n6 0 obj\n<<" + told + b">>\nendobj\n")
    assert encryption(file) == method


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("D:20260928174107+09'00'", datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)),
        ("D:20260928174107+09'00", datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)),
        ("D:20260928084107Z", datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)),
        ("20260928024107-0600", datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)),
        ("2026-09-28T17:41:07+09:00", datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)),
        ("2026-09-28T17:41+09:00", datetime(2026, 9, 28, 8, 41, tzinfo=UTC)),
        ("D:20260928174107", datetime(2026, 9, 28, 17, 41, 7)),  # noqa: DTZ001
        ("D:2026", datetime(2026, 1, 1)),  # noqa: DTZ001
    ],
)
def test_dates_are_instants_only_with_a_zone(told: str, at: datetime) -> None:
    assert moment(told) == at


@pytest.mark.parametrize(
    "told", ["", "yesterday", "D:20261301", "D:00000101000000Z", "D:20260928174107+99'00'", "9" * 5000]
)
def test_dates_that_are_none_are_refused(told: str) -> None:
    if told.startswith("9"):
        told = "D:9999" + "1231235959-1200"
    with pytest.raises(ValueError, match="is no date"):
        moment(told)


def test_properties_in_xmp_alone_are_read(tmp_path: Path) -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description xmp:CreatorTool="機器 &amp; 例"'
        ' xmp:CreateDate="2026-09-28T17:41:07+09:00"><dc:creator><rdf:Seq><rdf:li>見本 太郎</rdf:li></rdf:Seq></dc:creator>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()
    made = pdfs.document(
        [
            b"<</Type/Catalog/Pages 2 0 R/Metadata 3 0 R>>",
            b"<</Type/Pages/Kids[4 0 R]/Count 1>>",
            b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n" % len(packet) + packet + b"\nendstream",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ]
    )
    (row,) = read(made, tmp_path).table("document_properties")
    assert (row["application"], row["author"]) == ("機器 & 例", "見本 太郎")
    assert row["created_at"] == datetime(2026, 9, 28, 8, 41, 7, tzinfo=UTC)


def test_a_large_picture_under_a_stamp_is_a_scan_and_one_beside_much_text_is_none(tmp_path: Path) -> None:
    picture = pdfs.stream(
        bytes(16), "/Type/XObject/Subtype/Image/Width 4/Height 4/BitsPerComponent 8/ColorSpace/DeviceGray"
    )
    resources = "/Font<</F1 5 0 R>>/XObject<</I 6 0 R>>"
    across = b"q 595 0 0 842 0 0 cm /I Do Q "
    corner = b"q 50 0 0 50 0 0 cm /I Do Q "
    for drawn, text, is_scan in (
        (across, "受付印 " + "字" * 100, True),
        (corner, "字" * 100, False),
        (corner, "印", True),
        (across, "\n".join(["字" * 40] * 10), False),
    ):
        found = read(one_page(drawn + pdfs.shown(text), resources, pdfs.JAPANESE.encode(), picture), tmp_path)
        assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED] * is_scan


@pytest.mark.parametrize(
    ("head", "is_one"),
    [(b"%PDF-1.4", True), (b"\r\n\xef\xbb\xbf%PDF-1.7", True), (b"PK\x03\x04%PDF-", False), (b"text", False)],
)
def test_a_pdf_is_known_by_its_mark(head: bytes, is_one: bool) -> None:
    assert looks_like_pdf(head) is is_one


def test_bytes_that_are_none_are_told(tmp_path: Path) -> None:
    found = read(b"%PDF-1.7\nnothing more", tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def damage() -> None:
    import tempfile

    whole = [one.content for one in pdfs.pdf_scenarios().values()]
    with tempfile.TemporaryDirectory() as folder:
        given = [one for each in whole for one in cuts(each)]
        given += [one for each in whole for one in flipped(each, 100, spare=9)]
        for content in [*given, *mutants(whole, 20260928, 250)]:
            found = read(content, Path(folder))
            assert found.rows or found.problems
            assert len(found.texts) < 40


def bombs() -> None:
    """A page that unpacks to 400 MiB, pages that hold themselves, objects within themselves."""
    import tempfile

    packed = zlib.compress(zlib.compress(b" " * (400 << 20), 9), 9)
    told = f"<</Filter[/FlateDecode/FlateDecode]/Length {len(packed)}>>stream\n".encode()
    catalog, pages = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
    itself = pdfs.stream(
        b"/I Do", "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I 5 0 R>>>>"
    )
    with tempfile.TemporaryDirectory() as folder:
        for objects in (
            [catalog, pages, page, told + packed + b"\nendstream"],
            [catalog, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 99999>>"],
            [catalog, pages, page, pdfs.stream(b"/I Do"), itself],
        ):
            found = read(pdfs.document(objects), Path(folder))
            assert found.rows
            assert len(found.problems) <= 102


@pytest.mark.parametrize("call", ["damage()", "bombs()"])
def test_damage_is_borne(call: str) -> None:
    in_child("tests.test_pdf", call)
