"""What the case knows of the fields of a report, by the names the form gives the values."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipeline.report.document import Document
from pipeline.report.drafts import causes, course, outline, persons
from pipeline.report.drafts.form import Law
from pipeline.report.drafts.values import Filled, Known, decision, laws_of

__all__ = ["FINAL", "PRELIMINARY", "decision", "is_ransomware", "laws_of", "values"]
PRELIMINARY, FINAL = "速報", "確報"
MAKERS: Mapping[str, Callable[[Known], Filled]] = {
    "my_number": outline.my_number,
    "entity_kind": outline.body,
    "delegated": outline.delegated,
    "addressee": outline.addressee,
    "kind": outline.kind,
    "law": outline.law,
    "follow_up": outline.follow_up,
    "client": outline.client,
    "my_number_office": outline.my_number_office,
    "my_number_unlawful": outline.my_number_unlawful,
    "occurred": outline.occurred,
    "discovered": outline.discovered,
    "event": outline.event,
    "triggers": outline.triggers,
    "entrustment": outline.entrustment,
    "course": course.course,
    "media": persons.media,
    "subjects": persons.subjects,
    "items": persons.items,
    "persons": persons.persons,
    "cards": persons.cards,
    "counting": persons.counting,
    "cause": causes.cause,
    "routes": causes.routes,
    "notify": causes.notify,
    "unread": causes.unread,
    "ransom_note": causes.ransom_note,
    "ransom_extension": causes.ransom_extension,
    "malware": causes.malware,
    "intrusion": causes.intrusion,
    "indicators": causes.indicators,
}


def values(document: Document, law: Law, kind: str) -> Mapping[str, Filled]:
    """Every value the case has for a field of the report of a kind under a law, by the name the form gives it.

    Dates are those of the case's zone. What the case does not know is left out: it stays to be filled in by people.
    """
    known = Known(document, law, kind)
    made = {name: make(known) for name, make in MAKERS.items()}
    return {name: lines for name, lines in made.items() if lines}


def is_ransomware(document: Document) -> bool:
    """Whether the case states ransomware as its cause."""
    return any(name == "cause" and value == '"ransomware"' for name, value, _ in document.facts)
