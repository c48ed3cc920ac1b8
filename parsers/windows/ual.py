r"""Access to the roles of a Windows server by user and address, from User Access Logging (LogFiles\Sum\*.mdb).

Shows: that a role of this server (file server, web server, domain controller, ...) was used under an account name
from an address: first and last time, how often in the year, and on which days. Names and addresses of clients of the
DNS role; names of the roles; name of the server.
Does not show: how long an access lasted, what was read, or every single access: between the first and the last there
are only counts by day, and whether a day begins at midnight UTC is not published. An access is counted when the role says so; a machine's own account (ending in `$`) is counted
like a person's. `first_seen_at` is the first of the year the database is for, not the first ever. Windows copies
Current.mdb into the database of the year about once a day, so the same row stands in both. Databases are kept two
years and the current one; the last hours may stand in transaction logs.
Not read: virtual machines and devices; transaction logs; deleted records.

References:
    - Microsoft, "Get started with User Access Logging"
    - B. Moran, "KStrike"; P. Bennett (CrowdStrike), "UAL Thank Me Later"
    - J. Metz, plaso, user_access_logging.py (types of the columns)
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from parsers.contract import Artefact, Column, ProblemKind, Table, Want, Yields, integer, parser, text, utc
from parsers.formats.ese import SIGNATURE_OFFSET, Database, Record, open_database
from parsers.formats.ese_pages import SIGNATURE
from parsers.formats.ese_values import Field
from parsers.questions import ACCESS

_ROLE = Column("role_guid", text, "Role of the server, its GUID in lower case and braces.")
CLIENT = Table(
    "windows_ual_client",
    _ROLE,
    Column("account", text, "Account name as recorded.", is_personal=True),
    Column("client_address", text, "Address of the client, IPv4 or IPv6."),
    Column("client_name", text, "Name of the client where the role gives one.", is_personal=True),
    Column("tenant_guid", text, "Tenant of the client, its GUID in lower case and braces; zeros for none."),
    Column("first_seen_at", utc, "First access within the year of the database."),
    Column("last_accessed_at", utc, "Last access within the year of the database."),
    Column("yearly_access_count", integer, "Accesses counted within the year of the database."),
    answers=ACCESS(at="last_accessed_at", account="account", from_host="client_address"),
)
DAY = Table(
    "windows_ual_day",
    _ROLE,
    Column("account", text, "Account name as recorded.", is_personal=True),
    Column("client_address", text, "Address of the client, IPv4 or IPv6."),
    Column("day_of_year", integer, "Day of the year, 1 to 366, as the column is numbered."),
    Column(
        "access_date",
        text,
        "That day as YYYY-MM-DD, null where first and last access lie in different years.",
    ),
    Column("day_access_count", integer, "Accesses counted on that day."),
)
ROLE = Table(
    "windows_ual_role",
    _ROLE,
    Column("role_name", text, "Name of the role."),
    Column("role_product", text, "Product the role belongs to."),
    Column("role_first_seen_at", utc, "First use of the role by any client."),
    Column("role_last_seen_at", utc, "Last use of the role by any client."),
)
NAME = Table(
    "windows_ual_dns",
    Column("client_address", text, "Address of the client, IPv4 or IPv6."),
    Column("client_host", text, "Host name the address was seen with.", is_personal=True),
    Column("name_last_seen_at", utc, "When the name was last seen with the address."),
)
SERVER = Table(
    "windows_ual_server",
    Column("server_name", text, "DNS name of the server."),
    Column("domain_name", text, "Domain of the server."),
    Column("os_build", integer, "Build of Windows."),
    Column("identity_written_at", utc, "When this identity of the server was written."),
)


def _guid(value: Any) -> str:
    """A GUID of a column of GUIDs or of bytes."""
    found = uuid.UUID(bytes_le=value) if isinstance(value, bytes) else uuid.UUID(value)
    return f"{{{found}}}"


def _address(value: Any) -> str:
    """An address in 4 or 16 bytes; a text as it stands."""
    return str(ipaddress.ip_address(value)) if isinstance(value, bytes) else str(value)


def _time(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise ValueError("the column holds no times")  # noqa: TRY004  told, not raised further
    return value


_CLIENT_FIELDS = {
    "role_guid": Field(name="RoleGuid", convert=_guid),
    "account": Field(name="AuthenticatedUserName"),
    "client_address": Field(name="Address", convert=_address),
    "client_name": Field(name="ClientName"),
    "tenant_guid": Field(name="TenantId", convert=_guid),
    "first_seen_at": Field(name="InsertDate", convert=_time),
    "last_accessed_at": Field(name="LastAccess", convert=_time),
    "yearly_access_count": Field(name="TotalAccesses"),
}
_DAYS = {str(day): Field(name=f"Day{day}") for day in range(1, 367)}
_OTHERS: dict[str, tuple[Table, dict[str, Field]]] = {
    "ROLE_ACCESS": (
        ROLE,
        {
            "role_guid": Field(name="RoleGuid", convert=_guid),
            "role_first_seen_at": Field(name="FirstSeen", convert=_time),
            "role_last_seen_at": Field(name="LastSeen", convert=_time),
        },
    ),
    "ROLE_IDS": (
        ROLE,
        {
            "role_guid": Field(name="RoleGuid", convert=_guid),
            "role_name": Field(name="RoleName"),
            "role_product": Field(name="ProductName"),
        },
    ),
    "DNS": (
        NAME,
        {
            "client_address": Field(name="Address", convert=_address),
            "client_host": Field(name="HostName"),
            "name_last_seen_at": Field(name="LastSeen", convert=_time),
        },
    ),
    "SYSTEM_IDENTITY": (
        SERVER,
        {
            "server_name": Field(name="SystemDNSHostName"),
            "domain_name": Field(name="SystemDomainName"),
            "os_build": Field(name="OSBuildNumber"),
            "identity_written_at": Field(name="CreationTime", convert=_time),
        },
    ),
}


@parser(
    version=1,
    wants=(Want("**/LogFiles/Sum/*.mdb", signature=SIGNATURE, offset=SIGNATURE_OFFSET, is_shared=True),),
    tables=(CLIENT, DAY, ROLE, NAME, SERVER),
    is_expected_on=("server",),
)
def ual(artefact: Artefact) -> Yields:
    """One row for each client of a role, one for each of its days with accesses, then roles, names and the server."""
    with open_database(artefact) as database:
        if database.is_open and not any(database.has(name) for name in ("CLIENTS", *_OTHERS)):
            database.tell(
                ProblemKind.UNRECOGNISED, "0", "the database has none of the tables of User Access Logging"
            )
        yield from database.problems()
        if not database.is_open:
            return
        if database.has("CLIENTS"):
            for record in database.records("CLIENTS", {**_CLIENT_FIELDS, **_DAYS}):
                yield from _client(record)
                yield from database.problems()
        for name, (table, fields) in _OTHERS.items():
            yield from _others(database, name, table, fields)
        yield from database.problems()


def _client(record: Record) -> Yields:
    values = record.values
    days = {int(name): values.pop(name) for name in _DAYS if name in values}
    yield CLIENT.row(record.locator, record.status, **values)
    common = {name: values.get(name) for name in ("role_guid", "account", "client_address")}
    for day, count in days.items():
        if count:
            found = {"day_of_year": day, "access_date": _date(values, day), "day_access_count": count}
            yield DAY.row(f"{record.locator} Day{day}", record.status, **common, **found)


def _date(values: Mapping[str, Any], day: int) -> str | None:
    """The date of a day of the year, where first and last access tell of one year alone."""
    first, last = values.get("first_seen_at"), values.get("last_accessed_at")
    if first is None or last is None or first.year != last.year:
        return None
    found = date(first.year, 1, 1) + timedelta(days=day - 1)
    return found.isoformat() if found.year == first.year else None


def _others(database: Database, name: str, table: Table, fields: Mapping[str, Field]) -> Yields:
    if database.has(name):
        for record in database.records(name, fields):
            yield table.row(record.locator, record.status, **record.values)
            yield from database.problems()
