r"""Services and drivers of the SYSTEM hive (Services).

Shows: which services and drivers are set up in each control set, what they start, as which account, and how they are
started. `key_written_at` of the service's own key is often close to its installation or last change.
Does not show: that a service has ever run (see the event log), or who set it up; values can be changed by any program
with the rights for it, and the time is that of the last change of the key, not of `Parameters` below it.
Not read: security descriptors, failure actions, triggers and other values below the service's key except ServiceDll;
deleted keys. Paths are as stored, with their arguments and variables.

References:
    - Microsoft, "CurrentControlSet\Services Subkey Entries"; "ServiceDll" of svchost
    - [MS-SCMR] 2.2.15 QUERY_SERVICE_CONFIGW (types and kinds of start)
"""

from __future__ import annotations

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Yields,
    boolean,
    parser,
    text,
    utc,
)
from parsers.formats.control_sets import ControlSet, control_sets
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key, Value, decode_text

SERVICES = Table(
    "windows_services",
    Column("control_set", text, "Control set of the registry the row stands in."),
    Column(
        "is_current_control_set",
        boolean,
        "Whether Select names this control set as the one last started with.",
    ),
    Column("service_name", text, "Name of the service's key."),
    Column(
        "display_name", text, "Name Windows shows, as stored; `@file,-number` names a text within a file."
    ),
    Column("service_type", text, "What it is, in words: kernel_driver, own_process, ..., parted by commas."),
    Column(
        "start_type", text, "How it is started: boot, system, automatic, on_demand, disabled or the number."
    ),
    Column("is_start_delayed", boolean, "Whether the automatic start waits until others are done."),
    Column("image_path", text, "File it starts, with arguments, as stored."),
    Column("service_dll_path", text, "Library a shared host process loads for it, as stored."),
    Column(
        "runs_as", text, "Account it runs as, or of a driver the object's name, as stored.", is_personal=True
    ),
    Column("key_written_at", utc, "Last change of the registry key the row is read from."),
    Column("is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."),
)

REG_MULTI_SZ = 7  # [REGF] Data types
# [MS-SCMR] 2.2.15: dwServiceType and dwStartType.
_TYPES = {
    0x1: "kernel_driver",
    0x2: "file_system_driver",
    0x4: "adapter",
    0x8: "recognizer_driver",
    0x10: "own_process",
    0x20: "shared_process",
    0x40: "user_service",
    0x80: "user_service_instance",
    0x100: "interactive",
    0x200: "package_service",
}
_STARTS = {0: "boot", 1: "system", 2: "automatic", 3: "on_demand", 4: "disabled"}


@parser(
    version=1,
    wants=hive_wants("SYSTEM"),
    tables=(SERVICES,),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def services(artefact: Artefact) -> Yields:
    """One row for each service or driver of each control set."""
    with open_hive(artefact) as hive:
        found = control_sets(hive)
        if found or is_hive_or_lost(hive, artefact, "SYSTEM"):
            yield from hive.problems()
        for control_set in found:
            key = hive.key("Services", control_set.key)
            for service in () if key is None else hive.subkeys(key):
                yield from _service(hive, control_set, service)
            yield from hive.problems()


def _service(hive: Hive, control_set: ControlSet, key: Key) -> Yields:
    values = hive.named(key)
    kind = hive.as_number(values["Type"], "service_type")
    start = hive.as_number(values["Start"], "start_type")
    delayed = hive.as_number(values["DelayedAutostart"], "is_start_delayed")
    columns = {
        **control_set.columns,
        "is_replayed": hive.is_replayed,
        "service_name": key.name,
        "display_name": _name(hive, values["DisplayName"]),
        "service_type": None if kind is None else _type(kind),
        "start_type": None if start is None else _STARTS.get(start, str(start)),
        "is_start_delayed": None if delayed is None else delayed != 0,
        "image_path": hive.as_text(values["ImagePath"], "image_path"),
        "service_dll_path": _dll(hive, key),
        "runs_as": hive.as_text(values["ObjectName"], "runs_as"),
        "key_written_at": key.written_at,
    }
    # A key without a type is no service: it holds settings of one, or of a driver of the bus.
    if kind is not None or start is not None or columns["image_path"] is not None:
        yield SERVICES.row(key.path, hive.status(), **columns)
    yield from hive.problems()


def _name(hive: Hive, value: Value | None) -> str | None:
    """The name shown: a text, or the first of several."""
    if value is not None and value.kind == REG_MULTI_SZ:
        return decode_text(value.content)
    return hive.as_text(value, "display_name")


def _type(number: int) -> str:
    """The words for a type's bits; bits without a word as one hex number."""
    words = [word for bit, word in _TYPES.items() if number & bit]
    rest = number & ~sum(_TYPES)
    return ",".join([*words, *([f"{rest:#x}"] if rest or not words else [])])


def _dll(hive: Hive, service: Key) -> str | None:
    r"""ServiceDll below Parameters, where Windows 10 looks, or in the service's own key."""
    for key in (hive.key("Parameters", service), service):
        if key is not None and (value := hive.named(key)["ServiceDll"]) is not None:
            return hive.as_text(value, "service_dll_path")
    return None
