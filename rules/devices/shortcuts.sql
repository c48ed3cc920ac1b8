-- name: shortcuts
-- shows: removable volumes that shortcuts name: serial number, label and the letter it had
-- does_not_show: which device the volume lies on, unless another source links the two
-- reads: windows_lnk
-- example: a shortcut to E:\list.csv on a removable volume
-- near_miss: a shortcut to the fixed disk
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    ['volume_serial:' || upper(volume_serial)] AS identifiers,
    MAP {'volume_label': nullif(volume_label, ''), 'drive_letter': nullif(regexp_extract(upper(local_path), '^([A-Z]:)', 1), '')} AS attributes,
    MAP {'key_written': CAST(NULL AS TIMESTAMPTZ)} AS moments
FROM windows_lnk
WHERE drive_type = 'removable' AND volume_serial IS NOT NULL AND volume_serial <> '00000000'
