r"""Networks the machine was connected to, in the SOFTWARE hive (NetworkList).

Shows: each network by name, the first and last connection, and by its signature the hardware address of its gateway, its DNS
suffix and, for a wireless network, its SSID.
Does not show: connections between the first and the last, what was transferred, or who was logged on. The two times are wall
clock of the machine, in the zone it was then set to, which the hive does not keep. A user or a policy can rename a
network: the SSID is that of the signature. Networks met before they had a gateway have none.
Not read: NetworkList\Nla (intranets), permissions, networks of the WLAN service outside the registry.

References:
    - [MS-DTYP] 2.3.13 SYSTEMTIME (DateCreated, DateLastConnected)
    - Microsoft, "NLM_NETWORK_CATEGORY" and IANA ifType numbers (NameType)
    - J. Metz, Windows registry knowledge base, "Network list"
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Problem,
    ProblemKind,
    Status,
    Table,
    Yields,
    boolean,
    local,
    parser,
    text,
    utc,
)
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.registry_values import as_flag, as_wall_clock, first_problems, keys_at
from parsers.questions import NETWORK

NETWORKS = Table(
    "windows_network_list",
    Column("network_guid", text, "Identifier of the network's profile, upper case in braces."),
    Column("network_name", text, "Name of the network as shown."),
    Column("network_description", text, "Description of the network, mostly its first name."),
    Column("network_kind", text, "wired, wireless, vpn, mobile, or the number of another kind."),
    Column("network_category", text, "public, private, domain, or the number of another category."),
    Column("is_managed", boolean, "Whether the network belongs to a domain."),
    Column(
        "first_connected_local", local, "First connection, wall clock of the machine.", is_machine_clock=True
    ),
    Column(
        "last_connected_local", local, "Last connection, wall clock of the machine.", is_machine_clock=True
    ),
    Column("first_network_name", text, "Name the network had when it was first met."),
    Column("ssid", text, "Name of the wireless network as its access point sends it."),
    Column("gateway_mac", text, "Hardware address of the gateway, upper-case hex joined by colons."),
    Column("dns_suffix", text, "DNS suffix of the network."),
    Column("signature_key", text, "Name of the signature's key; null where the profile has no signature."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("signature_written_at", utc, "Last change of the signature's key."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
    answers=NETWORK(at="last_connected_local", remote="network_name"),
)

_KEY = r"Microsoft\Windows NT\CurrentVersion\NetworkList"
_WIRELESS = 71
# IANA ifType: 6 ethernetCsmacd, 23 ppp, 71 ieee80211; 243 wwanPP.
_KINDS = {6: "wired", 23: "vpn", _WIRELESS: "wireless", 243: "mobile"}
_CATEGORIES = {0: "public", 1: "private", 2: "domain"}


@dataclass(frozen=True, slots=True)
class _Signature:
    """A signature as read: where it stands, its columns, and what was wrong with it."""

    path: str
    columns: dict[str, Any]
    status: Status
    problems: tuple[Problem, ...] = ()


_NONE = _Signature("", {}, Status.OK)


@parser(
    version=1,
    wants=hive_wants("SOFTWARE"),
    tables=(NETWORKS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def network_list(artefact: Artefact) -> Yields:
    """One row for each profile and each of its signatures, then signatures without a profile."""
    with open_hive(artefact) as hive:
        found = keys_at(hive, _KEY)
        yield from first_problems(hive, artefact, found, "SOFTWARE")
        if not found:
            return
        signatures = _signatures(hive)
        for key in keys_at(hive, f"{_KEY}\\Profiles"):
            for profile in hive.subkeys(key):
                columns = _profile(hive, profile)
                status, problems = hive.status(), tuple(hive.problems())
                for one in signatures.pop(profile.name.upper(), None) or [_NONE]:
                    kept = status if status is not Status.OK else one.status
                    columns |= {"is_replayed": hive.is_replayed, **_ssid(columns, one.columns)}
                    yield NETWORKS.row(profile.path, kept, **columns)
                    yield from one.problems
                yield from problems
        for guid, several in signatures.items():
            for one in several:
                columns = one.columns | {"network_guid": guid or None, "is_replayed": hive.is_replayed}
                yield NETWORKS.row(one.path, one.status, **columns)
                yield from one.problems
        yield from hive.problems()


def _profile(hive: Hive, profile: Key) -> dict[str, Any]:
    """What a profile says."""
    values = hive.named(profile)
    return {
        "network_guid": profile.name.upper(),
        "network_name": hive.as_text(values["ProfileName"], "network_name"),
        "network_description": hive.as_text(values["Description"], "network_description"),
        "network_kind": _named(hive, values["NameType"], _KINDS, "network_kind"),
        "network_category": _named(hive, values["Category"], _CATEGORIES, "network_category"),
        "is_managed": as_flag(hive, values["Managed"], "is_managed"),
        "first_connected_local": as_wall_clock(hive, values["DateCreated"], "first_connected_local"),
        "last_connected_local": as_wall_clock(hive, values["DateLastConnected"], "last_connected_local"),
        "key_written_at": profile.written_at,
    }


def _signatures(hive: Hive) -> dict[str, list[_Signature]]:
    """The signatures by the profile they name, empty where they name none."""
    found: dict[str, list[_Signature]] = {}
    for key in keys_at(hive, rf"{_KEY}\Signatures\Managed", rf"{_KEY}\Signatures\Unmanaged"):
        for signature in hive.subkeys(key):
            values = hive.named(signature)
            guid = hive.as_text(values["ProfileGuid"], "network_guid") or ""
            columns = {
                "first_network_name": hive.as_text(values["FirstNetwork"], "first_network_name"),
                "dns_suffix": hive.as_text(values["DnsSuffix"], "dns_suffix"),
                "gateway_mac": _mac(hive, values["DefaultGatewayMac"]),
                "signature_key": signature.name,
                "signature_written_at": signature.written_at,
            }
            one = _Signature(signature.path, columns, hive.status(), tuple(hive.problems()))
            found.setdefault(guid.upper(), []).append(one)
    return found


def _ssid(profile: dict[str, Any], signature: dict[str, Any]) -> dict[str, Any]:
    """The columns of a signature, with the SSID where the network is wireless: its first name."""
    is_wireless = profile["network_kind"] == _KINDS[_WIRELESS]
    return signature | ({"ssid": signature.get("first_network_name")} if is_wireless else {})


def _named(hive: Hive, value: Value | None, names: dict[int, str], column: str) -> str | None:
    number = hive.as_number(value, column)
    return None if number is None else names.get(number, str(number))


def _mac(hive: Hive, value: Value | None) -> str | None:
    """A hardware address of six bytes; None where there is none."""
    if value is None or not value.content:
        return None
    if len(value.content) != 6:
        message = f"a hardware address has 6 bytes, this has {len(value.content)}"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, "gateway_mac")
        return None
    return value.content.hex(":").upper()
