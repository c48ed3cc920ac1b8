r"""Lines in which web servers tell of requests: the common and combined forms, that of a load balancer, and that of HAProxy.

References:
    - Apache HTTP Server, mod_log_config: %h %l %u %t "%r" %>s %b; `%b` writes `-` for 0
    - nginx, ngx_http_log_module: `combined`
    - AWS, "Access logs for your Application Load Balancer"
    - HAProxy, "Configuration Manual", 8.2.3 HTTP log format, 8.2.5 error log format
"""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_CLOCK = re.compile(r" \[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)\] ", re.ASCII)
_ANSWER = re.compile(r'"(.*?)" (\d{3}|-) (\d{1,18}|-)(?= |$)', re.ASCII)
_QUOTED = re.compile(r' "((?:[^"\\]|\\.)*+)"')
# Squid in the form of Apache adds what it did with the request.
_SQUID = re.compile(r"(?<= )[A-Z_]{1,64}:[A-Z_]{1,64}\s*$")
_SQUID_SIGNS = 160
_METHOD = re.compile(r"[A-Za-z][A-Za-z_-]{0,31}")
_ADDRESSES = re.compile(r"[0-9a-fA-F.:, \[\]]+|unknown|-")
_ABSOLUTE = re.compile(r"[a-z]{1,10}://([^/?#]*)(.*)", re.IGNORECASE)
_BALANCER = re.compile(
    r"(?:https?|h2|grpcs|wss?) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z (\S+) (\S+):(\d{1,5}) (\S+) \S+ \S+ \S+ (\d{3}|-) \S+ "
    r'(\d{1,18}|-) (\d{1,18}|-) "(.*?)" "((?:[^"\\]|\\.)*+)"(?: |$)',
    re.ASCII,
)
# client_ip:client_port [accept_date] frontend backend/server timers status bytes_read cookies termination connections queues headers "request"
_HAPROXY = re.compile(
    r"(?P<client>\S+):\d{1,5} \[(?P<date>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d)\.(?P<ms>\d{3})\] (?P<route>\S+ \S+/\S+) "
    r"-?\d+/-?\d+/-?\d+/-?\d+/\+?-?\d+ (?P<status>\d{3}|-1) \+?(?P<bytes>\d{1,18}) \S+ \S+ \S{2,4} \d+/\d+/\d+/\d+/\+?\d+ \d+/\d+ "
    r'(?P<headers>(?:\{[^}]*\} ){0,2})"(?P<request>.*)',
    re.ASCII,
)
_REFUSED = re.compile(r"\S+:\d{1,5} \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\] \S+/\S+: ", re.ASCII)
_NOTICE = re.compile(r" haproxy\[\d{1,10}\]: ", re.ASCII)
_ACCEPTED = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)", re.ASCII)


def haproxy(line: str) -> dict[str, Any] | None:
    """The values of a line of HAProxy's HTTP log, bare or behind syslog; None where it is none. It writes its own wall clock, without a zone."""
    found = _HAPROXY.search(line) if "] " in line else None
    if found is None:
        return None
    values: dict[str, Any] = {
        "log_kind": "haproxy",
        "client_ip": told(found["client"].strip("[]")),
        # -1 stands for a request that had no answer.
        "status_code": None if found["status"] == "-1" else int(found["status"]),
        "sent_bytes": int(found["bytes"]),
        "line_rest": f"{found['route']} {found['headers']}".strip(),
    }
    values["requested_local"] = _accepted(found["date"], int(found["ms"]))
    if values["requested_local"] is None:
        values["damage"] = ("requested_local", f"no time: {found['date']}")
    request, mark, _ = found["request"].rpartition('"')
    if not mark:
        # syslog cuts what is longer than it takes.
        request = found["request"]
        values["damage"] = ("path", "the request has no end")
    put_request(values, request)
    return values


def is_notice(line: str) -> bool:
    """Whether HAProxy tells of something that is no request: a connection that failed, a server that went up or down."""
    if _REFUSED.search(line) is not None:
        return True
    return _NOTICE.search(line) is not None and _ACCEPTED.search(line) is None


def _accepted(stored: str, milliseconds: int) -> datetime | None:
    found = _ACCEPTED.fullmatch(stored)
    if found is None or found[2] not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[one]) for one in (1, 3, 4, 5, 6))
    try:
        return datetime(year, _MONTHS[found[2]], day, hour, minute, second, milliseconds * 1000)  # noqa: DTZ001
    except ValueError:
        return None


def common(line: str) -> dict[str, Any] | None:
    """The values of a line in the common or combined form; None where it is none. `damage` tells what is wrong with it."""
    values = None if _SQUID.search(line[-_SQUID_SIGNS:]) else parts(line)
    if values is not None:
        put_request(values, values.pop("request"))
    return values


