r"""Amcache.hve: programs, their files, drivers and devices that Windows has taken stock of for compatibility.

Shows: which executable files, installed programs, drivers and devices the machine has had, with digests and versions:
what a file was that is no longer there, and which devices were connected.
Does not show: that anything ran, so `ran` is not answered: files are listed when they run, but also when they are
installed, or when a task looks through folders. `key_written_at` is when the entry was last written, mostly by that
task, and no time of a run or a connection. `stated_sha1` is what Windows computed: of files beyond 31457280 bytes only
of that first part. Windows writes most names in lower case, serial numbers of devices included, so these may differ
in case from those of other tables. Versions and publishers are what a file says of itself.
Not read: Root\Orphan, DeviceCensus, InventoryDriverPackage, InventoryMisc and other inventories; the time `11` of the
old format, whose sense is not clear; times of installation in Root\Programs; deleted keys.

References:
    - B. Lagny (ANSSI), Analysis of the Amcache v2
    - Y. Khatri, Amcache.hve in Windows 8 (names that are numbers, below Root\File and Root\Programs)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    Table,
    Yields,
    boolean,
    integer,
    local,
    parser,
    text,
    utc,
)
from parsers.formats import amcache_values as values
from parsers.formats.amcache_values import Read
from parsers.formats.device_keys import device_serial, is_generated
from parsers.formats.regf import LOG_SUFFIXES, hive_wants, is_hive_or_lost, open_hive
from parsers.formats.regf_tree import Hive, Key
from parsers.questions import DEVICE

_INVENTORY = Column("inventory", text, "Key of the hive the row stands below.")
_PROGRAM_ID = Column("program_id", text, "Identifier of the installed program it belongs to, as stored.")
_SHA1 = Column(
    "stated_sha1", text, "SHA-1 the artefact states, hex; of large files it may be that of a part."
)
_PUBLISHER = Column("publisher", text, "Publisher, as the file or the installer states it.")
_PRODUCT = Column("product_name", text, "Product a file belongs to, as it states.")
_PRODUCT_VERSION = Column("product_version", text, "Version of that product.")
_FILE_VERSION = Column("file_version", text, "Version of a file, as it states.")
_LINKED = Column("linked_at", utc, "When the file was linked, as its header states.")
_PACKAGE = Column("package_full_name", text, "Full name of the package of a Store application.")
_CONTAINER = Column("container_id", text, "Identifier that all parts of one physical device share.")
_MANUFACTURER = Column("manufacturer", text, "Maker of the device, as its driver or the device states.")
_WRITTEN = Column("key_written_at", utc, "Last change of the registry key the row is read from.")
_REPLAYED = Column(
    "is_replayed", boolean, "Whether transaction logs were applied to the hive before it was read."
)

FILES = Table(
    "windows_amcache_file",
    _INVENTORY,
    Column("file_path", text, "Path of the file, as stored."),
    Column("volume_guid", text, "GUID in the volume's name, lower case in braces."),
    Column("file_reference", integer, "MFT entry or inode number."),
    Column("sequence", integer, "Sequence number of the MFT entry."),
    _SHA1,
    Column("file_bytes", integer, "Size of the file when the trace was made."),
    Column("file_created_at", utc, "Creation time of the file when the trace was made."),
    Column("file_modified_at", utc, "Last write time of the file when the trace was made."),
    _LINKED,
    Column("original_name", text, "Name the file had when it was built, as it states."),
    _PRODUCT,
    _PRODUCT_VERSION,
    _FILE_VERSION,
    _PUBLISHER,
    Column("binary_type", text, "Kind of executable, as Windows names it."),
    Column("is_os_component", boolean, "Whether the file belongs to Windows."),
    _PROGRAM_ID,
    _PACKAGE,
    _WRITTEN,
    _REPLAYED,
)
PROGRAMS = Table(
    "windows_amcache_program",
    _INVENTORY,
    _PROGRAM_ID,
    Column("application_name", text, "Name of the installed program."),
    Column("application_version", text, "Version of the installed program."),
    _PUBLISHER,
    Column("install_source", text, "How it came: AddRemoveProgram, Msi, AppxPackage, File, ..."),
    Column(
        "installed_local",
        local,
        "Day of installation as wall clock of unknown zone, with the time where stored.",
    ),
    Column("folder_path", text, "Folder it is installed in, as stored."),
    Column("uninstall_command", text, "Command that removes it."),
    Column("install_key_path", text, "Registry key it has registered itself in."),
    _PACKAGE,
    _WRITTEN,
    _REPLAYED,
)
DRIVERS = Table(
    "windows_amcache_driver",
    _INVENTORY,
    Column("driver_name", text, "Name of the driver's file."),
    Column("file_path", text, "Path of the file, as stored."),
    _SHA1,
    Column("service_name", text, "Name of the service's key."),
    _PRODUCT,
    _PRODUCT_VERSION,
    _FILE_VERSION,
    _PUBLISHER,
    Column("file_modified_local", local, "Last write time of the file as wall clock of unknown zone."),
    _LINKED,
    Column("is_signed", boolean, "Whether Windows holds the file to be signed."),
    Column("is_in_box", boolean, "Whether the driver came with Windows."),
    _WRITTEN,
    _REPLAYED,
)
DEVICES = Table(
    "windows_amcache_device",
    _INVENTORY,
    Column("enumerator", text, "Bus or component that found the device: usb, usbstor, pci, swd, ..."),
    Column("device_class_id", text, "Name of the device's key, which identifies the model."),
    Column("instance_id", text, "Name of the instance's key."),
    Column("device_serial", text, "Serial number of the device instance."),
    Column("is_serial_generated", boolean, "Whether Windows made up the serial number."),
    Column("vendor", text, "Vendor as the device states it."),
    Column("product", text, "Product as the device states it."),
    Column("revision", text, "Revision as the device states it."),
    Column("vendor_id", text, "USB vendor number, four hex digits, of a device on the USB bus."),
    Column("product_id", text, "USB product number, four hex digits, of a device on the USB bus."),
    _CONTAINER,
    Column("device_model", text, "Model, as the driver names it."),
    _MANUFACTURER,
    Column("device_description", text, "Description of the device from its driver."),
    Column("setup_class", text, "Class of devices its driver belongs to."),
    Column("service", text, "Driver service of the device."),
    Column("parent_path", text, "Device it is connected to."),
    _WRITTEN,
    _REPLAYED,
    # Product and vendor are not answered: they are in lower case here and would stand beside those of usbstor.
    answers=DEVICE(
        where="enumerator in ('usb', 'usbstor') and (vendor_id is not null or vendor is not null)",
        device_serial="device_serial",
        is_serial_generated="is_serial_generated",
    ),
)
CONTAINERS = Table(
    "windows_amcache_container",
    _INVENTORY,
    _CONTAINER,
    Column("device_model", text, "Model, as the driver names it."),
    Column("friendly_name", text, "Name Windows shows for the device."),
    _MANUFACTURER,
    Column(
        "device_categories",
        text,
        "What the device is: storage, phone, imaging.webcam, ..., parted by commas.",
    ),
    Column("is_this_machine", boolean, "Whether the device is the machine itself."),
    _WRITTEN,
    _REPLAYED,
)

_USB = re.compile(r"vid_([0-9a-f]{4})&pid_([0-9a-f]{4})", re.IGNORECASE)
_STORAGE = re.compile(r"\w*&ven_(.*?)&prod_(.*?)(?:&rev_(.*))?", re.IGNORECASE | re.DOTALL)
# The sequence, the upper 16 bits of the entry as four digits, the rest without zeros in front: so do all real names read.
_REFERENCE = re.compile(r"([1-9a-f][0-9a-f]{0,3})0000([1-9a-f][0-9a-f]{0,7})", re.IGNORECASE)
_STORED_SHA1 = re.compile(r"0000([0-9a-f]{40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A part of the hive: where its entries stand, which values become which columns, what the names of keys add."""

    path: str
    table: Table
    columns: Mapping[str, tuple[Read, str]]
    is_below_volume: bool = False
    names: Callable[[Key], dict[str, Any]] = lambda _: {}


