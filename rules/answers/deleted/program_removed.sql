-- name: program_removed
-- shows: each program the Windows Installer took away (Application 1034 with status 0, and 11724), by the account of the event, an identifier; one row an event, so mostly two for a program
-- does_not_show: programs with an uninstaller of their own; updates that take an older version away look the same
-- reads: windows_evtx
-- example: events 1034 and 11724 of MsiInstaller
-- near_miss: event 1034 with an error; event 1033, a program installed
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    CASE event_id WHEN 1034 THEN concat_ws(' ', event_data['0'], event_data['1'])
         -- The text is translated; the name stands between its first colon and ` -- `.
         ELSE regexp_extract(event_data['0'], '^[^:：]+[:：]\s*(.+) -- ', 1) END AS what,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'MsiInstaller'
    AND (event_id = 1034 AND event_data['3'] = '0' AND event_data['0'] IS NOT NULL
        OR event_id = 11724 AND regexp_matches(event_data['0'], '^[^:：]+[:：]\s*.+ -- '))
