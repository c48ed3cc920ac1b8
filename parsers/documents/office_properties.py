"""Properties that Office and OpenDocument keep in a document: title, authors, times, counts, properties of one's own.

Shows: what the document says of itself: who it names as author and as who saved it last, when it was made, saved and printed,
how often and how long it was edited, with which program and from which template; names of sheets, slides or chapters.
Does not show: that any of it is true: names come from the settings of the program, times from the clock of the machine, all can
be set by hand, and a copy or a template takes them along. The times are not those of the file.
Not read: text of the document (other parsers read it), thumbnails, signatures, properties of objects embedded in it.

References:
    - ISO/IEC 29500-2 11 (core), 29500-1 22.2 (extended), 22.3 (custom); OASIS OpenDocument 1.3 part 3, 4.3 (meta)
    - [MS-OLEPS] 2.25 and 3.1.3; [MS-OSHARED] 2.3.3.2 (summary, document summary)
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import (
    Artefact,
    Problem,
    ProblemKind,
    Status,
    Text,
    Want,
    Yields,
    parser,
)
from parsers.formats import package, property_set
from parsers.formats.compound import SIGNATURE, Compound
from parsers.formats.document_properties import PROPERTIES
from parsers.formats.filetime import instant
from parsers.formats.office_text import few_problems, pieces
from parsers.formats.office_times import minutes_of, moment
from parsers.formats.open_crypt import encryption
from parsers.formats.package import ZIP, Package
from parsers.formats.xml_stream import START, TEXT, BadPart

_OPEN_XML = [
    "docx",
    "docm",
    "dotx",
    "dotm",
    "pptx",
    "pptm",
    "ppsx",
    "ppsm",
    "potx",
    "potm",
    "xlsx",
    "xlsm",
    "xltx",
    "xltm",
    "xlsb",
    "vsdx",
]
_OPEN_DOCUMENT = ["odt", "ott", "odm", "odp", "otp", "odg", "otg", "ods", "ots", "sxw", "sxi", "sxc"]
_COMPOUND = ["doc", "dot", "xls", "xlt", "ppt", "pps", "pot", "vsd", "pub", "mpp", "wps"]
_XML_COLUMNS = {
    "dc:title": "title", "dc:subject": "subject", "dc:creator": "author", "cp:lastModifiedBy": "last_saved_by",
    "cp:keywords": "document_keywords", "dc:description": "description", "cp:category": "category",
    "cp:contentStatus": "content_status", "dc:language": "document_language", "cp:revision": "revision_number",
    "dcterms:created": "created", "dcterms:modified": "modified", "cp:lastPrinted": "printed",
    "ep:Company": "company", "ep:Manager": "manager", "ep:Template": "template", "ep:Application": "application",
    "ep:AppVersion": "application_version", "ep:TotalTime": "edit_minutes", "ep:Pages": "page_count",
    "ep:Words": "word_count", "ep:Slides": "slide_count",
}  # fmt: skip
_META_COLUMNS = {
    "dc:title": "title", "dc:subject": "subject", "meta:initial-creator": "author", "dc:creator": "last_saved_by",
    "dc:description": "description", "dc:language": "document_language", "meta:generator": "application",
    "meta:editing-cycles": "revision_number", "meta:editing-duration": "edit_minutes", "meta:keyword": "document_keywords",
    "meta:creation-date": "created", "dc:date": "modified", "meta:print-date": "printed",
}  # fmt: skip
_SUMMARY = {2: "title", 3: "subject", 4: "author", 5: "document_keywords", 6: "description", 7: "template", 8: "last_saved_by",
    9: "revision_number", 10: "edit_minutes", 11: "printed", 12: "created", 13: "modified", 14: "page_count", 15: "word_count",
    18: "application"}  # fmt: skip
_DOCUMENT_SUMMARY = {2: "category", 7: "slide_count", 14: "manager", 15: "company", 26: "content_status", 27: "content_status", 28: "document_language"}  # fmt: skip
_TIMES = {"created", "modified", "printed"}
_WHOLE = {"revision_number", "edit_minutes", "page_count", "word_count", "slide_count"}
_TOLD = (
    "title",
    "subject",
    "author",
    "last_saved_by",
    "company",
    "manager",
    "document_keywords",
    "description",
)
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
_MOST_SIGNS = 1 << 16
_MOST_CUSTOM = 1000


def _is_package(head: bytes) -> bool:
    names = package.names_in_head(head) if head.startswith(ZIP) else []
    folders = (b"word/", b"ppt/", b"xl/", b"docProps/")
    return (
        any(one.startswith(folders) for one in names)
        or b"mimetypeapplication/vnd.oasis.opendocument" in head[:90]
    )


@parser(
    version=1,
    wants=(
        *(
            Want(f"**/*.{one}", sniff=package.is_container, is_strict=False)
            for one in (*_OPEN_XML, *_OPEN_DOCUMENT)
        ),
        *(Want(f"**/*.{one}", signature=SIGNATURE, is_shared=True, is_strict=False) for one in _COMPOUND),
        Want(sniff=_is_package),
    ),
    tables=(PROPERTIES,),
    is_metadata_only=True,
)
@few_problems
def office_properties(artefact: Artefact) -> Yields:
    """One row for each document that has properties, and what they say as text."""
    reading = _Reading()
    is_compound = artefact.head(len(SIGNATURE)) == SIGNATURE
    try:
        if is_compound:
            with Compound(artefact) as file:
                reading.compound(file)
        else:
            with Package(artefact) as parts:
                reading.package(parts)
    except BadPart as error:
        yield Problem(kind=error.kind, locator="document", message=str(error))
    yield from reading.told()


class _Reading:
    """What is found, column by column, and what of it could not be read."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._custom: list[str] = []
        self._titles: list[str] = []
        self._problems: list[Problem] = []
        self._has_properties = False

    def told(self) -> Yields:
        """The row, then its text, then the problems."""
        if self._has_properties or self._values.get("is_encrypted"):
            status = Status.PARTIAL if self._problems else Status.OK
            lists = {"part_titles": self._titles or None, "custom_properties": self._custom or None}
            yield PROPERTIES.row("document", status, **self._values, **lists)
            lines = [f"{name}: {self._values[name]}" for name in _TOLD if self._values.get(name)]
            for at, piece in pieces("\n".join((*lines, *self._custom))):
                yield Text(locator=f"document+{at}" if at else "document", segment="property", content=piece)
        yield from self._problems

    def _wrong(
        self, locator: str, message: str, column: str | None, kind: ProblemKind = ProblemKind.DAMAGED
    ) -> None:
        if len(self._problems) < 50:
            self._problems.append(Problem(kind=kind, locator=locator, message=message, column=column))

    def _put(self, locator: str, column: str, stored: str) -> None:
        """Keep a text as the type of its column."""
        stored = stored.strip()[:_MOST_SIGNS]
        if not stored:
            return
        if column in _TIMES:
            try:
                told = moment(stored)
            except ValueError as error:
                self._wrong(locator, str(error), f"{column}_at")
                return
            if told is not None:
                self._values[f"{column}_at" if told.tzinfo else f"{column}_local"] = told
        elif column in _WHOLE:
            number = int(stored) if _INTEGER.fullmatch(stored) else None
            if column == "edit_minutes" and number is None:
                number = minutes_of(stored)
            if number is None:
                self._wrong(locator, f"no number: {stored[:60]!r}", column)
            else:
                self._values[column] = number
        elif column == "document_keywords" and column in self._values:
            self._values[column] = f"{self._values[column]}, {stored}"[:_MOST_SIGNS]
        else:
            self._values.setdefault(column, stored)

    # Packages

    def package(self, parts: Package) -> None:
        """Properties of OOXML and OpenDocument, each part known by its root element."""
        self._problems += parts.problems
        self._values["document_format"] = "open_document" if "mimetype" in parts.parts else "open_xml"
        if "mimetype" in parts.parts or "meta.xml" in parts.parts:
            method = encryption(parts)
            self._values["is_encrypted"] = method is not None
        else:
            self._values["is_encrypted"] = parts.is_encrypted
        for name in parts.parts:
            lower = name.lower()
            if lower == "meta.xml" or (lower.startswith("docprops/") and lower.endswith(".xml")):
                try:
                    self._part(parts, name, _META_COLUMNS if lower == "meta.xml" else _XML_COLUMNS)
                except BadPart as error:
                    if not (self._values["is_encrypted"] and lower == "meta.xml"):
                        self._wrong(f"part:{name}", str(error), None, error.kind)

    def _part(self, parts: Package, name: str, columns: dict[str, str]) -> None:
        held: list[str] = []
        path: list[str] = []
        custom = ""
        size = 0
        for kind, one, given in parts.events(name):
            if kind == TEXT:
                size += len(one)
                if size < _MOST_SIGNS:
                    held.append(one)
                continue
            if kind == START:
                held, size = [], 0
                path.append(one)
                self._has_properties = True
                if one in ("op:property", "meta:user-defined"):
                    custom = given.get("name", given.get("meta:name", ""))
                elif one == "meta:template":
                    self._put(
                        f"part:{name}", "template", given.get("xlink:title") or given.get("xlink:href", "")
                    )
                elif one == "meta:document-statistic":
                    for stored, column in (
                        ("meta:page-count", "page_count"),
                        ("meta:word-count", "word_count"),
                    ):
                        self._put(f"part:{name}", column, given.get(stored, ""))
                continue
            path.pop()
            content = "".join(held)
            held = []
            if one in columns:
                self._put(f"part:{name}", columns[one], content)
            elif one == "vt:lpstr" and "ep:TitlesOfParts" in path:
                if content and len(self._titles) < _MOST_CUSTOM:
                    self._titles.append(content[:1000])
            elif content and (
                one == "meta:user-defined" or (one.startswith("vt:") and "op:property" in path)
            ):
                self._custom += (
                    [f"{custom}={content}"[:_MOST_SIGNS]] if len(self._custom) < _MOST_CUSTOM else []
                )

    # Compound files

    def compound(self, file: Compound) -> None:
        """Properties of a compound file."""
        self._values["document_format"] = "compound"
        is_package = file.find("EncryptedPackage") is not None
        if is_package:
            self._values |= {"document_format": "open_xml", "is_encrypted": True}
        for name in ("\x05SummaryInformation", "\x05DocumentSummaryInformation"):
            path = file.find(name)
            if path is None:
                continue
            locator = f"stream:{name[1:]}"
            try:
                for one in property_set.property_sets(file.read(path)):
                    self._has_properties = True
                    self._set(locator, one)
            except BadPart as error:
                self._wrong(locator, str(error), None, error.kind)
            except ValueError as error:
                self._wrong(locator, str(error), None)

    def _set(self, locator: str, one: property_set.PropertySet) -> None:
        if one.format_id == property_set.USER_DEFINED:
            for key, value in one.values.items():
                if len(self._custom) < _MOST_CUSTOM and value is not None:
                    self._custom.append(f"{one.names.get(key, key)}={_plain(value)}"[:_MOST_SIGNS])
            columns: dict[int, str] = {}
        else:
            is_summary = one.format_id == property_set.SUMMARY
            columns = _SUMMARY if is_summary else _DOCUMENT_SUMMARY
            if is_summary and isinstance(one.values.get(19), int) and not self._values.get("is_encrypted"):
                # [MS-OSHARED] 2.3.3.2.1: bit 0 of the security says there is a password.
                self._values["is_encrypted"] = bool(one.values[19] & 1)
            if not is_summary:
                self._titles += [str(word)[:1000] for word in _listed(one.values.get(13)) if word]
                version = one.values.get(23)
                if isinstance(version, int):
                    self._values["application_version"] = f"{version >> 16 & 0xFFFF}.{version & 0xFFFF:04d}"
        for key, column in columns.items():
            self._property(f"{locator}/property:{key}", column, one.values.get(key))
        for key, message in one.wrong:
            self._wrong(
                f"{locator}/property:{key}",
                message,
                columns.get(key) if columns.get(key) not in _TIMES else f"{columns[key]}_at",
            )

    def _property(self, locator: str, column: str, value: Any) -> None:
        if value is None:
            return
        if column == "edit_minutes" and isinstance(value, int):
            self._values[column] = value // 600_000_000  # counts of 100 nanoseconds
        elif column in _TIMES:
            try:
                self._values[f"{column}_at"] = instant(value if isinstance(value, property_set.Ticks) else -1)
            except ValueError as error:
                self._wrong(locator, str(error), f"{column}_at")
        elif column in _WHOLE and isinstance(value, int):
            self._values[column] = value if abs(value) < 1 << 62 else None
        elif not isinstance(value, list):
            self._put(locator, column, str(value))


def _listed(value: object) -> list[Any]:
    return value[:_MOST_CUSTOM] if isinstance(value, list) else []


def _plain(value: Any) -> str:
    """A value of one's own as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, property_set.Ticks):
        try:
            at = instant(value)
        except ValueError:
            return str(int(value))
        return at.isoformat().replace("+00:00", "Z") if at else "0"
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)
