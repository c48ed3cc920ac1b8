r"""Facts about the machine from the SYSTEM, SOFTWARE and SECURITY hives, one row for each.

Shows: names, domain, version of Windows, dates of installation, time zone, last shutdown, who last logged on at the console, and
the settings that decide which traces there are (last access times, Prefetch, crash dumps, the page file, USB storage, remote
desktop); SYSTEM facts for every control set.
Does not show: what was set at an earlier time: the key's time is that of the last change to any of its values. InstallDate
and InstallTime are those of the last upgrade of Windows, not of the machine (earlier ones stand under Setup). The
product name of Windows 11 still says Windows 10: the build decides. Shutdown that was not orderly leaves ShutdownTime as it was.
A time zone is the one set when the hive was last written; earlier ones are in event logs alone.
Not read: passwords kept for automatic logon, secrets and keys of the machine, policies beyond those named.

References:
    - Microsoft, "DYNAMIC_TIME_ZONE_INFORMATION" (Bias: UTC = local time + bias, in minutes; DynamicDaylightTimeDisabled)
    - Microsoft, "fsutil behavior" (DisableLastAccess), "CrashControl", "fDenyTSConnections", "USBSTOR Start"
    - [MS-DTYP] 2.3.10 RPC_UNICODE_STRING, 2.4.2.2 SID (values of the SECURITY hive)
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from parsers.contract import Artefact, Column, ProblemKind, Table, Yields, boolean, parser, text, utc
from parsers.formats.control_sets import CONTROL_SET_COLUMNS, control_sets
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value
from parsers.formats.registry_values import as_signed, as_texts, as_unix_instant, sid_text

FACTS = Table(
    "windows_host_fact",
    Column("fact_name", text, "Name of the fact, as this table uses it."),
    Column("fact_value", text, "Value of the fact as text; null where it is an instant or names a person."),
    Column("fact_meaning", text, "What the value means by the vendor's documentation, where it is a number."),
    Column("fact_person", text, "Person or account the fact names.", is_personal=True),
    Column("fact_at", utc, "Instant the fact tells, where it is one."),
    *CONTROL_SET_COLUMNS,
    Column("key_path", text, "Registry key the row is read from, from the root of its hive."),
    Column("value_name", text, "Name of the registry value the row is read from."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

Read = Callable[[Hive, Value], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact: its name, the key and value it stands in, and how the value is read."""

    name: str
    path: str
    value: str
    read: Read


def _text(hive: Hive, value: Value) -> dict[str, Any]:
    return {"fact_value": hive.as_text(value, "fact_value")}


def _texts(hive: Hive, value: Value) -> dict[str, Any]:
    found = as_texts(hive, value, "fact_value")
    return {"fact_value": None if found is None else ", ".join(found)}


def _person(hive: Hive, value: Value) -> dict[str, Any]:
    return {"fact_person": hive.as_text(value, "fact_person")}


def _number(hive: Hive, value: Value) -> dict[str, Any]:
    number = hive.as_number(value, "fact_value")
    return {"fact_value": None if number is None else str(number)}


def _minutes(hive: Hive, value: Value) -> dict[str, Any]:
    number = as_signed(hive, value, "fact_value")
    if number is None:
        return {"fact_value": None}
    side = "ahead of" if number < 0 else "behind"
    return {"fact_value": str(number), "fact_meaning": f"local time is {abs(number)} minutes {side} UTC"}


def _filetime(hive: Hive, value: Value) -> dict[str, Any]:
    return {"fact_at": hive.as_instant(value, "fact_at")}


def _unix(hive: Hive, value: Value) -> dict[str, Any]:
    return {"fact_at": as_unix_instant(hive, value, "fact_at")}


def _told(meanings: dict[int, str]) -> Read:
    """A number with its meaning."""

    def read(hive: Hive, value: Value) -> dict[str, Any]:
        number = hive.as_number(value, "fact_value")
        if number is None:
            return {"fact_value": None}
        return {"fact_value": str(number), "fact_meaning": meanings.get(number)}

    return read


def _unicode(hive: Hive, value: Value) -> dict[str, Any]:
    """[MS-DTYP] 2.3.10: length and room in bytes, then the offset of the text from the start of the value."""
    content = value.content
    length, _, at = struct.unpack_from("<HHI", content) if len(content) >= 8 else (0, 0, 0)
    if len(content) not in (0, 8) and (len(content) < 8 or at + length > len(content)):
        message = f"text of {length} bytes at {at} does not lie in {len(content)} bytes"
        hive.tell(ProblemKind.DAMAGED, value.locator, message, "fact_value")
        return {"fact_value": None}
    return {"fact_value": content[at : at + length].decode("utf-16-le", "replace") or None}


def _sid(hive: Hive, value: Value) -> dict[str, Any]:
    if not value.content:
        return {"fact_value": None}
    try:
        return {"fact_value": sid_text(value.content)}
    except ValueError as error:
        hive.tell(ProblemKind.DAMAGED, value.locator, str(error), "fact_value")
        return {"fact_value": None}


