"""Three-valued conditions over named facts, each node kept with its value, its facts and its source.

A condition is a table of a rule file. `None` is *undetermined*: a fact is missing or says that it is not known.
Nothing is left out once the outcome is clear: every part is evaluated, because the reasons are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

Truth = bool | None
Mark = Literal["v", "d", "u", ""]
MARKS: tuple[Mark, ...] = ("v", "d", "u", "")

_NOTES = ("article", "mark", "ja", "en")
_TESTS = ("is", "in", "more_than", "open_values")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition as a rule file states it: its kind, what it reads, and where it stands in the law."""

    kind: str
    name: str = ""
    values: tuple[Any, ...] = ()
    number: int = 0
    open_values: tuple[Any, ...] = ()
    parts: tuple[Condition, ...] = ()
    article: str = ""
    mark: Mark = ""
    ja: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One node of why: a condition, what it came to, and the facts it read."""

    said: str
    value: Truth
    facts: Mapping[str, Any] = field(default_factory=dict)
    article: str = ""
    mark: Mark = ""
    ja: str = ""
    en: str = ""
    parts: tuple[Reason, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The node and all below it, as JSON values."""
        whole: dict[str, Any] = {"value": truth_word(self.value), "text_en": self.en or self.said}
        stated = {"text_ja": self.ja, "article": self.article, "mark": self.mark}
        whole |= {name: text for name, text in stated.items() if text}
        if self.facts:
            whole["facts"] = {name: plain(value) for name, value in self.facts.items()}
        if self.parts:
            whole["children"] = [one.as_json() for one in self.parts]
        return whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a condition may read: facts by dotted name, and which kinds of encryption take data out of the law."""

    values: Mapping[str, Any]
    protecting: tuple[str, ...] = ()
    protecting_open: tuple[str, ...] = ("unknown",)
    # What a definition came to over these facts: most rules use the same few.
    seen: dict[str, Reason] = field(default_factory=dict)

    def is_protected(self, category: str) -> Truth:
        """Whether one category of data is taken out by its protection; None where that is not known."""
        stated = self.values.get("encryption")
        if stated == "per_category":
            by_category = self.values.get("encryption_by_category")
            # A map that leaves a category out says that it was in clear; no map at all says nothing.
            stated = None if by_category is None else by_category.get(category, "none")
        if stated is None or stated in self.protecting_open:
            return None
        return stated in self.protecting

    def categories(self) -> tuple[str, ...] | None:
        """The categories of data concerned, or None where nobody knows them."""
        given = self.values.get("categories")
        return None if given is None else tuple(given)

    def candidates(self) -> tuple[str, ...]:
        """Categories that may be among the data and that nobody has confirmed or ruled out."""
        present = self.categories() or ()
        return tuple(name for name in self.values.get("candidate_categories") or () if name not in present)


class ConditionError(Exception):
    """A condition in a rule file cannot be read; the message says why."""


def condition(given: Any) -> Condition:
    """The condition a table of a rule file states.

    Raises:
        ConditionError: it has no known kind, two kinds, or a wrong value.
    """
    if not isinstance(given, dict):
        raise ConditionError(f"a condition is a table, not {given!r}")
    kinds = [key for key in given if key in _SHAPES]
    if len(kinds) != 1:
        raise ConditionError(f"a condition has one of {', '.join(_SHAPES)}, not {sorted(given)}")
    kind = kinds[0]
    unknown = set(given) - {kind, *_NOTES, *_SHAPES[kind]}
    if unknown:
        raise ConditionError(f"{kind!r} has no {', '.join(sorted(unknown))}")
    mark = given.get("mark", "")
    if mark not in MARKS:
        raise ConditionError(f"mark must be v, d or u, not {mark!r}")
    notes: dict[str, Any] = {key: given.get(key, "") for key in _NOTES}
    subject = given[kind]
    if kind in ("all", "any"):
        return Condition(kind=kind, parts=_parts(subject), **notes)
    if kind == "not":
        return Condition(kind=kind, parts=(condition(subject),), **notes)
    if kind == "at_least":
        return Condition(kind=kind, number=_whole(subject), parts=_parts(given.get("of")), **notes)
    if kind in ("maximum", "count"):
        return Condition(kind=kind, name=_name(subject), number=_whole(given.get("more_than")), **notes)
    if kind in ("category_any", "category_all"):
        return Condition(kind=kind, values=_words(subject), **notes)
    if kind == "category_listed":
        return Condition(kind=kind, name=_name(subject), values=_words(given.get("of")), **notes)
    if kind == "fact":
        return _of_fact(given, notes)
    return Condition(kind=kind, name=_name(subject), **notes)


def facts_read(one: Condition) -> frozenset[str]:
    """The names of all facts a condition reads, definitions it uses not followed."""
    own: set[str] = set()
    if one.kind in ("fact", "given"):
        own = {one.name}
    elif one.kind in ("maximum", "count"):
        own = {f"{one.name}_lower", f"{one.name}_upper"}
    elif one.kind == "category_listed":
        own = {"categories", one.name}
    return frozenset(own.union(*(facts_read(part) for part in one.parts)))


def evaluate(one: Condition, facts: Facts, definitions: Mapping[str, Condition]) -> Reason:
    """What a condition comes to over facts, with every part of it evaluated."""
    if one.kind in _COMPOUND:
        parts = tuple(evaluate(part, facts, definitions) for part in one.parts)
        value = _COMPOUND[one.kind]([part.value for part in parts], one.number)
        said = one.kind if one.kind != "at_least" else f"at least {one.number}"
        return _reason(one, said, value, {}, parts)
    if one.kind == "use":
        inner = facts.seen.get(one.name)
        if inner is None:
            inner = facts.seen[one.name] = evaluate(definitions[one.name], facts, definitions)
        return _reason(one, one.name, inner.value, {}, (inner,))
    if one.kind == "open":
        return _reason(one, one.name, None, {})
    return _LEAVES[one.kind](one, facts)


def truth_word(value: Truth) -> bool | str:
    """A truth value as the outcome writes it: true, false or "undetermined"."""
    return "undetermined" if value is None else value


def plain(value: Any) -> Any:
    """The value of a fact as a JSON value: dates become text, tuples lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    return value


