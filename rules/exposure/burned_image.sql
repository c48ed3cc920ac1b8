-- name: burned_image
-- route: burned
-- grade: likely
-- shows: an image file of this host that ImgBurn wrote to a disc, by name and size, and what is in it
-- does_not_show: when, but for the time of day: the log that tells it was last changed in the window or later; where the disc is; files that were chosen in the program, of which the log tells the number alone
-- reads: windows_imgburn, host_file, case_params
-- example: C:\Users\hanako\Documents\list.iso of 1245184 bytes, written to a disc
-- near_miss: another size; a test; a burning that failed; a log last changed before the window
WITH written AS (
    SELECT b.evidence_id, name_key(b.burned_image_path) AS name_key, b.burned_bytes, b.burner_name,
        concat('windows_imgburn ', b.evidence_id, ' ', b.entry_id, ' ', b.locator) AS support
    FROM windows_imgburn b LEFT JOIN host_file l ON l.evidence_id = b.evidence_id AND l.entry_id = b.entry_id, case_params p
    WHERE b.burned_image_path IS NOT NULL AND b.burn_outcome = 'completed' AND b.is_test IS NOT true
      -- What was written within the window stands in a log that was changed then or later.
      AND (p.window_from IS NULL OR l.modified_at IS NULL OR l.modified_at >= p.window_from)
)
SELECT f.evidence_id, f.entry_id, concat('an image of this name and size was burned to a disc with ', min(w.burner_name)) AS reason,
    list_sort(list(DISTINCT w.support)) AS supports
FROM written w
JOIN host_file i ON i.evidence_id = w.evidence_id AND i.name_key = w.name_key AND i.size_bytes = w.burned_bytes
JOIN host_file f ON f.evidence_id = i.evidence_id AND (f.entry_id = i.entry_id OR f.container_entry_id = i.entry_id)
GROUP BY f.evidence_id, f.entry_id
