"""The rules that split names of devices in SQL give what `parsers/formats/device_keys.py` gives for the same names."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from parsers.formats.device_keys import device_in, instance_names
from pipeline.tables.answers import answers
from pipeline.tables.schema import all_tables, full_schema

COLUMNS = ("device_serial", "vendor", "product", "is_serial_generated")
PATHS = (
    r"USBSTOR\Disk&Ven_Contoso&Prod_Stick_32GB&Rev_1.00\AA04012700012345&0",
    r"USBSTOR\Disk&Ven_Contoso&Prod_Stick\7&2a3b4c5d&0",
    r"USBSTOR\Disk&Ven_&Prod_&Rev_\0123456789ABCDEF&1",
    r"USBSTOR\CdRom&Ven_Contoso&Prod_Launcher&Rev_2.3a\12345678901&a",
    r"USBSTOR\SFloppy&Ven_TEAC&Prod_FD-05PUB&Rev_3000\6&abcdef0&0&1",
    r"USBSTOR\Disk&Ven_Contoso&Prod_A&B_C&Rev_1.0\serial&with&signs&12345",
    r"USBSTOR\Disk&Ven_Contoso&Prod_Short&Rev_1\A&0",
    r"usbstor\disk&ven_contoso&prod_stick&rev_1.00\aa0401&0",
    r"USBSTOR\Other\5&1",
    r"USB\VID_1234&PID_5678\AA04012700012345",
    r"USB\VID_1234&PID_5678&MI_00\6&1c2f3a4b&0&0000",
    r"USB\Vid_1234&Pid_5678\000&0",
)
INNER = (
    "SWD\\WPDBUSENUM\\_??_USBSTOR#DISK&VEN_CONTOSO&PROD_STICK&REV_1.27#4C530001&0#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}",
    "WPDBUSENUMROOT\\UMB\\2&37C186B&0&STORAGE#VOLUME#1&19F7E59C&0&_??_USBSTOR#DISK&VEN_A&PROD_B&REV_1#9203&3#",
    "STORAGE\\Volume\\_??_USBSTOR#Disk&Ven_&Prod_USB_DISK&Rev_PMAP#07AB&0#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}",
)


def told(path: str) -> dict[str, Any]:
    """What the rule `device/instance_id` gives for the name of a device."""
    (rule,) = (one for one in answers()["device"] if one.file.name == "device/instance_id.sql")
    schema = full_schema(all_tables()["windows_evtx"])
    row = {
        "provider": "Microsoft-Windows-Kernel-PnP",
        "event_id": 430,
        "event_data": [("DeviceInstanceId", path)],
    }
    with duckdb.connect(":memory:") as connection:
        connection.register("windows_evtx", pa.Table.from_pylist([row], schema))
        (given,) = connection.sql(rule.sql).to_arrow_table().to_pylist()
    return {name: given[name] for name in COLUMNS}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_split_as_the_registry_parsers_split_it(path: str) -> None:
    bus, model, instance = path.split("\\")
    found = instance_names(bus.upper(), model, instance)
    assert told(path) == {name: found.get(name) for name in COLUMNS}


@pytest.mark.parametrize("path", INNER)
def test_a_path_inside_another_name_is_found_as_the_registry_parsers_find_it(path: str) -> None:
    found = device_in(path)
    assert told(path) == {name: found.get(name) for name in COLUMNS}
