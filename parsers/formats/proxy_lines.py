"""Lines in which Squid tells of what it fetched: its own form and that of Apache with its result behind.

References:
    - Squid wiki, "Log Formats": squid `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt`; combined `... %Ss:%Sh`
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from parsers.formats import web_lines
from parsers.formats.web_lines import told

_NATIVE = re.compile(
    r"\s*(\d{1,10})\.(\d{3}) +(-?\d{1,12}) (\S+) ([A-Z_]+)/(\d{3}|-) (\d{1,18}|-) (\S+) (.*?) (\S+) ([A-Z_]+(?:/\S*)?)(?: (.*))?",
    re.ASCII,
)
_RESULT = re.compile(r" ([A-Z_]{1,64}):([A-Z_]{1,64})\s*$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def native(line: str) -> dict[str, Any] | None:
    """The values of a line in Squid's own form; None where it is none."""
    found = _NATIVE.fullmatch(line.rstrip())
    if found is None:
        return None
    seconds, thousandths, _, client, action, status, size, method, url, user, peer, kind = found.groups()
    return {
        "log_kind": "squid",
        "requested_at": _EPOCH + timedelta(seconds=int(seconds), milliseconds=int(thousandths)),
        "client_ip": told(client),
        "action": action,
        # 000 stands for a request that had no answer.
        "status_code": None if status == "-" else int(status) or None,
        "sent_bytes": None if size == "-" else int(size),
        "method": told(method),
        "url": told(url),
        "host": host_of(method, url),
        "user_name": told(user),
        "server_address": told(peer.partition("/")[2]),
        "content_type": told(kind or "-"),
    }


def combined(line: str) -> dict[str, Any] | None:
    """The values of a line in the form of Apache with what Squid did behind; None where it is none."""
    result = _RESULT.search(line)
    asked = web_lines.parts(line[: result.start()]) if result else None
    if result is None or asked is None:
        return None
    method, _, rest = asked["request"].partition(" ")
    url, space, version = rest.rpartition(" ")
    if not space or not version.startswith("HTTP/"):
        url = rest
    values = {
        "log_kind": "squid_combined",
        **{name: asked.get(name) for name in ("requested_at", "client_ip", "user_name", "sent_bytes")},
        "status_code": asked["status_code"] or None,
        "action": result[1],
        "method": told(method),
        "url": told(url),
        "host": host_of(method, url),
        "referrer": asked.get("referrer"),
        "user_agent": asked.get("user_agent"),
    }
    return values | ({"damage": asked["damage"]} if "damage" in asked else {})


def host_of(method: str, url: str) -> str | None:
    """The host an address names; of a tunnel the address is host and port."""
    try:
        return urlsplit(f"//{url}" if method == "CONNECT" and "://" not in url else url).hostname
    except ValueError:
        return None