def _file_names(key: Key) -> dict[str, Any]:
    r"""Below Root\File stands the GUID of the volume, below it the file's NTFS reference in hex."""
    volume = key.path.rsplit("\\", 2)[1]
    found: dict[str, Any] = {"volume_guid": f"{{{volume.lower()}}}"}
    if reference := _REFERENCE.fullmatch(key.name):
        found |= {"sequence": int(reference[1], 16), "file_reference": int(reference[2], 16)}
    return found


def _program_names(key: Key) -> dict[str, Any]:
    return {"program_id": key.name}


def _driver_names(key: Key) -> dict[str, Any]:
    """The key is named by the file's path with slashes, in older versions by its digest."""
    found = _STORED_SHA1.fullmatch(key.name)
    return {"file_path": key.name} if found is None else {"stated_sha1": found[1].lower()}


def _container_names(key: Key) -> dict[str, Any]:
    return {"container_id": key.name}


def _device_names(key: Key) -> dict[str, Any]:
    """A device's key is its instance path with slashes: enumerator, model, instance."""
    parts = key.name.split("/", 2)
    if len(parts) < 3:
        return {"instance_id": key.name}
    enumerator, model, instance = parts
    found: dict[str, Any] = {"enumerator": enumerator, "device_class_id": model, "instance_id": instance}
    if enumerator.casefold() not in ("usb", "usbstor"):
        return found
    serial = device_serial(enumerator.upper(), instance)
    found |= {"device_serial": serial, "is_serial_generated": is_generated(serial)}
    if usb := _USB.match(model):
        found |= {"vendor_id": usb[1].upper(), "product_id": usb[2].upper()}
    if storage := _STORAGE.fullmatch(model):
        found |= {"vendor": storage[1], "product": storage[2], "revision": storage[3]}
    return found