def parts(line: str) -> dict[str, Any] | None:
    """The same with the request not taken apart, whatever stands behind the last quoted field."""
    clock = _CLOCK.search(line)
    if clock is None:
        return None
    answer = _ANSWER.match(line, clock.end())
    front = line[: clock.start()].split(" ")
    if answer is None or len(front) < 3:
        return None
    values: dict[str, Any] = {"log_kind": "common"}
    # A name of the site stands before the client where the form begins with %v; `-` for the identity follows the client.
    if len(front) > 3 and front[1] != "-" and (front[2] == "-" or is_address(front[1])):
        put_host(values, front.pop(0))
    values["client_ip"] = told(front[0])
    values["user_name"] = told(" ".join(front[2:]).strip('"'))
    values["requested_at"] = _instant(clock[0])
    if values["requested_at"] is None:
        values["damage"] = ("requested_at", f"no time: {clock[0].strip()}")
    values["request"] = answer[1]
    values["status_code"] = None if answer[2] == "-" else int(answer[2])
    values["sent_bytes"] = 0 if answer[3] == "-" else int(answer[3])
    _rest(values, line, answer.end())
    return values


def _rest(values: dict[str, Any], line: str, at: int) -> None:
    """Referrer, user agent, the addresses it was forwarded for, and what else stands behind the size of the answer."""
    names = ["referrer", "user_agent"]
    while names and (found := _QUOTED.match(line, at)):
        values["log_kind"] = "combined"
        values[names.pop(0)] = told(found[1])
        at = found.end()
    if names and line.startswith(' "', at):
        # The quotation mark at the end is missing: the line was cut, or the server does not escape.
        values["log_kind"] = "combined"
        values[names[0]] = told(line[at + 2 :])
        values["damage"] = (names[0], "a quoted field has no end")
        return
    if not names and (found := _QUOTED.match(line, at)) and _ADDRESSES.fullmatch(found[1]):
        values["forwarded_for"] = told(found[1])
        at = found.end()
    values["line_rest"] = line[at:].strip() or None


def balancer(line: str) -> dict[str, Any] | None:
    """The values of a line of an application load balancer; None where it is none."""
    found = _BALANCER.match(line)
    if found is None:
        return None
    clock, _, client, _, target, status, received, sent, request, agent = found.groups()
    values: dict[str, Any] = {
        "log_kind": "alb",
        "client_ip": client.strip("[]"),
        "server_address": told(target.rpartition(":")[0]),
        "status_code": None if status == "-" else int(status),
        "received_bytes": None if received == "-" else int(received),
        "sent_bytes": None if sent == "-" else int(sent),
        "user_agent": told(agent),
        "line_rest": line[found.end() :].strip() or None,
    }
    try:
        values["requested_at"] = datetime.fromisoformat(clock).replace(tzinfo=UTC)
    except ValueError:
        values["damage"] = ("requested_at", f"no time: {clock}")
    put_request(values, request)
    return values


def put_request(values: dict[str, Any], request: str) -> None:
    """Method, path, query, and the site where the request names it; a request that is none stands whole as the path."""
    method, _, target = request.partition(" ")
    target, space, version = target.rpartition(" ")
    if not space or not version.startswith("HTTP/"):
        # HTTP/0.9 has no version.
        target = f"{target}{space}{version}"
    if not target or not _METHOD.fullmatch(method):
        values["path"] = told(request)
        return
    values["method"] = method
    if absolute := _ABSOLUTE.fullmatch(target):
        if "host" not in values:
            put_host(values, absolute[1].rpartition("@")[2])
        target = absolute[2] or "/"
    path, mark, query = target.partition("?")
    values["path"] = path
    values["query"] = query if mark and query else None


def put_host(values: dict[str, Any], stored: str) -> None:
    """The name of the site, and its port where that is told."""
    name, colon, port = stored.rpartition(":")
    if (
        colon
        and port.isascii()
        and port.isdigit()
        and len(port) < 6
        and (":" not in name or name.endswith("]"))
    ):
        values["host"], values["server_port"] = told(name), int(port)
    else:
        values["host"] = told(stored)


def told(stored: str) -> str | None:
    """A value, None where the line has none."""
    return None if stored in ("-", "") else stored


@lru_cache(maxsize=1024)
def is_address(stored: str) -> bool:
    """Whether a text is an address of IPv4 or IPv6."""
    try:
        ipaddress.ip_address(stored.strip("[]"))
    except ValueError:
        return False
    return True


def instant(stored: str) -> datetime | None:
    """The instant of a clock as these lines write it: 28/Sep/2026:21:05:33 +0900; None where it is none."""
    return _instant(f" [{stored}] ")


@lru_cache(maxsize=1024)
def _instant(stored: str) -> datetime | None:
    found = _CLOCK.fullmatch(stored)
    if found is None or found[2] not in _MONTHS:
        return None
    day, _, year, hour, minute, second = (int(one) if one.isdigit() else 0 for one in found.groups()[:6])
    ahead = timedelta(hours=int(found[8]), minutes=int(found[9]))
    try:
        zone = timezone(-ahead if found[7] == "-" else ahead)
        return datetime(year, _MONTHS[found[2]], day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
