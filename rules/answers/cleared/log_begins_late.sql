-- name: log_begins_late
-- shows: of each log how many events are no longer in it because it does not begin with its first: the oldest were overwritten when the log was full, or the log was cleared; with the size it is kept to, where the registry tells one; its time is that of the oldest event left
-- does_not_show: which of the two, or what the events were; nothing of an exported or collected log, which begins where its filter begins
-- reads: windows_evtx, windows_event_log_setting
-- example: a log whose oldest event is number 5001, kept to 20 MiB
-- near_miss: a log that begins with its first event; an exported log, which numbers its records anew
WITH oldest AS (
    SELECT any_value(case_id) AS case_id, evidence_id, entry_id, channel,
        arg_min(struct_pack(locator, parser, parser_version, status, written_at), event_record_id) AS first,
        min(event_record_id) AS number,
        -- The log itself numbers a record as its event.
        bool_and(event_record_id = record_number) AS is_log_itself
    FROM windows_evtx
    WHERE coalesce(status, 'ok') = 'ok' AND event_record_id IS NOT NULL AND channel IS NOT NULL
    GROUP BY evidence_id, entry_id, channel
), told AS (
    -- A policy wins; then the control set in use.
    SELECT evidence_id, channel,
        concat('; kept to ', most_bytes // 1048576, ' MiB, when full: ', coalesce(when_full, 'not told'), ' (', setting_origin, ')') AS words,
        CASE WHEN setting_origin = 'policy' THEN 0 WHEN is_current_control_set IS false THEN 2 ELSE 1 END AS rank
    FROM windows_event_log_setting
    WHERE most_bytes IS NOT NULL
), kept AS (
    -- Hives that differ say nothing: they may be of several machines, or of several times.
    SELECT evidence_id, channel, min(words) AS words
    FROM (SELECT * FROM told QUALIFY rank = min(rank) OVER (PARTITION BY evidence_id, channel))
    GROUP BY evidence_id, channel
    HAVING count(DISTINCT words) = 1
)
SELECT oldest.case_id, oldest.evidence_id, oldest.entry_id, first.locator, first.parser, first.parser_version, first.status,
    first.written_at AS "at",
    concat(channel, ' begins with event ', number, ': ', number - 1, ' before it were overwritten or cleared', kept.words) AS what
FROM oldest LEFT JOIN kept USING (evidence_id, channel)
WHERE is_log_itself AND number > 1
