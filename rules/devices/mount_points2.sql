-- name: mount_points2
-- shows: which user had a volume mounted while logged on
-- does_not_show: when, but for the last change of the key
-- reads: windows_mount_points2
-- example: a volume GUID in a user's hive
-- near_miss: a share
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, false AS is_anchor,
    list_filter([
        concat('volume_guid:', evidence_id, ':') || lower(volume_guid),
        concat('signature:', evidence_id, ':', disk_signature, '@') || CAST(partition_offset_bytes AS VARCHAR)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'user': profile_name, 'volume_label': shown_label} AS attributes,
    MAP {'mounted_by_user': key_written_at} AS moments
FROM windows_mount_points2
WHERE volume_guid IS NOT NULL
