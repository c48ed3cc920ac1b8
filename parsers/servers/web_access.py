r"""Access logs of web servers and what stands before them: Apache and nginx (common, combined, JSON), IIS (W3C extended), AWS ALB and CloudFront, HAProxy.

Shows: which request came from which address at what instant, with which status, and how many bytes the answer had.
Does not show: what a request carried in its body, nor what the answer contained; who sat behind the address, which is that of a
proxy or load balancer where one stands before the server (`forwarded_for` is what that one wrote, and a client may invent it).
A log may be off, filtered, or written late; sizes are without headers in Apache's and nginx's usual forms.
Not read: persons in paths and queries (only shown), fields of a form of the server's own behind the usual ones (kept in `line_rest`), how
long a request took, error logs, IIS's own form and binary form, HAProxy's TCP log.

HAProxy writes its own wall clock without a zone, and so may a log in JSON: then there is no instant (`requested_local`).

References:
    - Apache HTTP Server, mod_log_config; nginx, ngx_http_log_module
    - Microsoft, "W3C Logging" (times are UTC, sc-bytes, cs-bytes)
    - AWS, "Access logs for your Application Load Balancer"; "Standard logging reference" of CloudFront
    - HAProxy, "Configuration Manual", 8.2.3; Caddy, Traefik, Envoy, Cloudflare and Google Cloud on their logs in JSON
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Want,
    Yields,
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import request_log, server_logs, w3c_log, web_lines

ACCESS_LOG = Table(
    "server_web_access",
    Column("requested_at", utc, "When the request was received or answered, as the server logs it."),
    Column("requested_local", local, "When the request was received or answered, by the server's own wall clock, of a line that tells no zone."),
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


def _complete(stored: dict[str, str | None], values: dict[str, Any]) -> None:
    if "x-edge-location" in stored:
        values["log_kind"] = "cloudfront"


_FIELDS = request_log.Fields(
    texts=_TEXTS, numbers=_NUMBERS, is_known=w3c_log.is_web, complete=_complete, is_notice=web_lines.is_notice
)


@parser(
    version=2,
    wants=(
        *(
            Want(f"**/{name}", sniff=server_logs.is_web)
            for name in ("u_ex*.log", "access.log*", "access_log*", "*_access.log*", "*_access_log*")
        ),
        Want(sniff=server_logs.is_web),
    ),
    tables=(ACCESS_LOG,),
    is_metadata_only=True,
)
def web_access(artefact: Artefact) -> Yields:
    """One row per request, in order; the locator is the line's number."""
    yield from request_log.read(artefact, ACCESS_LOG, server_logs.web_line, _FIELDS)
