"""figures.json: every number of the report with the row it rests on, as canonical JSON."""

from __future__ import annotations

from typing import Any

from pipeline import digest
from pipeline.report.document import GRADES, Count, Document


def figures(document: Document) -> dict[str, Any]:
    """The figures as JSON values: headline by grade, counts, decisions, items, what could not be read."""
    return {
        "case": document.case.number,
        "custody": {"size": document.head.size, "head": document.head.sha256},
        "headline": {grade: _count(document.headline(grade)) for grade in GRADES},
        "counts": [
            {"grade": one.grade, "dimension": one.dimension, "value": one.value, **_count(one)}
            for one in document.counts
        ],
        "history": [one.as_json() for one in document.history],
        "estimated": [
            {
                "what": one.what,
                "low": one.low,
                "likely": one.likely,
                "high": one.high,
                "method": one.method,
            }
            for one in document.estimated
        ],
        "review": None
        if document.reviewed is None
        else {"answers": document.reviewed.answers, "waiting": document.reviewed.waiting},
        "decisions": list(document.decisions),
        "indicators": [
            {
                "direction": one.direction,
                "grade": one.grade,
                "rule": one.rule,
                "evidence": one.evidence_id,
                "reason": one.reason,
            }
            for one in document.indicators
        ],
        "evidence": [
            {
                "id": one.evidence_id,
                "format": one.format,
                "bytes": str(one.size_bytes),
                "sha256": one.sha256,
                "acquisition": one.acquisition,
            }
            for one in document.items
        ],
        "damaged": [
            {"evidence": evidence, "reason": reason, "entries": entries}
            for evidence, reason, entries in document.damaged
        ],
        "entries": dict(document.entry_states),
        "event_rules": {
            "outcomes": dict(document.event_outcomes),
            "matched": [
                {"evidence": one.evidence_id, "title": one.title, "level": one.level, "count": one.count}
                for one in document.event_rules
            ],
        },
        "problems": sum(one.count for one in document.unread),
        "unread": [
            {"evidence": one.evidence_id, "kind": one.kind, "count": one.count, "message": one.message}
            for one in document.unread
        ],
    }


def render(document: Document) -> bytes:
    """The file's bytes."""
    return digest.canonical(figures(document)) + b"\n"


def _count(one: Count) -> dict[str, Any]:
    return {
        "low": one.low,
        "likely": one.likely,
        "high": one.high,
        "estimate": one.estimate,
        "is_open": one.is_open,
        "open_reasons": list(one.open_reasons),
        "reference": one.reference,
    }
