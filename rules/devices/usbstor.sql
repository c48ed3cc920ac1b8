-- name: usbstor
-- shows: every storage device behind the USB storage driver, with its numbers, names and the registry's own times
-- does_not_show: each connection between the first and the last
-- reads: windows_usbstor
-- example: a disk with a serial number of its own
-- near_miss: the row of the same device on the USB bus
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    list_filter([
        CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END,
        'container:' || lower(container_id),
        concat('disk_id:', evidence_id, ':') || lower(disk_id)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'revision': revision, 'vendor_id': vendor_id, 'product_id': product_id,
         'device_type': device_type, 'friendly_name': friendly_name, 'is_serial_generated': CAST(is_serial_generated AS VARCHAR)} AS attributes,
    MAP {'first_connected': first_installed_at, 'last_connected': last_connected_at, 'last_removed': last_removed_at} AS moments
FROM windows_usbstor
WHERE bus = 'USBSTOR'
