"""The three bounds, one from the other: which pairs each joins, and what keeps two apart in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import profiles
from pipeline.scope.people.forms import KANA, NAME, Forms
from pipeline.scope.people.merging import Strictness, joined, merged
from pipeline.scope.people.model import Model, threshold
from pipeline.scope.people.numbers import Mask, Reals, Small
from pipeline.scope.people.pairs import CONTRADICTING, LEVELS, Pairs, Patterns, level
from pipeline.scope.people.weak import with_anybody, with_bearers

BOUNDS = ("high", "likely", "low")
_THINGS = ("phone", "email", "place", "number")
_SAME_NAME = ("exact", "kana_alone", "kana")


def bounds(
    connection: duckdb.DuckDBPyConnection,
    forms: Forms,
    model: Model,
    pairs: Pairs,
    weight: Reals,
    same: Sequence[tuple[int, int]],
    apart: Sequence[tuple[int, int]],
) -> dict[str, Small]:
    """The forms of each bound, every person named by its lowest form; the pairs come in falling weight."""

    def names(asked: Small) -> dict[int, tuple[str | None, str | None]]:
        connection.register("asked", pa.table({"form": asked, "n": forms.first[asked].astype(np.int64)}))
        found = connection.sql(
            f"SELECT form, {NAME}, {KANA} FROM asked JOIN numbered USING (n)"  # noqa: S608
        ).fetchall()
        connection.unregister("asked")
        return {form: (name, kana) for form, name, kana in found}

    ruled = [np.array(side, dtype=np.int32) for side in zip(*same, strict=True)] or [
        np.zeros(0, np.int32)
    ] * 2
    parts: dict[str, Small] = {}
    finer = joined(np.arange(len(forms), dtype=np.int32), ruled[0], ruled[1])
    for bound in BOUNDS:
        end = int(np.searchsorted(-weight, -threshold(model, bound), side="right"))
        which, own = pairs.take(np.arange(end)), weight[:end]
        keep = _joins(bound, model, forms, which)
        which, own = which.take(keep), own[keep]
        discriminates = None
        if bound == "high":
            discriminates = (level(which.pattern, "birth_date") == 1) | (level(which.pattern, "number") == 1)
        rest, weighs = None, own
        if bound == "likely":  # the others join all at once, and their pairs are not copied
            sure = int(np.searchsorted(-own, -profiles.SURE, side="right"))
            rest, weighs = which.take(np.arange(sure, len(own))), own[sure:]
            which, own = which.take(np.arange(sure)), own[:sure]
        part = merged(
            finer, which.left, which.right, discriminates, overrules(bound, model, which.pattern, own),
            forms, names, strictness(bound, model), apart,
        )  # fmt: skip
        if rest is not None:
            part = profiles.joined_by_little(
                part, rest, weighs, threshold(model, bound), forms, model, names, partial(overrules, bound, model),
                strictness(bound, model), apart,
            )  # fmt: skip
            part = with_bearers(connection, part, forms, apart)
        elif bound == "low":
            part = with_anybody(part, forms, apart)
        parts[bound] = finer = part
    return parts


def strictness(bound: str, model: Model) -> Strictness:
    """What contradicts in a bound. A second number weighs against a pair, but one human may have been given two: only the high bound forbids it."""
    by_birth = bound == "high" or (bound == "likely" and not are_dates_dirty(model))
    return Strictness(is_exact=False, by_number=bound == "high", by_birth=by_birth)


def are_dates_dirty(model: Model) -> bool:
    """Whether the case's own pairs show dates of birth to be so often wrong that they alone refuse nobody."""
    return _is_dirty(model, "birth_date")


def are_names_dirty(model: Model) -> bool:
    """As `are_dates_dirty`, of names."""
    return _is_dirty(model, "name")


def _is_dirty(model: Model, field: str) -> bool:
    return model.is_shown(field) and model.fields[field].m["differ"] >= model.dirty_from


def _joins(bound: str, model: Model, forms: Forms, pairs: Pairs) -> Mask:
    if bound == "high":
        return proves(pairs.pattern)
    if bound == "likely":
        return ~slips_alone(model, pairs.pattern) & ~two_rows(forms, pairs)
    return np.ones(len(pairs), dtype=bool)


def has_name(pattern: Patterns, *levels: str) -> Mask:
    """Whether names agree on one of the levels."""
    name = level(pattern, "name")
    found = np.zeros(len(pattern), dtype=bool)
    for one in levels:
        found |= name == LEVELS["name"].index(one)
    return found


