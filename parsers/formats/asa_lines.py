r"""Messages of Cisco ASA (and FTD, PIX, FWSM) on connections: built, torn down with their bytes, denied.

A connection is built `for` the side of the lower security level `to` the other, whoever began it; the word outbound or inbound says
who did. A message that tears down has neither word, so it is read with the message that built it; where that is not in the log,
the side inside stands as the one that began where one alone is inside, else the sides as written.

References:
    - Cisco, "Cisco Secure Firewall ASA Series Syslog Messages": 106001, 106015, 106023, 106100, 302013 to 302016
"""

from __future__ import annotations

import re
from collections import OrderedDict
from typing import Any

from parsers.formats import firewall_lines

_TAG = re.compile(r"%(?:ASA|FTD|PIX|FWSM)-(?:[a-z]+-)?\d-(?P<number>\d{6}): ?", re.ASCII)
_NUMBERS = {"106001", "106015", "106023", "106100", "302013", "302014", "302015", "302016"}
_NOTE = r"(?: ?\([^()]{0,200}\))*"
_BUILT = re.compile(
    r"Built (?P<way>inbound|outbound) (?P<protocol>TCP|UDP) connection (?P<id>\d{1,18}) for (?P<a_zone>[^:\s]+):(?P<a>[^/\s]+)/(?P<a_port>\d{1,5})"
    + _NOTE
    + r" to (?P<b_zone>[^:\s]+):(?P<b>[^/\s]+)/(?P<b_port>\d{1,5})(?P<rest>.*)",
    re.ASCII,
)
_TEARDOWN = re.compile(
    r"Teardown (?P<protocol>TCP|UDP) connection (?P<id>\d{1,18}) for (?P<a_zone>[^:\s]+):(?P<a>[^/\s]+)/(?P<a_port>\d{1,5})"
    + _NOTE
    + r" to (?P<b_zone>[^:\s]+):(?P<b>[^/\s]+)/(?P<b_port>\d{1,5})"
    + _NOTE
    + r" duration \d{1,6}:\d\d:\d\d bytes (?P<bytes>\d{1,18})(?P<rest>.*)",
    re.ASCII,
)
_DENIED = re.compile(
    r"Deny (?P<protocol>\S+) src (?P<a_zone>[^:\s]+):(?P<a>[^/\s(]+)(?:/(?P<a_port>\d{1,5}))?[^>]{0,200}? dst "
    r"(?P<b_zone>[^:\s]+):(?P<b>[^/\s(]+)(?:/(?P<b_port>\d{1,5}))?.*? by access-group \"?(?P<rule>[^\"\s]+)",
    re.ASCII,
)
_LISTED = re.compile(
    r"access-list (?P<rule>\S+) (?P<action>permitted|denied|est-allowed) (?P<protocol>\S+) (?P<a_zone>[^/\s]+)/(?P<a>[^(\s]+)\((?P<a_port>\d{1,5})\)"
    r"[^>]{0,200}-> (?P<b_zone>[^/\s]+)/(?P<b>[^(\s]+)\((?P<b_port>\d{1,5})\)",
    re.ASCII,
)
_REFUSED = re.compile(
    r"(?:Deny TCP \(no connection\)|Inbound TCP connection denied) from (?P<a>[^/\s]+)/(?P<a_port>\d{1,5}) to (?P<b>[^/\s]+)/(?P<b_port>\d{1,5}) "
    r"flags .{0,60}? on interface (?P<a_zone>\S+)",
    re.ASCII,
)
_USER = re.compile(r"\(([^()]{1,128})\)\s*$")
_MOST_OPEN = 100_000


def is_tagged(line: str) -> bool:
    """Whether a line holds a message of such a firewall, of whatever kind."""
    return _TAG.search(line) is not None


def is_message(line: str) -> bool:
    """Whether a line holds a message of a kind that is read here."""
    found = _TAG.search(line)
    return found is not None and found["number"] in _NUMBERS


class Messages:
    """Reads messages in the order of a log, and remembers who began the connections that are open."""

    def __init__(self) -> None:
        """Begin with no connection."""
        self._open: OrderedDict[tuple[str, str], bool] = OrderedDict()

    def values(self, line: str) -> tuple[str, dict[str, Any] | None] | None:
        """What stands before the message, and its values, None where it is not as documented; None of a line of another kind."""
        tag = _TAG.search(line)
        if tag is None or tag["number"] not in _NUMBERS:
            return None
        return line[: tag.start()], self._message(tag["number"], line[tag.end() :])

    def _message(self, number: str, message: str) -> dict[str, Any] | None:
        if number in ("302013", "302015"):
            return self._built(message)
        if number in ("302014", "302016"):
            return self._torn_down(message)
        form = {"106023": _DENIED, "106100": _LISTED}.get(number, _REFUSED)
        found = form.match(message)
        if found is None:
            return None
        told = found.groupdict()
        values = _sides(told, is_swapped=False)
        values["firewall_action"] = told.get("action") or "Deny"
        values["is_allowed"] = values["firewall_action"] in ("permitted", "est-allowed")
        values["rule_name"] = told.get("rule")
        return values

    def _built(self, message: str) -> dict[str, Any] | None:
        found = _BUILT.match(message)
        if found is None:
            return None
        # Of an outbound connection the second side began it.
        is_swapped = found["way"] == "outbound"
        self._open[found["protocol"], found["id"]] = is_swapped
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)
        return _sides(found.groupdict(), is_swapped) | {
            "firewall_action": "Built",
            "is_allowed": True,
            "user_name": _user(found["rest"]),
        }

    def _torn_down(self, message: str) -> dict[str, Any] | None:
        found = _TEARDOWN.match(message)
        if found is None:
            return None
        is_swapped = self._open.pop((found["protocol"], found["id"]), None)
        if is_swapped is None:
            is_swapped = firewall_lines.is_outbound(found["b"], found["a"]) is True
            began = {"is_outbound": None}
        else:
            began = {}
        values = _sides(found.groupdict(), is_swapped) | began
        return values | {
            "firewall_action": "Teardown",
            "is_allowed": True,
            "session_bytes": int(found["bytes"]),
            "user_name": _user(found["rest"]),
        }


def _sides(told: dict[str, str | None], is_swapped: bool) -> dict[str, Any]:
    source, target = ("b", "a") if is_swapped else ("a", "b")
    ports = {side: told.get(f"{side}_port") for side in "ab"}
    session = told.get("id")
    return {
        "source_address": told[source],
        "target_address": told[target],
        "source_port": int(port) if (port := ports[source]) else None,
        "target_port": int(port) if (port := ports[target]) else None,
        "source_zone": told.get(f"{source}_zone"),
        "target_zone": told.get(f"{target}_zone"),
        "protocol": (told.get("protocol") or "TCP").upper(),
        "session_id": int(session) if session else None,
        "is_outbound": firewall_lines.is_outbound(told[source], told[target]),
    }


def _user(rest: str) -> str | None:
    """The account behind a message; what stands before it in brackets are addresses after translation."""
    found = _USER.search(rest)
    return found[1] if found and "/" not in found[1] else None
