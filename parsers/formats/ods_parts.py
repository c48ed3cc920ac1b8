"""What a workbook of OpenDocument holds beside the cells of its sheets.

References:
    - OASIS OpenDocument 1.3 part 3: 9.1.3 and 19.749 (hidden rows), 9.4.5 (validations), 9.4.11 (names), 9.9 (tracked changes), 14.1
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from parsers.contract import Text, Yields
from parsers.formats import open_text
from parsers.formats.office_text import Lines
from parsers.formats.package import Package
from parsers.formats.sheet_xml import Hidden
from parsers.formats.xml_stream import END, START, BadPart, Event

# A sheet of cells alone is not read a second time.
_WORTH = re.compile(
    rb"<(?:office:annotation|draw:|table:tracked-changes|table:content-validation|table:named-r|table:named-expression |text:a )"
    rb'|table:visibility="[cf]'
)
_LOOK_BACK = 64
_MOST_CONTENT = 256 << 20
_SHAPE = re.compile(rb"<(/?)draw:[\w-]+\b[^<>]*?(/?)>")
_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
# What is told with all it holds, wherever in the cells it stands.
_KEPT = {
    "office:annotation", "draw:frame", "draw:custom-shape", "draw:rect", "draw:ellipse", "draw:circle", "draw:line", "draw:caption",
    "draw:polygon", "draw:path", "draw:connector", "draw:control", "table:tracked-changes",
}  # fmt: skip
_MOST_SHEETS = 10_000
_IN_LIST = "cell-content-is-in-list("
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')


def texts(parts: Package, hidden: dict[str, Hidden]) -> Yields:
    """Comments, shapes, former contents of cells, lists of allowed values, names, headers and footers.

    How much of each sheet is hidden is put into `hidden`.
    """
    for name in (one for one in parts.parts if one == "content.xml"):
        if _is_worth(parts, name):
            beside = _Beside(name, hidden)
            yield from open_text.texts(f"part:{name}", beside.events(parts.events(name)))
            for lines in (beside.validations, beside.names):
                yield from beside.full
                yield from lines.end()
    for name in parts.parts:
        if name == "styles.xml" or (name.endswith("/content.xml") and name != "content.xml"):
            yield from open_text.texts(f"part:{name}", parts.events(name))


def _is_worth(parts: Package, name: str) -> bool:
    """Whether there is anything but cells; a part that cannot be unpacked is told when it is read."""
    held = b""
    try:
        for block in parts.blocks(name):
            held += block
            if _WORTH.search(held):
                return True
            held = held[-_LOOK_BACK:]
    except BadPart:
        return False  # the reader of the cells tells that the workbook is damaged
    return False


def without_shapes(parts: Package) -> bytes | None:
    """The package with no shapes in its cells, whose text the library would take for that of the cell; None where there are none."""
    content = bytearray()
    try:
        for block in parts.blocks("content.xml"):
            content += block
            if len(content) > _MOST_CONTENT:
                return None
    except BadPart:
        return None
    stored = bytes(content)
    kept, at, depth = [], 0, 0
    for found in _SHAPE.finditer(stored):
        is_end, is_empty = found[1] == b"/", found[2] == b"/"
        if not depth and not is_end:
            kept.append(stored[at : found.start()])
            at = found.end()
        depth += 0 if is_empty else -1 if is_end else 1
        if depth <= 0:
            at, depth = found.end(), 0
    if not kept or depth:
        return None
    kept.append(stored[at:])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        target.writestr("META-INF/manifest.xml", _MANIFEST)
        target.writestr("content.xml", b"".join(kept), compresslevel=1)
    return out.getvalue()


class _Beside:
    """Lets by what stands beside the cells."""

    def __init__(self, name: str, hidden: dict[str, Hidden]) -> None:
        self.validations, self.names = Lines("validation"), Lines("defined_name")
        self.full: list[Text] = []
        self._place = f"part:{name}"
        self._hidden = hidden
        self._sheet = ""

    def events(self, given: Iterator[Event]) -> Iterator[Event]:
        """The events of what is told.

        Raises:
            BadPart: the part cannot be read further.
        """
        depth = 0
        for event in given:
            kind, one, attributes = event
            if depth:
                depth += (kind == START) - (kind == END)
                yield event
            elif kind == START:
                if one in _KEPT:
                    depth = 1
                    yield event
                elif one == "text:a":
                    yield event
                    yield END, one, {}
                elif one.startswith("table:"):
                    self._note(one, attributes)

    def _note(self, name: str, given: dict[str, str]) -> None:
        match name:
            case "table:table":
                self._sheet = given.get("table:name", "")
            case "table:table-row" | "table:table-column" if given.get("table:visibility") in (
                "collapse",
                "filter",
            ):
                self._hide(name, given)
            case "table:content-validation" if _IN_LIST in given.get("table:condition", ""):
                told = [one.replace('""', '"') for one in _QUOTED.findall(given["table:condition"])]
                self.full += self.validations.add(
                    f"{self._place}/{given.get('table:name', '')[:100]}", "\n".join(told)
                )
            case "table:named-range" | "table:named-expression":
                value = given.get("table:expression") or given.get("table:cell-range-address", "")
                word = given.get("table:name", "")
                self.full += self.names.add(f"{self._place}/name:{word[:100]}", f"{word}: {value}")

    def _hide(self, name: str, given: dict[str, str]) -> None:
        stored = given.get(f"table:number-{name.removeprefix('table:table-')}s-repeated", "1")
        count = int(stored) if stored.isascii() and stored.isdigit() and len(stored) < 8 else 1
        before = self._hidden.get(self._sheet, Hidden(0, 0))
        if len(self._hidden) < _MOST_SHEETS or self._sheet in self._hidden:
            is_row = name == "table:table-row"
            self._hidden[self._sheet] = Hidden(
                before.rows + count * is_row, before.columns + count * (not is_row)
            )
