"""Encodings are told from bytes, and no byte is lost in silence."""

from __future__ import annotations

import io
import random

import pytest

from parsers.formats import codecs

NAMES = "氏名,フリガナ,住所\n山田太郎,ヤマダタロウ,東京都港区\n"
VENDOR = "髙橋﨑,タカハシ,①番\n"
KANJI = "田中,佐藤\n鈴木,高橋\n"
HALF = "ﾔﾏﾀﾞ ﾀﾛｳ,ﾄｳｷﾖｳ\nｻﾄｳ ﾊﾅｺ,ｵｵｻｶ\n"
PROSE = "日本語のテスト文章です。今日はよい天気ですね。"
CODECS = ("cp932", "euc_jp", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-2022-jp")


def written(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        pytest.skip(f"{codec} has not every sign of this text")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("text", [NAMES, VENDOR, KANJI, HALF, PROSE])
def test_japanese_text_is_read_back_in_every_encoding(text: str, codec: str) -> None:
    content = written(text, codec)
    assert codecs.decode(content, codecs.decide(content)) == (text, 0)


@pytest.mark.parametrize("codec", ["cp932", "euc_jp", "utf-8", "iso-2022-jp"])
def test_a_long_ascii_head_does_not_fool(codec: str) -> None:
    content = b"a,b,c\n" * 400_000 + written(NAMES, codec)
    told = codecs.decide(codecs.sample(io.BytesIO(content)))
    assert told == codec
    decoder = codecs.Decoder(told)
    assert "".join(codecs.texts(io.BytesIO(content), decoder)).endswith(NAMES)
    assert decoder.replaced == 0


@pytest.mark.parametrize(
    "text",
    [
        "Müller;Zürich\nCafé,André\n",
        "don’t “Hello” it’s\n",
        "© 2024 Foo 25°C ½\n",
        "MÜNCHEN straße ÄÖÜ\n",
        "Señor Ñandú, naïve façade\n",
    ],
)
def test_western_text_is_not_taken_for_japanese(text: str) -> None:
    content = text.encode("cp1252")
    assert codecs.decide(content) == "cp1252"
    assert codecs.decode(content, "cp1252") == (text, 0)


def test_text_cut_within_a_character_keeps_its_encoding() -> None:
    for codec in ("cp932", "utf-8", "euc_jp"):
        cut = NAMES.rstrip().encode(codec)[:-1]
        assert codecs.decide(cut) == codec
        assert codecs.decode(cut, codec)[1] in (1, 2)


def test_utf8_with_damaged_bytes_is_still_utf8() -> None:
    content = (NAMES * 9).encode()
    content = content[:100] + b"\xff\x8e" + content[100:]
    assert codecs.decide(content) == "utf-8"
    assert codecs.decode(content, "utf-8")[1] >= 2


def test_iso_2022_jp_with_row_13_and_half_width_kana() -> None:
    content = b"\x1b$B-!-j\x1b(B \x1b(I3@6E\x1b(B end \x1b$B;3ED\x1b(B\n"
    assert codecs.decide(content) == "iso-2022-jp"
    assert codecs.decode_iso2022jp(content) == ("①㈱ ｳﾀｶﾅ end 山田\n", 0)


def test_iso_2022_jp_in_small_blocks_is_the_same() -> None:
    content = NAMES.encode("iso-2022-jp") * 3
    decoder = codecs.Decoder("iso-2022-jp")
    pieces = [decoder.feed(content[at : at + 1]) for at in range(len(content))]
    assert "".join(pieces) + decoder.feed(b"", is_last=True) == NAMES * 3


def test_euc_jp_reads_vendor_characters() -> None:
    assert codecs.decode(b"\xad\xa1\xad\xea\xbb\xb3", "euc_jp") == ("①㈱山", 0)


@pytest.mark.parametrize(
    ("content", "codec", "text", "replaced", "first"),
    [
        (b"abc\0d\xff", "utf-8", "abc\\x00d\\xff", 2, 3),
        (b"\x81\x20\x80\xa0x", "cp932", "\\x81 \\x80\\xa0x", 3, 0),
        (b"a\0\x00\xd8b\0", "utf-16-le", "a\\x00\\xd8b", 2, 2),
        (b"ok\x81", "cp1252", "ok\\x81", 1, 2),
        (b"ok\x1b$B!\n", "iso-2022-jp", "ok\\x21\n", 1, 5),
    ],
)
def test_undecodable_bytes_are_kept_and_counted(
    content: bytes, codec: str, text: str, replaced: int, first: int
) -> None:
    decoder = codecs.Decoder(codec)
    got = decoder.feed(content, is_last=True)
    assert (got, decoder.replaced, decoder.first_offset) == (text, replaced, first)


@pytest.mark.parametrize("codec", CODECS)
def test_block_borders_do_not_matter(codec: str) -> None:
    content = written(NAMES, codec)
    whole = codecs.decode(content, codec)
    decoder = codecs.Decoder(codec)
    pieces = [decoder.feed(content[at : at + 3]) for at in range(0, len(content), 3)]
    assert ("".join(pieces) + decoder.feed(b"", is_last=True), decoder.replaced) == whole


def test_every_line_end_is_one() -> None:
    assert "".join(codecs.texts(io.BytesIO(b"a\rb\r\nc\n\r"), codecs.Decoder("ascii"))) == "a\nb\nc\n\n"


def test_junk_is_no_text_and_still_decodes() -> None:
    rng = random.Random(7)
    for _ in range(200):
        content = rng.randbytes(rng.randrange(1, 3000))
        text, _ = codecs.decode(content, codecs.decide(content))
        text.encode("utf-8")
        assert "\0" not in text
    assert not codecs.is_text(rng.randbytes(4096))
    assert not codecs.is_text(b"PK\x03\x04abc")
    assert not codecs.is_text(bytes(4096))
    assert (
        codecs.is_text(b"")
        and codecs.is_text(NAMES.encode("utf-16-le"))
        and codecs.is_text(NAMES.encode("iso-2022-jp"))
    )
