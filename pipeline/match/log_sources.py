"""Log sources of Sigma: which events a category or a service means, and where their fields stand.

The names are those of the Sigma taxonomy for the product windows; the channels are those Windows and Sysmon write to.
Not read: sources that leave no event log (file_access, file_rename: ETW only), and the second ways of Windows to tell of
network connections (5156) and registry changes (4657), whose fields differ from those rules are written for.

References:
    - Sigma specification, appendix taxonomy 2.0; SigmaHQ, tests/thor.yml (channels of the services)
    - Microsoft, Sysmon: events; "4688(S): A new process has been created"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SYSMON = "Microsoft-Windows-Sysmon/Operational"
_SERVICE_BUS = (
    "Microsoft-ServiceBus-Client",
    "Microsoft-ServiceBus-Client/Admin",
    "Microsoft-ServiceBus-Client/Operational",
)
_POWERSHELL = ("Microsoft-Windows-PowerShell/Operational", "PowerShellCore/Operational")

# The fields Sigma names of an event's system part, and the columns they stand in.
COLUMNS: Mapping[str, str] = {
    "EventID": "event_id",
    "Channel": "channel",
    "Provider_Name": "provider",
    "Provider_Guid": "provider_guid",
    "Computer": "computer",
    "EventRecordID": "event_record_id",
    "Level": "level",
    "Task": "task",
    "Opcode": "opcode",
    "Keywords": "keywords",
    "Execution_ProcessID": "process_id",
    "Execution_ThreadID": "thread_id",
    "Security_UserID": "user_sid",
}
# In which data of event 4688 stands what rules about processes name as Sysmon does; two names are joined by `\`.
PROCESS_4688: Mapping[str, tuple[str, ...]] = {
    "Image": ("NewProcessName",),
    "ParentImage": ("ParentProcessName",),
    "ProcessId": ("NewProcessId",),
    "ParentProcessId": ("ProcessId",),
    "LogonId": ("SubjectLogonId",),
    "User": ("SubjectDomainName", "SubjectUserName"),
}
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "application": ("Application",),
    "application-experience": (
        "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
        "Microsoft-Windows-Application-Experience/Program-Telemetry",
    ),
    "applocker": (
        "Microsoft-Windows-AppLocker/EXE and DLL",
        "Microsoft-Windows-AppLocker/MSI and Script",
        "Microsoft-Windows-AppLocker/Packaged app-Deployment",
        "Microsoft-Windows-AppLocker/Packaged app-Execution",
    ),
    "appmodel-runtime": ("Microsoft-Windows-AppModel-Runtime/Admin",),
    "appxdeployment-server": ("Microsoft-Windows-AppXDeploymentServer/Operational",),
    "appxpackaging-om": ("Microsoft-Windows-AppxPackaging/Operational",),
    "bitlocker": ("Microsoft-Windows-BitLocker/BitLocker Management",),
    "bits-client": ("Microsoft-Windows-Bits-Client/Operational",),
    "capi2": ("Microsoft-Windows-CAPI2/Operational",),
    "certificateservicesclient-lifecycle-system": (
        "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
    ),
    "codeintegrity-operational": ("Microsoft-Windows-CodeIntegrity/Operational",),
    "dhcp": ("Microsoft-Windows-DHCP-Server/Operational",),
    "diagnosis-scripted": ("Microsoft-Windows-Diagnosis-Scripted/Operational",),
    "dns-client": ("Microsoft-Windows-DNS Client Events/Operational",),
    "dns-server": ("DNS Server",),
    "dns-server-analytic": ("Microsoft-Windows-DNS-Server/Analytical",),
    "dns-server-audit": ("Microsoft-Windows-DNS-Server/Audit",),
    "driver-framework": ("Microsoft-Windows-DriverFrameworks-UserMode/Operational",),
    "firewall-as": ("Microsoft-Windows-Windows Firewall With Advanced Security/Firewall",),
    "hyper-v-worker": ("Microsoft-Windows-Hyper-V-Worker", "Microsoft-Windows-Hyper-V-Worker-Admin"),
    "iis-configuration": ("Microsoft-IIS-Configuration/Operational",),
    "kernel-event-tracing": (
        "Microsoft-Windows-Kernel-EventTracing",
        "Microsoft-Windows-Kernel-EventTracing/Admin",
    ),
    "kernel-pnp": ("Microsoft-Windows-Kernel-PnP/Configuration",),
    "kernel-shimengine": (
        "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
        "Microsoft-Windows-Kernel-ShimEngine/Operational",
    ),
    "ldap": ("Microsoft-Windows-LDAP-Client/Debug",),
    "ldap_debug": ("Microsoft-Windows-LDAP-Client/Debug",),
    "lsa-server": ("Microsoft-Windows-LSA/Operational",),
    "microsoft-servicebus-client": _SERVICE_BUS,
    "msexchange-management": ("MSExchange Management",),
    "ntfs": ("Microsoft-Windows-Ntfs/Operational",),
    "ntlm": ("Microsoft-Windows-NTLM/Operational",),
    "openssh": ("OpenSSH/Operational",),
    "partition-diagnostic": ("Microsoft-Windows-Partition/Diagnostic",),
    "powershell": _POWERSHELL,
    "powershell-classic": ("Windows PowerShell",),
    "printservice-admin": ("Microsoft-Windows-PrintService/Admin",),
    "printservice-operational": ("Microsoft-Windows-PrintService/Operational",),
    "rdp": (
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
        "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational",
    ),
    "security": ("Security",),
    "security-mitigations": (
        "Microsoft-Windows-Security-Mitigations/Kernel Mode",
        "Microsoft-Windows-Security-Mitigations/KernelMode",
        "Microsoft-Windows-Security-Mitigations/User Mode",
        "Microsoft-Windows-Security-Mitigations/UserMode",
    ),
    "sense": ("Microsoft-Windows-SENSE/Operational",),
    "servicebus-client": _SERVICE_BUS,
    "shell-core": ("Microsoft-Windows-Shell-Core/Operational",),
    "smbclient-connectivity": ("Microsoft-Windows-SmbClient/Connectivity",),
    "smbclient-security": ("Microsoft-Windows-SmbClient/Security",),
    "smbserver-connectivity": ("Microsoft-Windows-SMBServer/Connectivity",),
    "sysmon": (_SYSMON,),
    "system": ("System",),
    "taskscheduler": ("Microsoft-Windows-TaskScheduler/Operational",),
    "terminalservices-localsessionmanager": (
        "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
    ),
    "terminalservices-remoteconnectionmanager": (
        "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
    ),
    "vhdmp": ("Microsoft-Windows-VHDMP/Operational",),
    "windefend": ("Microsoft-Windows-Windows Defender/Operational",),
    "winrm": ("Microsoft-Windows-WinRM/Operational",),
    "wmi": ("Microsoft-Windows-WMI-Activity/Operational",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """Events of some channels and numbers, where one field may have to be one of some values."""

    channels: tuple[str, ...] = (_SYSMON,)
    event_ids: tuple[int, ...]
    event_types: tuple[str, ...] = ()


def _sysmon(*event_ids: int) -> tuple[_Part, ...]:
    return (_Part(event_ids=event_ids),)


_CATEGORIES: Mapping[str, tuple[_Part, ...]] = {
    "process_creation": (*_sysmon(1), _Part(channels=("Security",), event_ids=(4688,))),
    "file_change": _sysmon(2),
    "network_connection": _sysmon(3),
    "sysmon_status": _sysmon(4, 16),
    "process_termination": _sysmon(5),
    "driver_load": _sysmon(6),
    "image_load": _sysmon(7),
    "create_remote_thread": _sysmon(8),
    "raw_access_thread": _sysmon(9),
    "process_access": _sysmon(10),
    "file_event": _sysmon(11),
    "registry_add": (_Part(event_ids=(12,), event_types=("CreateKey",)),),
    "registry_delete": (_Part(event_ids=(12,), event_types=("DeleteKey", "DeleteValue")),),
    "registry_set": _sysmon(13),
    "registry_rename": _sysmon(14),
    "registry_event": _sysmon(12, 13, 14),
    "create_stream_hash": _sysmon(15),
    "pipe_created": _sysmon(17, 18),
    "wmi_event": _sysmon(19, 20, 21),
    "dns_query": _sysmon(22),
    "file_delete": _sysmon(23),
    "file_delete_detected": _sysmon(26),
    "clipboard_capture": _sysmon(24),
    "clipboard_change": _sysmon(24),
    "process_tampering": _sysmon(25),
    "file_block_executable": _sysmon(27),
    "file_block_shredding": _sysmon(28),
    "file_executable_detected": _sysmon(29),
    "sysmon_error": _sysmon(255),
    "ps_module": (_Part(channels=_POWERSHELL, event_ids=(4103,)),),
    "ps_script": (_Part(channels=_POWERSHELL, event_ids=(4104,)),),
    "ps_classic_start": (_Part(channels=("Windows PowerShell",), event_ids=(400,)),),
    "ps_classic_provider_start": (_Part(channels=("Windows PowerShell",), event_ids=(600,)),),
    "ps_classic_script": (_Part(channels=("Windows PowerShell",), event_ids=(800,)),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """The events a log source means, as SQL over `windows_evtx`, and fields that stand elsewhere in event 4688."""

    sql: str
    names_4688: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class UnknownSourceError(Exception):
    """A log source whose events are not known here."""


def log_source(product: str | None, category: str | None, service: str | None) -> LogSource:
    """The events of a Sigma log source; what is stated of it must all hold.

    Raises:
        UnknownSourceError: the product is another one, or category or service are not known here.
    """
    if product != "windows":
        raise UnknownSourceError(f"the log source is of product {product!r}, not of windows")
    parts = []
    if category is not None:
        if category not in _CATEGORIES:
            raise UnknownSourceError(f"no event log is known for the category {category!r}")
        parts.append(" OR ".join(_part_sql(one) for one in _CATEGORIES[category]))
    if service is not None:
        if service not in _SERVICES:
            raise UnknownSourceError(f"no event log is known for the service {service!r}")
        parts.append(_in("lower(channel)", [one.lower() for one in _SERVICES[service]]))
    sql = " AND ".join(f"({one})" for one in parts) or "true"
    return LogSource(sql=sql, names_4688=PROCESS_4688 if category == "process_creation" else {})


def _part_sql(part: _Part) -> str:
    told = [_in("lower(channel)", [one.lower() for one in part.channels])]
    told.append(f"event_id IN ({', '.join(map(str, part.event_ids))})")
    if part.event_types:
        told.append(_in("event_data['EventType']", list(part.event_types)))
    return f"({' AND '.join(told)})"


def _in(what: str, values: list[str]) -> str:
    """Membership in words of this module, none of which holds a quote."""
    listed = ", ".join(f"'{one}'" for one in values)
    return f"{what} IN ({listed})"
