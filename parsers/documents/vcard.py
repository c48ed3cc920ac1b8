r"""Contacts in vCard files (.vcf), versions 2.1, 3.0 and 4.0, as phones, mail programs and name-card scanners write them.

Shows: each contact with name, sound of the name, numbers, mail and postal addresses, organisation and date of birth; all of
them as a sheet as well, so that their persons are counted.
Does not show: who wrote a card or when, or that anybody used it. A card may be of a company or a group.
Not read: pictures, sounds and keys (`has_photo` tells of the first), time zones, places, links between cards, properties of
single programs other than the sound of a name.

Parsed here: the libraries there are give up on the cards of Japanese phones, which mix quoted-printable in Shift_JIS with folded
lines of version 2.1 and leave out what version 3.0 requires.

References:
    - versit Consortium, "vCard: The Electronic Business Card, Version 2.1" (quoted-printable, CHARSET)
    - RFC 2426 (vCard 3.0), RFC 6350 (vCard 4.0): folding 3.2, escapes 3.4, N, FN, ADR, TEL, EMAIL, ORG, BDAY
    - Infrared Data Association, "IrMC" (SOUND;X-IRMC-N)
"""

from __future__ import annotations

import io
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Status, Want, Yields, parser
from parsers.formats import codecs
from parsers.formats.contacts import CARDS, first_address, row_values, sheet

_MOST_CARDS = 1_000_000
_LONGEST = 1 << 16  # signs of one value; only pictures, sounds and keys are longer
_BULKY = {"PHOTO", "LOGO", "SOUND", "KEY"}
# What phones write is Microsoft's, with its extensions, whatever they call it.
_CHARSETS = dict.fromkeys(("shift-jis", "sjis", "x-sjis", "windows-31j"), "cp932")
_ESCAPE = re.compile(r"\\([\\;,:nN])")
_SEMICOLON = re.compile(r"(?<!\\);")


def _is_card(head: bytes) -> bool:
    folded = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"").upper()
    return folded.startswith(b"BEGIN:VCARD")


@dataclass(slots=True)
class _Card:
    """What stood between BEGIN and END, property by property, and the line it began at."""

    line: int
    values: dict[str, list[tuple[dict[str, str], str]]] = field(default_factory=dict)
    is_cut: bool = False

    def texts(self, name: str) -> list[str]:
        return [told for _, value in self.values.get(name, ()) if (told := _plain(value).strip())]

    def text(self, name: str) -> str | None:
        return next(iter(self.texts(name)), None)

    def parts(self, name: str) -> list[list[str]]:
        """Values that have parts set off by semicolons."""
        return [
            [_plain(part).strip() for part in _SEMICOLON.split(value)]
            for _, value in self.values.get(name, ())
        ]


@parser(
    version=1,
    wants=(
        Want("**/*.vcf", sniff=_is_card),
        Want("**/*.vcard", sniff=_is_card),
        Want(sniff=_is_card),
    ),
    tables=(CARDS,),
)
def vcard(artefact: Artefact) -> Yields:
    """One row for each card in stored order, then a sheet of them all; the locator is `line:` and the line the card begins at."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    found: list[dict[str, Any]] = []
    with artefact.open() as stream:
        for card in _cards(_unfolded(_lines(stream, decoder)), codec):
            if isinstance(card, Problem):
                yield card
                continue
            if len(found) >= _MOST_CARDS:
                message = f"more than {_MOST_CARDS} cards: the rest is not read"
                yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{card.line}", message=message)
                break
            values = _row(card) | {"card_number": len(found) + 1}
            found.append(values)
            own = row_values(values)
            yield CARDS.row(f"line:{card.line}", Status.PARTIAL if card.is_cut else Status.OK, **own)
    if found:
        yield sheet(artefact.path.rsplit("/", 1)[-1], found, codec)
    if decoder.replaced:
        yield Problem(
            kind=ProblemKind.DAMAGED,
            locator=f"offset:{decoder.first_offset}",
            message=f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand in the values as \\xNN",
        )


def _lines(stream: Any, decoder: codecs.Decoder) -> Iterator[tuple[int, str]]:
    """Lines with their number; of one that is very long only so much as a value may have."""
    number, held = 1, ""
    for piece in codecs.texts(stream, decoder):
        lines = (held + piece).split("\n")
        held = lines.pop()
        if len(held) > 2 * _LONGEST:
            held = held[: 2 * _LONGEST]
        for line in lines:
            yield number, line[: 2 * _LONGEST]
            number += 1
    if held:
        yield number, held


def _unfolded(lines: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Properties on one line each: lines that begin with a blank go on, and quoted-printable that ends in `=`."""
    current: tuple[int, str] | None = None
    for number, line in lines:
        if current is not None and line[:1] in (" ", "\t") and line.strip():
            current = (current[0], (current[1] + line[1:])[: 2 * _LONGEST])
        elif (
            current is not None
            and current[1].endswith("=")
            and "QUOTED-PRINTABLE" in current[1].partition(":")[0].upper()
        ):
            current = (current[0], (current[1][:-1] + line)[: 2 * _LONGEST])
        else:
            if current is not None:
                yield current
            current = (number, line)
    if current is not None:
        yield current


