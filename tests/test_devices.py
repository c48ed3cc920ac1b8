"""Devices from observations: what joins, what does not, and the intervals with the certainty of their ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipeline.match.devices import Row, connected_rows, device_rows, devices, observation_rows

AT = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def row(
    source: str,
    *identifiers: str,
    evidence: str = "pc",
    is_anchor: bool = True,
    weak: tuple[str, ...] = (),
    attributes: dict[str, str] | None = None,
    **moments: datetime,
) -> Row:
    """One row a rule gave."""
    where = {
        "evidence_id": evidence,
        "entry_id": "e",
        "locator": "1",
        "parser": "p",
        "parser_version": "1",
        "status": "ok",
    }
    return Row(
        provenance=where,
        source=source,
        is_anchor=is_anchor,
        identifiers=identifiers,
        weak=weak,
        attributes=attributes or {},
        moments=moments,
    )


def told(*rows: Row) -> list[tuple[str, str, str]]:
    """Begin, end and words of every interval."""
    return [
        (one["begin_certainty"], one["end_certainty"], one["told"])
        for one in connected_rows(devices(rows), "T")
    ]


def test_shared_identifiers_join_across_sources_and_machines() -> None:
    (found,) = devices(
        [
            row("usbstor", "serial:4C53", "container:{1}", attributes={"vendor": "SanDisk"}),
            row("emd_mgmt", "serial:4C53", "volume_serial:5A3C91E7"),
            row("shortcuts", "volume_serial:5A3C91E7", attributes={"drive_letter": "E:"}),
            row("usbstor", "serial:4C53", evidence="pc2", attributes={"vendor": "SanDisk"}),
            row("media_in_the_case", "volume_serial:5A3C91E7", evidence="usb01"),
        ]
    )
    (device,) = device_rows([found], "T")
    assert found.key == "serial:4C53"
    assert device["volume_serials"] == ["5A3C91E7"]
    assert device["drive_letters"] == ["E:"]
    assert device["seen_on"] == ["pc", "pc2", "usb01"]
    assert device["sources"] == ["emd_mgmt", "media_in_the_case", "shortcuts", "usbstor"]
    assert device["disagreements"] == []


def test_a_serial_number_made_up_by_windows_stays_on_its_machine() -> None:
    found = devices(
        [row("usbstor", "instance:pc:6&2F1A"), row("usbstor", "instance:pc2:6&2F1A", evidence="pc2")]
    )
    assert [one.key for one in found] == ["instance:pc2:6&2F1A", "instance:pc:6&2F1A"]
    assert [one["is_serial_generated"] for one in device_rows(found, "T")] == [True, True]
    assert [one["device_serial"] for one in device_rows(found, "T")] == ["6&2F1A", "6&2F1A"]


def test_a_disk_without_a_serial_number_goes_by_the_instance_most_sources_give() -> None:
    found = devices(
        [
            row("usb", "instance:pc:5&2F1A&1", "instance:pc:6&2F1A", connected=AT),
            row("usbstor", "instance:pc:6&2F1A"),
        ]
    )
    assert [(one["device_serial"], one["disagreements"]) for one in device_rows(found, "T")] == [
        ("6&2F1A", [])
    ]
    assert [one["device_serial"] for one in connected_rows(found, "T")] == ["6&2F1A"]


def test_rows_that_show_no_device_by_themselves_make_none() -> None:
    fixed = row("mounted_devices", "volume_guid:pc:{c}", is_anchor=False, attributes={"drive_letter": "C:"})
    assert devices([fixed]) == []
    (found,) = devices([row("usb", "serial:AB12", is_anchor=False), row("usbstor", "serial:AB12")])
    assert len(found.rows) == 2


def test_values_that_many_devices_share_join_nothing_and_are_kept() -> None:
    found = devices(
        [
            row("usbstor", "container:{1}", weak=("serial:000000",)),
            row("usbstor", "container:{2}", weak=("serial:000000",)),
        ]
    )
    assert len(found) == 2
    kept = [one for one in observation_rows(found, "T") if one["attribute"] == "serial"]
    assert [(one["observed_value"], one["confidence"]) for one in kept] == [("000000", "weak")] * 2


def test_what_differs_is_kept_with_its_sources() -> None:
    (device,) = device_rows(
        devices(
            [
                row("usbstor", "serial:4C53", attributes={"product": "Ultra"}),
                row("portable_devices", "serial:4C53", attributes={"product": "Ultra"}),
                row("setupapi", "serial:4C53", attributes={"product": "Cruzer"}),
            ]
        ),
        "T",
    )
    assert device["product"] == "Ultra"
    assert device["disagreements"] == ["product: Ultra [usbstor, portable_devices] | Cruzer [setupapi]"]


def test_intervals_from_events_and_the_registry_are_one() -> None:
    registry = row(
        "usbstor", "serial:4C53", first_connected=AT, last_connected=AT + 5 * HOUR, last_removed=AT + 6 * HOUR
    )
    log = [
        row("partition_diagnostic", "serial:4C53", connected=AT + timedelta(seconds=2)),
        row("partition_diagnostic", "serial:4C53", removed=AT + HOUR),
        row("partition_diagnostic", "serial:4C53", connected=AT + 5 * HOUR),
        row("partition_diagnostic", "serial:4C53", removed=AT + 6 * HOUR),
    ]
    assert told(registry, *log) == [
        ("exact", "exact", "connected 2026-09-14 09:00:00 UTC; removed 2026-09-14 10:00:00 UTC"),
        ("exact", "exact", "connected 2026-09-14 14:00:00 UTC; removed 2026-09-14 15:00:00 UTC"),
    ]


def test_ends_that_nobody_saw_are_told_so() -> None:
    rows = [
        row("log", "serial:4C53", removed=AT),
        row("log", "serial:4C53", connected=AT + HOUR),
        row("log", "serial:4C53", connected=AT + 2 * HOUR),
    ]
    assert [(begin, end) for begin, end, _ in told(*rows)] == [
        ("unknown", "exact"),
        ("exact", "before"),
        ("exact", "unknown"),
    ]
    assert "removed before 2026-09-14 11:00:00 UTC, when it was connected again" in told(*rows)[1][2]


def test_a_device_without_times_has_no_interval() -> None:
    assert told(row("emd_mgmt", "serial:4C53")) == []
