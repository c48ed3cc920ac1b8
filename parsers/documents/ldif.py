r"""Directory entries in LDIF: exports of LDAP servers, Active Directory (ldifde) and address books of Mozilla programs.

Shows: every entry as a row of one sheet, its attributes as columns; contacts (entries of persons, by their class or by name and
address) as rows of contacts. Changes recorded in LDIF are entries as well: the column `changetype` says which, and values that
are added or replaced stand under their attributes.
Does not show: passwords as such (they stand as stored), who changed an entry, or that a change was carried out.
Not read: values given by the address of a file (`:<`): the address stands in the cell; pictures and certificates, of which the
size is told; more than eight values of one attribute are joined in the last of its columns.

References:
    - RFC 2849, The LDAP Data Interchange Format; RFC 2798 (inetOrgPerson); RFC 4519 (attributes of persons)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from parsers.contract import Artefact, Problem, ProblemKind, Status, Want, Yields, parser
from parsers.formats import codecs
from parsers.formats.contacts import CARDS, first_address
from parsers.formats.delimited import CELL_SIGNS
from parsers.formats.spool import Spool, clean

_MOST_PLACES = 8
_MOST_PROBLEMS = 100
_MOST_VALUES = 100_000
_ENTRY_SIGNS = 32 * CELL_SIGNS
_TOO_LONG = f"a value has more than {_ENTRY_SIGNS} signs"
_ATTRIBUTE = re.compile(r"([A-Za-z0-9][A-Za-z0-9.;_-]{0,200}):(:|<|)[ \t]*(.*)", re.DOTALL)
_PERSONS = {"person", "inetorgperson", "organizationalperson", "mozillaabpersonalpha", "contact", "user", "residentialperson", "posixaccount"}  # fmt: skip
_NO_PERSONS = {"computer", "group", "groupofnames", "organizationalunit", "domain", "container"}
_BULKY = {"jpegphoto", "photo", "thumbnailphoto", "usercertificate", "usersmimecertificate", "userpkcs12", "audio", "objectguid", "objectsid", "ntsecuritydescriptor"}  # fmt: skip
_MAILS = ("mail", "rfc822mailbox", "mozillasecondemail", "othermailbox", "userprincipalname")
_PHONES = ("telephonenumber", "mobile", "homephone", "cellphone", "othertelephone", "ipphone", "pager")


def _is_ldif(head: bytes) -> bool:
    if not codecs.is_text(head):
        return False
    told = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n").lower()
    return told.startswith((b"dn:", b"version:", b"#", b"search:"))


@dataclass(slots=True)
class _Entry:
    """One entry: the line it begins at, its values by attribute in stored order."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    signs: int = 0
    count: int = 0
    is_damaged: bool = False

    def add(self, name: str, value: str) -> None:
        # Names of attributes are the same in either case (RFC 4512, 2.5).
        self.values.setdefault(name.lower(), []).append(value)
        self.signs += len(value)
        self.count += 1

    def all(self, *names: str) -> list[str]:
        """The values of attributes, whatever their options, each once."""
        found = [
            value
            for name in names
            for key, values in self.values.items()
            if key.split(";")[0] == name
            for value in values
        ]
        return list(dict.fromkeys(one.strip() for one in found if one.strip()))

    def first(self, *names: str) -> str | None:
        return next(iter(self.all(*names)), None)


@parser(
    version=1, wants=(Want("**/*.ldif", sniff=_is_ldif), Want("**/*.ldi", sniff=_is_ldif)), tables=(CARDS,)
)
def ldif(artefact: Artefact) -> Yields:
    """Rows of contacts, then one sheet of all entries; the locator is the line an entry begins at."""
    with artefact.open() as stream:
        codec = codecs.decide(codecs.sample(stream))
    decoder = codecs.Decoder(codec)
    spool = Spool(artefact)
    problems: list[Problem] = []
    name = artefact.path.rsplit("/", 1)[-1]
    number = 0
    with artefact.open() as stream:
        for entry in _entries(_unfolded(codecs.texts(stream, decoder), problems), codec, problems):
            if set(entry.values) <= {"version", "search", "result"}:
                continue
            kept = spool.table("", name, f"line:{entry.line}")
            if kept is not None:
                spool.add(kept, _cells(entry), f"line:{entry.line}")
            if _is_person(entry):
                number += 1
                status = Status.PARTIAL if entry.is_damaged else Status.OK
                yield CARDS.row(f"line:{entry.line}", status, **_card(entry), card_number=number)
    for kept in spool.tables.values():
        yield spool.sheet(kept, codec)
    yield from problems
    yield from spool.problems()
    spool.close()
    if decoder.replaced:
        message = f"{decoder.replaced} bytes are not {codec}, the first at offset {decoder.first_offset}; they stand as \\xNN"
        yield Problem(kind=ProblemKind.DAMAGED, locator=f"offset:{decoder.first_offset}", message=message)


def _tell(problems: list[Problem], kind: ProblemKind, line: int, message: str) -> None:
    if len(problems) < _MOST_PROBLEMS:
        problems.append(Problem(kind=kind, locator=f"line:{line}", message=message))


