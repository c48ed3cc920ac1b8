r"""Network interfaces of the SYSTEM hive (Tcpip\Parameters\Interfaces).

Shows: for each interface, and each wireless network it met, in every control set: the address, server, domain and lease that DHCP
last gave it, or the addresses set by hand.
Does not show: earlier addresses (each lease overwrites the one before), traffic, or IPv6 addresses. A lease is taken anew
while the connection lasts: its beginning need not be that of the connection.
Not read: Tcpip6, firewall and proxy settings, the options of the lease.

References:
    - Microsoft, "Tcpip Parameters registry entries" (DhcpIPAddress, DhcpServer, LeaseObtainedTime in seconds since 1970, UTC)
    - RFC 2131 (DHCP)
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
from parsers.formats.control_sets import (
    CONTROL_SET_COLUMNS,
    ControlSet,
    control_sets,
    in_each,
    opening_problems,
)
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.registry_values import as_flag, as_texts, as_unix_instant
from parsers.questions import NETWORK

INTERFACES = Table(
    "windows_interfaces",
    *CONTROL_SET_COLUMNS,
    Column("interface_guid", text, "Identifier of the interface, upper case in braces."),
    Column("connection_name", text, "Name of the connection as shown in the network settings."),
    Column(
        "network_hint",
        text,
        "Name of the wireless network the row is kept for, null for the interface itself.",
    ),
    Column("has_dhcp", boolean, "Whether the interface asks for its address by DHCP."),
    Column("dhcp_address", text, "Address DHCP last gave."),
    Column("dhcp_subnet_mask", text, "Subnet mask DHCP last gave."),
    Column("dhcp_server", text, "Address of the DHCP server that gave it."),
    Column("dhcp_domain", text, "Domain DHCP last gave."),
    Column("dhcp_gateways", texts, "Gateways DHCP last gave."),
    Column("dhcp_name_servers", text, "Name servers DHCP last gave, as stored."),
    Column("static_addresses", texts, "Addresses set by hand."),
    Column("static_gateways", texts, "Gateways set by hand."),
    Column("static_name_servers", text, "Name servers set by hand, as stored."),
    Column("static_domain", text, "Domain set by hand."),
    Column("gateway_address", text, "Address of the gateway whose hardware address is known."),
    Column("gateway_mac", text, "Hardware address of the gateway, upper-case hex joined by colons."),
    Column("lease_obtained_at", utc, "When the lease was last obtained or renewed."),
    Column("lease_ends_at", utc, "When the lease ends."),
    Column("lease_seconds", integer, "Length of the lease."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=NETWORK(
        # A machine without an answer keeps these two in place of a server's address.
        where="lease_obtained_at is not null and dhcp_server not in ('', '0.0.0.0', '255.255.255.255')",
        at="lease_obtained_at",
        remote="dhcp_server",
    ),
)

_KEY = r"Services\Tcpip\Parameters\Interfaces"
# Below the class of network adapters, each interface's connection has its name.
_CONNECTIONS = r"Control\Network\{4D36E972-E325-11CE-BFC1-08002BE10318}"
_HINT = re.compile(r"(?:[0-9A-F]{2}){1,32}", re.IGNORECASE)


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(INTERFACES,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def interfaces(artefact: Artefact) -> Yields:
    """One row for each interface, then for each wireless network it met, in each control set."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        yield from opening_problems(hive, artefact, found)
        for control_set, key in in_each(hive, found, _KEY):
            for interface in hive.subkeys(key):
                name = _connection(hive, control_set, interface.name)
                for one in (interface, *hive.subkeys(interface)):
                    hint = None if one is interface else _network_hint(one.name)
                    columns = _columns(hive, one)
                    yield INTERFACES.row(
                        one.path,
                        hive.status(),
                        **control_set.columns,
                        interface_guid=interface.name.upper(),
                        connection_name=name,
                        network_hint=hint,
                        is_replayed=hive.is_replayed,
                        **columns,
                    )
                    yield from hive.problems()
        if found:
            yield from hive.problems()


def _connection(hive: Hive, control_set: ControlSet, guid: str) -> str | None:
    """The name of an interface's connection."""
    key = hive.key(f"{_CONNECTIONS}\\{guid}\\Connection", control_set.key)
    return None if key is None else hive.as_text(hive.named(key)["Name"], "connection_name")


def _network_hint(name: str) -> str:
    """The SSID in the name of a key: each byte in hex with its digits exchanged; the name itself where it is none."""
    if not _HINT.fullmatch(name):
        return name
    content = bytes(int(name[at + 1] + name[at], 16) for at in range(0, len(name), 2))
    return content.decode("utf-8", "backslashreplace")


def _columns(hive: Hive, key: Key) -> dict[str, Any]:
    """What the values of an interface say."""
    values = hive.named(key)
    named = {
        "dhcp_address": "DhcpIPAddress",
        "dhcp_subnet_mask": "DhcpSubnetMask",
        "dhcp_server": "DhcpServer",
        "dhcp_domain": "DhcpDomain",
        "dhcp_name_servers": "DhcpNameServer",
        "static_name_servers": "NameServer",
        "static_domain": "Domain",
    }
    lists = {
        "dhcp_gateways": "DhcpDefaultGateway",
        "static_addresses": "IPAddress",
        "static_gateways": "DefaultGateway",
    }
    return {
        "has_dhcp": as_flag(hive, values["EnableDHCP"], "has_dhcp"),
        **{column: hive.as_text(values[name], column) for column, name in named.items()},
        **{column: as_texts(hive, values[name], column) for column, name in lists.items()},
        **_gateway(hive, values["DhcpGatewayHardware"]),
        "lease_obtained_at": as_unix_instant(hive, values["LeaseObtainedTime"], "lease_obtained_at"),
        "lease_ends_at": as_unix_instant(hive, values["LeaseTerminatesTime"], "lease_ends_at"),
        "lease_seconds": hive.as_number(values["Lease"], "lease_seconds"),
        "key_written_at": key.written_at,
    }


def _gateway(hive: Hive, value: Value | None) -> dict[str, Any]:
    """Address and hardware address of the gateway: four bytes, the length 6, six bytes."""
    if value is None or not value.content:
        return {}
    if len(value.content) != 14 or value.content[4:8] != b"\6\0\0\0":
        message = f"{len(value.content)} bytes hold no address with its hardware address"
        hive.tell(ProblemKind.UNRECOGNISED, value.locator, message, "gateway_mac")
        return {}
    return {
        "gateway_address": ".".join(map(str, value.content[:4])),
        "gateway_mac": value.content[8:].hex(":").upper(),
    }
