-- name: noticed_by_others
-- direction: for
-- grade: likely
-- shows: a grounded notice from a public body, a provider of security or an expert, as case.toml states it
-- does_not_show: what it rests on
-- reads: case_params
-- example: a notice stated
-- near_miss: no notice stated
SELECT NULL AS evidence_id, NULL AS entry_id, concat('notice: ', n.notice) AS reason, ['case.toml'] AS supports, CAST(NULL AS TIMESTAMPTZ) AS happened_at
FROM (SELECT unnest(notices) AS notice FROM case_params) n
