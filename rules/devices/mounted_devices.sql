-- name: mounted_devices
-- shows: the volume GUID or drive letter a device had last
-- does_not_show: when, and what had the letter before
-- reads: windows_mounted_devices
-- example: the letter of a stick
-- near_miss: a value of an unknown kind
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, device_serial IS NOT NULL AS is_anchor,
    list_filter([
        CASE WHEN device_serial IS NULL THEN NULL
             WHEN substr(device_serial, 2, 1) = '&' THEN concat('instance:', evidence_id, ':', upper(device_serial))
             ELSE concat('serial:', upper(device_serial)) END,
        concat('volume_guid:', evidence_id, ':') || lower(volume_guid),
        'partition_guid:' || lower(partition_guid),
        concat('signature:', evidence_id, ':', disk_signature, '@') || CAST(partition_offset_bytes AS VARCHAR)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'drive_letter': drive_letter, 'volume_guid': volume_guid} AS attributes,
    MAP {'key_written': CAST(NULL AS TIMESTAMPTZ)} AS moments
FROM windows_mounted_devices
WHERE kind <> 'unknown'
