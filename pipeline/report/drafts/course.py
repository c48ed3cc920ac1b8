"""The course of events in order of time: what the traces tell, and who came to know when. Reasons of rules are told in Japanese where they are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from pipeline.report.document import Indicator
from pipeline.report.drafts.values import MOST_LINES, REST, Filled, Known, Line, said
from pipeline.report.words import INDICATOR

GRAVE = ("critical", "high")
_KNOWLEDGE = "case.toml [[knowledge]]"
# How rules over indicators word their reasons (rules/indicators, rules/exposure/shared/compromise.sql), and that in Japanese.
_REASONS = tuple(
    (re.compile(pattern), ja)
    for pattern, ja in (
        (r"session from the public address (\S+)", r"外部アドレス \1 からの接続"),
        (r"content with the traits (\S+)", r"規則 \1 に当たる内容のファイルの作成"),
        (r"content known as (.+)", r"既知の不正な内容のファイルの作成(\1)"),
        (r"web shell (.+) asked for by (\S+)", r"Webシェル \1 への要求(\2)"),
        (r"(\d+) files taken, and cleared by ([^:]+): (.+)", r"\1 件のファイルの持出しと、\2 による消去(\3)"),
    )
)
_OF_ITS_KIND = re.compile(r"the (?:first|last) of its kind: (.+)")
_RULE = re.compile(r"(.+) \([a-z]+\)")
_DEVICE = re.compile(r"the (?:first|last) connection of a device: ")


def course(known: Known) -> Filled:
    """What happened, in order: traces of weight, connections of devices in the window, and when each department came to know."""
    told = [*_knowledge(known), *_events(known), *_devices(known), *_traces(known)]
    # The same trace may begin a window and end it.
    lines = list({line.ja: line for _, line in sorted(told, key=_order)}.values())
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    # Where there are more traces than a form takes, who knew when stays.
    learned = [line for line in lines if line.source == _KNOWLEDGE][:MOST_LINES]
    traces = [line for line in lines if line.source != _KNOWLEDGE][: MOST_LINES - len(learned)]
    kept = {*learned, *traces}
    return (*(line for line in lines if line in kept), REST)


def _order(told: tuple[datetime, Line]) -> tuple[datetime, str, str]:
    return told[0], told[1].ja, told[1].source


def japanese(reason: str) -> str:
    """A reason as Japanese words where it is of a known wording; else as it stands."""
    inner = _OF_ITS_KIND.fullmatch(reason)
    text = inner[1] if inner else reason
    for pattern, ja in _REASONS:
        found = pattern.fullmatch(text)
        if found:
            return found.expand(ja)
    return text


def _knowledge(known: Known) -> Iterator[tuple[datetime, Line]]:
    for at, department in known.document.case.known:
        yield (
            at,
            Line(
                ja=f"{known.moment(at)} {department or '組織'}が事態を知った",
                source=_KNOWLEDGE,
            ),
        )


def _events(known: Known) -> Iterator[tuple[datetime, Line]]:
    for one in known.document.event_rules:
        if one.level in GRAVE and one.first_at is not None:
            end = one.last_at if one.last_at is not None else one.first_at
            until = f"〜{known.moment(end)}" if known.moment(end) != known.moment(one.first_at) else ""
            yield (
                one.first_at,
                Line(
                    ja=f"{known.moment(one.first_at)}{until} {one.title_ja or one.title}({one.evidence_id}、{one.count:,} 件)",
                    source=f"event_hit[evidence_id={one.evidence_id},rule_title={one.title}]",
                ),
            )


def _devices(known: Known) -> Iterator[tuple[datetime, Line]]:
    case = known.document.case
    for device in known.document.devices:
        for one in device.intervals:
            begin = one.begin or one.last_seen
            if begin is None or case.window_from is None or begin < case.window_from:
                continue
            if case.window_to is not None and begin > case.window_to:
                continue
            until = f"、取外し {known.moment(one.end)}" if one.end is not None else ""
            yield (
                begin,
                Line(
                    ja=f"{known.moment(begin)} 外部機器 {device.serial or device.name or device.key} を接続({one.evidence_id}{until})",
                    source=f"connected[evidence_id={one.evidence_id},device_key={device.key}]",
                ),
            )


def _traces(known: Known) -> Iterator[tuple[datetime, Line]]:
    titles = {one.title for one in known.document.event_rules if one.level in GRAVE}
    for one in known.document.indicators:
        if one.happened_at is None or not one.evidence_id or one.direction not in ("for", "from", "to"):
            continue
        if _is_told(one, titles, has_devices=bool(known.document.devices)):
            continue
        ja = japanese(one.reason)
        yield (
            one.happened_at,
            Line(
                ja=f"{known.moment(one.happened_at)} {ja}({one.evidence_id})",
                en=said(INDICATOR, one.rule)[1] if one.direction == "for" else "",
                source=f"indicator[rule={one.rule},evidence_id={one.evidence_id}]",
            ),
        )


def _is_told(one: Indicator, titles: set[str], *, has_devices: bool) -> bool:
    """Whether an end of the window rests on an event or a connection that has a line of its own."""
    inner = _OF_ITS_KIND.fullmatch(one.reason)
    rule = _RULE.fullmatch(inner[1]) if inner else None
    return (rule is not None and rule[1] in titles) or (has_devices and _DEVICE.match(one.reason) is not None)
