"""Walks an item once, into `volume` and `file_entry`; in a worker, since hostile file systems crash readers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipeline import digest
from pipeline.custody.record import Material
from pipeline.errors import EvidenceError
from pipeline.evidence import entries, source, volumes
from pipeline.evidence.entry import Entry
from pipeline.evidence.source import Source
from pipeline.extract.parse import STAGE, VERSION
from pipeline.extract.sink import Origin, Sink
from pipeline.tables.catalogue import FILE_ENTRY, PROBLEM, VOLUME
from pipeline.tables.write import Part
from pipeline.work.job import Death, Job, Limits
from pipeline.work.pool import Pool
from pipeline.work.session import Session, Step
from pipeline.work.worker import Begin

# Files that Windows writes to without touching their times: listed in every shadow copy.
_CHANGES_UNSEEN = re.compile(
    r"/(\$MFT|\$Extend/\$UsnJrnl:\$(J|Max)|System32/config/(SYSTEM|SOFTWARE|SAM|SECURITY)|NTUSER\.DAT|UsrClass\.dat|"
    r"Amcache\.hve|[^/]+\.evtx|SRUDB\.dat|Windows\.edb)(\.LOG[12])?$",
    re.IGNORECASE,
)
_SECONDS_PER_ENTRY_READ = 120.0
_ENTRIES_PER_WORD = 2000
_ENTRY_FIELDS = tuple(one.name for one in fields(Entry))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a walk is given."""

    case_id: str
    evidence_id: str
    path: Path
    scratch: Path


def walk_item(session: Session, pool: Pool, item: Mapping[str, Any], material: Material) -> None:
    """Walk an item unless that is done."""
    evidence_id = item["evidence_id"]
    step = Step(
        name=f"extract {evidence_id} walk",
        basis={"case": session.case.number, "version": VERSION},
        materials=(material,),
    )
    if session.is_done(step):
        return
    session.begin(step)
    path = session.case.source(session.case.item(evidence_id))
    ground = Ground(
        case_id=session.case.number, evidence_id=evidence_id, path=path, scratch=session.case.work / step.part
    )
    job = Job(stage="walk", item=evidence_id, basis={"step": step.identity}, subject=ground)
    session.progress.stage("walk", f"entries of {evidence_id}")
    for finished in pool.run(walk_source, [job]):
        for place, death in sorted(finished.deaths.items()):
            session.log.append("worker_killed", step=step.name, note=f"at {place}: {death.message}")
        products = session.take(finished.result, evidence_id, step)
        rows = sum(one.rows or 0 for one in products if one.path.startswith("tables/file_entry/"))
        session.progress.advance(rows)
        session.end(step, products, {"file_entry": rows})


def walk_source(
    ground: Ground, skipped: Mapping[str, Death], limits: Limits, begin: Begin
) -> list[tuple[str, Part]]:
    """The worker's task: every volume of a source and every entry of each, as parts in scratch.

    Raises:
        OSError: the scratch folder cannot be written.
    """
    sink = Sink(ground.scratch)
    begin("identify", limits.most_seconds)
    try:
        found = source.identify(ground.path)
        if "identify" in skipped:
            _tell(
                sink, ground, "crashed", "", "", f"the item cannot be opened: {skipped['identify'].message}"
            )
        else:
            listed = _volumes(sink, ground, found)
            copied = {one.offset_bytes for one in listed if one.snapshot_number is not None}
            known: set[int] = set()  # what the volume itself and its older copies hold
            for volume in listed:
                if volume.snapshot_number is None:
                    known = set()
                is_remembered = volume.offset_bytes in copied
                _walk_volume(sink, ground, found, volume, skipped, begin, known if is_remembered else None)
    except EvidenceError as error:
        _tell(sink, ground, "unreadable", "", "", str(error))
    parts, _ = sink.close()
    return parts


