r"""Access logs of web servers and what stands before them: Apache and nginx (common, combined), IIS (W3C extended), AWS ALB and CloudFront.

Shows: which request came from which address at what instant, with which status, and how many bytes the answer had.
Does not show: what a request carried in its body, nor what the answer contained; who sat behind the address, which is that of a
proxy or load balancer where one stands before the server (`forwarded_for` is what that one wrote, and a client may invent it).
A log may be off, filtered, or written late; sizes are without headers in Apache's and nginx's usual forms.
Not read: persons in paths and queries (only shown), fields of a form of the server's own behind the usual ones (kept in `line_rest`), how
long a request took, logs as JSON, HAProxy, error logs, IIS's own form and binary form.

References:
    - Apache HTTP Server, mod_log_config; nginx, ngx_http_log_module
    - Microsoft, "W3C Logging" (times are UTC, sc-bytes, cs-bytes)
    - AWS, "Access logs for your Application Load Balancer"; "Standard logging reference" of CloudFront
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Want,
    Yields,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import log_rows, w3c_log, web_lines

ACCESS_LOG = Table(
    "server_web_access",
    Column("requested_at", utc, "When the request was received or answered, as the server logs it."),
    Column("log_kind", text, "Form of the line, such as common, combined, w3c, alb, cloudfront, squid, fortigate."),
    Column("host", text, "Name of the site or host asked for, where the line tells it."),
    Column("client_ip", text, "Address, or name, of the client, as written.", is_personal=True),
    Column("forwarded_for", text, "Addresses the request was forwarded for, as a proxy or the client wrote them.", is_personal=True),
    Column("user_name", text, "Account the server or proxy knew the client by.", is_personal=True),
    Column("method", text, "Method of the request: GET, POST, CONNECT, ..."),
    Column("path", text, "Path asked for, encoded as the server logs it; of a request that is none the whole of it.", is_personal=True),
    Column("query", text, "What stands behind the `?` of the address asked for.", is_personal=True),
    Column("status_code", integer, "Status of the answer, as HTTP counts them."),
    Column("sent_bytes", integer, "Bytes that left."),
    Column("received_bytes", integer, "Bytes that came in."),
    Column("referrer", text, "Page the client says it came from.", is_personal=True),
    Column("user_agent", text, "Program the client says it is."),
    Column("server_address", text, "Address of the server that answered."),
    Column("server_port", integer, "Port of the server that answered."),
    Column("line_rest", text, "What stands behind the known fields of a line, as written.", is_personal=True),
)  # fmt: skip

_TEXTS = {
    "c-ip": "client_ip",
    "cs-username": "user_name",
    "cs-method": "method",
    "cs-uri-stem": "path",
    "cs-uri-query": "query",
    "cs(referer)": "referrer",
    "cs(user-agent)": "user_agent",
    "cs-host": "host",
    "cs(host)": "host",
    # CloudFront: the name the client asked for; cs(Host) is that of the distribution.
    "x-host-header": "host",
    "s-ip": "server_address",
    "x-forwarded-for": "forwarded_for",
    "cs(x-forwarded-for)": "forwarded_for",
}
_NUMBERS = {
    "sc-status": "status_code",
    "sc-bytes": "sent_bytes",
    "cs-bytes": "received_bytes",
    "s-port": "server_port",
}


def _is_access_log(head: bytes) -> bool:
    """Whether the first bytes are those of an access log, by fields that are named or by the lines."""
    lines = log_rows.first_lines(head)
    if fields := w3c_log.fields_of(lines):
        return w3c_log.is_web(fields)
    return log_rows.most(web_lines.common(one) or web_lines.balancer(one) for one in lines if one[0] != "#")


@parser(
    version=1,
    wants=(
        *(
            Want(f"**/{name}", sniff=_is_access_log)
            for name in ("u_ex*.log", "access.log*", "access_log*", "*_access.log*", "*_access_log*")
        ),
        Want(sniff=_is_access_log),
    ),
    tables=(ACCESS_LOG,),
    is_metadata_only=True,
)
def web_access(artefact: Artefact) -> Yields:
    """One row per request, in order; the locator is the line's number."""
    rows = log_rows.LogRows(ACCESS_LOG)
    yield from log_rows.read(artefact, rows, _Reader(rows).feed)


class _Reader:
    """Makes a row of a line by the form it has; forms may change within a log."""

    def __init__(self, rows: log_rows.LogRows) -> None:
        self._rows = rows
        self._directives = w3c_log.Directives()

    def feed(self, number: int, line: str) -> None:
        """Take the next line."""
        if self._directives.take(line.lstrip("\ufeff")):
            return
        values = web_lines.common(line) or web_lines.balancer(line)
        if values is None and w3c_log.is_web(frozenset(self._directives.fields)):
            values = self._w3c(number, line)
        elif values is not None and (damage := values.pop("damage", None)):
            column, message = damage
            self._rows.fault(number, message, column)
        if values is None:
            self._rows.fault(
                number, "the line is no request in a form that is known", kind=ProblemKind.DAMAGED
            )
        else:
            self._rows.add(number, values)

    def _w3c(self, number: int, line: str) -> dict[str, Any]:
        fields = self._directives.fields
        stored, count = self._directives.values(line)
        if count != len(fields):
            self._rows.fault(number, f"{count} fields, {len(fields)} are named")
        values: dict[str, Any] = {"log_kind": "cloudfront" if "x-edge-location" in fields else "w3c"}
        values |= log_rows.given(stored, _TEXTS)
        for column, value in log_rows.given(stored, _NUMBERS):
            values[column] = self._rows.number(number, column, value)
        if clock := self._directives.clock(stored):
            values["requested_at"] = w3c_log.instant(clock)
        if values.get("requested_at") is None:
            self._rows.fault(number, f"no time: {clock or line[:60]!r}", "requested_at")
        return values
