"""Conditions of Sigma as SQL: a truth table by hand, hostile values, and a plain matcher over random rules."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.match.event_sql import Statement, condition, is_in_network
from pipeline.match.log_sources import LogSource
from tests.sigma import event, matches, rule, rules, search

ANY = LogSource(sql="true")
BASE64_IEX = "aWV4IChuZXc="  # of `iex (new`

# Detection of field A; values that match; values that do not. None: there without text; ...: absent.
TRUTH: list[tuple[str, list[Any], list[Any]]] = [
    ("A: abc", ["abc", "ABC", "aBc"], ["abcd", "xabc", "", None, ...]),
    ("A: 'ＡＢＣ日本'", ["ＡＢＣ日本", "ａｂｃ日本"], ["ABC日本", "日本"]),
    ("A: 'É'", ["É", "é"], ["e", "E"]),
    ("A: ''", ["", None], [" ", "a", ...]),
    ("A: null", ["", None, ...], [" ", "a"]),
    ("A:\n- null\n- x", [None, ..., "X"], ["a"]),
    ("A: []", [None, ...], ["a"]),
    ("A: '*'", ["", "a", None], [...]),
    ("A: 'a*'", ["a", "ab", "A\nb"], ["ba", "", ...]),
    ("A: '*a'", ["a", "ba"], ["ab"]),
    ("A: '*a*'", ["xAx", "a"], ["b"]),
    ("A: 'a*c'", ["ac", "abc", "a\nc", "a*c"], ["abcd", "xac"]),
    ("A: 'a?c'", ["abc", "a?c", "a日c", "a😀c"], ["ac", "abbc"]),
    ("A: '?'", ["a", "日"], ["", "ab"]),
    (r"A: 'a\*c'", ["a*c", "A*C"], ["abc", r"a\*c"]),
    (r"A: 'a\?c'", ["a?c"], ["abc"]),
    (r"A: 'a\\*'", ["a\\", "a\\b"], ["a*", "a"]),
    (r"A: 'a\\\*'", ["a\\*"], ["a\\b"]),
    (r"A: 'C:\Temp'", ["c:\\temp"], ["c:\\\\temp"]),
    (r"A: '\\\\srv'", ["\\\\srv"], ["\\srv"]),
    (r"A: 'C:\*\x.exe'", ["C:*\\x.exe"], ["C:\\a\\x.exe"]),
    (r"A: 'C:\\*\\x.exe'", ["C:\\a\\x.exe"], ["C:x.exe"]),
    ("A: 'a%c'", ["a%c"], ["abc", "ac"]),
    ("A: 'a_c'", ["a_c"], ["abc"]),
    ("A: 'a_*%'", ["a_b%"], ["abb%", "a_b"]),
    ("A: 'a!*'", ["a!b", "a!"], ["ab"]),
    ("A: '!_%?'", ["!_%x"], ["!_%", "!a%x"]),
    ("A|contains: 'b'", ["abc", "B"], ["ac", "", None, ...]),
    ("A|contains: '_%!'", ["x_%!y"], ["xab!y"]),
    ("A|contains: 'a?c'", ["xabcx"], ["xacx"]),
    ("A|contains: 'a*c'", ["xabbcx"], ["xab"]),
    ("A|contains: ''", ["", "a", None], [...]),
    ("A|startswith: 'ab'", ["abc", "AB"], ["xab"]),
    ("A|startswith: 'a*c'", ["abcx"], ["xac"]),
    ("A|endswith: '.exe'", ["a.EXE", ".exe"], ["a.exe "]),
    ("A|contains|all:\n- a\n- b", ["ba", "xAxBx"], ["a", "b", ...]),
    ("A|contains:\n- a\n- b", ["xa", "b"], ["c"]),
    ("A|all:\n- 'a*'\n- '*b'", ["ab", "a b"], ["ba"]),
    ("A|cased: 'aB*'", ["aBc"], ["abc", "ABC"]),
    ("A|contains|cased: 'aB'", ["xaBx"], ["xabx"]),
    ("A|cased|contains: 'aB'", ["xaBx"], ["xabx"]),
    ("A|re: 'a.c'", ["xabcx"], ["aBC", "a\nc", ...]),
    ("A|re: '^a.c$'", ["abc"], ["xabc", "abc\n", "abc\nx"]),
    ("A|re|i: 'a.c'", ["ABC"], ["ac"]),
    ("A|re|s: 'a.c'", ["a\nc"], ["ac"]),
    ("A|re|m: '^b$'", ["a\nb\nc"], ["ab"]),
    ("A|re|i|m|s: '^B.c'", ["a\nb\nc"], ["ab"]),
    (r"A|re: 'a\*\\\d+\?'", ["a*\\12?"], ["a*\\?"]),
    (r"A|re: '[''\"];--'", ["x';--", 'x";--'], [";--"]),
    (
        "A|cidr: 192.168.0.0/16",
        ["192.168.3.4", "::ffff:192.168.3.4"],
        ["192.169.0.1", "192.168.3", "x", "", ...],
    ),
    ("A|cidr:\n- 10.0.0.0/8\n- fe80::/10", ["10.1.2.3", "FE80::1%12"], ["::1", "110.1.2.3", "10.1.2.3.evil"]),
    ("A|base64: 'iex (new'", [BASE64_IEX], ["iex (new"]),
    (
        "A|base64offset|contains: 'iex (new'",
        ["xx" + BASE64_IEX, "eGlleCAobmV3eA==", "eHhpZXggKG5ldw=="],
        ["iex (new"],
    ),
    ("A|wide|base64offset|contains: 'ab'", ["eABhAGIA", "YQBiAA=="], ["ab", "YWI="]),
    ("A|wide: 'ab'", ["a\0b\0"], ["ab"]),
    ("A|utf16|base64: 'a'", ["//5hAA=="], ["YQA="]),
    ("A|windash|contains: ' -dump'", ["x -dump", "x /dump", "x –dump", "x —DUMP"], ["x dump", "x--dump"]),
    ("A|windash|contains|all:\n- ' -a'\n- ' -b'", ["x /a -b", "x -b /a"], ["x -a", "x /b"]),
    ("A|exists: true", ["", "x", None], [...]),
    ("A|exists: false", [...], ["", "x", None]),
    ("A|lt: 10", ["9", "-1", "9.5"], ["10", "11", "x", "", ...]),
    ("A|lte: 10", ["10", "9"], ["11"]),
    ("A|gt: 10", ["11", "18446744073709551615", "10.1"], ["10", "9", "0x20"]),
    ("A|gte: 10.5", ["10.5", "11"], ["10.4"]),
    ("A|gt: 9007199254740992", ["9007199254740993", "18446744073709551615"], ["9007199254740992"]),
    ("A: 10", ["10"], ["010", "10.0", "100"]),
    ("A: '10'", ["10"], ["010"]),
    ("A|contains: 10", [], []),
    ("A: true", ["true", "True"], ["1", ...]),
    ("A|neq: x", ["y", "", None, ...], ["x", "X"]),
    ("A|contains|neq:\n- x\n- y", ["z", ...], ["ax", "by"]),
    ("A|fieldref: B", ["bee", "BEE"], ["be", "", ...]),
    ("A|fieldref|startswith: B", ["beetle"], ["a bee"]),
    ("A|fieldref|endswith: B", ["a Bee"], ["beetle"]),
    ("A|fieldref|contains: B", ["a beetle"], ["a be"]),
]


def quoted(text: str) -> str:
    """A text as YAML quotes it, with nothing left that YAML would fold."""
    return (
        '"' + "".join(one if one.isalnum() and one.isascii() else f"\\U{ord(one):08x}" for one in text) + '"'
    )


def of(value: Any) -> dict[str, Any]:
    return event(B="bee") if value is ... else event(A=value, B="bee")


@pytest.mark.parametrize(
    ("detection", "yes", "no"),
    [one for one in TRUTH if one[1]],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_truth_table(detection: str, yes: list[Any], no: list[Any]) -> None:
    indented = "sel:\n" + "\n".join(f"  {line}" for line in detection.splitlines())
    values = [*yes, *no]
    expected = list(range(len(yes)))
    assert matches(f"{indented}\ncondition: sel", [of(one) for one in values]) == expected
    # What does not match, matches under `not`, absent fields and empty ones included.
    opposite = list(range(len(yes), len(values)))
    assert matches(f"{indented}\ncondition: not sel", [of(one) for one in values]) == opposite


EVENTS = [event(A="1"), event(A="1", B="2"), event(B="2"), event(), event(A="1", B="2", C="3")]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("a", [0, 1, 4]),
        ("a and b", [1, 4]),
        ("a or b", [0, 1, 2, 4]),
        ("not a", [2, 3]),
        ("not a or b", [1, 2, 3, 4]),
        ("not (a or b)", [3]),
        ("not (a and b)", [0, 2, 3]),
        ("not not a", [0, 1, 4]),
        ("a and not c and not b", [0]),
        ("a or b and c", [0, 1, 4]),
        ("1 of them", [0, 1, 2, 4]),
        ("all of them", [4]),
        ("1 of sel_*", [0, 1, 4]),
        ("all of sel_*", [4]),
        ("not 1 of sel_*", [2, 3]),
        ("a and not all of sel_*", [0, 1]),
        ("any of sel_*", [0, 1, 4]),
    ],
)
def test_conditions(wanted: str, expected: list[int]) -> None:
    if "sel_" in wanted:
        detections = "a: {A: 1}\nsel_a: {A: 1}\nsel_c: {C: 3}"
    else:
        detections = "a: {A: 1}\nb: {B: 2}\nc: {C: 3}"
    assert matches(f"{detections}\ncondition: {wanted}", EVENTS) == expected


def test_a_mapping_is_all_of_it_and_a_list_any_of_it() -> None:
    assert matches("sel: {A: 1, B: 2}\ncondition: sel", EVENTS) == [1, 4]
    assert matches("sel:\n- A: 1\n  B: 2\n- C: 3\ncondition: sel", EVENTS) == [1, 4]
    assert matches("sel:\n- A: 1\n- B: 2\ncondition: sel", EVENTS) == [0, 1, 2, 4]


def test_several_conditions_are_alternatives() -> None:
    assert matches("a: {A: 1}\nb: {B: 2}\ncondition:\n- a\n- b", EVENTS) == [0, 1, 2, 4]


def test_keywords_are_sought_in_every_value_and_in_no_name() -> None:
    given = [
        event(Name="a Mimikatz b"),
        event(mimikatz="no"),
        event(A=None, B="MIMIKATZ"),
        event(A="mimi", B="katz"),
    ]
    assert matches("words:\n- mimikatz\ncondition: words", given) == [0, 2]
    assert matches("words:\n- mimikatz\ncondition: not words", given) == [1, 3]
    assert matches("words:\n- mimi*z\ncondition: words", given) == [0, 2]
    assert matches("words:\n  '|all':\n  - mimi\n  - katz\ncondition: words", given) == [0, 2, 3]
    assert matches("words:\n  '|re': '^MIMI.*Z$'\ncondition: words", given) == [2]
    assert matches("words:\n- 4624\ncondition: words", [event(A="x4624y"), event(A="1", event_id=4624)]) == [
        0
    ]


def test_fields_of_the_system_part_are_columns() -> None:
    given = [
        event(event_id=7, provider="P", computer="PC-A", level=4, event_data={"EventID": "1"}),
        event(event_id=8, provider="Q", computer="PC-B", level=2),
        event(event_id=None),
    ]
    assert matches("sel: {EventID: 7}\ncondition: sel", given) == [0]
    assert matches("sel: {EventID: '7'}\ncondition: sel", given) == [0]
    assert matches("sel: {EventID: [7, 8], Provider_Name: q}\ncondition: sel", given) == [1]
    assert matches("sel: {Computer|endswith: -a}\ncondition: sel", given) == [0]
    assert matches("sel: {EventID|gte: 8}\ncondition: sel", given) == [1]
    assert matches("sel: {EventID: 7}\ncondition: not sel", given) == [1, 2]
    assert matches("sel: {EventID: null}\ncondition: sel", given) == [2]


def test_data_without_names_is_the_field_data() -> None:
    given = [
        event(**{"0": "HostName=ConsoleHost", "1": "x"}),
        event(**{"0": "one"}),
        event(Data="named"),
        event(),
    ]
    assert matches("sel: {Data|contains: consolehost}\ncondition: sel", given) == [0]
    assert matches("sel: {Data: one}\ncondition: sel", given) == [1]
    assert matches("sel: {Data: named}\ncondition: sel", given) == [2]
    assert matches("sel: {Data: null}\ncondition: sel", given) == [3]


def test_names_of_fields_are_told_apart_by_case() -> None:
    assert matches("sel: {image: x}\ncondition: sel", [event(Image="x"), event(image="x")]) == [1]


@pytest.mark.parametrize(
    ("detection", "reason"),
    [
        ("sel: {A|expand: '%users%'}", "expand"),
        ("sel: {A|re|expand: '%users%'}", "expand"),
        ("sel: {TimeCreated|hour: 3}", "parts of times"),
        ("sel: {TimeCreated|hour|gt: 3}", "parts of times"),
        ("sel: {A|re: '(?=a)b'}", "invalid"),
        ("sel: {A|re: 'a('}", "invalid"),
        ("sel: {A|cidr: '10.0.0.1/8'}", "CIDR"),
        ("sel: {A|base64: 'a*'}", "wildcards"),
        ("sel: {A|lt: x}", "incompatible"),
        ("sel: {A|gt: 1.0e+200}", "more digits"),
        ("sel: {A: 18446744073709551614}", "more digits"),
        ("sel: {A|unheard: x}", "Unknown modifier"),
        ("sel:\n- null", "keyword"),
        ("sel:\n- true", "keyword"),
        ("sel: {A: {B: c}}", "Unsupported type"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_reason(detection: str, reason: str) -> None:
    given = rules(rule(f"{detection}\ncondition: sel"))
    found = search(given, [event(channel="Microsoft-Windows-Sysmon/Operational", A="x")])
    (outcome,) = found.outcomes.values()
    assert outcome["outcome"] == "unsupported"
    assert reason in outcome["reason"]
    assert outcome["match_count"] is None


HOSTILE = [
    "'); DROP TABLE hit; --",
    "' OR '1'='1",
    '"; DROP VIEW windows_evtx; --',
    "$v0",
    "?",
    "${v0}",
    "%s {name} {0}",
    "/* */ -- \\' \\\" \\",
    "a\nb\tc\u2028d",
    "\\N \\x00 \\u0027",
    "日本'語\"",
    "💣'",
    "lambda one: true",
    "x" * 20_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda one: ascii(one[:20]))
@pytest.mark.parametrize("modifier", ["", "|contains", "|startswith", "|endswith", "|cased", "|re"])
def test_a_hostile_value_is_only_a_value(text: str, modifier: str) -> None:
    value = re.escape(text) if modifier == "|re" else re.sub(r"([\\*?])", r"\\\1", text)
    if modifier == "|re" and len(text) > 1000:
        return  # RE2 compiles no such pattern within its memory; the next test has it.
    detection = f"sel:\n  {quoted('A' + modifier)}: {quoted(value)}\ncondition: sel"
    assert matches(detection, [event(A=text), event(A="x"), event()]) == [0]


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=lambda one: ascii(one[:20]))
def test_a_hostile_name_of_a_field_is_only_a_name(text: str) -> None:
    name = text.replace("|", "")
    detection = f"sel:\n  {quoted(name)}: x\ncondition: sel"
    assert matches(detection, [event(event_data={name: "x"}), event(A="x")]) == [0]


def test_no_text_of_a_rule_stands_in_the_sql() -> None:
    told = rules(
        rule(
            "sel:\n  SECRETNAME|contains: SECRET%_*VALUE\n  B|re: SECRET.*\n  C|cidr: 10.9.8.0/24\n"
            "  D|gt: 98765\n  E|fieldref: SECRETREF\n  F: 98765\nwords:\n- SECRETWORD\ncondition: sel or words"
        )
    )
    statement = Statement(source=ANY)
    sql = condition(told[0].sigma, statement) + statement.projected(["locator"])
    assert "SECRET" not in sql.upper()
    assert "98765" not in sql
    assert "10.9" not in sql
    assert set(re.findall(r"'([^']*)'", sql)) <= {"!", ""}


def test_a_thousand_alternatives_and_a_deep_condition() -> None:
    many = "\n".join(f"  - '*w{number}*x?'" for number in range(3000))
    assert matches(f"sel:\n  A:\n{many}\ncondition: sel", [event(A="aw2999bxy"), event(A="b")]) == [0]
    deep = "not " * 301 + "sel"
    found = search(
        rules(rule(f"sel: {{A: x}}\ncondition: {deep}")),
        [event(channel="Microsoft-Windows-Sysmon/Operational")],
    )
    assert found.outcomes["r"]["outcome"] in ("matched", "unsupported")


def test_addresses() -> None:
    assert is_in_network(" 10.0.0.1 ", "10.0.0.0/8")
    assert not is_in_network("010.0.0.1", "10.0.0.0/8")
    assert not is_in_network("::1", "127.0.0.0/8")
    assert is_in_network("::1", "::1/128")
    assert not is_in_network(None, "0.0.0.0/0")


# A plain matcher over what a rule says, without pySigma and without SQL.
_MODIFIERS = ("", "contains", "startswith", "endswith", "cased", "contains|all", "exists", "neq", "re")
_words = st.text(alphabet="aAb*?\\%_!'日", min_size=0, max_size=4)
_fields = st.sampled_from(["A", "B"])


def _tokens(pattern: str) -> list[tuple[bool, str]]:
    """A pattern as (is it a wildcard, character), by the rules of escaping of the Sigma specification."""
    found, place = [], 0
    while place < len(pattern):
        one = pattern[place]
        if one == "\\" and pattern[place + 1 : place + 2] in ("*", "?", "\\"):
            found.append((False, pattern[place + 1]))
            place += 2
            continue
        found.append((one in "*?", one))
        place += 1
    return found


def _like(tokens: list[tuple[bool, str]], text: str) -> bool:
    if not tokens:
        return not text
    (is_wild, one), rest = tokens[0], tokens[1:]
    if is_wild and one == "*":
        return any(_like(rest, text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and (is_wild or text[0] == one) and _like(rest, text[1:])


def _plain_item(key: str, value: Any, data: dict[str, str | None]) -> bool:
    name, _, modifier = key.partition("|")
    is_there, text = name in data, data.get(name) or ""
    if modifier == "exists":
        return is_there == value
    if modifier == "neq":
        return not _plain_item(name, value, data)
    values = value if isinstance(value, list) else [value]
    held = [_plain_value(modifier.removesuffix("|all"), one, is_there, text) for one in values]
    return all(held) if modifier.endswith("all") else any(held)


def _plain_value(modifier: str, value: str | None, is_there: bool, text: str) -> bool:
    if value is None:
        return not text
    if not is_there:
        return False
    if modifier == "re":
        return re.search(value, text) is not None
    wild = [(True, "*")]
    tokens = _tokens(value)
    if modifier in ("contains", "endswith"):
        tokens = wild + tokens
    if modifier in ("contains", "startswith"):
        tokens = tokens + wild
    if modifier != "cased":
        tokens, text = [(is_wild, one.lower()) for is_wild, one in tokens], text.lower()
    return _like(tokens, text)


@st.composite
def _items(draw: st.DrawFn) -> tuple[str, Any]:
    modifier = draw(st.sampled_from(_MODIFIERS))
    key = draw(_fields) + (f"|{modifier}" if modifier else "")
    if modifier == "exists":
        return key, draw(st.booleans())
    if modifier == "re":
        return key, re.escape(draw(_words)) + draw(st.sampled_from(["", ".", "$", "[ab]"]))
    if modifier in ("", "neq") and draw(st.booleans()):
        return key, draw(st.lists(st.one_of(st.none(), _words), min_size=1, max_size=3))
    return key, draw(st.lists(_words, min_size=1, max_size=3))


_condition = st.recursive(
    st.sampled_from(["s0", "s1", "1 of s*", "all of s*"]),
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(
            lambda one: f"({one[0]}){one[1]}({one[2]})"
        ),
    ),
    max_leaves=4,
)
_selections = st.lists(_items(), min_size=1, max_size=2, unique_by=lambda one: one[0]).map(dict)


def _holds(wanted: str, held: list[bool]) -> bool:
    for told, meant in (
        ("1 of s*", "any(held)"),
        ("all of s*", "all(held)"),
        ("s0", "held[0]"),
        ("s1", "held[1]"),
    ):
        wanted = wanted.replace(told, meant)
    return bool(eval(wanted, {"held": held, "any": any, "all": all}))  # noqa: S307  words of this test only


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    _selections,
    _selections,
    _condition,
    st.lists(st.dictionaries(_fields, st.one_of(st.none(), _words)), min_size=1, max_size=6),
)
def test_random_rules_as_a_plain_matcher_reads_them(
    first: dict[str, Any], second: dict[str, Any], wanted: str, datas: list[dict[str, str | None]]
) -> None:
    detection = f"s0: {json.dumps(first)}\ns1: {json.dumps(second)}\ncondition: {json.dumps(wanted)}"
    expected = []
    for place, data in enumerate(datas):
        held = [all(_plain_item(key, value, data) for key, value in one.items()) for one in (first, second)]
        if _holds(wanted, held):
            expected.append(place)
    assert matches(detection, [event(event_data=one) for one in datas]) == expected
