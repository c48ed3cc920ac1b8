"""MIME: the parts of a message as byte ranges, their headers, transfer encodings and character sets.

Every part keeps its own bytes, so that an attached message or file has the digest it was sent with.

References:
    - RFC 5322 Internet Message Format, 2.2; RFC 2045 to 2047 (MIME); RFC 2231 (parameters); RFC 1468 (ISO-2022-JP)
"""

from __future__ import annotations

import binascii
import codecs
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from parsers.formats.codecs import decide, decode, decode_iso2022jp

# Nested deeper than any mailer writes; a message built to exhaust its reader ends here.
_MOST_DEPTH = 30
_MOST_PARTS = 10_000
_LINE = re.compile(rb"([^\r\n]*)(\r*\n|\r|\Z)")
_FIELD = re.compile(rb"([\x21-\x39\x3b-\x7e]{1,100})[ \t]*:(.*)", re.DOTALL)
# RFC 2047 2: an encoded word; a language after `*` is of RFC 2231 5.
_WORD = re.compile(r"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[^?\s]{0,20})?\?([BbQq])\?([^?\r\n]*)\?=")
_ESCAPE = re.compile(rb"\x1b[$(]")
# RFC 1468: a line ends in ASCII; where the escape back was lost, it is put in.
_OPEN_LINE = re.compile(rb"(\x1b\$[@B][^\x1b\r\n]*)(?=\r*\n)")
_CHARSETS = {
    "cp932": ("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji", "cp932", "ms932", "cp943c"),
    "iso-2022-jp": ("iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "iso-2022-jp-3", "iso-2022-jp-ms", "csiso2022jp", "cp50220", "cp50221", "jis"),
    "euc_jp": ("euc-jp", "eucjp", "x-euc-jp", "euc_jp", "cp51932", "eucjp-ms"),
    "utf-8": ("utf-8", "utf8", "unicode-1-1-utf-8"),
    "cp1252": ("iso-8859-1", "iso8859-1", "latin1", "us-ascii", "ascii", "windows-1252", "ansi_x3.4-1968"),
    "gb18030": ("gb2312", "gbk", "gb18030", "x-gbk"),
    "cp949": ("ks_c_5601-1987", "euc-kr", "korean"),
}  # fmt: skip
_CHARSET = {label: codec for codec, labels in _CHARSETS.items() for label in labels}
_CHARSET_NAME = re.compile(
    r"(iso[-_]?8859|windows-|cp|ibm|koi8|mac|utf|big5|euc|gb|hz|johab|tis|ks)[a-z0-9_-]*"
)
_WEAK = ("cp1252", "cp932", "iso-2022-jp", "utf-8")
_JAPANESE = re.compile("[\u3041-\u30ff\u3400-\u9fff\uff61-\uff9f]")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_META_CHARSET = re.compile(rb"""<meta[^>]{1,200}charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_TAG = re.compile("<(/?)([A-Za-z][A-Za-z0-9:-]*)")
_TAG_SIGN = re.compile("[>\"']")
_BLOCKS = {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "title"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: its number as IMAP counts (1, 1.2), its header fields, its body as stored.

    `defects` say what in its structure is not as MIME wants it; `is_container` parts only hold others.
    """

    number: str
    fields: tuple[tuple[str, bytes], ...]
    body: bytes
    is_container: bool = False
    is_cut: bool = False
    defects: tuple[str, ...] = ()

    def field(self, name: str) -> bytes | None:
        """The first field of a name (lower case) that is not empty, as bytes with its folding."""
        return next((value for key, value in self.fields if key == name and value.strip()), None)

    def all(self, name: str) -> tuple[bytes, ...]:
        """Every field of a name."""
        return tuple(value for key, value in self.fields if key == name)

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case; RFC 2045 5.2: text/plain where none is readable."""
        stated = (self.field("content-type") or b"").split(b";", 1)[0].strip().lower()
        return (
            stated.decode("ascii")
            if re.fullmatch(rb"[\w.+-]+/[\w.+-]+", stated) and stated.isascii()
            else "text/plain"
        )

    def parameter(self, field: str, name: str) -> str | None:
        """A parameter of a field with its continuations and encodings undone (RFC 2231), None where there is none."""
        raw = self.field(field)
        if raw is None:
            return None
        holder = Message()
        holder[field] = " ".join(unescaped(raw).text.split("\n")).replace("\r", "")
        try:
            found = holder.get_param(name, header=field)
        except (ValueError, LookupError):
            return None
        if isinstance(found, tuple):
            charset, _, value = found
            return decode_text(value.encode("latin-1", "replace"), charset).text
        return None if found is None else header_text(found).text


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text, the encoding it was read with, and how many bytes could not be decoded."""

    text: str
    codec: str
    replaced: int = 0


def parts(content: bytes) -> Iterator[Part]:
    """The message and every part in stored order, containers first; an attached message is one part."""
    start = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    start = next(found.start() for found in re.finditer(rb"[^\r\n]|\Z", content[start:])) + start
    for count, part in enumerate(_parts(content[start:], "", 0)):
        if count >= _MOST_PARTS:
            yield Part(
                number=part.number,
                fields=(),
                body=b"",
                is_cut=True,
                defects=(f"more than {_MOST_PARTS} parts",),
            )
            return
        yield part


def transfer_decoded(part: Part) -> tuple[bytes, str | None]:
    """The body without its transfer encoding (RFC 2045 6), and what was wrong with that, if anything."""
    encoding = (part.field("content-transfer-encoding") or b"").split(b";")[0].strip().lower()
    if encoding == b"base64":
        return _base64(part.body)
    if encoding == b"quoted-printable":
        return binascii.a2b_qp(part.body), None
    if encoding in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        return _uuencoded(part.body)
    return part.body, None


def decode_text(raw: bytes, charset: str | None) -> Decoded:
    r"""Text of bytes: as labelled where the bytes agree, otherwise as the bytes say; undecodable ones stand as `\xNN`."""
    label = (charset or "").strip().strip("\"'").lower()
    if _ESCAPE.search(raw):
        text, replaced = decode_iso2022jp(_OPEN_LINE.sub(b"\\1\x1b(B", raw))
        return Decoded(text=text, codec="iso-2022-jp", replaced=replaced)
    codec = _known(label)
    if raw.isascii() and (codec is None or codec in _WEAK):
        return Decoded(text=raw.decode("ascii"), codec="ascii")
    # Bytes that are strictly UTF-8 are nothing else, unless they are a few and a label of Asia speaks for them.
    if codec in (None, "cp1252", "iso-2022-jp", "utf-8") or (codec == "cp932" and max(raw) >= 0xE0):
        codec = "utf-8" if _fits(raw, "utf-8") else codec
    if codec is not None and codec not in ("cp1252", "iso-2022-jp") and _fits(raw, codec):
        return Decoded(text=raw.decode(codec), codec=codec)
    guess = _guess(raw)
    if codec in (None, "iso-2022-jp") or (codec in _WEAK and guess in ("cp932", "euc_jp", "utf-8")):
        good = len(raw.decode("utf-8", "ignore").encode()) - sum(one < 0x80 for one in raw)
        mostly_utf8 = codec == "utf-8" and good * 2 > sum(one >= 0x80 for one in raw)
        codec = "utf-8" if mostly_utf8 else guess
    text, replaced = decode(raw, codec)
    return Decoded(text=text, codec=codec, replaced=replaced)


def unescaped(raw: bytes) -> Decoded:
    """A header field as text, encoded words left as they are: what was written without them is decoded by its bytes."""
    return decode_text(raw.strip(), None)


def header_text(value: bytes | str) -> Decoded:
    """A header field as text: unfolded, encoded words decoded; words that split a character are joined first."""
    given = unescaped(value) if isinstance(value, bytes) else Decoded(text=value, codec="ascii")
    codec, replaced = given.codec, given.replaced
    text = []
    # RFC 5322 2.2.3: unfolding removes the line break alone.
    for run in _runs(re.sub(r"\r*\n|\r", "", given.text)):
        if isinstance(run, str):
            text.append(run)
            continue
        for decoded in _words(*run):
            text.append(re.sub(r"[\r\n]+", " ", decoded.text))
            codec, replaced = decoded.codec, replaced + decoded.replaced
    return Decoded(text="".join(text).strip(), codec=codec, replaced=replaced)


def html_text(raw: bytes, charset: str | None) -> Decoded:
    """The text a page shows; its own statement of a character set counts where the header has none."""
    if charset is None and (stated := _META_CHARSET.search(raw[:4096])):
        charset = stated[1].decode("ascii")
    decoded = decode_text(raw, charset)
    shown = re.sub(r" *\t *", "\t", re.sub(r"[ \r\f\v]+", " ", "".join(_shown(decoded.text))))
    lines = (line.strip(" \t") for line in shown.split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    return Decoded(text=text, codec=decoded.codec, replaced=decoded.replaced)


def _shown(page: str) -> Iterator[str]:
    """Text outside tags, comments, scripts and styles; a line for each block, a tab for each cell.

    Not Python's reader: that takes time with the square of an unclosed tag, and raises on some marked sections.
    """
    position = 0
    while (start := page.find("<", position)) >= 0:
        yield html.unescape(page[position:start]).replace("\n", " ")
        tag = _TAG.match(page, start)
        if page.startswith("<!--", start):
            position = _after(page, "-->", start + 4)
        elif page.startswith(("<!", "<?"), start):
            position = _after(page, ">", start)
        elif tag is None:
            yield "<"
            position = start + 1
        else:
            position = _after_tag(page, tag.end())
            name = tag[2].lower()
            if name in ("script", "style") and not tag[1]:
                closing = re.compile(f"</{name}", re.IGNORECASE).search(page, position)
                position = closing.start() if closing else len(page)
            yield "\n" if name in _BLOCKS else "\t" if name in ("td", "th") and not tag[1] else ""
    yield html.unescape(page[position:]).replace("\n", " ")


def _after(page: str, mark: str, start: int) -> int:
    """Where the text goes on behind a mark; the end of the page where there is none."""
    found = page.find(mark, start)
    return len(page) if found < 0 else found + len(mark)


def _after_tag(page: str, start: int) -> int:
    """Where a tag ends: at `>` outside quotes, or at the first `>` where a quote is never closed."""
    position = start
    while found := _TAG_SIGN.search(page, position):
        if found[0] == ">":
            return found.end()
        closing = page.find(found[0], found.end())
        if closing < 0:
            return _after(page, ">", found.end())
        position = closing + 1
    return len(page)


def _parts(content: bytes, number: str, depth: int) -> Iterator[Part]:
    fields, start = _fields(content, is_message=not number)
    part = Part(number=number or "1", fields=fields, body=content[start:])
    boundary = (
        part.parameter("content-type", "boundary") if part.media_type.startswith("multipart/") else None
    )
    if not part.media_type.startswith("multipart/"):
        yield part
        return
    ranges, is_closed = _ranges(part.body, boundary) if boundary else ([], True)
    if not ranges or depth >= _MOST_DEPTH:
        why = (
            "no boundary of its multipart type was found"
            if not ranges
            else f"nested deeper than {_MOST_DEPTH} parts"
        )
        yield Part(number=part.number, fields=fields, body=part.body, is_cut=bool(ranges), defects=(why,))
        return
    defects = () if is_closed else ("the last boundary is missing: the message may be cut short",)
    yield Part(number=number or "0", fields=fields, body=b"", is_container=True, defects=defects)
    for index, (first, last) in enumerate(ranges, start=1):
        yield from _parts(part.body[first:last], f"{number}.{index}" if number else str(index), depth + 1)


def _fields(content: bytes, *, is_message: bool) -> tuple[tuple[tuple[str, bytes], ...], int]:
    """Header fields, and where the body begins: after the first empty line, or at the first line that is no field."""
    found: list[tuple[str, bytes]] = []
    position = 0
    while position < len(content):
        line = _LINE.match(content, position)
        if line is None or not line[1]:
            position = line.end() if line else position
            break
        if line[1][:1] in b" \t" and found:
            found[-1] = (found[-1][0], found[-1][1] + b"\n" + line[1])
        elif field := _FIELD.fullmatch(line[1]):
            found.append((field[1].decode("ascii").lower(), field[2]))
        elif not (is_message and position == 0 and line[1].startswith((b"From ", b">From "))):
            break
        position = line.end()
    return tuple(found), position


def _ranges(body: bytes, boundary: str) -> tuple[list[tuple[int, int]], bool]:
    """Where the parts lie between the delimiter lines (RFC 2046 5.1.1), and whether the last line is there."""
    mark = re.escape(boundary.rstrip().encode("utf-8", "replace"))
    delimiters = list(re.finditer(rb"^--" + mark + rb"(--)?[ \t]*(?:\r*\n|\r|\Z)", body, re.MULTILINE))
    found: list[tuple[int, int]] = []
    for index, one in enumerate(delimiters):
        if one[1]:
            return found, True
        last = delimiters[index + 1].start() if index + 1 < len(delimiters) else len(body)
        if index + 1 < len(delimiters):
            # The line break before a delimiter belongs to the delimiter.
            last -= len(body[one.end() : last]) - len(re.sub(rb"\r?\n\Z", b"", body[one.end() : last]))
        found.append((one.end(), last))
    return found, False


def _known(label: str) -> str | None:
    """The codec of a label; None where it names no character set known here."""
    if label in _CHARSET:
        return _CHARSET[label]
    # Python has codecs that are no character sets, some of them slow (punycode): only names of these are looked up.
    if not _CHARSET_NAME.fullmatch(label):
        return None
    try:
        return codecs.lookup(label).name
    except LookupError:
        return None


def _guess(raw: bytes) -> str:
    """What the bytes alone say; cp932 only where a Japanese sign comes of it, since it reads 0xFF as a private one."""
    guess = decide(raw)
    if guess == "cp932" and not _JAPANESE.search(raw.decode("cp932", "ignore")):
        return "cp1252"
    return guess


def _fits(raw: bytes, codec: str) -> bool:
    try:
        raw.decode(codec)
    except (UnicodeError, ValueError):
        return False
    return True


def _runs(value: str) -> Iterator[str | tuple[str, list[bytes]]]:
    """Text as it stands, and runs of encoded words of one character set; white space between words is none (RFC 2047 6.2)."""
    position = 0
    charset = ""
    raw: list[bytes] = []
    for word in _WORD.finditer(value):
        between = value[position : word.start()]
        is_neighbour = bool(raw) and not between.strip()
        if raw and not (is_neighbour and word[1].lower() == charset):
            yield charset, raw
            raw = []
        if not is_neighbour:
            yield between
        charset, position = word[1].lower(), word.end()
        raw.append(_word_bytes(word))
    if raw:
        yield charset, raw
    yield value[position:]


def _words(charset: str, raw: list[bytes]) -> list[Decoded]:
    """Neighbouring words joined, since some mailers cut within a sign; one by one where that does not read."""
    joined = decode_text(b"".join(raw), charset)
    if len(raw) == 1 or (not joined.replaced and joined.codec in (_known(charset), "ascii", "iso-2022-jp")):
        return [joined]
    return [decode_text(one, charset) for one in raw]


def _word_bytes(word: re.Match[str]) -> bytes:
    raw = word[3].encode("utf-8", "replace")
    return _base64(raw)[0] if word[2] in "Bb" else binascii.a2b_qp(raw, header=True)


def _base64(raw: bytes) -> tuple[bytes, str | None]:
    """Base64, padded or not, several runs one after the other; what is no base64 is left out and told."""
    kept = b"".join(raw.split())
    out, used, is_short = [], 0, False
    for run in _BASE64.findall(kept):
        used += len(run)
        signs = run.rstrip(b"=")
        is_short = is_short or len(signs) % 4 == 1
        signs = signs[:-1] if len(signs) % 4 == 1 else signs
        out.append(binascii.a2b_base64(signs + b"=" * (-len(signs) % 4)))
    wrong = [f"{len(kept) - used} signs are no base64"] if used < len(kept) else []
    wrong += ["it ends within a byte"] if is_short else []
    return b"".join(out), "; ".join(wrong) or None


def _uuencoded(raw: bytes) -> tuple[bytes, str | None]:
    out, bad = [], 0
    for line in raw.splitlines():
        if line.startswith(b"begin ") or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            bad += 1
    return b"".join(out), f"{bad} lines are not uuencoded" if bad else None
