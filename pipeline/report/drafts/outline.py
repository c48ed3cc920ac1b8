"""Values of the report's head and of item 1, the outline: who reports to whom by which law, what happened, when, and when it was known."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.report.drafts.values import Filled, Known, Line, day_text, said, span
from pipeline.report.words import ENTITY, EVENT, TRIGGER

_COMMISSION = ("個人情報保護委員会", "Personal Information Protection Commission")
_INCLUDED = {
    "yes": ("有", "yes"),
    "no": ("無", "no"),
    "unknown": ("不明(「有」として報告する)", "unknown: answer yes"),
}
_CERTAINTY = {
    "confirmed": ("発生", "happened"),
    "suspected": ("発生したおそれ", "may have happened"),
    "excluded": ("発生していない", "excluded"),
}
_ROLE = {
    "none": ("委託なし", "none"),
    "entruster": ("委託元として", "as the entruster"),
    "entrustee": ("委託先として", "as the entrustee"),
}
_PRELIMINARY = "速報"


def my_number(known: Known) -> Filled:
    """Whether My Number is included; what is not known is answered with yes."""
    value, source = known.fact("my_number")
    if not isinstance(value, Mapping):
        return ()
    ja, en = _INCLUDED.get(str(value.get("included")), _INCLUDED["unknown"])
    return (Line(ja=ja, en=en, source=source),)


def body(known: Known) -> Filled:
    """What kind of body reports."""
    ja, en = said(ENTITY, known.document.case.entity_kind)
    return (Line(ja=ja, en=en, source="case.toml [entity] kind"),)


def delegated(known: Known) -> Filled:
    """Whether the power to take the report is delegated: told where a case states its sector; never for My Number."""
    if known.is_my_number:
        return (
            Line(ja="なし(常に個人情報保護委員会)", en="never delegated", source=f"{known.law.submit} [v]"),
        )
    sector, source = known.fact("delegated_sector")
    return (Line(ja=f"あり: {sector}", en="delegated", source=source),) if sector else ()


def addressee(known: Known) -> Filled:
    """Whom the report goes to; a voluntary one goes to the Commission."""
    if known.by_law.get("report_to") == "delegated_minister":
        return (
            Line(
                ja="権限の委任を受けた事業所管大臣",
                en="the minister the power is delegated to",
                source=known.of_law("report_to"),
            ),
        )
    if not known.by_law:
        return ()
    ja, en = _COMMISSION
    # A voluntary report has no addressee by the decision.
    source = "GL通則編 3-5-3-1 *1 [v]" if known.state == "false" else known.of_law("report_to")
    return (Line(ja=ja, en=en, source=source),)


def kind(known: Known) -> Filled:
    """Preliminary or final: what this draft is."""
    en = "preliminary" if known.kind == _PRELIMINARY else "final"
    return (Line(ja=known.kind, en=en, source=known.law.report),)


def law(known: Known) -> Filled:
    """The law and article the report is made under; none where no duty was found."""
    if not known.by_law:
        return ()
    if known.state == "false":
        return (
            Line(
                ja="該当する規定なし(任意の報告)",
                en="none: a voluntary report",
                source=known.of_law("reportable"),
            ),
        )
    suffix, en = ("(未確定)", ", undetermined") if known.state == "undetermined" else ("", "")
    return (
        Line(
            ja=f"{known.law.act}、{known.law.report}{suffix}",
            en=f"{known.law.act_en}{en}",
            source=known.of_law("reportable"),
        ),
    )


def follow_up(known: Known) -> Filled:
    """A preliminary report is a new one; when it was filed is for people to say in the final one."""
    if known.kind == _PRELIMINARY:
        return (Line(ja="新規", en="new", source=known.law.report),)
    filed, source = known.fact("preliminary_filed_on")
    return (Line(ja=f"続報(速報 {day_text(filed)})", en="follow-up", source=source),) if filed else ()


def client(known: Known) -> Filled:
    """The organisation that reports."""
    name = known.document.case.client
    return (Line(ja=name, source="case.toml [case] client"),) if name else ()


def my_number_office(known: Known) -> Filled:
    """Whether the body uses My Number itself or does related work, where a case states it."""
    value, source = known.fact("my_number")
    role = value.get("entity_role") if isinstance(value, Mapping) else None
    return (Line(ja=str(role), source=source),) if role and role != "none" else ()


def my_number_unlawful(known: Known) -> Filled:
    """Use or provision against the Act, where a case states it."""
    value, source = known.fact("my_number")
    if not isinstance(value, Mapping):
        return ()
    asked = (
        ("improper_use", "不正の目的による利用", "use with an improper purpose"),
        ("improper_provision", "不正の目的による提供", "provision with an improper purpose"),
        ("used_against_art9", "9条に反する利用", "use against Art. 9"),
        ("provided_against_art19", "19条に反する提供", "provision against Art. 19"),
    )
    told = {True: ("あり", "yes"), False: ("なし", "no")}
    return tuple(
        Line(ja=f"{ja}: {told[value[name]][0]}", en=f"{en}: {told[value[name]][1]}", source=source)
        for name, ja, en in asked
        if isinstance(value.get(name), bool)
    )


def occurred(known: Known) -> Filled:
    """When it happened: the window the case states, else the first trace; unknown is said to be so."""
    case = known.document.case
    source = "case.toml [incident] window_from, window_to"
    if case.window_from is not None:
        begin = known.day(case.window_from)
        end = known.day(case.window_to) if case.window_to is not None else ""
        if begin == end:
            return (Line(ja=begin, source=source),)
        return (Line(ja=f"{begin}から{end}までの間" if end else f"{begin}以後(終期は不明)", source=source),)
    first = [
        one
        for one in known.document.indicators
        if one.direction == "from" and one.evidence_id and one.happened_at
    ]
    told = [(one.happened_at, one) for one in first if one.happened_at is not None]
    if not told:
        return ()
    at, one = min(told, key=lambda pair: pair[0])
    return (
        Line(ja="不明(調査中)", en="unknown", source=source),
        Line(
            ja=f"最初の痕跡: {known.moment(at)}({one.evidence_id})",
            en="the first trace",
            source=f"indicator[rule={one.rule},evidence_id={one.evidence_id}]",
        ),
    )


def discovered(known: Known) -> Filled:
    """When each department came to know, the earliest first."""
    lines = tuple(
        Line(
            ja=f"{known.moment(at)} {department}".strip(), source="case.toml [[knowledge]]; fact[known_date]"
        )
        for at, department in known.document.case.known
    )
    if lines:
        return lines
    value, source = known.fact("known_date")
    return (Line(ja=day_text(value), source=source),) if value else ()


def event(known: Known) -> Filled:
    """What kind of event, actual or possible; files left unreadable are told as traces of damage."""
    value, source = known.fact("event")
    certainty, _ = known.fact("event_certainty")
    lines = []
    if value is not None:
        what, how = said(EVENT, value), _CERTAINTY.get(str(certainty), ("不明", "unknown"))
        # What is none of the three has no certainty of its own.
        told = f"{what[0]}: {how[0]}" if value in ("leak", "loss", "damage") else what[0]
        lines.append(Line(ja=told, en=f"{what[1]}: {how[1]}", source=f"{source}; fact[event_certainty]"))
    if known.document.damaged and value != "damage":
        lines.append(
            Line(
                ja="毀損: 発生したおそれ(名前を変えられ、写しのないファイルがある)",
                en="damage: may have happened; renamed files without a copy in the case",
                source="exposure[route=damaged]",
            )
        )
    return tuple(lines)


def triggers(known: Known) -> Filled:
    """The items of the law that are met, and those that may be."""
    if not known.by_law:
        return ()
    lines = [
        Line(ja=ja, en=en, source=known.of_law("triggers"))
        for ja, en in (said(TRIGGER, one) for one in known.by_law.get("triggers", ()))
    ]
    lines += [
        Line(ja=f"{ja}: 未確定", en=f"{en}: undetermined", source=known.of_law("possible_triggers"))
        for ja, en in (said(TRIGGER, one) for one in known.by_law.get("possible_triggers", ()))
    ]
    if known.state == "false":
        lines = [
            Line(ja="いずれにも該当しない(任意の報告)", en="none", source=known.of_law("reportable")),
        ]
    return tuple(lines)


def entrustment(known: Known) -> Filled:
    """Entruster and entrustee as the case states them, and entrusters its documents name."""
    value, source = known.stated("entrustment")
    lines = []
    if isinstance(value, Mapping):
        ja, en = _ROLE.get(str(value.get("role")), ("不明", "unknown"))
        lines.append(Line(ja=ja, en=en, source=source))
    lines += [
        Line(
            ja=f"委託元 {one.value}" if known.is_my_number else f"委託元 {one.value}: {span(one)}",
            en="entruster",
            source=one.reference,
        )
        for one in known.document.of_dimension("entruster")
        if one.value
    ]
    return tuple(lines)
