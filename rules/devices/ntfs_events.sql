-- name: ntfs_events
-- shows: volumes of NTFS that were mounted, dismounted or in use (Ntfs/Operational 4, 142 to 145, 303), with their GUID, letter and label; what links the GUID to a device stands in the registry
-- does_not_show: by itself, that a volume lay on an external device; connection and removal: a volume is also mounted anew while the device stays; volumes of FAT and exFAT, which this driver does not see
-- reads: windows_evtx
-- example: event 142, the hourly account of a volume; event 143, a volume mounted with its label; event 145, which names the volume by its correlation identifier
-- near_miss: event 142 of the volume Windows starts from; event 98, the health of a volume, which names no GUID
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, false AS is_anchor,
    [concat('volume_guid:', evidence_id, ':', lower(volume_guid))] AS identifiers,
    MAP {'volume_guid': lower(volume_guid), 'volume_label': nullif(event_data['VolumeLabel'], ''),
         'drive_letter': nullif(regexp_extract(upper(event_data['VolumeName']), '^([A-Z]:)', 1), '')} AS attributes,
    MAP {CASE WHEN event_id IN (4, 143) THEN 'mounted' WHEN event_id IN (144, 303) THEN 'dismounted' ELSE 'in_use' END: written_at} AS moments
FROM (
    SELECT *, '{' || nullif(trim(coalesce(event_data['VolumeGuid'], event_data['VolumeCorrelationId']), '{}'), '') || '}' AS volume_guid
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Ntfs' AND event_id IN (4, 142, 143, 144, 145, 303)
)
WHERE volume_guid IS NOT NULL AND volume_guid <> '{00000000-0000-0000-0000-000000000000}'
    AND lower(coalesce(event_data['IsBootVolume'], 'false')) <> 'true'