def _unfolded(pieces: Iterator[str], problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Lines with those that go on (they begin with a blank) joined, of a very long one its first signs."""
    number, begun = 0, 1
    parts: list[str] = []
    signs = 0
    for is_end, line in _lines(pieces):
        number += 1
        if line.startswith(" ") and parts and parts[0]:
            if signs < _ENTRY_SIGNS:
                parts.append(line[1:])
                signs += len(line)
                if signs >= _ENTRY_SIGNS:
                    _tell(
                        problems,
                        ProblemKind.LIMIT,
                        begun,
                        f"{_TOO_LONG}; what is beyond is not read",
                    )
            continue
        if parts:
            yield begun, "".join(parts)
        parts, begun, signs = [line], number, len(line)
        if signs >= _ENTRY_SIGNS:
            _tell(problems, ProblemKind.LIMIT, begun, f"{_TOO_LONG}; what is beyond is not read")
        if is_end:
            break
    if parts:
        yield begun, "".join(parts)


def _lines(pieces: Iterator[str]) -> Iterator[tuple[bool, str]]:
    """Lines, whether it is the last; of a very long one its first signs."""
    parts: list[str] = []
    signs = 0
    for piece in pieces:
        first, *others = piece.split("\n")
        if signs < _ENTRY_SIGNS:
            parts.append(first)
            signs += len(first)
        for one in others:
            yield False, "".join(parts)
            parts, signs = [one], len(one)
    if signs:
        yield True, "".join(parts)


def _entries(lines: Iterator[tuple[int, str]], codec: str, problems: list[Problem]) -> Iterator[_Entry]:
    """Entries, which are set off by empty lines or by the next `dn`."""
    entry: _Entry | None = None
    for number, line in lines:
        if not line.strip():
            if entry is not None:
                yield entry
            entry = None
            continue
        if line.startswith("#") or line.strip() == "-":
            continue
        found = _ATTRIBUTE.fullmatch(line)
        if found is not None and found[1].lower() == "dn" and entry is not None and "dn" in entry.values:
            yield entry
            entry = None
        entry = entry or _Entry(number)
        if found is None:
            _tell(
                problems,
                ProblemKind.DAMAGED,
                number,
                f"a line without an attribute: {clean(line[:40])!r}; it stands in the column `unread`",
            )
            entry.is_damaged = True
            entry.add("unread", line)
            continue
        entry.add(found[1], _value(found, codec, number, problems, entry))
        if entry.signs > _ENTRY_SIGNS or entry.count > _MOST_VALUES:
            _tell(
                problems,
                ProblemKind.LIMIT,
                entry.line,
                "an entry is too large for a row; its values go on in the next one",
            )
            yield entry
            entry = None
    if entry is not None:
        yield entry


def _value(found: re.Match[str], codec: str, number: int, problems: list[Problem], entry: _Entry) -> str:
    """A value as text: out of base64 where it is in it, of pictures and keys the size alone."""
    written = found[3]
    if found[2] != ":":
        return written.rstrip() if found[2] else written
    signs = "".join(written.split())
    try:
        raw = base64.b64decode(signs, validate=True)
    except (binascii.Error, ValueError):
        kept = re.sub(r"[^A-Za-z0-9+/]", "", signs)
        kept = kept[: len(kept) // 4 * 4]
        raw = base64.b64decode(kept)
        _tell(
            problems,
            ProblemKind.DAMAGED,
            number,
            f"the base64 of {found[1][:40]} is damaged; it is read as far as it goes",
        )
        entry.is_damaged = True
    if found[1].lower().split(";")[0] in _BULKY or b"\0" in raw[:64]:
        return f"{len(raw)} bytes"
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return codecs.decode(raw, codecs.decide(raw))[0]


def _cells(entry: _Entry) -> dict[str, str | None]:
    """Values by column, more than one of an attribute by their place."""
    cells: dict[str, str | None] = {}
    for name, values in entry.values.items():
        for at, value in enumerate(values[:_MOST_PLACES]):
            cells[f"{name}.{at}" if at else name] = value
        if len(values) > _MOST_PLACES:
            cells[f"{name}.{_MOST_PLACES}"] = ", ".join(values[_MOST_PLACES:])
    return cells


def _is_person(entry: _Entry) -> bool:
    """By its classes; without any by a name and a way to reach it."""
    classes = {one.lower() for one in entry.all("objectclass")}
    if classes & _NO_PERSONS:
        return False
    if classes & _PERSONS:
        return True
    return not classes and bool(entry.all("cn", "sn", "displayname")) and bool(entry.all(*_MAILS, *_PHONES))


def _card(entry: _Entry) -> dict[str, Any]:
    """The values of a row of contacts."""
    mails, phones = entry.all(*_MAILS), entry.all(*_PHONES)
    mails = [one for one in mails if "@" in one]
    surname, given = entry.first("sn"), entry.first("givenname")
    both = " ".join(one for one in (surname, given) if one)
    kana = [
        value
        for key in ("sn;lang-ja;phonetic", "givenname;lang-ja;phonetic")
        for value in entry.values.get(key, ())[:1]
    ]
    kana = (
        kana
        or entry.all("msds-phoneticdisplayname")
        or [" ".join(entry.all("msds-phoneticlastname")[:1] + entry.all("msds-phoneticfirstname")[:1])]
    )
    town = [value for name in ("st", "l", "street", "streetaddress") for value in entry.all(name)[:1]]
    code = entry.first("postalcode")
    own = " ".join(one for one in (code, "".join(town)) if one)
    posted = [one.replace("$", " ") for one in entry.all("postaladdress", "homepostaladdress")]
    organisation = " ".join(entry.all("o", "company")[:1] + entry.all("ou", "department")[:1])
    return {
        "contact_name": entry.first("displayname", "cn") or both or None,
        "name_kana": " ".join(kana).strip() or None,
        "contact_address": first_address(mails, phones),
        "mail_addresses": mails,
        "phone_numbers": phones,
        "postal_addresses": [one for one in (own, *posted) if one],
        "organisation": organisation or None,
        "job_title": entry.first("title"),
        "birth_date": entry.first("birthdate", "dateofbirth"),
        "contact_note": entry.first("description", "info"),
        "has_photo": any(name in one for one in entry.values for name in ("jpegphoto", "thumbnailphoto")),
        "contact_id": entry.first("dn"),
    }
