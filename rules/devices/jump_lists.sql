-- name: jump_lists
-- shows: removable volumes that jump lists name, and whose lists they are
-- does_not_show: which device the volume lies on, unless another source links the two
-- reads: windows_automatic_destinations
-- example: a document on a removable volume in a program's list
-- near_miss: a document on the fixed disk
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    ['volume_serial:' || upper(volume_serial)] AS identifiers,
    MAP {'volume_label': nullif(volume_label, ''), 'user': profile_name,
         'drive_letter': nullif(regexp_extract(upper(local_path), '^([A-Z]:)', 1), '')} AS attributes,
    MAP {'opened_on_it': last_used_at} AS moments
FROM windows_automatic_destinations
WHERE drive_type = 'removable' AND volume_serial IS NOT NULL AND volume_serial <> '00000000'
