"""Gives bytes to a parser as the pipeline would, without a case."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from parsers.contract import Artefact, Batch, Member, Parser, Problem, Row, Sheet, Text, Yield


@dataclass(frozen=True, kw_only=True)
class FileArtefact:
    """An artefact that is a file on this machine."""

    file: Path
    path: str
    companions: Mapping[str, Artefact] = field(default_factory=dict)
    passwords: tuple[str, ...] = ()
    made: dict[str, Any] = field(default_factory=dict, compare=False)
    opened: list[str] = field(default_factory=list, compare=False)

    def opened_by(self, password: str) -> None:
        self.opened.append(password)

    @property
    def size(self) -> int:
        return self.file.stat().st_size

    def open(self) -> BinaryIO:
        return io.BytesIO(self.file.read_bytes())

    def local(self) -> Path:
        return self.file

    def head(self, size: int = 4096) -> bytes:
        with self.file.open("rb") as stream:
            return stream.read(size)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]


def artefact(file: Path, path: str | None = None, **companions: Path) -> FileArtefact:
    """A file as an artefact; companions are given by suffix without its dot (LOG1=path), or with its dash (-wal)."""
    return FileArtefact(
        file=file,
        path=path or f"/{file.name}",
        companions={
            suffix if suffix.startswith("-") else f".{suffix}": FileArtefact(file=one, path=f"/{one.name}")
            for suffix, one in companions.items()
        },
    )


def from_bytes(content: bytes, folder: Path, name: str = "artefact") -> FileArtefact:
    """Bytes as an artefact; they are written to a file in the test's own folder."""
    file = folder / name
    file.write_bytes(content)
    return artefact(file)


@dataclass(frozen=True, kw_only=True)
class Yielded:
    """Everything a parser yielded, sheets read to their end."""

    rows: list[tuple[str, str, str, dict[str, object]]]  # table, locator, status, values
    problems: list[Problem]
    sheets: list[tuple[Sheet, pa.Table]]
    texts: list[Text]
    members: list[Member]
    # By the locator of a member whose content breaks off: what its stream raised.
    broken: dict[str, str] = field(default_factory=dict)

    def table(self, name: str) -> list[dict[str, object]]:
        """The values of the rows of one table, in order."""
        return [values for table, _, _, values in self.rows if table == name]


def run(parser: Parser, given: Artefact) -> Yielded:
    """Run a parser over one artefact as extract does; batches become rows."""
    out = Yielded(rows=[], problems=[], sheets=[], texts=[], members=[])
    for one in parser.parse(given):
        _keep(one, out)
    return out


def _keep(one: Yield, out: Yielded) -> None:
    match one:
        case Row():
            out.rows.append((one.table.name, one.locator, str(one.status), dict(one.values)))
        case Batch():
            for locator, values in zip(one.locators.to_pylist(), one.rows.to_pylist(), strict=True):
                out.rows.append((one.table.name, locator, str(one.status), values))
        case Sheet():
            out.sheets.append((one, pa.Table.from_batches(list(one.batches))))
        case Text():
            out.texts.append(one)
        case Member():
            content, broken = member_bytes(one)
            out.members.append(replace(one, content=content))
            if broken is not None:
                out.broken[one.locator] = broken
        case Problem():
            out.problems.append(one)


def member_bytes(member: Member) -> tuple[bytes, str | None]:
    """The content of a member up to where it breaks off, and why, as extract takes it."""
    if isinstance(member.content, bytes):
        return member.content, None
    content = bytearray()
    try:
        while block := member.content.read(1 << 20):
            content += block
    except OSError as error:
        return bytes(content), str(error)
    return bytes(content), None
