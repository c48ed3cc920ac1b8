"""Identifies a source, hashes it, compares it with its acquisition, registers the item; nothing is parsed before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa

from parsers.contract import ProblemKind, Table
from pipeline.case import EvidenceSpec
from pipeline.custody.record import EvidenceFile, Material, Result
from pipeline.errors import EvidenceError
from pipeline.evidence import acquisition, source
from pipeline.evidence.acquisition import Comparison
from pipeline.evidence.source import Hashed, Source
from pipeline.tables.catalogue import EVIDENCE_ITEM, PROBLEM
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import rows_to_table
from pipeline.work.session import Session, Step

READS: tuple[str, ...] = ()
WRITES = ("evidence_item", "problem")
STAGE = "pipeline/intake"
VERSION = "1"
_FILES_PER_RECORD = 20_000


def run(session: Session) -> None:
    """Take in every item; one that cannot be used is stopped and told, the others go on."""
    names = set()
    for item in session.case.evidence:
        name = f"intake {item.id}"
        names.add(name)
        try:
            _take_in(session, item, name)
        except EvidenceError as error:
            _refuse(session, item, name, str(error).replace(str(session.case.source(item)), item.path))
    session.retire("intake ", names)


def _take_in(session: Session, item: EvidenceSpec, name: str) -> None:
    found = source.identify(session.case.source(item))
    step = Step(
        name=name,
        basis={"case": session.case.number, "item": _stated(item), "files": _fingerprint(found)},
        materials=(),
    )
    if session.is_done(step):
        _tell_again(session, item)
        return
    session.begin(step)
    session.progress.stage("intake", f"hashing {item.id}", total_bytes=source.media_size(found))
    hashed = source.hash_source(found, lambda size: session.progress.advance(0, size))
    session.progress.finish()
    compared = acquisition.compare(found, acquisition.stated_digests(found, item.stated_digests), hashed)
    verdict = acquisition.verdict(compared)
    _record(session, item, found, hashed, compared)
    tables: dict[Table, pa.Table] = {
        EVIDENCE_ITEM: rows_to_table(EVIDENCE_ITEM, [_row(session, item, found, hashed, compared)])
    }
    problems = _problems(session, item, hashed, compared)
    if problems:
        tables[PROBLEM] = rows_to_table(PROBLEM, problems)
    made = [session.write(table, content, item.id, step) for table, content in tables.items()]
    errors = [acquisition.explain(one) for one in compared if one.result == "mismatch"]
    session.end(step, made, {"bytes": hashed.media.size}, errors)
    if verdict == "mismatch":
        session.stop(
            f"{item.id}: {'; '.join(errors)}: the item is not what was acquired, so nothing in it is parsed"
        )


def _refuse(session: Session, item: EvidenceSpec, name: str, reason: str) -> None:
    """An item that cannot be used at all: a row, a problem and a record, so that nobody takes its absence for nothing."""
    step = Step(
        name=name, basis={"case": session.case.number, "item": _stated(item), "refused": reason}, materials=()
    )
    session.stop(f"{item.id}: {reason}")
    if session.is_done(step):
        return
    session.begin(step)
    row = {
        **_provenance(session, item),
        "item_path": item.path,
        "role": item.role or "unknown",
        "format": "unusable",
        "stated_count": len(item.stated_digests),
        "acquisition": "unusable",
        "encryption": item.encryption,
    }
    problem = {
        **_provenance(session, item),
        "stage": "intake",
        "kind": str(ProblemKind.UNREADABLE),
        "path": item.path,
        "message": f"{reason}: nothing in the item is counted",
    }
    tables = {EVIDENCE_ITEM: rows_to_table(EVIDENCE_ITEM, [row]), PROBLEM: rows_to_table(PROBLEM, [problem])}
    made = [session.write(table, content, item.id, step) for table, content in tables.items()]
    session.end(step, made, errors=(reason,))


def _tell_again(session: Session, item: EvidenceSpec) -> None:
    """An item stopped in an earlier run is still stopped."""
    for record in reversed(session.log.records):
        if record.action == "step_end" and record.step == f"intake {item.id}" and record.result is not None:
            if record.result.errors:
                session.stop(
                    f"{item.id}: {'; '.join(record.result.errors)}: the item is not what was acquired, so nothing in it is parsed"
                )
            return


def _stated(item: EvidenceSpec) -> dict[str, Any]:
    """What case.toml says of an item, as JSON."""
    return {
        "id": item.id,
        "path": item.path,
        "role": item.role,
        "custodian": item.custodian,
        "acquired_by": item.acquired_by,
        "acquired_at": None if item.acquired_at is None else item.acquired_at.isoformat(),
        "acquired_with": item.acquired_with,
        "digests": item.stated_digests,
        "encryption": item.encryption,
    }


def _fingerprint(found: Source) -> list[list[str]]:
    """Name, size and time of every file, so that evidence that did not change is not hashed again; `verify` hashes it."""
    if found.format == "folder":
        files = source.folder_files(found.path)
        return [
            [str(one.relative_to(found.path)).encode("utf-8", "surrogateescape").hex(), *_state(one)]
            for one in files
        ]
    return [[one.name, *_state(one)] for one in found.segments]


def _state(path: Path) -> list[str]:
    status = path.lstat()
    return [str(status.st_size), str(status.st_mtime_ns)]


def _record(
    session: Session, item: EvidenceSpec, found: Source, hashed: Hashed, compared: tuple[Comparison, ...]
) -> None:
    files = [
        EvidenceFile(path=_told_path(session, one.path), size=one.size, sha256=one.sha256)
        for one in hashed.files
    ]
    is_again = any(
        one.action == "evidence_register" and item.id in [m.id for m in one.materials]
        for one in session.log.records
    )
    for start in range(0, max(len(files), 1), _FILES_PER_RECORD):
        material = Material(
            id=item.id,
            sha256=hashed.media.sha256,
            size=hashed.media.size,
            md5=hashed.media.md5 or None,
            sha1=hashed.media.sha1 or None,
            files=tuple(files[start : start + _FILES_PER_RECORD]),
        )
        session.log.append(
            "evidence_register",
            materials=(material,),
            superseded=(item.id,) if is_again and start == 0 else (),
            note="the item was registered before and its files have changed since"
            if is_again
            else f"format {found.format}",
        )
    told = tuple(f"{one.result}: {acquisition.explain(one)}" for one in compared)
    session.log.append(
        "acquisition_verify",
        step=f"intake {item.id}",
        result=Result(
            status=acquisition.verdict(compared),
            errors=tuple(one for one in told if one.startswith("mismatch")),
        ),
        note="; ".join(told) or "the acquisition states no digest: the first was taken here",
    )


def _told_path(session: Session, path: Path) -> str:
    root = session.case.root.absolute()
    absolute = Path(os.path.normpath(path.absolute()))
    return absolute.relative_to(root).as_posix() if absolute.is_relative_to(root) else str(absolute)


def _row(
    session: Session, item: EvidenceSpec, found: Source, hashed: Hashed, compared: tuple[Comparison, ...]
) -> dict[str, Any]:
    header = acquisition.acquired(found)
    return {
        **_provenance(session, item),
        "item_path": item.path,
        "role": item.role or "unknown",
        "custodian": item.custodian or None,
        "format": found.format,
        "segment_count": len(found.segments),
        "size_bytes": hashed.media.size,
        "md5": hashed.media.md5 or None,
        "sha1": hashed.media.sha1 or None,
        "sha256": hashed.media.sha256,
        "acquired_by": item.acquired_by or header.examiner or None,
        "acquired_at": item.acquired_at,
        "acquired_with": item.acquired_with or header.tool or None,
        "stated_count": len(compared),
        "acquisition": acquisition.verdict(compared),
        "encryption": item.encryption,
    }


def _problems(
    session: Session, item: EvidenceSpec, hashed: Hashed, compared: tuple[Comparison, ...]
) -> list[dict[str, Any]]:
    found = [
        (ProblemKind.UNREADABLE, str(offset), f"the medium cannot be read from byte {offset} on: {reason}")
        for offset, reason in hashed.unreadable
    ]
    for one in compared:
        if one.result == "mismatch":
            found.append((ProblemKind.DAMAGED, "", f"{acquisition.explain(one)}: the item is stopped"))
        elif one.result == "ambiguous":
            found.append(
                (
                    ProblemKind.AMBIGUOUS,
                    "",
                    f"{acquisition.explain(one)}, but names {one.stated.names!r}: neither match nor mismatch",
                )
            )
    return [
        {
            **_provenance(session, item),
            "locator": locator,
            "stage": "intake",
            "kind": str(kind),
            "path": item.path,
            "message": message,
        }
        for kind, locator, message in found
    ]


def _provenance(session: Session, item: EvidenceSpec) -> dict[str, str | None]:
    return provenance_values(
        case_id=session.case.number,
        evidence_id=item.id,
        entry_id=None,
        locator=None,
        parser=STAGE,
        version=VERSION,
    )
