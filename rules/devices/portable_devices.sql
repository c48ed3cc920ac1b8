-- name: portable_devices
-- shows: name, label or letter under which Windows showed a portable device, disks and phones alike
-- does_not_show: when
-- reads: windows_portable_devices
-- example: a stick shown as `E:\`
-- near_miss: a row whose path names no device
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    [CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END] AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'vendor_id': vendor_id, 'product_id': product_id,
         'friendly_name': friendly_name, 'volume_label': volume_label, 'drive_letter': drive_letter} AS attributes,
    MAP {'key_written': key_written_at} AS moments
FROM windows_portable_devices
WHERE device_serial IS NOT NULL
