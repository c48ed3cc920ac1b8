r"""What Microsoft Defender leaves out of its scans, and what of it is turned off, in the SOFTWARE hive.

Shows: folders, files, extensions, processes and addresses that are excluded, and protections that are turned off, as set on the
machine or by policy.
Does not show: who set them, or when each was set (the key's time is that of the last change to any exclusion of its kind), or
that anything harmful lay there. With tamper protection on, some of these settings have no effect.
Not read: exclusions of attack surface rules and of controlled folders, the detection history.

References:
    - Microsoft, "Configure custom exclusions for Microsoft Defender Antivirus" and "Defender CSP"
"""

from __future__ import annotations

from parsers.contract import Artefact, Column, Table, Yields, boolean, parser, text, utc
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, open_hive
from parsers.formats.registry_values import as_flag, first_problems, keys_at

EXCLUSIONS = Table(
    "windows_defender_exclusions",
    Column("setting_origin", text, "machine or policy: where the setting was made."),
    Column(
        "setting_kind", text, "paths, extensions, processes, ipaddresses, or turned_off for a protection."
    ),
    Column("setting_name", text, "What is excluded, or the name of the protection.", is_personal=True),
    Column("is_turned_off", boolean, "Whether the protection is turned off; null for an exclusion."),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

_PLACES = (
    (r"Microsoft\Windows Defender", "machine"),
    (r"Policies\Microsoft\Windows Defender", "policy"),
)
_KINDS = ("Paths", "Extensions", "Processes", "IpAddresses")
_SWITCHES = (
    ("", "DisableAntiSpyware"),
    ("", "DisableAntiVirus"),
    ("Real-Time Protection", "DisableRealtimeMonitoring"),
    ("Real-Time Protection", "DisableBehaviorMonitoring"),
    ("Real-Time Protection", "DisableOnAccessProtection"),
    ("Real-Time Protection", "DisableScanOnRealtimeEnable"),
    ("Real-Time Protection", "DisableIOAVProtection"),
)


@parser(
    version=1,
    wants=hive_wants("SOFTWARE"),
    tables=(EXCLUSIONS,),
    companions=LOG_SUFFIXES,
)
def defender_exclusions(artefact: Artefact) -> Yields:
    """One row for each exclusion and each protection that has a switch, by place."""
    with open_hive(artefact) as hive:
        places = [(key, origin) for path, origin in _PLACES for key in keys_at(hive, path)]
        yield from first_problems(hive, artefact, [key for key, _ in places], "SOFTWARE")
        for top, origin in places:
            common = {"setting_origin": origin, "is_replayed": hive.is_replayed}
            for kind in _KINDS:
                key = hive.key(f"Exclusions\\{kind}", top)
                for value in () if key is None else hive.values(key):
                    yield EXCLUSIONS.row(
                        value.locator,
                        hive.status(),
                        setting_kind=kind.lower(),
                        setting_name=value.name,
                        key_written_at=key.written_at if key else None,
                        **common,
                    )
                    yield from hive.problems()
            for path, name in _SWITCHES:
                key = hive.key(path, top) if path else top
                switch = None if key is None else hive.named(key)[name]
                if key is None or switch is None:
                    continue
                is_off = as_flag(hive, switch, "is_turned_off")
                yield EXCLUSIONS.row(
                    switch.locator,
                    hive.status(),
                    setting_kind="turned_off",
                    setting_name=name,
                    is_turned_off=is_off,
                    key_written_at=key.written_at,
                    **common,
                )
                yield from hive.problems()
        if places:
            yield from hive.problems()
