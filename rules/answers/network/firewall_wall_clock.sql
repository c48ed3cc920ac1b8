-- name: firewall_wall_clock
-- shows: sessions and packets that a firewall let out, of lines that tell a wall clock without its zone: as an interval between the easternmost and the westernmost zone; of the kernel's own packets by the zone of the machine, where that is proved. Where no year is told either, it is the latest in which the last such line is not later than the last change of the file
-- does_not_show: the zone of a device, which its log does not tell; that the file was last changed when it was last written to; where the file has no time, there is no year
-- reads: server_firewall, file_entry, machine_clock
-- example: a session of Palo Alto whose line tells no zone; a packet of ufw at `Jan 1 00:00:02` in a log last changed on 2027-01-04
-- near_miss: a line with its zone, which the table answers itself; a session that was refused
WITH told AS (
    SELECT a.*, f.modified_at, regexp_replace(clock_text, '\.\d+$', '') AS stamp,
        -- Wall clocks are at most 14 hours ahead of UTC.
        year(CAST(f.modified_at + INTERVAL 14 HOURS AS TIMESTAMP)) AS most
    FROM server_firewall AS a LEFT JOIN file_entry AS f ON f.evidence_id = a.evidence_id AND f.entry_id = a.entry_id
    WHERE a.logged_at IS NULL AND (a.logged_local IS NOT NULL OR a.clock_text IS NOT NULL)
      AND a.is_allowed IS NOT false AND a.is_outbound IS NOT false
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
    SELECT dated.*, coalesce(logged_local, try_strptime(concat(
        first_value(year(newest) + year_turns) OVER (PARTITION BY evidence_id, entry_id ORDER BY year_turns NULLS LAST, newest DESC NULLS LAST) - year_turns,
        ' ', stamp), '%Y %b %d %H:%M:%S')) AS wall,
        -- Of any other firewall the clock is that of a device, not of the machine its log was found on.
        CASE WHEN log_kind = 'netfilter' THEN evidence_id END AS clock_of
    FROM dated
)
SELECT p.case_id, p.evidence_id, p.entry_id, p.locator, p.parser, p.parser_version, p.status,
    CAST(wall AS TIMESTAMPTZ) - to_minutes(coalesce(CASE WHEN wall < until_wall THEN earliest_offset END, 840)) AS "at",
    CAST(wall AS TIMESTAMPTZ) - to_minutes(coalesce(CASE WHEN wall < until_wall THEN latest_offset END, -720)) AS latest_at,
    target_address AS remote, sent_bytes, received_bytes, user_name AS account, source_address AS from_host
FROM placed AS p ASOF LEFT JOIN (
    SELECT evidence_id AS machine, from_local AS from_wall, until_local AS until_wall,
        earliest_offset_minutes AS earliest_offset, latest_offset_minutes AS latest_offset
    FROM machine_clock
) AS c ON p.clock_of = c.machine AND p.wall >= c.from_wall
