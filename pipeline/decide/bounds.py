"""The bounds of persons as the law counts them, from facts that speak of them in other ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.decide.vocabulary import SUBSETS


def settled(values: dict[str, Any]) -> dict[str, Any]:
    """Facts with the bounds of persons as the law counts them: the dead taken out, the newest count taken in.

    A related incident is one situation with this one; persons may overlap, so at least the larger, at most the sum.
    """
    clients = values.get("entrustment.clients", ())
    if (
        clients
        and values.get("entrustment.role") == "entrustee"
        and not {"persons_lower", "persons_upper"} & set(values)
    ):
        # An entrustee counts all it handles; how far its clients' persons overlap is not known.
        values |= {"persons_lower": max(clients), "persons_upper": sum(clients)}
        values["entrustment.largest_client"] = max(clients)
    history = values.get("count_history", ())
    stated = (values.get("persons_lower"), values.get("persons_upper"))
    if (
        stated != (None, None)
        and stated in [(low, high) for _, low, high in history[:-1]]
        and stated != history[-1][1:]
    ):
        # The bounds stated are those of an earlier step: the count has moved since.
        values.pop("persons_lower", None)
        values.pop("persons_upper", None)
    if history and not {"persons_lower", "persons_upper"} <= set(values):
        # The bounds of the newest step stand where none are stated; null among them is not established.
        _, lower, upper = history[-1]
        for name, bound in (("persons_lower", lower), ("persons_upper", upper)):
            if bound is not None:
                values.setdefault(name, bound)
    dead = values.get("deceased")
    if isinstance(dead, Mapping):
        values.setdefault("deceased_about_living_relatives", dead.get("about_living_relatives", False))
        dead = dead.get("persons")
    # ACT Art. 2(1); GL 2-1 *2: only living persons, unless the data are also about living relatives.
    if dead and values.get("deceased_about_living_relatives") is not True:
        for name in ("persons_lower", "persons_upper"):
            if name in values:
                values[name] = _living(values[name], dead)
        if history:
            values["count_history"] = tuple(
                (day, *(None if bound is None else _living(bound, dead) for bound in bounds))
                for day, *bounds in history
            )
    for other in values.get("other_incident", ()):
        _take_in(values, other)
    if values.get("my_number.included") in ("yes", "unknown", None) and "persons_upper" in values:
        # Nobody counted the My Numbers: at most one for each person.
        values.setdefault("my_number.persons_upper", values["persons_upper"])
    for name in SUBSETS:
        # Of a part of the persons nobody counted no more is known than that it is no larger than the whole.
        if "persons_upper" in values:
            values.setdefault(f"{name}_upper", values["persons_upper"])
    return values


def _living(number: int, dead: Any) -> int:
    return 0 if dead is True else max(0, number - int(dead))


def _take_in(values: dict[str, Any], other: Mapping[str, Any]) -> None:
    """The bounds with a related incident; whether one is related, if nobody knows, leaves the maximum open."""
    related, low, high = other.get("related"), other.get("persons_lower"), other.get("persons_upper")
    if related is True:
        if "persons_lower" in values and low is not None:
            values["persons_lower"] = max(values["persons_lower"], low)
        if "persons_upper" in values:
            if high is None:
                del values["persons_upper"]
            else:
                values["persons_upper"] += high
    elif related == "unknown":
        # RULE Art. 7(iv): what is one situation is no question of numbers, so the maximum rule does not settle it.
        values.pop("persons_upper", None)