# Windows 10 (1803) and later set the highest bit and tell who decided; before, 1 turns the times off.
_LAST_ACCESS = {
    0: "last access times are kept",
    1: "last access times are not kept",
    0x80000000: "last access times are kept, as a user decided",
    0x80000001: "last access times are not kept, as a user decided",
    0x80000002: "last access times are kept, as the system decided",
    0x80000003: "last access times are not kept, as the system decided",
}
_PREFETCH = {0: "off", 1: "programs only", 2: "start of Windows only", 3: "programs and start of Windows"}
_DUMP = {0: "none", 1: "complete", 2: "kernel", 3: "small", 7: "automatic"}
_START = {0: "boot", 1: "system", 2: "automatic", 3: "on demand", 4: "disabled"}
_DENY = {0: "remote desktop is allowed", 1: "remote desktop is denied"}
_CLEAR = {0: "the page file is kept at shutdown", 1: "the page file is cleared at shutdown"}
_ANONYMOUS = {0: "who has no account is not among everyone", 1: "who has no account is among everyone"}
_PROTECT = {0: "storage devices can be written", 1: "storage devices are write-protected"}
_DAYLIGHT = {0: "daylight time is followed", 1: "daylight time is not followed"}
_ZONE = r"Control\TimeZoneInformation"
_TCPIP = r"Services\Tcpip\Parameters"
_MEMORY = r"Control\Session Manager\Memory Management"
_CRASH = r"Control\CrashControl"
_IN_CONTROL_SET = (
    _Fact("computer_name", r"Control\ComputerName\ComputerName", "ComputerName", _text),
    _Fact("host_name", _TCPIP, "Hostname", _text),
    _Fact("stored_host_name", _TCPIP, "NV Hostname", _text),
    _Fact("domain", _TCPIP, "Domain", _text),
    _Fact("stored_domain", _TCPIP, "NV Domain", _text),
    _Fact("dhcp_domain", _TCPIP, "DhcpDomain", _text),
    _Fact("product_type", r"Control\ProductOptions", "ProductType", _text),
    _Fact("time_zone", _ZONE, "TimeZoneKeyName", _text),
    _Fact("time_zone_standard_name", _ZONE, "StandardName", _text),
    _Fact("time_zone_bias", _ZONE, "Bias", _minutes),
    _Fact("time_zone_active_bias", _ZONE, "ActiveTimeBias", _minutes),
    _Fact("time_zone_daylight_off", _ZONE, "DynamicDaylightTimeDisabled", _told(_DAYLIGHT)),
    _Fact("time_zone_daylight_off", _ZONE, "DisableAutoDaylightTimeSet", _told(_DAYLIGHT)),
    _Fact("last_shutdown", r"Control\Windows", "ShutdownTime", _filetime),
    _Fact("ntfs_last_access", r"Control\FileSystem", "NtfsDisableLastAccessUpdate", _told(_LAST_ACCESS)),
    _Fact("prefetch", rf"{_MEMORY}\PrefetchParameters", "EnablePrefetcher", _told(_PREFETCH)),
    _Fact("clear_page_file", _MEMORY, "ClearPageFileAtShutdown", _told(_CLEAR)),
    _Fact("page_files", _MEMORY, "PagingFiles", _texts),
    _Fact("crash_dump", _CRASH, "CrashDumpEnabled", _told(_DUMP)),
    _Fact("crash_dump_path", _CRASH, "DumpFile", _text),
    _Fact("small_dump_path", _CRASH, "MinidumpDir", _text),
    _Fact("remote_desktop", r"Control\Terminal Server", "fDenyTSConnections", _told(_DENY)),
    _Fact("everyone_includes_anonymous", r"Control\Lsa", "EveryoneIncludesAnonymous", _told(_ANONYMOUS)),
    _Fact("usb_storage_driver", r"Services\USBSTOR", "Start", _told(_START)),
    _Fact("storage_write_protect", r"Control\StorageDevicePolicies", "WriteProtect", _told(_PROTECT)),
)
_IN_SYSTEM = (
    _Fact("current_control_set", "Select", "Current", _number),
    _Fact("default_control_set", "Select", "Default", _number),
    _Fact("failed_control_set", "Select", "Failed", _number),
    _Fact("last_known_good_control_set", "Select", "LastKnownGood", _number),
)
_NT = r"Microsoft\Windows NT\CurrentVersion"
_LOGON_UI = r"Microsoft\Windows\CurrentVersion\Authentication\LogonUI"
_IN_SOFTWARE = (
    _Fact("product_name", _NT, "ProductName", _text),
    _Fact("edition", _NT, "EditionID", _text),
    _Fact("display_version", _NT, "DisplayVersion", _text),
    _Fact("release", _NT, "ReleaseId", _text),
    _Fact("version", _NT, "CurrentVersion", _text),
    _Fact("build", _NT, "CurrentBuild", _text),
    _Fact("build_revision", _NT, "UBR", _number),
    _Fact("service_pack", _NT, "CSDVersion", _text),
    _Fact("installed", _NT, "InstallDate", _unix),
    _Fact("installed_precise", _NT, "InstallTime", _filetime),
    _Fact("windows_product_id", _NT, "ProductId", _text),
    _Fact("registered_owner", _NT, "RegisteredOwner", _person),
    _Fact("registered_organisation", _NT, "RegisteredOrganization", _text),
    _Fact("system_root", _NT, "SystemRoot", _text),
    _Fact("machine_guid", r"Microsoft\Cryptography", "MachineGuid", _text),
    _Fact("last_logged_on_user", _LOGON_UI, "LastLoggedOnUser", _person),
    _Fact("last_logged_on_account", _LOGON_UI, "LastLoggedOnSAMUser", _person),
    _Fact("last_logged_on_name", _LOGON_UI, "LastLoggedOnDisplayName", _person),
    _Fact("last_logged_on_sid", _LOGON_UI, "LastLoggedOnUserSID", _text),
    _Fact("default_user", rf"{_NT}\Winlogon", "DefaultUserName", _person),
    _Fact("default_domain", rf"{_NT}\Winlogon", "DefaultDomainName", _text),
    _Fact("automatic_logon", rf"{_NT}\Winlogon", "AutoAdminLogon", _text),
    _Fact("remote_desktop_policy", r"Policies\Microsoft\Windows NT\Terminal Services", "fDenyTSConnections", _told(_DENY)),
)  # fmt: skip
_IN_SECURITY = (
    _Fact("account_domain_name", r"Policy\PolAcDmN", "", _unicode),
    _Fact("account_domain_sid", r"Policy\PolAcDmS", "", _sid),
    _Fact("primary_domain_name", r"Policy\PolPrDmN", "", _unicode),
    _Fact("primary_domain_sid", r"Policy\PolPrDmS", "", _sid),
)
# What Setup keeps of the Windows before each upgrade.
_SOURCE_OS = "source os"
_BEFORE = (
    _Fact("earlier_product_name", "", "ProductName", _text),
    _Fact("earlier_build", "", "CurrentBuild", _text),
    _Fact("earlier_release", "", "ReleaseId", _text),
    _Fact("earlier_installed", "", "InstallDate", _unix),
    _Fact("earlier_registered_owner", "", "RegisteredOwner", _person),
)
_WINDOWS_11 = 22000


