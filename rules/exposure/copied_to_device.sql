-- name: copied_to_device
-- route: copied_to_device
-- grade: likely
-- shows: a file of this host with the same name and size as one opened on a removable volume, while an external disk was connected in the window
-- does_not_show: that the bytes are the same, or who holds the device now; where no drive letter names the device, that the device connected is the one the volume lies on
-- reads: opened, windows_lnk, volume, evidence_item, connected, windows_mounted_devices, file_entry, case_params
-- example: a shortcut to E:\list.csv on a volume whose serial is that of a medium in the case, and list.csv of the same size on the host
-- near_miss: a shortcut to a file on the fixed disk; a file of the same name but another size
WITH media AS (
    -- Volumes known to be removable: those of media in the case, and those a shortcut calls removable.
    SELECT v.volume_serial, concat('volume ', v.evidence_id, ' ', v.volume_serial) AS support
    FROM volume v JOIN evidence_item e USING (evidence_id)
    WHERE e.role = 'leaked_medium' AND v.volume_serial IS NOT NULL
    UNION
    SELECT l.volume_serial, concat('windows_lnk ', l.evidence_id, ' ', l.entry_id) AS support
    FROM windows_lnk l
    WHERE l.drive_type = 'removable' AND l.volume_serial IS NOT NULL
), connections AS (
    SELECT c.evidence_id, c.device_serial, min(concat('device ', c.device_serial, ' last connected ', c.last_connected_at)) AS support
    FROM connected c, case_params p
    WHERE c.last_connected_at IS NOT NULL
      AND (p.window_from IS NULL OR c.last_connected_at >= p.window_from)
      AND (p.window_to IS NULL OR coalesce(c.first_connected_at, c.last_connected_at) <= p.window_to)
    GROUP BY c.evidence_id, c.device_serial
), letters AS (
    -- The device a letter was last given to; one given to another since leaves no trace here.
    SELECT DISTINCT evidence_id, drive_letter, device_serial
    FROM windows_mounted_devices
    WHERE drive_letter IS NOT NULL AND device_serial IS NOT NULL
), linked AS (
    -- Devices connected in the window with the letter the file was opened under; where none has it, any of them.
    SELECT o.evidence_id, o.entry_id, o.locator,
        min(concat(c.support, ', drive ', l.drive_letter)) FILTER (l.drive_letter = upper(left(o.what, 2))) AS by_letter,
        min(c.support) AS by_window
    FROM opened o
    JOIN connections c USING (evidence_id)
    LEFT JOIN letters l ON l.evidence_id = c.evidence_id AND l.device_serial = c.device_serial
    GROUP BY o.evidence_id, o.entry_id, o.locator
)
SELECT
    f.evidence_id,
    f.entry_id,
    concat('a file of this name and size was opened on removable volume ', o.volume_serial, ' (', o.what, '), ',
        CASE WHEN min(k.by_letter) IS NOT NULL THEN 'on the device with that drive letter'
             ELSE 'which of the devices connected then is not proved' END) AS reason,
    [concat('opened ', o.evidence_id, ' ', o.entry_id, ' ', o.locator), min(m.support), coalesce(min(k.by_letter), min(k.by_window))] AS supports
FROM opened o
JOIN media m ON m.volume_serial = o.volume_serial
JOIN linked k ON k.evidence_id = o.evidence_id AND k.entry_id = o.entry_id AND k.locator = o.locator
JOIN evidence_item h ON h.evidence_id = o.evidence_id AND h.role <> 'leaked_medium'
JOIN file_entry f ON f.evidence_id = o.evidence_id AND f.kind = 'file' AND f.is_allocated
    AND lower(f.name) = lower(regexp_extract(o.what, '[^\\/]+$'))
    AND f.size_bytes = o.target_bytes
GROUP BY f.evidence_id, f.entry_id, o.volume_serial, o.what, o.evidence_id, o.entry_id, o.locator