_PARTS = (
    _Part(
        path=r"Root\InventoryApplicationFile",
        table=FILES,
        columns={
            "file_path": (values.words, "LowerCaseLongPath"),
            "stated_sha1": (values.sha1, "FileId"),
            "file_bytes": (values.number, "Size"),
            "linked_at": (values.linked, "LinkDate"),
            "original_name": (values.words, "OriginalFileName"),
            "product_name": (values.words, "ProductName"),
            "product_version": (values.words, "ProductVersion"),
            "file_version": (values.words, "Version"),
            "publisher": (values.words, "Publisher"),
            "binary_type": (values.words, "BinaryType"),
            "is_os_component": (values.flag, "IsOsComponent"),
            "program_id": (values.words, "ProgramId"),
            "package_full_name": (values.words, "AppxPackageFullName"),
        },
    ),
    _Part(
        path=r"Root\File",
        table=FILES,
        is_below_volume=True,
        names=_file_names,
        columns={
            "file_path": (values.words, "15"),
            "stated_sha1": (values.sha1, "101"),
            "file_bytes": (values.number, "6"),
            "file_created_at": (values.filetime, "12"),
            "file_modified_at": (values.filetime, "17"),
            "linked_at": (values.linked, "f"),
            "product_name": (values.words, "0"),
            "file_version": (values.words, "5"),
            "publisher": (values.words, "1"),
            "program_id": (values.words, "100"),
        },
    ),
    _Part(
        path=r"Root\InventoryApplication",
        table=PROGRAMS,
        names=_program_names,
        columns={
            "application_name": (values.words, "Name"),
            "application_version": (values.words, "Version"),
            "publisher": (values.words, "Publisher"),
            "install_source": (values.words, "Source"),
            "installed_local": (values.wall_clock, "InstallDate"),
            "folder_path": (values.words, "RootDirPath"),
            "uninstall_command": (values.words, "UninstallString"),
            "install_key_path": (values.words, "RegistryKeyPath"),
            "package_full_name": (values.words, "PackageFullName"),
        },
    ),
    _Part(
        path=r"Root\Programs",
        table=PROGRAMS,
        names=_program_names,
        columns={
            "application_name": (values.words, "0"),
            "application_version": (values.words, "1"),
            "publisher": (values.words, "2"),
            "install_source": (values.words, "6"),
        },
    ),
    _Part(
        path=r"Root\InventoryDriverBinary",
        table=DRIVERS,
        names=_driver_names,
        columns={
            "driver_name": (values.words, "DriverName"),
            "stated_sha1": (values.sha1, "DriverId"),
            "service_name": (values.words, "Service"),
            "product_name": (values.words, "Product"),
            "product_version": (values.words, "ProductVersion"),
            "file_version": (values.words, "DriverVersion"),
            "publisher": (values.words, "DriverCompany"),
            "file_modified_local": (values.wall_clock, "DriverLastWriteTime"),
            "linked_at": (values.linked, "DriverTimeStamp"),
            "is_signed": (values.flag, "DriverSigned"),
            "is_in_box": (values.flag, "DriverInBox"),
        },
    ),
    _Part(
        path=r"Root\InventoryDevicePnp",
        table=DEVICES,
        names=_device_names,
        columns={
            "container_id": (values.words, "ContainerId"),
            "device_model": (values.words, "Model"),
            "manufacturer": (values.words, "Manufacturer"),
            "device_description": (values.words, "Description"),
            "setup_class": (values.words, "Class"),
            "service": (values.words, "Service"),
            "parent_path": (values.words, "ParentId"),
        },
    ),
    _Part(
        path=r"Root\InventoryDeviceContainer",
        table=CONTAINERS,
        names=_container_names,
        columns={
            "device_model": (values.words, "ModelName"),
            "friendly_name": (values.words, "FriendlyName"),
            "manufacturer": (values.words, "Manufacturer"),
            "device_categories": (values.words, "Categories"),
            "is_this_machine": (values.flag, "IsMachineContainer"),
        },
    ),
)


@parser(
    version=1,
    wants=hive_wants("AMCACHE"),
    tables=(FILES, PROGRAMS, DRIVERS, DEVICES, CONTAINERS),
    companions=LOG_SUFFIXES,
    is_expected_on=("host",),
)
def amcache(artefact: Artefact) -> Yields:
    """One row for each file, program, driver, device and device container of the inventories."""
    with open_hive(artefact) as hive:
        found = [] if hive.root is None else [(part, hive.key(part.path)) for part in _PARTS]
        if any(key is not None for _, key in found) or is_hive_or_lost(hive, artefact, "AMCACHE"):
            yield from hive.problems()
        for part, top in found:
            for key in _entries(hive, part, top):
                row = {
                    "inventory": part.path,
                    "key_written_at": key.written_at,
                    "is_replayed": hive.is_replayed,
                    **part.names(key),
                    **values.read_values(hive, hive.named(key), part.columns),
                }
                yield part.table.row(key.path, hive.status(), **row)
                yield from hive.problems()
            if top is not None:
                yield from hive.problems()


def _entries(hive: Hive, part: _Part, top: Key | None) -> Iterator[Key]:
    """The keys of a part's entries, in stored order."""
    if top is None:
        return
    for key in hive.subkeys(top):
        if part.is_below_volume:
            yield from hive.subkeys(key)
        else:
            yield key
