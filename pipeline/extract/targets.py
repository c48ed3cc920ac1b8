"""Which entries of an item are read, with the address of their bytes and the companions beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from parsers.contract import Parser
from pipeline.evidence.entry import Address
from pipeline.extract.parse import Target
from pipeline.tables import read

_COLUMNS = (
    "f.entry_id, f.path, f.name, f.kind, f.is_allocated, f.size_bytes, f.file_reference, f.stream_name, "
    "v.file_system, v.path_spec, f.volume_id"
)


# Suffixes that stand in place of the ending of the name.
_INSTEAD = (".dbt", ".fpt")


def companion_suffixes(parsers: Sequence[Parser]) -> tuple[str, ...]:
    """Every suffix some parser wants beside its artefact, lower case."""
    return tuple(sorted({suffix.lower() for parser in parsers for suffix in parser.companions}))


def targets(tables: Path, evidence_id: str, suffixes: tuple[str, ...]) -> list[Target]:
    """Entries of an item with content, in the order of the walk; members are read with their containers."""
    connection = read.connect(tables, only=("file_entry", "volume"))
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM file_entry f JOIN volume v USING (evidence_id, volume_id) "  # noqa: S608
        "WHERE f.evidence_id = ? AND f.kind IN ('file', 'stream') "
        "ORDER BY v.volume_number, f.file_reference NULLS LAST, f.path, f.entry_id",
        [evidence_id],
    ).fetchall()
    connection.close()
    listed = []
    beside: dict[tuple[str, str], Target] = {}
    for (
        entry_id,
        path,
        name,
        kind,
        is_allocated,
        size,
        reference,
        stream,
        file_system,
        path_spec,
        volume_id,
    ) in rows:
        address = Address(
            file_system=file_system,
            path_spec=path_spec,
            path=path,
            file_reference=reference,
            stream_name=stream,
        )
        one = Target(entry_id=entry_id, path=path, name=name, kind=kind, size=size or 0, address=address)
        listed.append((volume_id, one))
        if is_allocated and path.lower().endswith(suffixes):
            beside.setdefault((volume_id, path.lower()), one)
    return [_with_companions(volume_id, one, beside, suffixes) for volume_id, one in listed]


def _with_companions(
    volume_id: str, one: Target, beside: dict[tuple[str, str], Target], suffixes: tuple[str, ...]
) -> Target:
    path = one.path.lower()
    stem = path.rpartition(".")[0]
    # `orders.dbf` has its memos in `orders.dbt`: of most companions the suffix stands behind the whole name.
    found = [
        (suffix, beside[volume_id, name + suffix])
        for suffix in suffixes
        for name in (stem if suffix in _INSTEAD else path,)
        if (volume_id, name + suffix) in beside and name + suffix != path
    ]
    if not found:
        return one
    return Target(
        entry_id=one.entry_id,
        path=one.path,
        name=one.name,
        kind=one.kind,
        size=one.size,
        address=one.address,
        companions=tuple(
            (suffix.upper() if suffix.startswith(".log") else suffix, other) for suffix, other in found
        ),
    )
