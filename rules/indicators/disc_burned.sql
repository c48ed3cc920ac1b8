-- name: disc_burned
-- direction: for
-- grade: possible
-- shows: that a disc was written on a host of the case: Windows began to burn one in the window (event 133 of cdrom: the drive was locked for it alone), or ImgBurn wrote one, by a log last changed in the window or later
-- does_not_show: which files: those of the folder Burn, of an image, or chosen in the program; that the writing ended well, of event 133; where the disc is
-- reads: windows_evtx, windows_imgburn, host_file, case_params
-- example: event 133 of cdrom; files chosen in ImgBurn and written
-- near_miss: event 133 before the window; another event of cdrom; a test of ImgBurn
SELECT e.evidence_id, NULL AS entry_id, 'Windows began to burn a disc' AS reason, [concat('windows_evtx ', e.evidence_id, ' ', e.entry_id, ' ', e.locator)] AS supports,
    e.written_at AS happened_at
FROM windows_evtx e, case_params p
WHERE e.provider = 'cdrom' AND e.event_id = 133 AND in_window(p.window_from, p.window_to, e.written_at, e.written_at)
UNION ALL
SELECT b.evidence_id, NULL, concat('ImgBurn wrote ', coalesce(b.built_file_count || ' files', name_key(b.burned_image_path), 'files'), ' to a disc with ', b.burner_name),
    [concat('windows_imgburn ', b.evidence_id, ' ', b.entry_id, ' ', b.locator)], NULL
FROM windows_imgburn b LEFT JOIN host_file l ON l.evidence_id = b.evidence_id AND l.entry_id = b.entry_id, case_params p
WHERE b.burn_outcome = 'completed' AND b.is_test IS NOT true AND (p.window_from IS NULL OR l.modified_at IS NULL OR l.modified_at >= p.window_from)
