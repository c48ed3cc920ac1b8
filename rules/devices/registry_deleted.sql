-- name: registry_deleted
-- shows: devices and volumes that deleted keys and values of the registry name, as they stay behind when traces were cleaned
-- does_not_show: who deleted them; that they were deleted to hide them: Windows forgets devices too; a path led through cells used anew
-- reads: windows_registry_deleted_device
-- example: a stick below a deleted USBSTOR, with its times; a letter gone from MountedDevices
-- near_miss: a model of which no instance is left; a letter whose device cannot be read any more
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    device_serial IS NOT NULL AS is_anchor,
    list_filter([
        CASE WHEN device_serial IS NULL THEN NULL
             WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial))
             ELSE concat('serial:', upper(device_serial)) END,
        CASE WHEN device_serial IS NOT NULL THEN 'container:' || lower(container_id) END,
        CASE WHEN device_serial IS NOT NULL OR device_trace NOT LIKE 'Enum%' THEN concat('disk_id:', evidence_id, ':') || lower(disk_id) END,
        concat('volume_guid:', evidence_id, ':') || lower(volume_guid),
        'partition_guid:' || lower(partition_guid),
        concat('signature:', evidence_id, ':', disk_signature, '@') || CAST(partition_offset_bytes AS VARCHAR)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'revision': revision, 'vendor_id': vendor_id, 'product_id': product_id,
         'device_type': device_type, 'friendly_name': friendly_name, 'volume_label': volume_label,
         'drive_letter': drive_letter, 'volume_guid': volume_guid, 'user': CASE WHEN device_trace = 'MountPoints2' THEN profile_name END,
         'kept_in': concat('deleted registry cell: ', coalesce(device_trace, 'unknown key'))} AS attributes,
    MAP {'first_connected': first_installed_at, 'last_connected': last_connected_at, 'last_removed': last_removed_at,
         'key_written': CASE WHEN device_trace <> 'MountedDevices' THEN key_written_at END} AS moments,
    CAST(NULL AS TIMESTAMPTZ) AS latest_at,
    'recovered' AS certainty
FROM windows_registry_deleted_device
WHERE device_serial IS NOT NULL OR volume_guid IS NOT NULL OR disk_id IS NOT NULL OR partition_guid IS NOT NULL
    OR disk_signature IS NOT NULL
