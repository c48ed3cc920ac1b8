"""Facts that cannot hold together: each told by the name of the fact to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline.decide.knowing import known_day

_OF_ROLE = {
    "entrustment.notified_entruster_on": "entrustee",
    "entrustment.notified_by_entrustee_on": "entruster",
}


def contradictions(values: Mapping[str, Any], parts: Sequence[str]) -> Iterator[str]:
    """What contradicts what among checked facts; `parts` are counts that cannot be larger than all persons."""
    yield from _wrong_counts(values, parts)
    yield from _wrong_days(values)
    yield from _wrong_parts(values)


def _wrong_counts(values: Mapping[str, Any], parts: Sequence[str]) -> Iterator[str]:
    upper_of_all = values.get("persons_upper")
    for stem in ("persons", "my_number.persons", *parts):
        lower, upper = values.get(f"{stem}_lower"), values.get(f"{stem}_upper")
        if lower is not None and upper is not None and lower > upper:
            yield f"fact '{stem}_lower' is {lower}, more than '{stem}_upper' {upper}: one of them is wrong"
        if lower is not None and upper_of_all is not None and lower > upper_of_all:
            yield f"fact '{stem}_lower' is {lower}, more than 'persons_upper' {upper_of_all}: one of them is wrong"
    dead = values.get("deceased")
    dead = dead["persons"] if isinstance(dead, Mapping) else dead
    if not isinstance(dead, bool | None) and dead > values.get("persons_upper", dead):
        yield f"fact 'deceased' is {dead}, more than 'persons_upper' {values['persons_upper']}"
    clients = values.get("entrustment.clients", ())
    if clients and upper_of_all is not None and max(clients) > upper_of_all:
        yield f"fact 'entrustment.clients' has {max(clients)} persons of one client, more than 'persons_upper' {upper_of_all}"


def _wrong_days(values: Mapping[str, Any]) -> Iterator[str]:
    known, occurred = known_day(values), values.get("occurred_date")
    if known is not None and occurred is not None and occurred > known:
        yield f"fact 'occurred_date' {occurred} lies after the day of knowing {known}"
    for name in ("preliminary_filed_on", "entrustment.notified_entruster_on", "persons_notified_on"):
        if known is not None and name in values and values[name] < known:
            yield f"fact {name!r} {values[name]} lies before the day of knowing {known}"


def _wrong_parts(values: Mapping[str, Any]) -> Iterator[str]:
    if "encryption_by_category" in values and values.get("encryption", "per_category") != "per_category":
        yield "fact 'encryption_by_category' is given although 'encryption' is not 'per_category'"
    if values.get("recovered_before_viewing") == "confirmed" and values.get("egress_evidence") == "found":
        yield "fact 'recovered_before_viewing' is 'confirmed' although 'egress_evidence' is 'found'"
    if values.get("event_certainty") == "excluded" and values.get("egress_evidence") == "found":
        yield "fact 'event_certainty' is 'excluded' although 'egress_evidence' is 'found'"
    if "purpose_learned_on" in values and values.get("improper_purpose") in ("no", "unknown"):
        yield f"fact 'purpose_learned_on' is given although 'improper_purpose' is {values['improper_purpose']!r}"
    if values.get("posted_online") is False and values.get("takedown") in ("pending", "done"):
        yield f"fact 'takedown' is {values['takedown']!r} although 'posted_online' is false"
    if values.get("my_number.included") == "no":
        if "my_number" in values.get("categories", ()):
            yield "fact 'my_number.included' is 'no' although 'categories' names my_number"
        for name in sorted(values):
            if name.startswith("my_number.") and (
                values[name] is True or name == "my_number.persons_lower" and values[name]
            ):
                yield f"fact 'my_number.included' is 'no' although {name!r} is {values[name]}"
    role = values.get("entrustment.role")
    for name, whose in _OF_ROLE.items():
        if name in values and role not in (None, whose):
            yield f"fact {name!r} is given although 'entrustment.role' is {role!r}: it belongs to an {whose}"
