r"""Tables of columns: Parquet, and Arrow files and streams (Feather version 2).

Shows: every row with every column as text; members of structures as columns of their own (`address.city`), lists and maps as
JSON. Times in UTC end in Z, those without a zone do not. Bytes that are UTF-8 are text, others their hexadecimal digits.
Does not show: who wrote the table or when; statistics and other metadata.
Not read: encrypted columns; Feather version 1; columns beyond 1024; what a cell holds beyond 1 Mi signs. Of a damaged group of
rows those before the damage are read, then the next group.

References:
    - Apache Parquet, File Format; Apache Arrow, Columnar Format, IPC streaming and file format
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from parsers.contract import Artefact, Problem, ProblemKind, Sheet, Want, Yields, parser
from parsers.formats import codecs, tabular
from parsers.formats.delimited import CELL_SIGNS
from parsers.formats.spool import MOST_COLUMNS, clean

_ROWS = tabular.BATCH_ROWS
_LEAVES_DEPTH = 20
_MOST_NOTED = 100
# Strings and lists of a footer: larger ones are of a file built to exhaust its reader.
_FOOTER_BYTES = 64 << 20
_FOOTER_LISTS = 1_000_000
_REFUSALS = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, OverflowError, MemoryError)
_PARQUET, _ARROW, _FEATHER_1 = b"PAR1", b"ARROW1", b"FEA1"


def _is_stream(head: bytes) -> bool:
    """Whether the first bytes are those of an Arrow stream; erased space has the same, so that the name must say it too."""
    return head.startswith(b"\xff\xff\xff\xff")


@parser(
    version=1,
    wants=(
        Want(signature=_PARQUET),
        Want(signature=b"PARE"),
        Want(signature=_ARROW),
        Want("**/*.feather", signature=_FEATHER_1),
        Want("**/*.arrows", sniff=_is_stream),
        Want("**/*.arrow", sniff=_is_stream, is_strict=False),
    ),
)
def parquet_table(artefact: Artefact) -> Yields:
    """One sheet; row_number counts the rows, those of damaged groups that could not be read included where their number is known."""
    head = artefact.head(8)
    reading = _Reading(artefact=artefact)
    if head.startswith(_FEATHER_1) or head.startswith(b"PARE"):
        what = (
            "Feather version 1" if head.startswith(_FEATHER_1) else "a Parquet file with an encrypted footer"
        )
        kind = ProblemKind.UNSUPPORTED if head.startswith(_FEATHER_1) else ProblemKind.LOCKED
        yield Problem(kind=kind, locator="offset:0", message=f"{what} is not read")
        return
    try:
        batches = (
            reading.parquet() if head.startswith(_PARQUET) else reading.arrow(is_file=head.startswith(_ARROW))
        )
        names = [clean(" ".join(name.split())) for name in _names(reading.schema)]
    except _REFUSALS as error:
        yield _damaged("offset:0", "the table cannot be opened", error)
        return
    if len(names) > MOST_COLUMNS:
        message = f"the table has {len(names)} columns; {MOST_COLUMNS} are read"
        yield Problem(kind=ProblemKind.LIMIT, locator="offset:0", message=message)
    width = min(len(names), MOST_COLUMNS)
    if width:
        yield Sheet(
            name=artefact.path.rsplit("/", 1)[-1],
            locator="row:1",
            width=width,
            header=tuple(names[:width]),
            header_row=None,
            codec=None,
            batches=tabular.at_least_one(reading.told(batches, width), width),
        )
    yield from reading.problems
    reading.close()


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The file and what is wrong with it."""

    artefact: Artefact
    schema: Any = None
    problems: list[Problem] = field(default_factory=list)
    number: int = 0
    cut: int = 0
    source: Any = None

    def parquet(self) -> Iterator[Any]:
        """Batches of the groups of rows, one after the other.

        Raises:
            ArrowException, OSError: the footer cannot be read.
        """
        self.source = pa.OSFile(str(self.artefact.local()))
        file = pq.ParquetFile(
            self.source,
            page_checksum_verification=True,
            thrift_string_size_limit=_FOOTER_BYTES,
            thrift_container_size_limit=_FOOTER_LISTS,
            buffer_size=1 << 20,
        )
        self.schema = file.schema_arrow
        return self._groups(file)

    def _groups(self, file: Any) -> Iterator[Any]:
        for group in range(file.num_row_groups):
            start = self.number
            try:
                yield from file.iter_batches(batch_size=_ROWS, row_groups=[group], use_threads=False)
            except _REFUSALS as error:
                self.tell(
                    _damaged(
                        f"row:{self.number + 1}",
                        f"the group of rows {group + 1} cannot be read to its end",
                        error,
                    )
                )
                self.number = start + max(_count(file, group), self.number - start)

    def arrow(self, *, is_file: bool) -> Iterator[Any]:
        """Batches of an Arrow file or stream.

        Raises:
            ArrowException, OSError: its schema cannot be read.
        """
        self.source = pa.OSFile(str(self.artefact.local()))
        if not is_file:
            reader = pa.ipc.open_stream(self.source)
            self.schema = reader.schema
            return self._stream(reader)
        try:
            reader = pa.ipc.open_file(self.source)
        except (pa.ArrowException, OSError, ValueError):
            # Without its footer the file is still a stream behind eight bytes.
            self.source.seek(8)
            stream = pa.ipc.open_stream(self.source)
            message = "the footer cannot be read; the batches before it are"
            self.tell(Problem(kind=ProblemKind.TRUNCATED, locator="offset:0", message=message))
            self.schema = stream.schema
            return self._stream(stream)
        self.schema = reader.schema
        return self._batches(reader)

    def _batches(self, reader: Any) -> Iterator[Any]:
        for number in range(reader.num_record_batches):
            try:
                yield reader.get_batch(number)
            except _REFUSALS as error:
                self.tell(_damaged(f"row:{self.number + 1}", f"batch {number + 1} cannot be read", error))

    def _stream(self, reader: Any) -> Iterator[Any]:
        try:
            while True:
                yield reader.read_next_batch()
        except StopIteration:
            return
        except _REFUSALS as error:
            self.tell(_damaged(f"row:{self.number + 1}", "the stream breaks off", error))

    def told(self, batches: Iterator[Any], width: int) -> Iterator[pa.RecordBatch]:
        """Batches as text; one that is not sound is told and left out."""
        for whole in batches:
            for start in range(0, max(whole.num_rows, 1), _ROWS):
                try:
                    whole.validate(full=False)
                    batch = whole.slice(start, _ROWS)
                    columns = [self._text(one) for one in list(_leaves(batch))[:width]]
                except _REFUSALS as error:
                    self.tell(
                        _damaged(
                            f"row:{self.number + 1}", f"{whole.num_rows - start} rows are not sound", error
                        )
                    )
                    self.number += whole.num_rows - start
                    break
                numbers = pa.array(range(self.number + 1, self.number + batch.num_rows + 1), pa.int64())
                self.number += batch.num_rows
                if batch.num_rows:
                    yield pa.RecordBatch.from_arrays([numbers, *columns], schema=tabular.schema(width))
        if self.cut:
            message = f"{self.cut} cells have more than {CELL_SIGNS} signs; what is beyond is not in the rows"
            self.tell(Problem(kind=ProblemKind.LIMIT, locator="row:1", message=message))

    def _text(self, column: Any) -> Any:
        """A column as text.

        Raises:
            ArrowException, ValueError: its values are not sound.
        """
        kind = column.type
        if pa.types.is_dictionary(kind):
            # Indices are looked at before they are followed.
            column.validate(full=True)
            column = column.dictionary_decode()
            kind = column.type
        if _is_text(kind) or _is_binary(kind):
            told = _decoded(column)
        elif pa.types.is_nested(kind):
            column.validate(full=True)
            told = pa.array([None if one is None else _json(one) for one in column.to_pylist()], pa.string())
        elif pa.types.is_null(kind):
            told = pa.nulls(len(column), pa.string())
        else:
            column.validate(full=True)
            told = _cast(column)
        longest = pc.max(pc.utf8_length(told)).as_py() or 0
        if longest > CELL_SIGNS:
            self.cut += pc.sum(pc.greater(pc.utf8_length(told), CELL_SIGNS)).as_py()
            told = pc.utf8_slice_codeunits(told, 0, CELL_SIGNS)
        return pc.replace_substring(told, "\0", "\\x00")

    def tell(self, problem: Problem) -> None:
        if len(self.problems) < _MOST_NOTED:
            self.problems.append(problem)

    def close(self) -> None:
        if self.source is not None:
            self.source.close()


