-- name: window_to_stated
-- direction: to
-- grade: confirmed
-- shows: where the window ends, as case.toml states it
-- does_not_show: what that rests on: the traces nearest to it stand beside it
-- reads: case_params
-- example: window_to stated
-- near_miss: the other end stated alone
SELECT NULL AS evidence_id, NULL AS entry_id, 'stated in case.toml' AS reason, ['case.toml'] AS supports, p.window_to AS happened_at
FROM case_params p
WHERE p.window_to IS NOT NULL
