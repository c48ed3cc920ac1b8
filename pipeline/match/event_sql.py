"""The condition of a Sigma rule as SQL over the columns and the data of an event.

What is compared: a field of the system part with its column as text, every other field with the data of that name. A
field that is absent has no text; one that is there without text is the empty text. Every comparison gives true or false,
never null, so that `not` of what an event does not have is true. Text is compared without regard to case, both sides
lowered by the engine, unless the rule says `cased` or `re`.

- No text of a rule stands in the SQL: every value and field name is a parameter, so none can break out of it.
- `null` is true of an absent field and of one without text: an event log does not tell the two apart. `''` is true only
  where the field is there. `exists` asks whether it is there.
- `re` is searched anywhere in the text by RE2, which has no look-around; a pattern that needs it is refused.
- `cidr` is true of addresses only; an IPv4 address written as IPv6 (::ffff:192.0.2.1) counts as IPv4.
- A keyword is sought anywhere in any value of the data. `Data` means, where there is no field of that name, the values
  without a name, one a line.
- Numbers are equal where their text is the same; `lt`, `gt` and so on compare what reads as a decimal number.

Not read: placeholders (`expand`), parts of times (`minute`, `hour` ...), query expressions: rules with them are refused.

References:
    - Sigma specification 2.0: detection, modifiers, appendix modifiers
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule
from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from pipeline.match.log_sources import COLUMNS, LogSource

_ESCAPE = "!"
_NUMBER = "DECIMAL(38, 9)"
_MOST_DIGITS, _MOST_EXACT = 10**29, 2**53
_COMPARED = {
    CompareOperators.LT: "<",
    CompareOperators.LTE: "<=",
    CompareOperators.GT: ">",
    CompareOperators.GTE: ">=",
    CompareOperators.NEQ: "<>",
}
_FLAGS = {
    SigmaRegularExpressionFlag.IGNORECASE: "i",
    SigmaRegularExpressionFlag.MULTILINE: "m",
    SigmaRegularExpressionFlag.DOTALL: "s",
}


class RefusedError(Exception):
    """A rule holds what cannot be asked of an event exactly as Sigma means it."""


class Values:
    """The values bound to one statement, each once and under a name of its own."""

    def __init__(self) -> None:
        """No value is bound yet."""
        self.given: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def bind(self, value: str) -> str:
        """A text as a parameter of the statement."""
        name = self._names.setdefault(value, f"v{len(self._names)}")
        self.given[name] = value
        return f"CAST(${name} AS VARCHAR)"


@dataclass(slots=True, kw_only=True)
class Statement:
    """What the conditions over one log source share: the values bound, and the texts of fields as columns f0, f1, ...

    `lowered` are those whose lower case l0, l1, ... is asked for.
    """

    source: LogSource
    values: Values = field(default_factory=Values)
    fields: dict[str, int] = field(default_factory=dict)
    lowered: set[int] = field(default_factory=set)

    def bind(self, value: str) -> str:
        """A text as a parameter of the statement."""
        return self.values.bind(value)

    def text(self, name: str) -> str:
        """The column that holds the text of a field."""
        return f"f{self.fields.setdefault(name, len(self.fields))}"

    def lower(self, name: str) -> str:
        """The column that holds the text of a field in lower case."""
        self.text(name)
        self.lowered.add(self.fields[name])
        return f"l{self.fields[name]}"

    def projected(self, columns: Sequence[str], where: str = "true") -> str:
        """A query that gives the columns, the fields asked for so far, and `event_data`, of the events of the source."""
        texts = [f"{self._text_sql(name)} AS f{number}" for name, number in self.fields.items()]
        lowers = [f"lower(f{number}) AS l{number}" for number in sorted(self.lowered)]
        inner = ", ".join([*columns, "event_data", *texts])
        return (
            f"SELECT {', '.join(['*', *lowers])} FROM "  # noqa: S608
            f"(SELECT {inner} FROM windows_evtx WHERE ({self.source.sql}) AND ({where}))"
        )

    def _text_sql(self, name: str) -> str:
        if name in COLUMNS:
            return f"CAST({COLUMNS[name]} AS VARCHAR)"
        plain = self._data_sql(name)
        if name == "Data":
            unnamed = "list_filter(map_entries(event_data), lambda one: regexp_full_match(one.key, '[0-9]+'))"
            joined = f"list_transform({unnamed}, lambda one: coalesce(one.value, ''))"
            plain = (
                f"coalesce({plain}, CASE WHEN len({unnamed}) > 0 THEN array_to_string({joined}, chr(10)) END)"
            )
        if name in self.source.names_4688:
            others = " || '\\' || ".join(self._data_sql(one) for one in self.source.names_4688[name])
            return f"CASE WHEN event_id = 4688 THEN {others} ELSE {plain} END"
        return plain

    def _data_sql(self, name: str) -> str:
        key = self.bind(name)
        return f"coalesce(event_data[{key}], CASE WHEN map_contains(event_data, {key}) THEN '' END)"


def condition(rule: SigmaRule, statement: Statement) -> str:
    """The condition of a rule as SQL over the columns of a statement; several conditions of a rule are alternatives.

    Raises:
        RefusedError: something in it cannot be asked exactly as Sigma means it.
    """
    if not all(isinstance(one.condition, str) for one in rule.detection.parsed_condition):
        raise RefusedError("a condition is no text")
    try:
        trees = [one.parse() for one in rule.detection.parsed_condition]
        return joined("OR", [_node(tree, statement) for tree in trees])
    except SigmaError as error:
        raise RefusedError(str(error)) from error
    except RecursionError as error:
        raise RefusedError("the condition is nested too deep") from error


def joined(operator: str, parts: Sequence[str]) -> str:
    """Conditions joined as a balanced tree, so that a thousand alternatives nest ten deep."""
    if len(parts) <= 2:
        return f"({f' {operator} '.join(parts)})"
    middle = len(parts) // 2
    return f"({joined(operator, parts[:middle])} {operator} {joined(operator, parts[middle:])})"


def _node(node: Any, statement: Statement) -> str:
    match node:
        case ConditionAND() | ConditionOR():
            operator = "AND" if isinstance(node, ConditionAND) else "OR"
            return joined(operator, [_node(one, statement) for one in node.args])
        case ConditionNOT(args=[one]):
            return f"(NOT {_node(one, statement)})"
        case ConditionFieldEqualsValueExpression():
            return _field(node.field, node.value, statement)
        case ConditionValueExpression():
            return _keyword(node.value, statement)
        case None:
            raise RefusedError("a part of the condition asks for nothing")
    raise RefusedError(f"the condition holds a {type(node).__name__}")


def _field(name: str, value: SigmaType, statement: Statement) -> str:
    """A comparison of a field with one value."""
    match value:
        case SigmaExpansion():
            return joined("OR", [_field(name, one, statement) for one in value.values])
        case SigmaNull():
            return f"(coalesce({statement.text(name)}, '') = '')"
        case SigmaExists():
            return f"({statement.text(name)} IS {'NOT ' if value.exists else ''}NULL)"
        case SigmaFieldReference():
            return _sure(_reference(statement.lower(name), statement.lower(value.field), value))
        case SigmaCIDRExpression():
            network = statement.bind(str(value.network))
            return _sure(f"in_network({statement.text(name)}, {network})")
        case SigmaCompareExpression():
            number = _decimal(value.number, statement)
            return _sure(f"TRY_CAST({statement.text(name)} AS {_NUMBER}) {_COMPARED[value.op]} {number}")
    is_cased = isinstance(value, SigmaCasedString | SigmaRegularExpression)
    return _sure(_text(statement.text(name) if is_cased else statement.lower(name), value, statement))


def _keyword(value: SigmaType, statement: Statement) -> str:
    """A search for one value anywhere in the values of an event's data."""
    if isinstance(value, SigmaExpansion):
        return joined("OR", [_keyword(one, statement) for one in value.values])
    if not isinstance(value, SigmaString | SigmaNumber | SigmaRegularExpression):
        raise RefusedError(f"a keyword that is a {type(value).__name__} has no meaning")
    if isinstance(value, SigmaTimestampPart):
        raise RefusedError("parts of times are not supported")
    if isinstance(value, SigmaNumber):
        value = SigmaString(str(value))
    if isinstance(value, SigmaString):
        many = SpecialChars.WILDCARD_MULTI
        value = (many + value) + many
    is_cased = isinstance(value, SigmaCasedString | SigmaRegularExpression)
    compared = _text("one" if is_cased else "lower(one)", value, statement)
    return _sure(f"len(list_filter(map_values(event_data), lambda one: {_sure(compared)})) > 0")