def read_facts(reason: Reason) -> Iterator[tuple[str, Any]]:
    """Every fact a reason rests on, with its value."""
    yield from reason.facts.items()
    for part in reason.parts:
        yield from read_facts(part)


def every(values: Sequence[Truth]) -> Truth:
    """True if all are, False if one is not, else undetermined (Kleene's strong conjunction)."""
    if any(one is False for one in values):
        return False
    return None if any(one is None for one in values) else True


def some(values: Sequence[Truth]) -> Truth:
    """True if one is, False if none is, else undetermined (Kleene's strong disjunction)."""
    if any(one is True for one in values):
        return True
    return None if any(one is None for one in values) else False


def _negated(values: Sequence[Truth]) -> Truth:
    return None if values[0] is None else not values[0]


def _counted(values: Sequence[Truth], number: int) -> Truth:
    sure = sum(one is True for one in values)
    if sure >= number:
        return True
    return None if sure + sum(one is None for one in values) >= number else False


def _reason(
    one: Condition, said: str, value: Truth, facts: Mapping[str, Any], parts: tuple[Reason, ...] = ()
) -> Reason:
    return Reason(
        said=said,
        value=value,
        facts=facts,
        article=one.article,
        mark=one.mark,
        ja=one.ja,
        en=one.en,
        parts=parts,
    )


def _fact(one: Condition, facts: Facts) -> Reason:
    value = facts.values.get(one.name)
    truth: Truth
    if value is None or value in one.open_values:
        truth = None
    elif one.values:
        truth = any(value is known or (value == known and type(value) is type(known)) for known in one.values)
    else:
        truth = value > one.number
    test = f"> {one.number}" if not one.values else " | ".join(str(known) for known in one.values)
    return _reason(one, f"{one.name}: {test}", truth, {one.name: value})


def _given(one: Condition, facts: Facts) -> Reason:
    value = facts.values.get(one.name)
    return _reason(one, f"{one.name} is stated", value is not None, {one.name: value})


def _maximum(one: Condition, facts: Facts) -> Reason:
    # GL 3-5-3-1(4): where the number is not fixed, the maximum decides.
    names = f"{one.name}_lower", f"{one.name}_upper"
    lower, upper = (facts.values.get(name) for name in names)
    truth: Truth
    if any(bound is not None and bound > one.number for bound in (lower, upper)):
        truth = True
    else:
        truth = None if upper is None else False
    return _reason(
        one, f"maximum of {one.name} > {one.number}", truth, dict(zip(names, (lower, upper), strict=True))
    )


def _count(one: Condition, facts: Facts) -> Reason:
    # Where the law has no word on a number that is not fixed, bounds on both sides of it leave it open.
    names = f"{one.name}_lower", f"{one.name}_upper"
    lower, upper = (facts.values.get(name) for name in names)
    truth: Truth = None
    if lower is not None and lower > one.number:
        truth = True
    elif upper is not None and upper <= one.number:
        truth = False
    return _reason(one, f"{one.name} > {one.number}", truth, dict(zip(names, (lower, upper), strict=True)))


def _exposed(categories: Sequence[str], facts: Facts) -> list[Truth]:
    return [_negated([facts.is_protected(name)]) for name in categories]


def _unconfirmed(categories: Sequence[str], facts: Facts) -> list[Truth]:
    """Categories nobody has confirmed: not known, unless their protection takes them out anyway."""
    return [None if one is not False else False for one in _exposed(categories, facts)]


