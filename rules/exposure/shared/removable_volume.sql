-- name: removable_volume
-- shows: volumes known to be removable: those of lost media in the case, and those a shortcut or a jump list calls removable
-- does_not_show: which device a volume lies on
-- reads: volume, evidence_item, windows_lnk, windows_automatic_destinations
SELECT volume_serial, min(support) AS support
FROM (
    SELECT v.volume_serial, concat('volume ', v.evidence_id, ' ', v.volume_serial) AS support
    FROM volume v JOIN evidence_item e USING (evidence_id)
    WHERE e.role = 'leaked_medium'
    UNION ALL
    SELECT l.volume_serial, concat('windows_lnk ', l.evidence_id, ' ', l.entry_id)
    FROM windows_lnk l
    WHERE l.drive_type = 'removable'
    UNION ALL
    SELECT j.volume_serial, concat('windows_automatic_destinations ', j.evidence_id, ' ', j.entry_id, ' ', j.locator)
    FROM windows_automatic_destinations j
    WHERE j.drive_type = 'removable'
)
WHERE volume_serial IS NOT NULL
GROUP BY volume_serial
