"""Values of items 2 and 3: which data, on which media, of which persons, and how many persons there are.

A report under the My Number Act counts the persons whose My Number is among the data; what else the counts know is of everybody, so it is left to people.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.report.document import GRADES, Count
from pipeline.report.drafts.values import Filled, Known, Line, capped, said, span
from pipeline.report.words import GRADE, ITEM, OPEN, SUBJECT, Words, medium

_CARDS = ("credit_card_number_full", "credit_card_number")
_MY_NUMBER = "my_number"
_UNKNOWN = ("unknown", None)


def media(known: Known) -> Filled:
    """The media the data lay on; all but paper are electronic."""
    if known.is_my_number:
        return ()
    lines = []
    for one in known.document.of_dimension("medium"):
        if one.high or one.is_open:
            ja, en = medium(one.value or "")
            kind = ("紙", "paper") if one.value == "paper" else (f"電子媒体: {ja}", f"electronic: {en}")
            lines.append(Line(ja=kind[0], en=kind[1], source=one.reference))
    return capped(lines)


def subjects(known: Known) -> Filled:
    """Customers, employees and others, each with the persons counted."""
    if known.is_my_number:
        return ()
    return _listed(known.document.of_dimension("subject_kind"), SUBJECT)


def items(known: Known) -> Filled:
    """The data items found, each with the persons counted."""
    counts = known.document.of_dimension("item")
    if known.is_my_number:
        counts = tuple(one for one in counts if one.value == _MY_NUMBER)
    return _listed(counts, ITEM)


def persons(known: Known) -> Filled:
    """The number of persons by grade: confirmed, likely and the maximum, each with its bounds."""
    if known.is_my_number:
        return _with_my_number(known)
    if not known.document.counts:
        return ()
    counts = [known.document.headline(grade) for grade in GRADES]
    return tuple(_graded(one) for one in counts)


def _with_my_number(known: Known) -> Filled:
    counts = [
        one
        for grade in GRADES
        for one in known.document.of_dimension("category", grade)
        if one.value == _MY_NUMBER
    ]
    if counts:
        return tuple(_graded(one) for one in counts)
    value, source = known.fact("my_number")
    if isinstance(value, dict) and value.get("included") in _UNKNOWN:
        return (
            Line(
                ja="不明(個人番号が含まれるか調査中)",
                en="unknown: it is being looked into whether My Number is included",
                source=source,
            ),
        )
    return ()


def cards(known: Known) -> Filled:
    """Of these persons, those with card numbers; not found is told apart from could not look."""
    if known.is_my_number or not known.document.counts:
        return ()
    source = "affected_count[dimension=category]"
    counts = [one for one in known.document.of_dimension("category") if one.value in _CARDS and one.high]
    if counts:
        return (Line(ja=span(counts[0]), source=counts[0].reference),)
    if known.document.headline("possible").is_open:
        return (
            Line(
                ja="不明(見つかっていないが、調べられなかったものがある)",
                en="unknown: none found, but not everything could be looked at",
                source=f"{source}; affected_count.open_reasons",
            ),
        )
    return (Line(ja="見つかっていない", en="none found", source=source),)


def counting(known: Known) -> Filled:
    """The counting rule in short, what keeps a count open, and estimates for what could not be read."""
    if not known.document.counts:
        return ()
    lines = [
        Line(
            ja="生存する自然人の数。行・ファイル・メール・法人の数ではない。下限は同一人であり得る記載をすべて一人とした数、上限は別人でないと言えるものだけを一人とした数。",
            en="Living natural persons. Low joins all that could be one human, high only what cannot be two.",
            source="docs/counting-rule.md",
        )
    ]
    for reason, grades in known.document.open_reasons():
        what = reason.split(":")[0]
        of = "、".join(GRADE[grade][0] for grade in grades)
        lines.append(
            Line(
                ja=f"確定していない理由: {OPEN.get(what, what)}({of})",
                en=what if what in OPEN else "",
                source="; ".join(known.document.headline(grade).reference for grade in grades)
                + " open_reasons",
            )
        )
    lines += [
        Line(
            ja=f"読めなかったものの推定(上の人数に含めない): {one.what} {one.low:,} 人〜{one.high:,} 人",
            en=f"an estimate, never part of the counts: {one.method}",
            source=f"open_item[what={one.what}]",
        )
        for one in known.document.estimated
    ]
    return capped(lines)


def _graded(one: Count) -> Line:
    ja, en = GRADE[one.grade]
    return Line(ja=f"{ja}: {span(one)}", en=en, source=one.reference)


def _listed(counts: Sequence[Count], words: Words) -> Filled:
    found = [one for one in counts if one.high]
    return tuple(
        Line(ja=f"{ja} {span(one)}", en=en, source=one.reference)
        for one in found
        for ja, en in (said(words, one.value or ""),)
    )
