-- name: blocked
-- direction: against
-- grade: likely
-- shows: files that protection software found or blocked in the window, and of which nothing says that one of that name ran
-- does_not_show: that nothing else ran; that the software had not let it act first
-- reads: blocked_file, case_params
-- example: evil.exe put into quarantine, and no trace that it ran
-- near_miss: the same with evil.exe in the prefetch; before the window
SELECT b.evidence_id, NULL AS entry_id, concat(count(DISTINCT b.name_key), ' files found or blocked, none of which is known to have run: ', array_to_string(list_sort(list(DISTINCT b.name_key))[:10], ', ')) AS reason,
    list_sort(list(DISTINCT b.support))[:50] AS supports, min(b."at") AS happened_at
FROM blocked_file b, case_params p
WHERE coalesce(in_window(p.window_from, p.window_to, b."at", b."at"), false)
GROUP BY b.evidence_id