def _text(what: str, value: SigmaType, statement: Statement) -> str:
    """A comparison of a text with a value that is a text, a number, a truth or a pattern."""
    match value:
        case SigmaTimestampPart():
            raise RefusedError("parts of times are not supported")
        case SigmaRegularExpression():
            return _regular(what, value, statement)
        case SigmaCasedString():
            return _like(what, value, statement.bind)
        case SigmaString():
            return _like(what, value, lambda text: f"lower({statement.bind(text)})")
        case SigmaNumber():
            return f"{what} = {statement.bind(format(_exact(value), 'f'))}"
        case SigmaBool():
            return f"{what} = {statement.bind(str(value).lower())}"
    raise RefusedError(f"values of the kind {type(value).__name__} are not supported")


def _like(what: str, value: SigmaString, bind: Callable[[str], str]) -> str:
    """A text against a pattern of wildcards, by the simplest means that is exact."""
    parts = list(value.s)
    if not all(isinstance(one, str | SpecialChars) for one in parts):
        raise RefusedError("placeholders (expand) are not supported: nothing says what stands for them")
    many, plain = SpecialChars.WILDCARD_MULTI, [one for one in parts if isinstance(one, str)]
    word = "".join(plain)
    shape = "".join("*" if one is many else "?" if isinstance(one, SpecialChars) else "x" for one in parts)
    match shape.replace("**", "*"):
        case "" | "x":
            return f"{what} = {bind(word)}"
        case "*":
            return f"{what} IS NOT NULL"
        case "*x*":
            return f"contains({what}, {bind(word)})"
        case "x*":
            return f"starts_with({what}, {bind(word)})"
        case "*x":
            return f"ends_with({what}, {bind(word)})"
    pattern = "".join(_escaped(one) if isinstance(one, str) else "%" if one is many else "_" for one in parts)
    return f"({what} LIKE {bind(pattern)} ESCAPE '{_ESCAPE}')"


