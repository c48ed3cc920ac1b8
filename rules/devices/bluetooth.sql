-- name: bluetooth
-- shows: Bluetooth devices the machine knows or is paired with, with their names, their kind, and when they were last connected
-- does_not_show: what was sent; connections before the last one
-- reads: windows_bluetooth_device
-- example: a telephone with its last connection
-- near_miss: a headset, which keeps no data
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    [concat('serial:', upper(device_address))] AS identifiers,
    MAP {'product': device_name, 'friendly_name': friendly_name, 'device_type': concat('bluetooth ', coalesce(device_kind, 'device')),
         'vendor_id': vendor_id, 'product_id': product_id} AS attributes,
    MAP {'last_connected': last_connected_at} AS moments
FROM windows_bluetooth_device
WHERE device_kind IS NULL OR device_kind NOT IN ('audio_video', 'peripheral') OR can_transfer_objects