@parser(
    version=3,
    wants=hive_wants("SYSTEM", "SOFTWARE", "SECURITY"),
    tables=(FACTS,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def host_facts(artefact: Artefact) -> Yields:
    """One row for each fact the hive holds: of the whole hive, then of each control set."""
    with open_hive(artefact) as hive:
        is_first = True
        for row in _rows(hive) if hive.root is not None else ():
            status = hive.status()
            if is_first:
                yield from hive.problems()
                is_first = False
            yield FACTS.row(row.locator, status, is_replayed=hive.is_replayed, **row.columns)
            yield from hive.problems()
        if not is_first or is_hive_or_lost(hive, artefact, "SYSTEM", "SOFTWARE", "SECURITY"):
            yield from hive.problems()


@dataclass(frozen=True, slots=True)
class _Row:
    locator: str
    columns: dict[str, Any]


def _rows(hive: Hive) -> Iterator[_Row]:
    yield from _facts(hive, None, (*_IN_SYSTEM, *_IN_SOFTWARE, *_IN_SECURITY))
    setup = hive.key("Setup")
    for key in () if setup is None else hive.subkeys(setup):
        if key.name.casefold().startswith(_SOURCE_OS):
            yield from _facts(hive, key, _BEFORE)
    for control_set in control_sets(hive):
        for row in _facts(hive, control_set.key, _IN_CONTROL_SET):
            yield _Row(row.locator, row.columns | control_set.columns)


def _facts(hive: Hive, under: Key | None, facts: tuple[_Fact, ...]) -> Iterator[_Row]:
    """The facts that stand below a key; a value that is absent gives no row."""
    for fact in facts:
        key = hive.key(fact.path, under) if fact.path else under
        if key is None:
            continue
        values = hive.named(key)
        value = values[fact.value]
        if value is None:
            continue
        columns = {
            "fact_name": fact.name,
            "key_path": key.path,
            "value_name": value.name,
            "key_written_at": key.written_at,
            **fact.read(hive, value),
        }
        if fact.name == "product_name":
            columns["fact_meaning"] = _real_name(columns["fact_value"], values["CurrentBuild"])
        yield _Row(value.locator, columns)


def _real_name(name: str | None, build: Value | None) -> str | None:
    """What a product name means that says Windows 10 beside a build of Windows 11."""
    number = "" if build is None else build.content.decode("utf-16-le", "replace").partition("\0")[0]
    is_later = number.isascii() and number.isdigit() and len(number) < 9 and int(number) >= _WINDOWS_11
    if is_later and name and "Windows 10" in name:
        return f"Windows 11: build {number} is later than any of Windows 10"
    return None
