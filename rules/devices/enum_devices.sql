-- name: enum_devices
-- shows: disks behind the UAS driver, cards, volumes and portable devices, linked with their USB device by its container
-- does_not_show: input devices, and disks built in
-- reads: windows_enum_devices
-- example: a disk of Enum\SCSI whose container is that of one USB device
-- near_miss: a disk of Enum\SCSI without a USB device in its container
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    list_filter([
        CASE WHEN parent_device_serial IS NULL THEN NULL
             WHEN is_parent_serial_generated THEN concat('instance:', evidence_id, ':', upper(parent_device_serial))
             ELSE concat('serial:', upper(parent_device_serial)) END,
        CASE WHEN device_serial IS NULL THEN NULL
             WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial))
             ELSE concat('serial:', upper(device_serial)) END,
        CASE WHEN parent_device_serial IS NOT NULL THEN 'container:' || lower(container_id) END
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'revision': revision, 'vendor_id': vendor_id, 'product_id': product_id,
         'device_type': device_type, 'friendly_name': friendly_name} AS attributes,
    MAP {'first_connected': first_installed_at, 'last_connected': last_connected_at, 'last_removed': last_removed_at} AS moments
FROM windows_enum_devices
WHERE bus_key <> 'HID' AND (parent_device_serial IS NOT NULL
    OR (device_serial IS NOT NULL AND bus_key IN ('SD', 'STORAGE', 'SWD\WPDBUSENUM', 'WPDBUSENUMROOT')))
