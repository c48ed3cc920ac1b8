-- name: auth_log_year
-- shows: logons, refusals and ends of sessions in a log of syslog that writes no year: the year is the latest in which the last of them is not later than the last change of the file; by the zone of the machine where that is proved, else between the easternmost and the westernmost zone
-- does_not_show: that the file was last changed when it was last written to: of a file copied without its times, or changed more than a year after its last such line, the year is too late; where the file has no time there is none
-- reads: server_auth_event, file_entry, machine_clock
-- example: `Dec 31 23:59:33` and, a turn of the year on, `Jan 1 00:00:10` in a log last changed on 2026-01-04
-- near_miss: a line with its zone or its year, which the table answers itself; a line that is no logon
WITH told AS (
    SELECT a.*, f.modified_at, regexp_replace(clock_text, '\.\d+$', '') AS stamp,
        -- Wall clocks are at most 14 hours ahead of UTC.
        year(CAST(f.modified_at + INTERVAL 14 HOURS AS TIMESTAMP)) AS most
    FROM server_auth_event AS a LEFT JOIN file_entry AS f ON f.evidence_id = a.evidence_id AND f.entry_id = a.entry_id
    WHERE a.action IS NOT NULL AND a.clock_text IS NOT NULL AND a.logged_local IS NULL
), dated AS (
    -- Eight years hold a 29 February.
    SELECT told.*, (
        SELECT max(try_strptime(concat(most - back, ' ', stamp), '%Y %b %d %H:%M:%S'))
        FROM unnest(range(8)) AS years(back)
        WHERE try_strptime(concat(most - back, ' ', stamp), '%Y %b %d %H:%M:%S') <= CAST(modified_at + INTERVAL 14 HOURS AS TIMESTAMP)
    ) AS newest
    FROM told
), placed AS (
    -- The last line of the log with such a stamp gives the year, the turns between it and a line take from it.
    SELECT dated.*, try_strptime(concat(
        first_value(year(newest) + year_turns) OVER (PARTITION BY evidence_id, entry_id ORDER BY year_turns, newest DESC NULLS LAST) - year_turns,
        ' ', stamp), '%Y %b %d %H:%M:%S') AS wall
    FROM dated
)
SELECT p.case_id, p.evidence_id, p.entry_id, p.locator, p.parser, p.parser_version, p.status,
    CAST(wall AS TIMESTAMPTZ) - to_minutes(coalesce(CASE WHEN wall < until_wall THEN earliest_offset END, 840)) AS "at",
    CAST(wall AS TIMESTAMPTZ) - to_minutes(coalesce(CASE WHEN wall < until_wall THEN latest_offset END, -720)) AS latest_at,
    account, action, from_host
FROM placed AS p ASOF LEFT JOIN (
    SELECT evidence_id AS machine, from_local AS from_wall, until_local AS until_wall,
        earliest_offset_minutes AS earliest_offset, latest_offset_minutes AS latest_offset
    FROM machine_clock
) AS c ON p.evidence_id = c.machine AND p.wall >= c.from_wall
