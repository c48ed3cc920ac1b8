"""What a case holds of each file: sheets with the items of their columns, mentions, texts and items in texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fixtures.accuracy.layout import ITEMS
from pipeline.tables import read
from pipeline.tables.schema import all_tables
from tests.accuracy import folding

# A part of a field that stands in a column of its own is labelled with the whole.
_WHOLE = {
    "address_part": "address",
    "income": "salary",
    "surname_kana": "name_kana",
    "given_name_kana": "name_kana",
}


def _scored(item: str | None) -> str | None:
    """An item as the labels name it; None where no label has a word for it, so that it is not scored."""
    named = _WHOLE.get(item, item)
    return named if named in ITEMS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundColumn:
    """A column of a sheet: its item, how many values passed, its values."""

    name: str
    item: str | None
    passed: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSheet:
    """A sheet of a file, with the number of mentions of its rows."""

    sheet_id: str
    has_header: bool
    columns: tuple[FoundColumn, ...]
    mentions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A value said to be of an item in text; segment and offset where it is said to stand, where that is told."""

    item: str
    value: str
    segment: str | None = None
    start: int = 0


@dataclass(slots=True, kw_only=True)
class FoundFile:
    """Everything a case holds of a file."""

    sheets: list[FoundSheet] = field(default_factory=list)
    segments: list[tuple[str, str]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    mentioned: list[Claim] = field(default_factory=list)
    text_mentions: int = 0


def found(root: Path) -> dict[str, FoundFile]:
    """What a case holds, by the path of the file."""
    tables = root / "tables"

    def ask(sql: str) -> list[tuple]:
        return read.ask(tables, sql)[1]

    paths = dict(ask("SELECT entry_id, path FROM file_entry WHERE kind = 'file'"))
    files = {path: FoundFile() for path in paths.values()}
    of_sheet = dict(ask("SELECT sheet_id, count(*) FROM mention WHERE sheet_id IS NOT NULL GROUP BY 1"))
    judged = {
        (sheet_id, name): (_scored(item), passed or 0)
        for sheet_id, name, item, passed in ask(
            "SELECT sheet_id, column_name, item, passed_count FROM sheet_column"
        )
    }
    for entry_id, sheet_id, has_header in ask(
        "SELECT entry_id, sheet_id, header IS NOT NULL FROM sheet ORDER BY entry_id, locator"
    ):
        columns = tuple(_columns(root, sheet_id, judged))
        one = FoundSheet(
            sheet_id=sheet_id, has_header=has_header, columns=columns, mentions=of_sheet.get(sheet_id, 0)
        )
        if entry_id in paths:
            files[paths[entry_id]].sheets.append(one)
    for entry_id, locator, content in ask("SELECT entry_id, locator, content FROM text ORDER BY 1, 2, 3"):
        if entry_id in paths:
            files[paths[entry_id]].segments.append((locator, content or ""))
    for entry_id, name, email, phone in ask(
        "SELECT entry_id, full_name, email_key, phone_key FROM mention WHERE sheet_id IS NULL ORDER BY ALL"
    ):
        if entry_id in paths:
            file = files[paths[entry_id]]
            file.text_mentions += 1
            told = (("name", name), ("email", email), ("phone", phone))
            file.mentioned += [Claim(item=item, value=value) for item, value in told if value]
    if "text_item" in all_tables():
        for entry_id, locator, item, value, signs in ask(
            "SELECT entry_id, locator, item, value_text, sign_count FROM text_item ORDER BY ALL"
        ):
            if entry_id in paths and value and _scored(item) is not None:
                segment, _, start = locator.rpartition("+")
                at = int(start) if start.isdigit() else 0
                # What is masked stands where the locator says.
                content = dict(files[paths[entry_id]].segments).get(segment)
                value = value if content is None else content[at : at + signs]
                claim = Claim(
                    item=_scored(item),
                    value=value,
                    segment=segment if start.isdigit() else None,
                    start=at,
                )
                files[paths[entry_id]].claims.append(claim)
    else:
        for file in files.values():
            file.claims = list(file.mentioned)
    return files


def _columns(
    root: Path, sheet_id: str, judged: dict[tuple[str, str], tuple[str | None, int]]
) -> Iterator[FoundColumn]:
    values: dict[str, list[str]] = {}
    for batch in read.sheet(root / "sheets", sheet_id):
        for name in batch.schema.names:
            if name != "row_number":
                values.setdefault(name, []).extend(
                    folding.cell(one) for one in batch.column(name).to_pylist()
                )
    for name, told in values.items():
        item, passed = judged.get((sheet_id, name), (None, 0))
        yield FoundColumn(name=name, item=item, passed=passed, values=tuple(told))
