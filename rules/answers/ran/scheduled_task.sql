-- name: scheduled_task
-- shows: each program the task scheduler started (129, as a process; 200, as an action of a task), with the account of the task where its beginning (100) is in the log; one row an event
-- does_not_show: actions that are no file (a COM handler, a message); that the program could be started, for 200; nothing while the log Microsoft-Windows-TaskScheduler/Operational is off, as it normally is
-- reads: windows_evtx
-- example: events 129 and 200 of Microsoft-Windows-TaskScheduler with a program
-- near_miss: event 201, the end of an action; event 200 of a COM handler
WITH begun AS (
    SELECT evidence_id AS item, entry_id AS log, event_data['InstanceId'] AS instance, min(event_data['UserContext']) AS account
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-TaskScheduler' AND event_id = 100 AND event_data['InstanceId'] IS NOT NULL
    GROUP BY ALL
), started AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at, event_data['TaskInstanceId'] AS task_instance,
        trim(CASE event_id WHEN 129 THEN event_data['Path'] ELSE event_data['ActionName'] END, ' "') AS program_path
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-TaskScheduler' AND event_id IN (129, 200)
)
SELECT s.case_id, s.evidence_id, s.entry_id, s.locator, s.parser, s.parser_version, s.status,
    s.written_at AS "at",
    s.program_path,
    b.account
FROM started s
LEFT JOIN begun b ON b.item IS NOT DISTINCT FROM s.evidence_id AND b.log IS NOT DISTINCT FROM s.entry_id AND b.instance = s.task_instance
WHERE regexp_matches(s.program_path, '\.(exe|com|bat|cmd|ps1|vbs|js|wsf|msc|cpl|scr|msi)$', 'i')