def _candidates_read(categories: Sequence[str]) -> dict[str, Any]:
    return {"candidate_categories": list(categories)} if categories else {}


def _protection(facts: Facts) -> dict[str, Any]:
    names = ("encryption", "encryption_by_category")
    return {name: facts.values[name] for name in names if facts.values.get(name) is not None}


def _category_any(one: Condition, facts: Facts) -> Reason:
    present = facts.categories()
    if present is None:
        return _reason(
            one, "categories", None if _remains(facts) is not False else False, {"categories": None}
        )
    hit = [name for name in present if name in one.values]
    open_ones = [name for name in facts.candidates() if name in one.values]
    read = {"categories": hit or list(present), **_candidates_read(open_ones), **_protection(facts)}
    truths = [*_exposed(hit, facts), *_unconfirmed(open_ones, facts)]
    return _reason(one, "one of the categories, unprotected", some(truths), read)


def _category_all(one: Condition, facts: Facts) -> Reason:
    present = facts.categories()
    said = f"{' + '.join(one.values)}, unprotected"
    if present is None:
        return _reason(one, said, None if _remains(facts) is not False else False, {"categories": None})
    open_ones = [name for name in facts.candidates() if name in one.values]
    sure = [name for name in one.values if name not in open_ones]
    is_there = set(sure) <= set(present)
    truth = every([*_exposed(sure, facts), *_unconfirmed(open_ones, facts)]) if is_there else False
    read = {
        "categories": [name for name in present if name in one.values],
        **_candidates_read(open_ones),
        **_protection(facts),
    }
    return _reason(one, said, truth, read)


def _category_listed(one: Condition, facts: Facts) -> Reason:
    present, listed = facts.categories(), facts.values.get(one.name)
    candidates = list(one.values) if present is None else [name for name in present if name in one.values]
    read = {"categories": None if present is None else candidates, one.name: listed}
    exposed = _exposed(candidates, facts)
    truth = some([every([at, None if listed is None else name in listed])
                  for name, at in zip(candidates, exposed, strict=True)])  # fmt: skip
    if present is None and truth is True:
        truth = None
    return _reason(one, f"a category that {one.name} names", truth, read)


def _remains(facts: Facts) -> Truth:
    """Whether data are left once the protected parts are taken out."""
    present = facts.categories()
    return some(_exposed(present or ("unnamed",), facts))


def _remaining(one: Condition, facts: Facts) -> Reason:
    truth = _remains(facts) if one.name == "any" else _negated([facts.is_protected(one.name)])
    read = {"encryption": facts.values.get("encryption"), **_protection(facts)}
    return _reason(one, "data remain once protected parts are taken out", truth, read)


def _of_fact(given: dict[str, Any], notes: dict[str, Any]) -> Condition:
    tests = [key for key in _TESTS if key in given and key != "open_values"]
    if len(tests) != 1:
        raise ConditionError(f"fact {given['fact']!r} needs one of is, in, more_than")
    values: tuple[Any, ...] = ()
    number = 0
    if tests[0] == "more_than":
        number = _whole(given["more_than"])
    else:
        values = (given["is"],) if tests[0] == "is" else tuple(given["in"])
    return Condition(
        kind="fact", name=_name(given["fact"]), values=values, number=number,
        open_values=tuple(given.get("open_values", ())), **notes,
    )  # fmt: skip


def _parts(given: Any) -> tuple[Condition, ...]:
    if not isinstance(given, list) or not given:
        raise ConditionError("needs a list of conditions")
    return tuple(condition(one) for one in given)


def _words(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise ConditionError("needs a list of names")
    return tuple(given)


def _name(given: Any) -> str:
    if not isinstance(given, str) or not given:
        raise ConditionError(f"needs a name, not {given!r}")
    return given


def _whole(given: Any) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise ConditionError(f"needs a whole number, not {given!r}")
    return given


_SHAPES: Mapping[str, tuple[str, ...]] = {
    "all": (), "any": (), "not": (), "at_least": ("of",), "fact": _TESTS, "given": (), "maximum": ("more_than",),
    "count": ("more_than",),
    "category_any": (), "category_all": (), "category_listed": ("of",), "remaining": (), "use": (), "open": (),
}  # fmt: skip
_COMPOUND: Mapping[str, Callable[[Sequence[Truth], int], Truth]] = {
    "all": lambda values, _: every(values),
    "any": lambda values, _: some(values),
    "not": lambda values, _: _negated(values),
    "at_least": _counted,
}
_LEAVES: Mapping[str, Callable[[Condition, Facts], Reason]] = {
    "fact": _fact, "given": _given, "maximum": _maximum, "count": _count, "category_any": _category_any,
    "category_all": _category_all, "category_listed": _category_listed, "remaining": _remaining,
}  # fmt: skip