def _escaped(word: str) -> str:
    for special in (_ESCAPE, "%", "_"):
        word = word.replace(special, _ESCAPE + special)
    return word


def _regular(what: str, value: SigmaRegularExpression, statement: Statement) -> str:
    if value.contains_placeholder():
        raise RefusedError("placeholders (expand) are not supported: nothing says what stands for them")
    flags = "".join(sorted(_FLAGS[one] for one in value.flags))
    pattern = f"(?{flags}){value.regexp}" if flags else str(value.regexp)
    return f"regexp_matches({what}, {statement.bind(pattern)})"


def _reference(what: str, other: str, value: SigmaFieldReference) -> str:
    match value.starts_with, value.ends_with:
        case True, True:
            return f"contains({what}, {other})"
        case True, False:
            return f"starts_with({what}, {other})"
        case False, True:
            return f"ends_with({what}, {other})"
    return f"{what} = {other}"


def _decimal(number: SigmaNumber, statement: Statement) -> str:
    if isinstance(number, SigmaTimestampPart):
        raise RefusedError("parts of times are not supported")
    return f"CAST({statement.bind(format(_exact(number), 'f'))} AS {_NUMBER})"


def _exact(number: SigmaNumber) -> Decimal:
    """A number as the rule states it; the reader of rules has rounded one of more digits than a double holds."""
    exact = Decimal(str(number.number))
    is_rounded = isinstance(number.number, float) and abs(exact) >= _MOST_EXACT
    if is_rounded or abs(exact) >= _MOST_DIGITS or exact != round(exact, 9):
        raise RefusedError(f"{number} has more digits than can be compared")
    return exact


def _sure(sql: str) -> str:
    """A comparison that is false where it would be null."""
    return f"coalesce({sql}, false)"


def add_functions(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection what conditions call beside SQL: `in_network`."""
    connection.create_function("in_network", _in_network, ["VARCHAR", "VARCHAR"], "BOOLEAN", type="arrow")


def _in_network(addresses: pa.ChunkedArray, networks: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each address is of its network, asked once for each different address; a condition has one network."""
    encoded = pa.chunked_array([addresses] if isinstance(addresses, pa.Array) else addresses).combine_chunks()
    encoded = encoded.dictionary_encode()
    told = networks.unique().to_pylist()
    if len(told) == 1:
        held = [is_in_network(one, told[0]) for one in encoded.dictionary.to_pylist()]
        return pa.array(held, pa.bool_()).take(encoded.indices)
    pairs = zip(addresses.to_pylist(), networks.to_pylist(), strict=True)
    return pa.array([is_in_network(*pair) for pair in pairs], pa.bool_())


@lru_cache(maxsize=65_536)
def is_in_network(address: str | None, network: str) -> bool:
    """Whether a text is an address of a network; IPv4 written as IPv6 is IPv4."""
    try:
        found = ipaddress.ip_address((address or "").strip())
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return found in ipaddress.ip_network(network)
