-- name: media_in_the_case
-- shows: the volumes of a lost or recovered medium that is itself an item of the case
-- does_not_show: that this is the only volume of that number
-- reads: volume, evidence_item
-- example: the FAT volume of a recovered stick
-- near_miss: a volume of a host
SELECT v.case_id, v.evidence_id, v.entry_id, v.locator, v.parser, v.parser_version, v.status, true AS is_anchor,
    ['volume_serial:' || upper(v.volume_serial)] AS identifiers,
    MAP {'volume_label': v.volume_label, 'evidence_item': v.evidence_id} AS attributes,
    MAP {'key_written': CAST(NULL AS TIMESTAMPTZ)} AS moments
FROM volume v JOIN evidence_item e USING (evidence_id)
WHERE e.role = 'leaked_medium' AND v.volume_serial IS NOT NULL
