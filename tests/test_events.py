"""Rules over events: sources, correlations by hand and against a plain count, refusals, order, and the stage."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from pipeline.match.log_sources import UnknownSourceError, log_source
from tests.sigma import AT, SYSMON, event, rule, rules, search

SECURITY = {"channel": "Security", "provider": "Microsoft-Windows-Security-Auditing"}
ANY = "sel: {EventID|exists: true}\ncondition: sel"


def outcome(text: str, events: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    (one,) = search(rules(text), events or []).outcomes.values()
    return one


# Log sources


SOURCES = {
    "category: process_creation": [(SYSMON, 1), ("Security", 4688)],
    "category: process_creation, service: sysmon": [(SYSMON, 1)],
    "category: network_connection": [(SYSMON, 3)],
    "category: file_event": [(SYSMON, 11)],
    "category: pipe_created": [(SYSMON, 17), (SYSMON, 18)],
    "category: dns_query": [(SYSMON, 22)],
    "category: registry_event": [(SYSMON, 12), (SYSMON, 13)],
    "category: registry_set": [(SYSMON, 13)],
    "category: ps_script": [
        ("Microsoft-Windows-PowerShell/Operational", 4104),
        ("PowerShellCore/Operational", 4104),
    ],
    "service: security": [("Security", 4688), ("Security", 4624)],
    "service: system": [("System", 7045)],
    "service: powershell": [
        ("Microsoft-Windows-PowerShell/Operational", 4104),
        ("Microsoft-Windows-PowerShell/Operational", 4103),
        ("PowerShellCore/Operational", 4104),
    ],
    "service: windefend": [("Microsoft-Windows-Windows Defender/Operational", 5001)],
}
PAIRS = sorted({pair for pairs in SOURCES.values() for pair in pairs})


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_log_source_is_its_events_and_no_others(source: str) -> None:
    found = search(
        rules(rule(ANY, source=source)),
        [event(channel=channel, event_id=number) for channel, number in PAIRS],
    )
    assert [PAIRS[place] for place in found.events["r"]] == sorted(SOURCES[source])
    assert found.outcomes["r"]["source_count"] == len(SOURCES[source])


def test_channels_are_told_apart_without_regard_to_case() -> None:
    found = search(rules(rule(ANY, source="service: security")), [event(channel="SECURITY", event_id=1)])
    assert found.events["r"] == [0]


def test_a_key_created_is_no_key_deleted() -> None:
    given = [
        event(channel=SYSMON, event_id=12, EventType=one) for one in ("CreateKey", "DeleteKey", "DeleteValue")
    ]
    assert search(rules(rule(ANY, source="category: registry_add")), given).events["r"] == [0]
    assert search(rules(rule(ANY, source="category: registry_delete")), given).events["r"] == [1, 2]


@pytest.mark.parametrize(
    "source",
    [
        {"product": "linux", "category": "process_creation", "service": None},
        {"product": None, "category": "process_creation", "service": None},
        {"product": "windows", "category": "file_access", "service": None},
        {"product": "windows", "category": "process_creation", "service": "unheard"},
        {"product": "windows", "category": "unheard", "service": "security"},
    ],
)
def test_a_log_source_that_is_not_known_is_refused(source: dict[str, str | None]) -> None:
    with pytest.raises(UnknownSourceError):
        log_source(**source)


def test_a_rule_of_another_product_is_listed_with_the_reason() -> None:
    one = outcome("title: x\nlogsource: {product: linux}\ndetection: {a: {b: c}, condition: a}\n")
    assert (one["outcome"], one["match_count"], one["source_count"]) == ("unsupported", None, None)
    assert "linux" in one["reason"]


def test_process_creation_reads_both_ways_windows_tells_of_it() -> None:
    given = [
        event(
            channel=SYSMON,
            event_id=1,
            Image="C:\\a.exe",
            ProcessId=7,
            ParentImage="C:\\p.exe",
            User="D\\taro",
        ),
        event(
            channel="Security",
            event_id=4688,
            NewProcessName="C:\\a.exe",
            NewProcessId="7",
            ProcessId="8",
            ParentProcessName="C:\\p.exe",
            SubjectDomainName="D",
            SubjectUserName="taro",
        ),
        event(channel="Security", event_id=4688, Image="C:\\a.exe"),
    ]
    for detection in (
        "Image: 'C:\\a.exe'",
        "ParentImage|endswith: '\\p.exe'",
        "ProcessId: 7",
        "User: 'd\\TARO'",
    ):
        found = search(
            rules(rule(f"sel: {{{detection}}}\ncondition: sel", source="category: process_creation")), given
        )
        assert found.events["r"] == [0, 1], detection
    found = search(rules(rule("sel: {ProcessId: 8}\ncondition: sel", source="service: security")), given)
    assert found.events["r"] == [1]


# Outcomes


def test_not_found_and_could_not_look_are_told_apart() -> None:
    text = rule("sel: {EventID: 9}\ncondition: sel", source="service: security")
    assert outcome(text, [event(channel="System", event_id=9)])["outcome"] == "no_events"
    assert outcome(text, [event(channel="Security", event_id=8)])["outcome"] == "no_match"
    found = outcome(text, [event(channel="Security", event_id=9)])
    assert (found["outcome"], found["match_count"], found["source_count"]) == ("matched", 1, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no rule"),
        ("---\n---\n", "no rule"),
        ("a: [b", "not YAML"),
        ("a: b\na: c\n", "Duplicate key"),
        ("- a\n- b\n", "not a mapping"),
        ("just words", "not a mapping"),
        ("name: CI\non: push\njobs: {}\n", "log source"),
        ("title: x\nlogsource: {product: windows, service: system}\n", "detection"),
        ("title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}}\n", "condition"),
        ("title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: nothing}\n", "not defined"),
        ("title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: 1 of x*}\n", "doesn't match"),
        ("title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a | count() > 5}\n", "pipe"),
        ("title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: 7}\n", "no text"),
        ("title: x\nlogsource: windows\ndetection: {a: {b: c}, condition: a}\n", "logsource"),
        ("title: x\naction: unheard\n", "action"),
        ("title: x\ndate: 2026-99-99\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}\n", ""),
        ("title: x\ncorrelation: {type: 7}\n", ""),
        ("title: x\ncorrelation: {type: value_sum, rules: [a], timespan: 1m, condition: {gte: 1, field: b}}\n", "names no rule"),
        ("title: x\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {gte: 1}}\n", "names no rule"),
        ("title: x\nname: x\ncorrelation: {type: event_count, rules: [x], timespan: 1m, condition: {gte: 1}}\n", "itself"),
        ("title: x\ncorrelation: {type: event_count, rules: [a], timespan: 1m, condition: {}}\n", "condition"),
        ("a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
         "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\ne: [*d, *d, *d, *d, *d, *d, *d, *d]\n", "alias"),
        ("title: x\nfilter: {rules: [a], selection: {b: c}, condition: selection}\nlogsource: {product: windows}\n", "filter"),
    ],
)  # fmt: skip
def test_no_file_is_passed_over_in_silence(text: str, reason: str) -> None:
    found = search(rules(text), [event(channel="Security", event_id=1)])
    assert [one["outcome"] for one in found.outcomes.values()] == ["unsupported"]
    assert all(reason in one["reason"] for one in found.outcomes.values()), found.outcomes
    assert found.hits == []


def test_a_rule_the_engine_cannot_run_does_not_spoil_the_others_of_its_scan() -> None:
    heavy = "(" * 20 + "a{1,1000}" + "){1,2}" * 20  # more than RE2 of the engine compiles
    texts = [rule("sel: {A: x}\ncondition: sel", title=f"r{number}") for number in range(5)]
    texts.insert(2, rule(f"sel: {{A|re: '{heavy}'}}\ncondition: sel", title="heavy"))
    found = search(rules(*texts), [event(channel=SYSMON, A="x")])
    assert found.outcomes["heavy"]["outcome"] == "unsupported"
    assert all(found.events[f"r{number}"] == [0] for number in range(5))


def test_hits_carry_the_event_and_the_rule_and_stand_in_a_fixed_order() -> None:
    texts = [
        rule(ANY, title="late").replace("title:", "level: high\nstatus: test\ntags: [attack.t1110]\ntitle:"),
        rule(ANY, title="early"),
    ]
    given = [
        event(
            channel=SYSMON, event_id=1, evidence_id=one, locator=str(place), computer="PC", status="recovered"
        )
        for one in ("pc02", "pc01")
        for place in (900, 1000)
    ]
    found = search(rules(*texts), given)
    order = [(hit["evidence_id"], hit["locator"], hit["rule_title"]) for hit in found.hits]
    expected = [
        (one, place, title)
        for one in ("pc01", "pc02")
        for place in ("900", "1000")
        for title in ("late", "early")
    ]
    assert order == expected
    assert found.hits[0]["status"] == "recovered"
    assert found.hits[0]["rule_level"] == "high"
    assert found.hits[0]["rule_tags"] == ["attack.t1110"]
    assert found.hits[0]["rule_file"] == "000.yml"
    assert found.hits[0]["correlated_count"] is None


# Correlations


def base(name: str, number: int) -> str:
    return (
        rule(f"sel: {{EventID: {number}}}\ncondition: sel", title=name, source="service: security")
        + f"name: {name}\n"
    )


def correlated(told: str) -> str:
    return f"title: c\ncorrelation: {{{told}}}\n"


def at(seconds: float, number: int, **data: Any) -> dict[str, Any]:
    return event(channel="Security", event_id=number, written_at=AT + timedelta(seconds=seconds), **data)


def held(told: str, given: list[dict[str, Any]], *names: str) -> list[int]:
    texts = [base(name, number) for number, name in enumerate(names or ("a",), start=1)]
    found = search(rules(*texts, correlated(told)), given)
    assert found.outcomes["c"]["outcome"] != "unsupported", found.outcomes["c"]["reason"]
    assert {hit["rule_title"] for hit in found.hits} <= {"c"}
    return found.events["c"]


COUNT = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 3}"


def test_events_are_counted_back_from_each() -> None:
    assert held(COUNT, [at(0, 1), at(5, 1), at(10, 1), at(10.000001, 1), at(16, 1), at(40, 1)]) == [2, 3, 4]
    assert held(COUNT.replace("gte", "gt"), [at(place, 1) for place in range(5)]) == [3, 4]
    # Three at one instant are three, whatever their order.
    assert held(COUNT, [at(0, 1), at(0, 1), at(0, 1)]) == [0, 1, 2]


def test_events_are_counted_within_their_group() -> None:
    told = COUNT + ", group-by: [Computer, A]"
    given = [at(place, 1, A=one) for place, one in enumerate(["x", "y", "X", "y", "x"])]
    assert held(told, given) == [4]
    assert held(told, [at(place, 1) for place in range(5)]) == []  # no field A: in no group
    assert held(COUNT, [event(channel="Security", event_id=1, written_at=None)] * 5) == []


def test_an_event_in_several_copies_of_a_log_counts_once() -> None:
    given = [
        at(place, 1, event_record_id=place) | {"entry_id": copy}
        for place in range(2)
        for copy in ("log", "copy")
    ]
    assert held(COUNT, given) == []
    given = [at(0, 1, event_record_id=None) for _ in range(3)]
    assert held(COUNT, given) == [0, 1, 2]


def test_different_values_are_counted() -> None:
    told = "type: value_count, rules: [a], timespan: 10s, group-by: [B], condition: {field: A, gte: 2}"
    given = [
        at(0, 1, A="x", B=1),
        at(1, 1, A="X", B=1),
        at(2, 1, B=1),
        at(3, 1, A="y", B=2),
        at(4, 1, A="y", B=1),
    ]
    assert held(told, given) == [4]


def test_all_rules_in_any_order() -> None:
    told = "type: temporal, rules: [a, b], timespan: 10s, group-by: [A]"
    given = [at(0, 2, A=1), at(5, 1, A=1), at(6, 1, A=2), at(30, 1, A=1), at(45, 2, A=1)]
    assert held(told, given, "a", "b") == [1]


def test_all_rules_in_their_order_each_strictly_later() -> None:
    told = "type: temporal_ordered, rules: [a, b, c1], timespan: 10s"
    given = [at(0, 2), at(1, 1), at(2, 3), at(3, 2), at(4, 3), at(11, 3), at(11.5, 3)]
    assert held(told, given, "a", "b", "c1") == [4, 5]
    assert held("type: temporal_ordered, rules: [a, b], timespan: 10s", [at(1, 1), at(1, 2)], "a", "b") == []


def test_a_chain_may_begin_late_enough_though_it_could_begin_earlier() -> None:
    told = "type: temporal_ordered, rules: [a, b], timespan: 10s"
    assert held(told, [at(0, 1), at(50, 1), at(55, 2)], "a", "b") == [2]


def test_an_alias_names_the_field_of_each_rule() -> None:
    told = (
        "type: temporal_ordered, rules: [a, b], timespan: 10s, group-by: [who], "
        "aliases: {who: {a: TargetUserName, b: SubjectUserName}}"
    )
    given = [
        at(0, 1, TargetUserName="x", SubjectUserName="s"),
        at(1, 2, SubjectUserName="X"),
        at(2, 2, SubjectUserName="s"),
    ]
    assert held(told, given, "a", "b") == [1]


def test_a_correlation_that_gives_its_rules_too() -> None:
    text = correlated(COUNT + ", generate: true")
    found = search(rules(base("a", 1), text), [at(place, 1) for place in range(3)])
    assert [hit["rule_title"] for hit in found.hits] == ["a", "a", "a", "c"]
    assert [hit["correlated_count"] for hit in found.hits] == [None, None, None, 3]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ("type: value_avg, rules: [a], timespan: 1m, condition: {gte: 1, field: A}", "value_avg"),
        ("type: event_count, rules: [a], timespan: 1m, condition: {lt: 3}", "'lt'"),
        ("type: event_count, rules: [a], timespan: 1m, condition: {eq: 3}", "'eq'"),
        ("type: temporal, rules: [a], timespan: 1m, condition: a", "expression"),
        ("type: temporal_ordered, rules: [a], timespan: 1m, condition: {gte: 3}", "all of its rules"),
        ("type: value_count, rules: [a], timespan: 1m, condition: {gte: 3, field: [A, B]}", "one field"),
        ("type: event_count, rules: [a], timespan: 0m, condition: {gte: 3}", "zero"),
        (
            "type: event_count, rules: [a], timespan: 1m, group-by: [w], aliases: {w: {b: A}}, condition: {gte: 3}",
            "alias",
        ),
    ],
)
def test_a_correlation_that_is_not_supported_says_why(told: str, reason: str) -> None:
    found = search(rules(base("a", 1), correlated(told)), [at(0, 1)])
    assert found.outcomes["c"]["outcome"] == "unsupported"
    assert reason in found.outcomes["c"]["reason"]


def test_a_rule_below_a_correlation_that_cannot_be_asked_gives_its_own_hits() -> None:
    text = correlated("type: value_sum, rules: [a], timespan: 1m, condition: {gte: 1, field: A}")
    found = search(rules(base("a", 1), text), [at(0, 1)])
    assert [hit["rule_title"] for hit in found.hits] == ["a"]
    assert not found.outcomes["a"]["is_counted_only"]


def test_a_correlation_over_what_is_refused_is_refused() -> None:
    text = rule("sel: {A|expand: '%x%'}\ncondition: sel", title="a") + "name: a\n"
    found = search(rules(text, correlated(COUNT)), [])
    assert "not supported" in found.outcomes["c"]["reason"]
    found = search(
        rules(base("a", 1), base("a", 2).replace("title: a", "title: other"), correlated(COUNT)), []
    )
    assert "more than one" in found.outcomes["c"]["reason"]


def test_a_correlation_of_which_one_source_left_nothing_could_not_look() -> None:
    texts = [base("a", 1), rule(ANY, title="b") + "name: b\n"]
    for kind, expected in (("temporal", "no_events"), ("temporal_ordered", "no_events")):
        found = search(rules(*texts, correlated(f"type: {kind}, rules: [a, b], timespan: 1m")), [at(0, 1)])
        assert found.outcomes["c"]["outcome"] == expected
    found = search(
        rules(*texts, correlated("type: event_count, rules: [a, b], timespan: 1m, condition: {gte: 2}")),
        [at(0, 1)],
    )
    assert found.outcomes["c"]["outcome"] == "no_match"


@pytest.mark.parametrize("seed", range(12))
def test_random_correlations_as_a_plain_count_has_them(seed: int) -> None:
    chance = random.Random(seed)
    given = [
        at(chance.randint(0, 120), chance.randint(1, 3), A=chance.choice("xy"), B=chance.randint(1, 4))
        for _ in range(60)
    ]

    def window(one: dict[str, Any], numbers: set[int]) -> list[dict[str, Any]]:
        return [
            other
            for other in given
            if other["event_id"] in numbers
            and other["event_data"]["A"] == one["event_data"]["A"]
            and timedelta(0) <= one["written_at"] - other["written_at"] <= timedelta(seconds=20)
        ]

    def ordered(one: dict[str, Any], number: int) -> bool:
        if number == 1:
            return True
        before = [
            other
            for other in chain
            if other["event_id"] == number - 1 and other["written_at"] < one["written_at"]
        ]
        return any(ordered(other, number - 1) for other in before)

    shared = "timespan: 20s, group-by: [A]"
    counted = [
        place
        for place, one in enumerate(given)
        if one["event_id"] in (1, 2) and len(window(one, {1, 2})) >= 5
    ]
    told = f"type: event_count, rules: [a, b], {shared}, condition: {{gte: 5}}"
    assert held(told, given, "a", "b") == counted
    valued = [
        place
        for place, one in enumerate(given)
        if one["event_id"] == 1 and len({other["event_data"]["B"] for other in window(one, {1})}) >= 3
    ]
    assert held(f"type: value_count, rules: [a], {shared}, condition: {{field: B, gte: 3}}", given) == valued
    together = [
        place
        for place, one in enumerate(given)
        if len({other["event_id"] for other in window(one, {1, 2, 3})}) == 3
    ]
    assert held(f"type: temporal, rules: [a, b, d], {shared}", given, "a", "b", "d") == together
    in_order = []
    for place, one in enumerate(given):
        chain = window(one, {1, 2, 3})
        if one["event_id"] == 3 and ordered(one, 3):
            in_order.append(place)
    assert held(f"type: temporal_ordered, rules: [a, b, d], {shared}", given, "a", "b", "d") == in_order
