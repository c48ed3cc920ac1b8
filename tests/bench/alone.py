"""One reader alone over a folder of artefacts, in one process; what it did is printed as JSON.

`python -m tests.bench.alone ours OUT SOURCE PARSER...` decodes with our parsers and writes Parquet, without
custody, digests, rules or coverage. `walk OUT SOURCE` walks an item and hashes every entry with our doors.
`libevtx`, `python-evtx` and `regipy` decode every record or value and keep nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def ours(out: Path, source: Path, names: list[str]) -> dict[str, Any]:
    """Every artefact below `source` by the parsers named."""
    from parsers import all_parsers
    from parsers.contract import Batch, Problem
    from pipeline.extract.parse import gathered
    from pipeline.extract.select import HEAD_BYTES, select
    from pipeline.extract.sink import Origin, Sink
    from tests.artefacts import artefact

    chosen = [one for one in all_parsers() if one.full_name in names or "all" in names]
    sink, problems = Sink(out), 0
    for file in sorted(one for one in source.rglob("*") if one.is_file()):
        given = artefact(file, f"/{file.relative_to(source).as_posix()}")
        for parser in select(chosen, given.path, given.head(HEAD_BYTES)).chosen:
            origin = Origin(
                case_id="bench", evidence_id="bench", entry_id=file.name, parser=parser.full_name, version="1"
            )
            for one in gathered(parser.parse(given), sys.maxsize):
                match one:
                    case Problem():
                        problems += 1
                    case Batch():
                        sink.add_batch(origin, one)
                    case _:
                        problems += len(sink.add_rows(origin, one))
        for made in given.made.values():
            if hasattr(made, "close"):
                made.close()
    tables, _ = sink.close()
    return {"rows": sum(part.rows for _, part in tables), "problems": problems}


def walk(_: Path, source: Path, __: list[str]) -> dict[str, Any]:
    """Every entry of an item walked, and the bytes of each read and hashed once."""
    from pipeline import digest
    from pipeline.evidence import entries, volumes
    from pipeline.evidence import source as sources
    from pipeline.evidence.entries import Door
    from pipeline.evidence.entry import Address, Entry

    found = sources.identify(source)
    rows = problems = 0
    with Door(source) as door:
        for volume in volumes.volumes(found):
            if isinstance(volume, volumes.VolumeProblem):
                problems += 1
                continue
            for one in entries.walk(found, volume):
                if not isinstance(one, Entry):
                    problems += 1
                    continue
                rows += 1
                if one.kind not in ("file", "stream"):
                    continue
                address = Address(
                    file_system=volume.file_system, path_spec=volume.path_spec, path=one.path,
                    file_reference=one.file_reference, stream_name=one.stream_name,
                )  # fmt: skip
                hasher = digest.Hasher()
                with door.open(address) as stream:
                    while block := stream.read(digest.BLOCK_BYTES):
                        hasher.update(block)
                hasher.digests()
    return {"rows": rows, "problems": problems}


def libevtx(_: Path, source: Path, __: list[str]) -> dict[str, Any]:
    """Every record as XML by libevtx."""
    import pyevtx

    rows = problems = 0
    for file in sorted(source.rglob("*.evtx")):
        log = pyevtx.file()
        log.open(str(file))
        for index in range(log.number_of_records):
            try:
                rows += bool(log.get_record(index).xml_string)
            except OSError:
                problems += 1
        log.close()
    return {"rows": rows, "problems": problems}


def python_evtx(_: Path, source: Path, __: list[str]) -> dict[str, Any]:
    """Every record as XML by python-evtx."""
    from Evtx.Evtx import Evtx

    rows = 0
    for file in sorted(source.rglob("*.evtx")):
        with Evtx(str(file)) as log:
            rows += sum(bool(record.xml()) for record in log.records())
    return {"rows": rows, "problems": 0}


def regipy(_: Path, source: Path, __: list[str]) -> dict[str, Any]:
    """Every key with its values by regipy."""
    from regipy.registry import RegistryHive

    rows = 0
    for file in sorted(one for one in source.rglob("*") if one.is_file()):
        rows += sum(1 for _ in RegistryHive(str(file)).recurse_subkeys(as_json=True))
    return {"rows": rows, "problems": 0}


READERS: dict[str, Callable[[Path, Path, list[str]], dict[str, Any]]] = {
    "ours": ours,
    "walk": walk,
    "libevtx": libevtx,
    "python-evtx": python_evtx,
    "regipy": regipy,
}


if __name__ == "__main__":
    reader, output, given_source, *given_names = sys.argv[1:]
    sys.stdout.write(json.dumps(READERS[reader](Path(output), Path(given_source), given_names)))