def agrees(pattern: Patterns, *fields: str) -> Mask:
    """Whether any of the fields agrees whole."""
    found = np.zeros(len(pattern), dtype=bool)
    for field in fields:
        found |= level(pattern, field) == 1
    return found


def proves(pattern: Patterns) -> Mask:
    """Whether a pair agrees in two things and clearly contradicts in none: what the high bound asks for beside the weight.

    A second number of one issuer is no contradiction where name, date of birth and a way to reach them all agree: registered twice.
    """
    things = has_name(pattern, *_SAME_NAME).astype(np.int8) + (level(pattern, "place") == 2)
    for field in ("birth_date", *_THINGS):
        things += level(pattern, field) == 1
    clash = (level(pattern, "birth_date") == 3) | has_name(pattern, *CONTRADICTING)
    clash |= (level(pattern, "number") == 2) & ~_is_registered_twice(pattern)
    found: Mask = (things >= 2) & ~clash
    return found


def _is_registered_twice(pattern: Patterns) -> Mask:
    found: Mask = (
        (level(pattern, "number") == 2)
        & has_name(pattern, *_SAME_NAME)
        & agrees(pattern, "birth_date")
        & agrees(pattern, "phone", "email", "place")
    )
    return found


def overrules(bound: str, model: Model, pattern: Patterns, weight: Reals) -> Mask:
    """Pairs that join whatever else contradicts between the two persons.

    One number of one issuer and one date of birth are no second human, however the name is written; nor is it, where chance is all but
    excluded, if two things that no household shares agree, or one of them and a way to reach them, and the names are not wholly others.
    """
    if bound == "high":
        return _is_registered_twice(pattern)
    if bound == "low":
        found = is_one_number(pattern)
    else:
        found = agrees(pattern, "number") & agrees(pattern, "birth_date")
    own = sum((level(pattern, field) == 1).astype(np.int8) for field in ("number", "email", "birth_date"))
    held = agrees(pattern, "number", "email") & agrees(pattern, "phone", "place")
    is_sure = (weight >= threshold(model, "high")) & (level(pattern, "birth_date") != 3)
    found |= is_sure & ((own >= 2) | held & has_name(pattern, "surname", "part_differs"))
    found |= _whatever_is_dirty(model, pattern, weight)
    return found


def _whatever_is_dirty(model: Model, pattern: Patterns, weight: Reals) -> Mask:
    """Pairs so sure with a date of birth or a name against them that this is what is wrong, where the case's often are."""
    found = weight >= threshold(model, "high")
    if not are_dates_dirty(model):
        found &= level(pattern, "birth_date") != 3
    if not are_names_dirty(model):
        found &= ~has_name(pattern, *CONTRADICTING)
    return found if are_dates_dirty(model) or are_names_dirty(model) else np.zeros(len(pattern), dtype=bool)


def slips_alone(model: Model, pattern: Patterns) -> Mask:
    """Pairs whose dates of birth differ by a slip and that nothing but a name holds together: kept apart, for an examiner to rule."""
    near = level(pattern, "birth_date") == 2
    if are_dates_dirty(model):
        return np.zeros(len(pattern), dtype=bool)
    found: Mask = near & ~agrees(pattern, *_THINGS)
    return found


def two_rows(forms: Forms, pairs: Pairs) -> Mask:
    """Two rows of one list that share a name and differ in how to reach them: a list has a row for each of its humans."""
    one_list = (forms.place[pairs.left] == forms.place[pairs.right]) & forms.is_list[forms.place[pairs.left]]
    differ = np.zeros(len(pairs), dtype=bool)
    for field in ("phone", "email", "place"):
        differ |= level(pairs.pattern, field) == len(LEVELS[field]) - 1
    found: Mask = one_list & ~agrees(pairs.pattern, "birth_date", *_THINGS) & differ
    return found


def told_apart(bound: str, model: Model, pattern: Patterns, weight: Reals) -> Mask:
    """Patterns that stay apart in a bound, however much the two weigh."""
    differ = (level(pattern, "birth_date") == 3) | has_name(pattern, *CONTRADICTING)
    found: Mask = differ & ~overrules(bound, model, pattern, weight)
    if bound == "likely":
        found |= slips_alone(model, pattern)
    return found


def is_one_number(pattern: Patterns) -> Mask:
    """The same number of one issuer, with the same date of birth or the same name: a slip in the other makes no second human."""
    found: Mask = agrees(pattern, "number") & (agrees(pattern, "birth_date") | (level(pattern, "name") == 1))
    return found
