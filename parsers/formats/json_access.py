r"""Lines of JSON in which web servers and proxies before them tell of requests: one object a line, its keys as the usual forms name them.

Read are the names of nginx' variables (`escape=json`), Caddy, Traefik, Envoy, Cloudflare Logpush and the load balancer of Google Cloud; a form of the server's
own is read where its keys say the same without `_`, `-` and capitals. A line is a request if it has a client, a status, and what was asked for.

References:
    - nginx, ngx_http_log_module (`log_format ... escape=json`); Caddy, "log"; Traefik, "Access Logs"; Envoy, "Access logging"
    - Cloudflare Logpush, "HTTP requests"; Google Cloud, LogEntry, `httpRequest`
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from parsers.formats import web_lines

_CLIENT = ("remoteaddr", "remoteip", "clientip", "clienthost", "clientaddr", "request.clientip", "request.remoteip", "httprequest.remoteip",
           "downstreamremoteaddress", "clientaddress", "client", "cip", "remotehost", "sourceip")  # fmt: skip
_TEXTS = {
    "forwarded_for": ("httpxforwardedfor", "xforwardedfor", "request.headers.xforwardedfor", "forwardedfor"),
    "user_name": ("remoteuser", "clientusername", "userid", "username", "user"),
    "method": ("requestmethod", "request.method", "httprequest.requestmethod", "clientrequestmethod", "method", "httpmethod", "verb"),
    "referrer": ("httpreferer", "httpreferrer", "referer", "referrer", "request.headers.referer", "httprequest.referer", "clientrequestreferer"),
    "user_agent": ("httpuseragent", "useragent", "request.headers.useragent", "httprequest.useragent", "clientrequestuseragent", "agent"),
}  # fmt: skip
_HOST = (
    "httphost",
    "request.host",
    "requesthost",
    "clientrequesthost",
    "authority",
    "vhost",
    "servername",
    "host",
)
_ASKED = ("requesturi", "request.uri", "httprequest.requesturl", "clientrequesturi", "requestpath", "path", "uri", "url", "requesturl")  # fmt: skip
_QUERY = ("args", "querystring", "query")
_STATUS = ("status", "statuscode", "downstreamstatus", "edgeresponsestatus", "httprequest.status", "responsecode", "responsestatus")  # fmt: skip
_NUMBERS = {
    "sent_bytes": ("bytessent", "bodybytessent", "downstreamcontentsize", "edgeresponsebytes", "httprequest.responsesize", "sentbytes", "responsesize", "size", "bytes"),
    "received_bytes": ("requestlength", "bytesreceived", "clientrequestbytes", "httprequest.requestsize", "bytesread", "requestsize"),
}  # fmt: skip
_TIMES = ("timeiso8601", "timelocal", "msec", "startutc", "edgestarttimestamp", "starttime", "timestamp", "time", "ts", "date")  # fmt: skip
_PARTS = ("request", "httprequest", "headers")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BYTE = re.compile(r"\\x([0-9A-Fa-f]{2})")
_NUMBER = re.compile(r"\d{1,19}(?:\.\d{1,9})?", re.ASCII)
_STATUSES = re.compile(r"0|-|[1-5]\d\d", re.ASCII)
_MOST_BYTES = 1 << 63


def request(line: str) -> dict[str, Any] | None:
    """The values of a line; None where it is none. `damage` tells what is wrong with it."""
    if not line.lstrip("\ufeff \t").startswith("{"):
        return None
    stored = _object(line.strip("\ufeff \t\r"))
    return _values(_flat(stored)) if isinstance(stored, dict) else None


def _object(line: str) -> Any:
    r"""What a line says; nginx without `escape=json` writes \xNN, which JSON does not know."""
    for told in (line, _BYTE.sub(r"\\u00\1", line)):
        try:
            return json.loads(told)
        except (ValueError, RecursionError):
            continue
    return None


def _flat(stored: dict[str, Any]) -> dict[str, Any]:
    """Plain values by their key as it is compared; those of a request and its headers behind a point."""
    found: dict[str, Any] = {}
    for key, value in stored.items():
        name = key.lower().replace("_", "").replace("-", "").lstrip("@")
        if isinstance(value, dict) and name in _PARTS:
            found |= {f"{name}.{inner}": one for inner, one in _flat(value).items()}
        elif isinstance(value, list) and value and isinstance(value[0], str):
            # Caddy writes each header as a list.
            found.setdefault(name, ", ".join(one for one in value if isinstance(one, str)))
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            found.setdefault(name, value)
    return found


def _values(told: dict[str, Any]) -> dict[str, Any] | None:
    client, status, line = _first(told, _CLIENT), _first(told, _STATUS), told.get("request")
    target = _first(told, _ASKED)
    # A list of clients of whatever kind has no such status.
    if (
        client is None
        or not _STATUSES.fullmatch(str(status))
        or not (target is not None or isinstance(line, str))
    ):
        return None
    values: dict[str, Any] = {"log_kind": "json", "client_ip": _address(str(client))}
    for column, keys in _TEXTS.items():
        values[column] = _told(_first(told, keys))
    wrong: list[tuple[str, str]] = []
    if isinstance(line, str):
        web_lines.put_request(values, line)
    else:
        values |= _asked(str(target), _told(_first(told, _QUERY)))
    if "host" not in values and (host := _told(_first(told, _HOST))):
        web_lines.put_host(values, host)
    for column, stored in (
        ("status_code", status),
        *((one, _first(told, keys)) for one, keys in _NUMBERS.items()),
    ):
        values[column] = _number(column, stored, wrong)
    values |= _clock(_first(told, _TIMES), wrong)
    if wrong:
        values["damage"] = wrong
    return values


def _first(told: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((told[one] for one in keys if told.get(one) not in (None, "")), None)


def _told(stored: Any) -> str | None:
    return None if stored is None else web_lines.told(str(stored))


def _address(stored: str) -> str | None:
    """The address of the client without its port."""
    front, colon, port = stored.rpartition(":")
    if (
        colon
        and port.isascii()
        and port.isdigit()
        and not web_lines.is_address(stored)
        and web_lines.is_address(front)
    ):
        return front.strip("[]")
    return web_lines.told(stored.strip("[]"))


def _asked(target: str, query: str | None) -> dict[str, Any]:
    """Path and query of what was asked for, and the site where the address names it."""
    values: dict[str, Any] = {}
    web_lines.put_request(values, f"GET {target} HTTP/1.1")
    values.pop("method", None)
    return values | ({"query": query} if query and not values.get("query") else {})


def _number(column: str, stored: Any, wrong: list[tuple[str, str]]) -> int | None:
    """The whole number a column is written as; what is none is told."""
    if stored is None or stored == "-":
        return None
    if isinstance(stored, int) and 0 <= stored < _MOST_BYTES:
        return stored
    if isinstance(stored, float) and stored.is_integer() and 0 <= stored < _MOST_BYTES:
        return int(stored)
    if isinstance(stored, str) and stored.isascii() and stored.isdigit() and len(stored) < 19:
        return int(stored)
    wrong.append((column, f"{column} is no number: {str(stored)[:60]!r}"))
    return None


def _clock(stored: Any, wrong: list[tuple[str, str]]) -> dict[str, datetime]:
    """The instant, or the wall clock of a time without a zone."""
    at, wall = _read(stored)
    if at is None and wall is None:
        wrong.append(("requested_at", f"no time: {str(stored)[:60]!r}" if stored is not None else "no time"))
    return {"requested_at": at} if at is not None else {"requested_local": wall} if wall is not None else {}


def _read(stored: Any) -> tuple[datetime | None, datetime | None]:
    told = repr(stored) if isinstance(stored, int | float) else str(stored or "")
    if _NUMBER.fullmatch(told):
        whole, _, part = told.partition(".")
        # Seconds, or thousandths, millionths, billionths of them, by how many digits there are.
        unit = {10: 1_000_000, 13: 1_000, 16: 1}.get(len(whole))
        micros = int(whole) // 1_000 if len(whole) == 19 else int(whole) * unit if unit else None
        if micros is None:
            return None, None
        if unit and part:
            micros += int(int(part.ljust(9, "0")[:9]) * unit // 1_000_000_000)
        return _EPOCH + timedelta(microseconds=micros), None
    if (common := web_lines.instant(told)) is not None:
        return common, None
    try:
        found = datetime.fromisoformat(told) if len(told) > 10 else None
    except ValueError:
        return None, None
    if found is None or found.tzinfo is None:
        return None, found
    try:
        return found.astimezone(UTC), None
    except (OverflowError, ValueError):
        return None, None
