"""What a log of a server is by its first bytes: requests of a web server or a proxy, or statements of a database."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from parsers.formats import json_access, log_rows, mysql_log, postgres_log, proxy_lines, w3c_log, web_lines


def web_line(line: str) -> dict[str, Any] | None:
    """The values of a line of a web server by the form it has; None where it has none of these."""
    return (
        web_lines.common(line)
        or web_lines.balancer(line)
        or web_lines.haproxy(line)
        or json_access.request(line)
    )


def proxy_line(line: str) -> dict[str, Any] | None:
    """The values of a line in one of Squid's forms; None where it is none."""
    return proxy_lines.native(line) or proxy_lines.combined(line)


@lru_cache(maxsize=8)
def is_web(head: bytes) -> bool:
    """Whether the first bytes are those of an access log, by fields that are named or by the lines."""
    lines = log_rows.first_lines(head)
    if fields := w3c_log.fields_of(lines):
        return w3c_log.is_web(fields)
    return log_rows.most(web_line(one) or web_lines.is_notice(one) for one in lines if one[0] != "#")


@lru_cache(maxsize=8)
def is_proxy(head: bytes) -> bool:
    """Whether the first bytes are those of a proxy's log, by fields that are named or by the lines."""
    lines = log_rows.first_lines(head)
    if fields := w3c_log.fields_of(lines):
        return w3c_log.is_proxy(fields)
    return log_rows.most(proxy_line(one) for one in lines if one[0] != "#")


def is_postgres(head: bytes) -> bool:
    """Whether the first line is one of PostgreSQL's log."""
    told = log_rows.first_lines(head)
    return bool(told) and postgres_log.is_first_line(told[0])


@lru_cache(maxsize=8)
def is_statements(head: bytes) -> bool:
    """Whether the first bytes are those of a database's log of statements."""
    told = log_rows.first_lines(head)
    is_mysql = any(mysql_log.is_slow(one) for one in told) or sum(map(mysql_log.is_general, told)) > 1
    return is_mysql or is_postgres(head)


def holds_requests_or_statements(head: bytes) -> bool:
    """Whether persons may stand in the text of such a log: in addresses asked for, or in statements."""
    return is_web(head) or is_proxy(head) or is_statements(head)
