-- name: copied_to_device
-- route: copied_to_device
-- grade: likely
-- shows: a file of this host with the same name and size as one opened on a removable volume, while the device of that volume was connected in the window
-- does_not_show: that the bytes are the same, or who holds the device now; where no source links the volume with a device, that the device connected then is the one it lies on
-- reads: opened, windows_lnk, windows_automatic_destinations, volume, evidence_item, device, connected, file_entry, case_params
-- example: a shortcut to E:\list.csv on a volume whose serial is that of a medium in the case, and list.csv of the same size on the host
-- near_miss: a shortcut to a file on the fixed disk; a file of the same name but another size
WITH media AS (
    -- Volumes known to be removable: those of media in the case, those a shortcut or a jump list calls removable, those of a device.
    SELECT v.volume_serial, concat('volume ', v.evidence_id, ' ', v.volume_serial) AS support
    FROM volume v JOIN evidence_item e USING (evidence_id)
    WHERE e.role = 'leaked_medium' AND v.volume_serial IS NOT NULL
    UNION
    SELECT l.volume_serial, concat('windows_lnk ', l.evidence_id, ' ', l.entry_id) AS support
    FROM windows_lnk l
    WHERE l.drive_type = 'removable' AND l.volume_serial IS NOT NULL
    UNION
    SELECT j.volume_serial, concat('windows_automatic_destinations ', j.evidence_id, ' ', j.entry_id, ' ', j.locator) AS support
    FROM windows_automatic_destinations j
    WHERE j.drive_type = 'removable' AND j.volume_serial IS NOT NULL
), connections AS (
    -- Devices connected on a host at some moment of the window, as far as the ends of their intervals are known.
    SELECT c.evidence_id, c.device_key, min(concat('device ', coalesce(c.device_serial, c.device_key), ': ', c.told)) AS support
    FROM connected c, case_params p
    WHERE c.device_key IS NOT NULL AND c.last_connected_at IS NOT NULL
      AND (p.window_from IS NULL OR coalesce(c.last_removed_at, c.last_connected_at) >= p.window_from)
      AND (p.window_to IS NULL OR coalesce(c.first_connected_at, c.last_connected_at) <= p.window_to)
    GROUP BY c.evidence_id, c.device_key
), linked AS (
    -- The device a volume lies on, else one that had the letter the file was opened under, else any that was connected.
    SELECT o.evidence_id, o.entry_id, o.locator, o.what, o.volume_serial, o.target_bytes,
        min(c.support) FILTER (list_contains(d.volume_serials, o.volume_serial)) AS by_volume,
        min(c.support) FILTER (list_contains(d.drive_letters, upper(left(o.what, 2)))) AS by_letter,
        min(c.support) AS by_window
    FROM opened o
    JOIN connections c USING (evidence_id)
    JOIN device d USING (device_key)
    WHERE o.volume_serial IS NOT NULL
    GROUP BY ALL
)
SELECT
    f.evidence_id,
    f.entry_id,
    concat('a file of this name and size was opened on removable volume ', k.volume_serial, ' (', k.what, '), ',
        CASE WHEN min(k.by_volume) IS NOT NULL THEN 'which lies on the device that was connected'
             WHEN min(k.by_letter) IS NOT NULL THEN 'on the device with that drive letter'
             ELSE 'which of the devices connected then is not proved' END) AS reason,
    -- Every trace of the opening, the volume, and the connection.
    list_concat(
        list_sort(list(DISTINCT concat('opened ', k.evidence_id, ' ', k.entry_id, ' ', k.locator))),
        [min(m.support), coalesce(min(k.by_volume), min(k.by_letter), min(k.by_window))]
    ) AS supports
FROM linked k
JOIN media m ON m.volume_serial = k.volume_serial
JOIN evidence_item h ON h.evidence_id = k.evidence_id AND h.role <> 'leaked_medium'
JOIN file_entry f ON f.evidence_id = k.evidence_id AND f.kind = 'file' AND f.is_allocated
    AND lower(f.name) = lower(regexp_extract(k.what, '[^\\/]+$'))
    AND f.size_bytes = k.target_bytes
GROUP BY f.evidence_id, f.entry_id, k.volume_serial, k.what
