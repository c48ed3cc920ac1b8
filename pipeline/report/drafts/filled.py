"""What the case knows of the fields of the report: texts, each with the row, fact or rule it rests on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pipeline.report.document import GRADES, Count, Document, Indicator
from pipeline.report.words import (
    CAUSE,
    ENTITY,
    EVENT,
    GRADE,
    INDICATOR,
    ITEM,
    NOTIFY,
    OPEN,
    ROUTE,
    SUBJECT,
    TRIGGER,
    Words,
    medium,
)

PRELIMINARY, FINAL = "速報", "確報"
_CARDS = ("credit_card_number_full", "credit_card_number")
_MOST = 12
# What a rule on malware or on traces finds says of a ransom note, and where an encrypted file's ending stands in a reason.
_NOTE_RULES = ("ransom_note",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A text for a field, and where it comes from."""

    text: str
    source: str


def values(document: Document, kind: str) -> Mapping[str, Filled]:
    """Every value the case has for a field of the report of a kind, by the name the form gives it.

    Dates are those of the case's zone. What the case does not know is left out: it stays to be filled in by people.
    """
    known = _Known(document)
    makers: dict[str, Callable[[], Filled | None]] = {
        "my_number": known.my_number,
        "entity_kind": known.entity_kind,
        "report_to": known.report_to,
        "kind": lambda: Filled(text=kind, source="この下書きの種類 kind of this draft"),
        "basis": known.basis,
        "follow_up": lambda: (
            Filled(text="新規", source="速報 preliminary report") if kind == PRELIMINARY else None
        ),
        "client": known.client,
        "occurred": known.occurred,
        "discovered": known.discovered,
        "event": known.event,
        "triggers": known.triggers,
        "entrustment": known.entrustment,
        "course": known.course,
        "media": known.media,
        "subjects": known.subjects,
        "items": known.items,
        "persons": known.persons,
        "cards": known.cards,
        "counting": known.counting,
        "cause": known.cause,
        "routes": known.routes,
        "notify": known.notify,
        "unread": known.unread,
        "ransom_note": known.ransom_note,
        "ransom_extension": known.ransom_extension,
        "malware": known.malware,
        "intrusion": known.intrusion,
        "indicators": known.indicators,
    }
    made = {name: make() for name, make in makers.items()}
    return {name: one for name, one in made.items() if one is not None}


def decision(document: Document) -> Mapping[str, Any]:
    """The decision of the case, empty where none was made."""
    return document.decisions[0] if document.decisions else {}


def is_ransomware(document: Document) -> bool:
    """Whether the case states ransomware as its cause."""
    return bool(_Known(document).fact("cause")[0] == "ransomware")


def laws_of(document: Document, pack: str) -> Mapping[str, Any] | None:
    """What the decision says by one law; None where that law was not asked."""
    return next((one for one in decision(document).get("laws", ()) if one["law_pack"] == pack), None)


