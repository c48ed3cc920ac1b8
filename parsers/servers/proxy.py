r"""Access logs of proxies: Squid (its own form and that of Apache) and the W3C extended form of others (Blue Coat, Forefront TMG).

Shows: which address or account asked the proxy for what, when, whether it was let through, how many bytes went to the client, and,
where the form has it, how many the client sent.
Does not show: what was sent or fetched; of a tunnel (CONNECT) more than the host and its bytes; traffic that went past the proxy.
Squid's usual forms do not tell what was uploaded, and write a tunnel when it ends.
Not read: forms of the server's own, logs of Windows clients of ISA (`WebProxy` in databases), store.log, cache.log, JSON.

References:
    - Squid wiki, "Log Formats"; squid.conf, logformat
    - Broadcom, ProxySG, "Access Log Formats" (times are UTC); W3C, Extended Log File Format
"""

from __future__ import annotations

from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Want,
    Yields,
    boolean,
    integer,
    parser,
    text,
    utc,
)
from parsers.formats import proxy_lines, request_log, server_logs
from parsers.questions import NETWORK, VISITED

_LET_THROUGH = "is_denied is not true"

PROXY_LOG = Table(
    "server_proxy_access",
    Column("requested_at", utc, "When the request was received or answered, as the server logs it."),
    Column("log_kind", text, "Form of the line, such as common, combined, w3c, alb, cloudfront, squid, fortigate."),
    Column("client_ip", text, "Address, or name, of the client, as written.", is_personal=True),
    Column("user_name", text, "Account the server or proxy knew the client by.", is_personal=True),
    Column("method", text, "Method of the request: GET, POST, CONNECT, ..."),
    Column("url", text, "Address visited.", is_personal=True),
    Column("host", text, "Name of the site or host asked for, where the line tells it."),
    Column("status_code", integer, "Status of the answer, as HTTP counts them."),
    Column("sent_bytes", integer, "Bytes the proxy sent to the client: what was fetched, or a page of the proxy in place of it."),
    Column("uploaded_bytes", integer, "Bytes the client sent, where the log tells them."),
    Column("action", text, "What the proxy did with the request, as it writes it: TCP_MISS, TCP_DENIED, TCP_NC_MISS, ..."),
    Column("is_denied", boolean, "Whether the proxy refused the request, by its action or filter."),
    Column("content_type", text, "Kind of content that was fetched, as told by the server."),
    Column("referrer", text, "Page the client says it came from.", is_personal=True),
    Column("user_agent", text, "Program the client says it is."),
    Column("server_address", text, "Address of the server that answered."),
    answers=(
        NETWORK(
            where=_LET_THROUGH, at="requested_at", remote="host", sent_bytes="uploaded_bytes", received_bytes="sent_bytes",
            account="user_name", from_host="client_ip",
        ),
        VISITED(where=f"{_LET_THROUGH} and method <> 'CONNECT'", at="requested_at", url="url", account="user_name"),
    ),
)  # fmt: skip

_TEXTS = {
    "c-ip": "client_ip",
    "cs-username": "user_name",
    "cs-method": "method",
    "s-operation": "method",
    "r-host": "host",
    "cs-host": "host",
    "s-action": "action",
    "action": "action",
    "rs(content-type)": "content_type",
    "cs-mime-type": "content_type",
    "cs-referred": "referrer",
    "cs(referer)": "referrer",
    "c-agent": "user_agent",
    "cs(user-agent)": "user_agent",
    "s-supplier-ip": "server_address",
    "r-ip": "server_address",
}
_NUMBERS = {"sc-status": "status_code", "sc-bytes": "sent_bytes", "cs-bytes": "uploaded_bytes"}
_USUAL_PORTS = {"http": "80", "https": "443"}


def _line_of(line: str) -> dict[str, Any] | None:
    """The values of a line in one of Squid's forms; None where it is none."""
    values = server_logs.proxy_line(line)
    if values is not None:
        _judge(values)
    return values


def _complete(stored: dict[str, str | None], values: dict[str, Any]) -> None:
    values["url"] = stored.get("cs-uri") or _address(stored)
    if not values.get("host") and values["url"]:
        values["host"] = proxy_lines.host_of(values.get("method", ""), values["url"])
    if (filtered := stored.get("sc-filter-result")) is not None:
        values["is_denied"] = filtered.upper() == "DENIED"
    _judge(values)


def _judge(values: dict[str, Any]) -> None:
    """Whether the request was refused: a filter that denies says so although the action is that of the page it shows."""
    if (action := values.get("action")) is not None:
        values["is_denied"] = "DENIED" in action.upper() or values.get("is_denied", False)


# Without the names of a web server's fields too: a proxy may be told by the lines before.
_FIELDS = request_log.Fields(texts=_TEXTS, numbers=_NUMBERS, is_known=bool, complete=_complete)


@parser(
    version=1,
    wants=(Want("**/squid/access.log*", sniff=server_logs.is_proxy), Want(sniff=server_logs.is_proxy)),
    tables=(PROXY_LOG,),
    is_metadata_only=True,
)
def proxy(artefact: Artefact) -> Yields:
    """One row per request, in order; the locator is the line's number."""
    yield from request_log.read(artefact, PROXY_LOG, _line_of, _FIELDS)


def _address(stored: dict[str, str | None]) -> str | None:
    """The address put together of its parts; the port where it is not the usual one."""
    host = stored.get("cs-host")
    if not host:
        return None
    scheme, port = stored.get("cs-uri-scheme"), stored.get("cs-uri-port")
    path = stored.get("cs-uri-path") or stored.get("cs-uri-stem") or ""
    query = (stored.get("cs-uri-query") or "").removeprefix("?")
    is_usual = not port or port == _USUAL_PORTS.get(scheme or "")
    front = f"{scheme}://" if scheme else ""
    return f"{front}{host}{'' if is_usual else f':{port}'}{path}{f'?{query}' if query else ''}"
