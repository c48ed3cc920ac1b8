-- name: volume_info_cache
-- shows: the label of the volume the indexer last saw under a drive letter, laid on the device the registry last gave that letter; a removable volume whose letter belongs to no known device is a device of its own, known by letter and label alone
-- does_not_show: that letter and device belonged together when the indexer looked: a letter goes to the next device; which device it was, where no other trace has the letter
-- reads: windows_volume_info_cache, windows_mounted_devices
-- example: the label under the letter of a stick; a removable volume under a letter of no device
-- near_miss: the label of a fixed disk under a letter of no device
WITH letters AS (
    -- Of several control sets and copies of the hive the last written speaks.
    SELECT evidence_id, drive_letter, arg_max(device_serial, key_written_at) AS device_serial
    FROM windows_mounted_devices WHERE drive_letter IS NOT NULL AND kind <> 'unknown'
    GROUP BY evidence_id, drive_letter
)
SELECT v.case_id, v.evidence_id, v.entry_id, v.locator, v.parser, v.parser_version, v.status,
    v.drive_type = 'removable' AND l.device_serial IS NULL AS is_anchor,
    [CASE WHEN l.device_serial IS NULL THEN concat('letter:', v.evidence_id, ':', v.drive_letter, coalesce(v.volume_label, ''))
          WHEN substr(l.device_serial, 2, 1) = '&' THEN concat('instance:', v.evidence_id, ':', upper(l.device_serial))
          ELSE concat('serial:', upper(l.device_serial)) END] AS identifiers,
    MAP {'volume_label': nullif(v.volume_label, ''), 'drive_letter': v.drive_letter, 'drive_type': v.drive_type} AS attributes,
    MAP {'key_written': v.key_written_at} AS moments
FROM windows_volume_info_cache AS v LEFT JOIN letters AS l USING (evidence_id, drive_letter)
WHERE v.drive_letter IS NOT NULL AND (l.device_serial IS NOT NULL OR v.drive_type = 'removable')