def _cards(properties: Iterator[tuple[int, str]], codec: str) -> Iterator[_Card | Problem]:
    """Cards and what is wrong between them; a card that is not ended ends where the next begins."""
    card: _Card | None = None
    for number, line in properties:
        head, mark, value = line.partition(":")
        name, *parameters = head.split(";")
        name = name.rpartition(".")[2].strip().upper()
        if name == "BEGIN" and value.strip().upper() == "VCARD":
            if card is not None:
                yield from _ended(card, is_cut=True)
            card = _Card(line=number)
        elif name == "END" and value.strip().upper() == "VCARD":
            if card is not None:
                yield from _ended(card, is_cut=False)
            card = None
        elif not line.strip():
            continue
        elif card is None or not mark:
            where = "outside of any card" if card is None else "without a colon"
            message = f"a line {where} is not read: {len(line)} signs"
            yield Problem(kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message)
        else:
            told = _parameters(parameters)
            if len(value) > _LONGEST and name not in _BULKY:
                message = f"a value of {name[:20]} has {len(value)} signs or more; {_LONGEST} are read"
                yield Problem(kind=ProblemKind.LIMIT, locator=f"line:{number}", message=message)
            content, lost = _decoded(value[:_LONGEST], told, codec, name)
            card.values.setdefault(name, []).append((told, content))
            if lost:
                message = f"{lost} bytes of {name[:20]} cannot be decoded; they stand in the value as \\xNN"
                yield Problem(kind=ProblemKind.DAMAGED, locator=f"line:{number}", message=message)
    if card is not None:
        yield from _ended(card, is_cut=True)


def _ended(card: _Card, *, is_cut: bool) -> Iterator[_Card | Problem]:
    card.is_cut = is_cut
    yield card
    if is_cut:
        message = "a card begins here and is not ended"
        yield Problem(kind=ProblemKind.TRUNCATED, locator=f"line:{card.line}", message=message)


def _parameters(given: list[str]) -> dict[str, str]:
    """Parameters by name; version 2.1 writes some values alone (`TEL;CELL`, `;QUOTED-PRINTABLE`)."""
    told: dict[str, str] = {}
    for one in given:
        name, mark, value = one.partition("=")
        if mark:
            key = name.strip().upper()
            told[key] = f"{told[key]},{value}" if key in told else value.strip('" ')
        elif name.strip().upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT"):
            told["ENCODING"] = name.strip()
        else:
            told["TYPE"] = f"{told['TYPE']},{name}" if "TYPE" in told else name
    return told


def _decoded(value: str, told: dict[str, str], codec: str, name: str) -> tuple[str, int]:
    """A value, out of quoted-printable where it is in it, and how many of its bytes could not be decoded."""
    if told.get("ENCODING", "").upper() != "QUOTED-PRINTABLE" or (name in _BULKY and name != "SOUND"):
        return value, 0
    raw = io.BytesIO()
    quopri.decode(io.BytesIO(value.encode("utf-8", "surrogateescape")), raw)
    content = raw.getvalue()
    charset = told.get("CHARSET", codec).strip().lower().replace("_", "-")
    try:
        return codecs.decode(content, _CHARSETS.get(charset, charset))
    except LookupError:
        return codecs.decode(content, codecs.decide(content))


def _plain(value: str) -> str:
    """A value without its escapes."""
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _row(card: _Card) -> dict[str, Any]:
    """The values of a card's row, and for the sheet postal codes and streets apart."""
    mails = card.texts("EMAIL")
    phones = [one.removeprefix("tel:") for one in card.texts("TEL")]
    places = [_place(parts) for parts in card.parts("ADR")]
    organisation = " ".join(part for part in next(iter(card.parts("ORG")), []) if part)
    return {
        "contact_name": card.text("FN") or _name(card),
        "name_kana": _kana(card),
        "contact_address": first_address(mails, phones),
        "mail_addresses": mails,
        "phone_numbers": phones,
        "postal_addresses": [" ".join(part for part in one if part) for one in places],
        "postal_codes": [code for code, _ in places],
        "streets": [street for _, street in places],
        "organisation": organisation or None,
        "job_title": card.text("TITLE") or card.text("ROLE"),
        "birth_date": card.text("BDAY"),
        "contact_note": card.text("NOTE"),
        "has_photo": "PHOTO" in card.values,
        "contact_id": card.text("UID"),
        "card_version": card.text("VERSION"),
    }


def _name(card: _Card) -> str | None:
    """Surname and given name of N, as they are written in Japan."""
    parts = next(iter(card.parts("N")), [])
    return " ".join(part for part in (*parts[:1], *parts[1:2]) if part) or None


def _kana(card: _Card) -> str | None:
    """The sound of a name: as two properties, as one of old phones, or as what it is sorted by."""
    phonetic = [card.text(f"X-PHONETIC-{name}-NAME") for name in ("LAST", "FIRST")]
    if any(phonetic):
        return " ".join(one for one in phonetic if one)
    for told, value in card.values.get("SOUND", ()):
        if "X-IRMC-N" in told.get("TYPE", "").upper():
            return (
                " ".join(part for part in (_plain(one).strip() for one in _SEMICOLON.split(value)) if part)
                or None
            )
    return card.text("SORT-STRING") or next(
        (told["SORT-AS"].replace(",", " ") for told, _ in card.values.get("N", ()) if told.get("SORT-AS")),
        None,
    )


def _place(parts: list[str]) -> tuple[str | None, str | None]:
    """Postal code, and the rest from the country's largest part to the smallest: box, extension, street, town, region, code, country."""
    box, extended, street, town, region, code, _ = [*parts, *[""] * 7][:7]
    rest = "".join(one for one in (region, town, street) if one) + "".join(
        f" {one}" for one in (extended, box) if one
    )
    return code or None, rest.strip() or None