def _volumes(sink: Sink, ground: Ground, found: Source) -> list[volumes.Volume]:
    listed = []
    for one in volumes.volumes(found):
        if isinstance(one, volumes.VolumeProblem):
            _tell(sink, ground, one.kind, one.locator, "", one.message)
            continue
        listed.append(one)
        values = {
            "volume_id": _volume_id(ground, one),
            "volume_number": one.number,
            "file_system": one.file_system,
            "volume_label": one.label,
            "volume_serial": one.serial,
            "offset_bytes": one.offset_bytes,
            "size_bytes": one.size_bytes,
            "path_spec": one.path_spec,
            "snapshot_number": one.snapshot_number,
            "snapshot_at": one.snapshot_at,
        }
        sink.add(VOLUME, _origin(ground, None), str(one.offset_bytes), values)
    return listed


def _walk_volume(
    sink: Sink,
    ground: Ground,
    found: Source,
    volume: volumes.Volume,
    skipped: Mapping[str, Death],
    begin: Begin,
    known: set[int] | None,
) -> None:
    """Every entry of a volume; of a shadow copy, those that differ from what the volume and its older copies hold."""
    place = f"walk:{volume.number}"
    begin(place, _SECONDS_PER_ENTRY_READ)
    if place in skipped:
        message = (
            f"volume {volume.number} cannot be walked: {skipped[place].message}; nothing in it is counted"
        )
        _tell(sink, ground, skipped[place].kind, str(volume.offset_bytes), "", message)
        return
    volume_id = _volume_id(ground, volume)
    seen: dict[str, int] = {}
    try:
        for count, one in enumerate(entries.walk(found, volume)):
            if count % _ENTRIES_PER_WORD == 0:
                begin(place, _SECONDS_PER_ENTRY_READ)
            if not isinstance(one, Entry):
                _tell(sink, ground, one.kind, one.locator, one.path, one.message)
                continue
            if known is not None:
                state = _state(one)
                if (
                    volume.snapshot_number is not None
                    and state in known
                    and not _CHANGES_UNSEEN.search(one.path)
                ):
                    continue
                known.add(state)
            key = f"{volume.number} {one.path} {one.file_reference} {one.stream_name}"
            seen[key] = seen.get(key, 0) + 1
            entry_id = digest.short(ground.evidence_id, key, str(seen[key]))
            values = {name: getattr(one, name) for name in _ENTRY_FIELDS}
            locator = (
                f"{volume.number}:{one.file_reference}"
                if one.file_reference is not None
                else f"{volume.number}:{one.path}"
            )
            sink.add(
                FILE_ENTRY, _origin(ground, entry_id), locator, {"volume_id": volume_id, "depth": 0, **values}
            )
    except (OSError, ValueError, RuntimeError) as error:
        message = f"volume {volume.number} ({volume.file_system}) cannot be walked to its end: {error}; what lies behind is not counted"
        _tell(sink, ground, "damaged", str(volume.offset_bytes), "", message)


def _state(one: Entry) -> int:
    """What stays the same while an entry does not change, as a number: 64 bits of its path, record, size and times."""
    return hash(
        (
            one.path,
            one.file_reference,
            one.sequence,
            one.stream_name,
            one.size_bytes,
            one.modified_at,
            one.changed_at,
        )
    )


def _volume_id(ground: Ground, volume: volumes.Volume) -> str:
    return digest.short(ground.evidence_id, "volume", str(volume.number))


def _origin(ground: Ground, entry_id: str | None) -> Origin:
    return Origin(
        case_id=ground.case_id,
        evidence_id=ground.evidence_id,
        entry_id=entry_id,
        parser=STAGE,
        version=VERSION,
    )


def _tell(sink: Sink, ground: Ground, kind: str, locator: str, path: str, message: str) -> None:
    values = {"stage": "walk", "kind": kind, "path": path or None, "message": message}
    sink.add(PROBLEM, _origin(ground, None), locator, values)
