-- name: copied_to_device
-- route: copied_to_device
-- grade: likely
-- shows: a file of this host with the same name and size as one opened on a removable volume, while the device of that volume was connected in the window
-- does_not_show: that the bytes are the same, or who holds the device now; where no source links the volume with a device, that the device connected then is the one it lies on
-- reads: opened, removable_volume, evidence_item, device, connection_in_window, file_entry
-- example: a shortcut to E:\list.csv on a volume whose serial is that of a medium in the case, and list.csv of the same size on the host
-- near_miss: a shortcut to a file on the fixed disk; a file of the same name but another size; a device connected before the window
WITH linked AS (
    -- The device a volume lies on, else one that had the letter the file was opened under, else any that was connected.
    SELECT o.evidence_id, o.entry_id, o.locator, o.what, o.volume_serial, o.target_bytes,
        min(c.support) FILTER (list_contains(d.volume_serials, o.volume_serial)) AS by_volume,
        min(c.support) FILTER (list_contains(d.drive_letters, upper(left(o.what, 2)))) AS by_letter,
        min(c.support) AS by_window,
        -- The device by the best of the three.
        coalesce(min(c.device_key) FILTER (list_contains(d.volume_serials, o.volume_serial)),
            min(c.device_key) FILTER (list_contains(d.drive_letters, upper(left(o.what, 2)))), min(c.device_key)) AS device_key
    FROM opened o
    JOIN connection_in_window c USING (evidence_id)
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
    ) AS supports,
    concat('device:', min(k.device_key)) AS medium
FROM linked k
JOIN removable_volume m ON m.volume_serial = k.volume_serial
JOIN evidence_item h ON h.evidence_id = k.evidence_id AND h.role <> 'leaked_medium'
JOIN file_entry f ON f.evidence_id = k.evidence_id AND f.kind = 'file' AND f.is_allocated
    AND lower(f.name) = lower(regexp_extract(k.what, '[^\\/]+$'))
    AND f.size_bytes = k.target_bytes
GROUP BY f.evidence_id, f.entry_id, k.volume_serial, k.what