class _Known:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._decision = decision(document)
        self._facts = {name: (json.loads(value), source) for name, value, source in document.facts}
        self._zone = ZoneInfo(document.case.time_zone)

    def fact(self, name: str) -> tuple[Any, str]:
        """A fact and where it comes from; None where the case does not know it."""
        value, source = self._facts.get(name, (None, ""))
        return value, f"fact[{name}] ({source})"

    def my_number(self) -> Filled | None:
        value, source = self.fact("my_number")
        if not isinstance(value, Mapping):
            return None
        said = {"yes": "有", "no": "無", "unknown": "不明(「有」として報告する)"}
        return Filled(text=said.get(str(value.get("included")), "不明"), source=source)

    def entity_kind(self) -> Filled | None:
        kind = self._document.case.entity_kind
        return Filled(text=_of(ENTITY, kind), source="case.toml [entity] kind")

    def report_to(self) -> Filled | None:
        asked = [one.get("report_to") for one in self._decision.get("laws", ()) if one.get("report_to")]
        names = list(
            dict.fromkeys(name for one in asked for name in (one if isinstance(one, list) else [one]))
        )
        if not names:
            return None
        said = {"ppc": "個人情報保護委員会"}
        return Filled(text="、".join(said.get(one, one) for one in names), source="decision.laws[].report_to")

    def basis(self) -> Filled | None:
        basis = self._decision.get("basis")
        met = [_of(TRIGGER, one) for one in self._decision.get("triggers", ())]
        return Filled(text="\n".join([*met, f"({basis})"]), source="decision.basis") if basis else None

    def client(self) -> Filled | None:
        client = self._document.case.client
        return Filled(text=client, source="case.toml [case] client") if client else None

    def occurred(self) -> Filled | None:
        case = self._document.case
        if case.window_from is None:
            return None
        begin, end = self._day(case.window_from), self._day(case.window_to)
        text = begin if end in ("", begin) else f"{begin} から {end} までの間"
        return Filled(
            text=text, source="case.toml [incident] window_from, window_to; indicator[direction=from,to]"
        )

    def discovered(self) -> Filled | None:
        lines = [f"{self._at(at)} {department}".strip() for at, department in self._document.case.known]
        value, source = self.fact("known_date")
        if not lines and value is None:
            return None
        return Filled(text="\n".join(lines) or self._date(value), source=f"case.toml [[knowledge]]; {source}")

    def event(self) -> Filled | None:
        value, source = self.fact("event")
        certainty, _ = self.fact("event_certainty")
        if value is None:
            return None
        what = EVENT.get(value, (value, value))[0]
        said = {"confirmed": "発生", "suspected": "発生したおそれ", "excluded": "なし"}
        return Filled(
            text=f"{what}: {said.get(str(certainty), '不明')}", source=f"{source}; fact[event_certainty]"
        )

    def triggers(self) -> Filled | None:
        if not self._decision:
            return None
        met = [_of(TRIGGER, one) for one in self._decision.get("triggers", ())]
        open_ = [f"{_of(TRIGGER, one)}(未確定)" for one in self._decision.get("possible_triggers", ())]
        return Filled(
            text="\n".join([*met, *open_]) or "非該当(任意の報告)",
            source="decision.triggers, decision.possible_triggers",
        )

    def entrustment(self) -> Filled | None:
        value, source = self.fact("entrustment")
        if not isinstance(value, Mapping):
            return None
        said = {"none": "委託なし", "entruster": "委託元として", "entrustee": "委託先として"}
        if "(default)" in source and value.get("role") == "none":
            return None  # nobody has stated it
        names = [one.value for one in self._document.of_dimension("entruster") if one.value]
        return Filled(text="、".join([said.get(str(value.get("role")), "不明"), *names]), source=source)

    def course(self) -> Filled | None:
        lines = [
            (at, f"{self._at(at)} {department or '組織'}が知った")
            for at, department in self._document.case.known
        ]
        lines += [
            (one.happened_at, f"{self._at(one.happened_at)} {self._told(one)}")
            for one in self._document.indicators
            if one.happened_at is not None and one.direction in ("for", "from", "to") and one.evidence_id
        ]
        told = list(dict.fromkeys(text for _, text in sorted(lines)))
        return Filled(text=_capped(told), source="indicator; case.toml [[knowledge]]") if told else None

    def media(self) -> Filled | None:
        found = [one.value or "" for one in self._document.of_dimension("medium") if one.high]
        if not found:
            return None
        said = sorted({medium(one)[0] for one in found})
        return Filled(text="\n".join(said), source="affected_count[dimension=medium]")

    def subjects(self) -> Filled | None:
        counts = [one for one in self._document.of_dimension("subject_kind") if one.high]
        return self._listed(counts, SUBJECT)

    def items(self) -> Filled | None:
        counts = [one for one in self._document.of_dimension("item") if one.high]
        return self._listed(counts, ITEM)

    def _listed(self, counts: Sequence[Count], words: Words) -> Filled | None:
        if not counts:
            return None
        told = [f"{_of(words, one.value or '')} {_span(one)}" for one in counts]
        return Filled(text="\n".join(told), source="; ".join(one.reference for one in counts))

    def persons(self) -> Filled | None:
        if not self._document.counts:
            return None
        told = [f"{GRADE[grade][0]}: {_span(self._document.headline(grade))}" for grade in GRADES]
        references = "; ".join(self._document.headline(grade).reference for grade in GRADES)
        return Filled(text="\n".join(told), source=references)

    def cards(self) -> Filled | None:
        if not self._document.counts:
            return None
        counts = [one for one in self._document.of_dimension("category") if one.value in _CARDS and one.high]
        if counts:
            return Filled(text=_span(counts[0]), source=counts[0].reference)
        if self._document.headline("possible").is_open:
            return Filled(
                text="不明(見つかっていないが、調べられなかったものがある)",
                source="affected_count[dimension=category]; open_item",
            )
        return Filled(text="見つかっていない", source="affected_count[dimension=category]")

    def counting(self) -> Filled | None:
        if not self._document.counts:
            return None
        lines = [
            "生存する自然人の数。行・ファイル・メールの数ではない(docs/counting-rule.md)。下限・蓋然・上限の幅で示す。"
        ]
        lines += [
            f"確定していない理由: {OPEN.get(reason.split(':')[0], reason)}({', '.join(GRADE[grade][0] for grade in grades)})"
            for reason, grades in self._document.open_reasons()
        ]
        return Filled(text=_capped(lines), source="affected_count.open_reasons; open_item")

    def cause(self) -> Filled | None:
        value, source = self.fact("cause")
        return None if value is None else Filled(text=_of(CAUSE, str(value)), source=source)

    def routes(self) -> Filled | None:
        counts = [one for one in self._document.of_dimension("route") if one.high]
        return self._listed(counts, ROUTE)

    def notify(self) -> Filled | None:
        if not self._decision:
            return None
        said = str(self._decision.get("notify_individuals")).lower()
        return Filled(text=NOTIFY.get(said, said), source="decision.notify_individuals")

    def unread(self) -> Filled | None:
        lines = [
            f"{one.evidence_id} {one.kind}: {one.count:,} 件 ({one.message})" for one in self._document.unread
        ]
        return Filled(text=_capped(lines) or "なし", source="problem; coverage")

    def _reasons(self, wanted: Callable[[str], bool]) -> list[str]:
        told = (
            f"{one.reason} [{one.rule}, {one.evidence_id}]"
            for one in self._document.indicators
            if wanted(one.reason)
        )
        return list(dict.fromkeys(told))

    def ransom_note(self) -> Filled | None:
        hits = [
            f"{evidence} {rule}"
            for evidence, rule, _ in self._document.rule_hits
            if any(one in rule for one in _NOTE_RULES)
        ]
        return Filled(text=_capped(hits), source="rule_hit") if hits else None

    def ransom_extension(self) -> Filled | None:
        told = self._reasons(lambda reason: "renamed to" in reason)
        return Filled(text=_capped(told), source="indicator") if told else None

    def malware(self) -> Filled | None:
        known = [f"{name} ({evidence} {path})" for evidence, path, name, _ in self._document.known]
        return Filled(text=_capped(known), source="hash_hit") if known else None

    def intrusion(self) -> Filled | None:
        told = self._reasons(
            lambda reason: any(word in reason for word in ("public address", "logon", "Logon", "session"))
        )
        return Filled(text=_capped(told), source="indicator[direction=from]") if told else None

    def indicators(self) -> Filled | None:
        told = [
            f"{one.title_ja or one.title}: {one.count:,} 件 ({one.evidence_id})"
            for one in self._document.event_rules
            if one.level in ("critical", "high")
        ]
        return Filled(text=_capped(told), source="event_hit") if told else None

    def _told(self, one: Indicator) -> str:
        where = f"({one.evidence_id})" if one.evidence_id else ""
        return f"{_of(INDICATOR, one.rule)}{where}: {one.reason}"

    def _day(self, at: datetime | None) -> str:
        return "" if at is None else self._date(at.astimezone(self._zone).date().isoformat())

    def _at(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self._zone).strftime("%Y-%m-%d %H:%M")

    def _date(self, text: str) -> str:
        day = date.fromisoformat(text)
        return f"{day.year}年{day.month}月{day.day}日"


def _of(words: Words, name: str) -> str:
    return words[name][0] if name in words else name


def _span(count: Count) -> str:
    if count.is_open and not count.high:
        return "見つかっていない(ゼロ人とは言えない・調査中)"
    text = (
        f"{count.likely:,} 人"
        if count.low == count.high
        else f"{count.likely:,} 人({count.low:,}~{count.high:,} 人)"
    )
    return f"{text}以上(調査中)" if count.is_open else text


def _capped(lines: Iterable[str]) -> str:
    listed = list(lines)
    rest = len(listed) - _MOST
    return "\n".join(listed[:_MOST] + ([f"ほか {rest:,} 件(report.html 参照)"] if rest > 0 else []))
