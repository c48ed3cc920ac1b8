-- name: clock_set
-- shows: each time the clock of the machine was set by more than a minute (System, Kernel-General 1): the times of all traces before and after it do not follow on one another
-- does_not_show: who meant it: synchronisation and virtual machines set clocks too; the account is an identifier, S-1-5-19 is the time service; steps below a minute; a change of the time zone, which does not change the clock
-- reads: windows_evtx
-- example: event 1 of Microsoft-Windows-Kernel-General with times more than a minute apart
-- near_miss: the same with times a second apart
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('clock set from ', event_data['OldTime'], ' to ', event_data['NewTime']) AS what,
    user_sid AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Kernel-General' AND event_id = 1
    AND abs(epoch(try_cast(event_data['NewTime'] AS TIMESTAMPTZ)) - epoch(try_cast(event_data['OldTime'] AS TIMESTAMPTZ))) > 60
