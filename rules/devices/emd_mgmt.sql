-- name: emd_mgmt
-- shows: which volume serial number and label a device had when ReadyBoost looked at it: the link from device to volume
-- does_not_show: volumes made on the device later
-- reads: windows_emd_mgmt
-- example: a stick with the serial number of its volume
-- near_miss: a volume without a device in its name
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    list_filter([
        CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END,
        'volume_serial:' || upper(volume_serial)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'volume_label': volume_label} AS attributes,
    MAP {'tested': last_tested_at} AS moments
FROM windows_emd_mgmt
WHERE device_serial IS NOT NULL
