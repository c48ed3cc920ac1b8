-- name: named_on_device
-- route: copied_to_device
-- grade: possible
-- shows: a file of this host of the same name as one that was opened, written or deleted on a device in the window, by any trace that is linked with the device: jump lists, shell bags, the browser (file:///E:/), the change journal
-- does_not_show: that it is the same file: these traces have no size
-- reads: on_device, host_file, case_params
-- example: list.csv opened on the device in the window, and list.csv on the host
-- near_miss: a program run from the device; the same before the window; another name
SELECT f.evidence_id, f.entry_id,
    concat('a file of this name was ', min(CASE o.question WHEN 'downloaded' THEN 'written' ELSE o.question END), ' on the device ',
        min(coalesce(o.device_serial, o.device_key)), ' (', min(o.what), ')') AS reason,
    list_sort(list(DISTINCT concat('on_device ', o.evidence_id, ' ', o.entry_id, ' ', o.locator))) AS supports,
    concat('device:', o.device_key) AS medium
FROM on_device o, case_params p, host_file f
WHERE o.question IN ('opened', 'downloaded', 'deleted')
  AND in_window(p.window_from, p.window_to, o.happened_at, o.latest_at)
  AND f.evidence_id = o.evidence_id AND f.kind = 'file' AND f.name_key = name_key(o.what) AND contains(f.name_key, '.')
GROUP BY f.evidence_id, f.entry_id, o.device_key
