-- name: records_missing
-- shows: each gap in the numbers of the events of one log within one file: how many are missing between which numbers and times, and whether the file numbers its records anew, as an exported or collected log does; no time of its own: it lies between the two
-- does_not_show: that somebody took the records out: an export or a collector leaves out what its filter leaves out; records lost to damage are not counted (rows that were recovered, or a problem of the file between the two); what stood before the first and behind the last; a log cleared, which 1102 and 104 tell
-- reads: windows_evtx, problem
-- example: events 6 and 9 of one log, records 6 and 9 of its file
-- near_miss: events 6 and 9 with one of them recovered from damage; events 6, 7 and 8, the machine being renamed at 7; events 6 and 9 of two machines in one collected log; a problem of the file between the two
WITH logs AS (
    -- The log itself numbers a record as its event; a file whose distance between the two changes was written by an export or a collector.
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, channel, computer, event_record_id, record_number, written_at,
        min(event_record_id - record_number) FILTER (coalesce(status, 'ok') = 'ok') OVER log
            = max(event_record_id - record_number) FILTER (coalesce(status, 'ok') = 'ok') OVER log AS is_log_itself
    FROM windows_evtx
    WHERE event_record_id IS NOT NULL AND record_number IS NOT NULL
    WINDOW log AS (PARTITION BY evidence_id, entry_id, channel)
), numbered AS (
    SELECT *,
        lag(event_record_id) OVER own AS previous_id,
        lag(written_at) OVER own AS previous_at,
        lag(status) OVER own AS previous_status,
        lag(locator) OVER own AS previous_locator
    FROM logs
    -- Only in a collected log do several machines count beside one another; the log itself goes on when its machine is renamed.
    WINDOW own AS (
        PARTITION BY evidence_id, entry_id, channel, CASE WHEN NOT is_log_itself THEN computer END
        ORDER BY event_record_id, record_number)
), gaps AS (
    SELECT *, event_record_id - previous_id - 1 AS missing,
        least(try_cast(locator AS BIGINT), try_cast(previous_locator AS BIGINT)) AS begin_at,
        greatest(try_cast(locator AS BIGINT), try_cast(previous_locator AS BIGINT)) AS end_at
    FROM numbered
    WHERE event_record_id > previous_id + 1 AND coalesce(status, 'ok') = 'ok' AND coalesce(previous_status, 'ok') = 'ok'
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    concat(missing, CASE missing WHEN 1 THEN ' record' ELSE ' records' END, ' between ', previous_id,
        ' (', strftime(previous_at, '%Y-%m-%dT%H:%M:%SZ'), ') and ', event_record_id,
        ' (', strftime(written_at, '%Y-%m-%dT%H:%M:%SZ'),
        CASE missing WHEN 1 THEN ') is missing from ' ELSE ') are missing from ' END, channel,
        CASE WHEN NOT is_log_itself THEN '; the file numbers its records anew, as an exported log does' END) AS what
FROM gaps
WHERE NOT EXISTS (
    SELECT 1 FROM problem
    WHERE problem.evidence_id IS NOT DISTINCT FROM gaps.evidence_id AND problem.entry_id IS NOT DISTINCT FROM gaps.entry_id
        AND try_cast(problem.locator AS BIGINT) BETWEEN gaps.begin_at AND gaps.end_at)