def _count(file: Any, group: int) -> int:
    """How many rows a group has, as the footer says."""
    try:
        return max(int(file.metadata.row_group(group).num_rows), 0)
    except _REFUSALS:
        return 0


def _names(schema: Any) -> Iterator[str]:
    """The names of the columns, members of structures by their path."""
    for one in schema:
        yield from _under(one.name, one.type, 0)


def _under(name: str, kind: Any, depth: int) -> Iterator[str]:
    if pa.types.is_struct(kind) and kind.num_fields and depth < _LEAVES_DEPTH:
        for at in range(kind.num_fields):
            yield from _under(f"{name}.{kind.field(at).name}", kind.field(at).type, depth + 1)
    else:
        yield name


def _leaves(batch: Any) -> Iterator[Any]:
    for column in batch.columns:
        yield from _members(column, 0)


def _members(column: Any, depth: int) -> Iterator[Any]:
    if pa.types.is_struct(column.type) and column.type.num_fields and depth < _LEAVES_DEPTH:
        for one in column.flatten():
            yield from _members(one, depth + 1)
    else:
        yield column


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_binary(kind: Any) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _decoded(column: Any) -> Any:
    """Text, and bytes that are text; other bytes as their digits, or what stands for them where a text is damaged."""
    # Without looking at the signs: offsets alone have to be sound.
    column.validate(full=False)
    is_text = _is_text(column.type)
    try:
        column.validate(full=True)
        return column.cast(pa.string())
    except (pa.ArrowException, OSError, ValueError):
        raw = [None if one is None else one for one in column.cast(pa.large_binary()).to_pylist()]
    return pa.array([None if one is None else _bytes_told(one, is_text=is_text) for one in raw], pa.string())


def _bytes_told(raw: bytes, *, is_text: bool) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return codecs.decode(raw, codecs.decide(raw))[0] if is_text else raw.hex()


def _cast(column: Any) -> Any:
    """Numbers, dates and times as text."""
    try:
        return column.cast(pa.string())
    except (pa.ArrowException, ValueError):
        # Times beyond what a calendar has, halves of numbers.
        return pa.array(
            [None if one is None else clean(_plain(one)) for one in column.to_pylist()], pa.string()
        )


def _plain(value: Any) -> str:
    return str(value)


def _json(value: Any) -> str:
    return clean(json.dumps(value, ensure_ascii=False, default=_other))


def _other(value: Any) -> str:
    return _bytes_told(value, is_text=False) if isinstance(value, bytes) else str(value)


def _damaged(locator: str, what: str, error: BaseException) -> Problem:
    kind = ProblemKind.LIMIT if isinstance(error, MemoryError) else ProblemKind.DAMAGED
    return Problem(
        kind=kind,
        locator=locator,
        message=clean(f"{what}: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__}"),
    )
