r"""Rules of the Windows firewall, from SYSTEM and SOFTWARE hives.

Shows: which programs, ports and addresses the firewall let in or out or blocked, as set on the machine (SYSTEM, every control
set) or by policy (SOFTWARE), and since when at the latest (the key's time is that of the last change to any rule).
Does not show: that a connection was made, or whether the firewall was on when it was.
Not read: connection security rules, rules for apps of single users beyond their text, states of the profiles.

References:
    - [MS-GPFAS] 2.2.2 Firewall Rule and the Firewall Rule Grammar Rule
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Yields,
    boolean,
    integer,
    parser,
    text,
    texts,
    utc,
)
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets, in_each
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Value
from parsers.formats.registry_values import first_problems, keys_at

RULES = Table(
    "windows_firewall_rules",
    *CONTROL_SET_COLUMNS,
    Column("rule_origin", text, "machine, service, app or policy: where the rule was set."),
    Column("rule_key", text, "Name of the rule's value."),
    Column("rule_name", text, "Name of the rule as stored; `@file,-number` names a translation."),
    Column("rule_description", text, "Description of the rule as stored."),
    Column("is_active", boolean, "Whether the rule is in force."),
    Column("rule_action", text, "allow, block or bypass."),
    Column("direction", text, "in or out, seen from this machine."),
    Column("program_path", text, "Path of the program the rule is for, as stored.", is_personal=True),
    Column("service_name", text, "Service the rule is for."),
    Column("owner_sid", text, "Security identifier of the account the rule is for."),
    Column("protocol_number", integer, "Protocol by its IANA number: 6 for TCP, 17 for UDP."),
    Column("local_ports", texts, "Ports of this machine."),
    Column("remote_ports", texts, "Ports of the other side."),
    Column("local_addresses", texts, "Addresses of this machine."),
    Column("remote_addresses", texts, "Addresses of the other side."),
    Column("firewall_profiles", texts, "Domain, Private, Public; empty for all."),
    Column("rule_text", text, "The rule as stored.", is_personal=True),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_POLICY = r"Services\SharedAccess\Parameters\FirewallPolicy"
_IN_CONTROL_SET = (
    (rf"{_POLICY}\FirewallRules", "machine"),
    (rf"{_POLICY}\RestrictedServices\Static\System", "service"),
    (rf"{_POLICY}\RestrictedServices\Configurable\System", "service"),
    (rf"{_POLICY}\RestrictedServices\AppIso\FirewallRules", "app"),
)
_IN_SOFTWARE = r"Policies\Microsoft\WindowsFirewall\FirewallRules"
# Windows writes the names of a rule's parts in any case, and newer kinds of a part with a version behind (`LPort2_10`).
_WORDS = {"rule_action": "action", "direction": "dir"}
_SINGLE = {
    "rule_name": "name",
    "rule_description": "desc",
    "program_path": "app",
    "service_name": "svc",
    "owner_sid": "luown",
}
_MANY = {
    "local_ports": re.compile(r"lport(?:\d_\d+)?"),
    "remote_ports": re.compile(r"rport(?:\d_\d+)?"),
    "local_addresses": re.compile(r"la[46]2?"),
    "remote_addresses": re.compile(r"ra[46]2?"),
    "firewall_profiles": re.compile(r"profile"),
}
_PROTOCOLS = {"tcp": 6, "udp": 17}
_MOST_PARTS = 4096


@parser(
    version=1,
    wants=hive_wants("SYSTEM", "SOFTWARE"),
    tables=(RULES,),
    companions=LOG_SUFFIXES,
)
def firewall_rules(artefact: Artefact) -> Yields:
    """One row for each rule, in stored order."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        policy = keys_at(hive, _IN_SOFTWARE)
        places = [
            (key, {"rule_origin": origin, **control_set.columns})
            for path, origin in _IN_CONTROL_SET
            for control_set, key in in_each(hive, found, path)
        ] + [(key, {"rule_origin": "policy"}) for key in policy]
        yield from first_problems(hive, artefact, [key for key, _ in places], "SYSTEM", "SOFTWARE")
        for key, known in places:
            for value in hive.values(key):
                columns = known | _columns(hive, value)
                yield RULES.row(
                    value.locator,
                    hive.status(),
                    key_written_at=key.written_at,
                    is_replayed=hive.is_replayed,
                    **columns,
                )
                yield from hive.problems()
        if places:
            yield from hive.problems()


def _columns(hive: Hive, value: Value) -> dict[str, Any]:
    """What the text of a rule says: `v2.30|Action=Allow|Active=TRUE|...|`."""
    rule = hive.as_text(value, "rule_text")
    if rule is None:
        return {"rule_key": value.name}
    version, *parts = rule.split("|", _MOST_PARTS + 1)
    if version[:1] not in ("v", "V"):
        message = "the rule does not begin with its version"
        hive.tell(ProblemKind.UNRECOGNISED, value.locator, message, "rule_action")
        return {"rule_key": value.name, "rule_text": rule}
    if len(parts) > _MOST_PARTS:
        message = f"the rule has more than {_MOST_PARTS} parts"
        hive.tell(ProblemKind.LIMIT, value.locator, message, "rule_text")
    said: dict[str, list[str]] = {}
    for part in parts[:_MOST_PARTS]:
        name, mark, rest = part.partition("=")
        if mark:
            said.setdefault(name.casefold(), []).append(rest)
    active = said.get("active", [None])[0]
    return {
        "rule_key": value.name,
        "rule_text": rule,
        "is_active": None if active is None else active.upper() == "TRUE",
        **{column: said[name][0].lower() for column, name in _WORDS.items() if name in said},
        **{column: said[name][0] for column, name in _SINGLE.items() if name in said},
        "protocol_number": _protocol(hive, value, said.get("protocol", [""])[0]),
        **{column: _all(said, names) for column, names in _MANY.items()},
    }


def _protocol(hive: Hive, value: Value, written: str) -> int | None:
    """The number of a protocol ([MS-GPFAS] 2.2.2: 0 to 255); rules that come with Windows name some by words."""
    if written.isascii() and written.isdigit() and len(written) <= 3:
        return int(written)
    number = _PROTOCOLS.get(written.casefold())
    if written and number is None:
        message = f"protocol {written[:40]!r} is no number"
        hive.tell(ProblemKind.UNRECOGNISED, value.locator, message, "protocol_number")
    return number


def _all(said: dict[str, list[str]], names: re.Pattern[str]) -> list[str]:
    """Every entry of the parts of these names; one part may hold several, parted by commas."""
    held = [one for name, several in said.items() if names.fullmatch(name) for one in several]
    return [entry for one in held for entry in one.split(",") if entry]
