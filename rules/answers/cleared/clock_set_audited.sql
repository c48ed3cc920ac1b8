-- name: clock_set_audited
-- shows: each time the clock was set by more than a minute and not by the time service (Security 4616): by whom and with which program
-- does_not_show: who meant it: programs of virtual machines set clocks by themselves; nothing while the audit of security state changes is off; older versions of Windows write the two times as texts in their language and zone, which are given as they stand
-- reads: windows_evtx
-- example: event 4616 of Microsoft-Windows-Security-Auditing of a user's account
-- near_miss: event 4616 of LOCAL SERVICE (the time service); of a program that corrects a second
WITH changes AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at,
        trim(regexp_replace(concat(event_data['PreviousDate'], ' ', event_data['PreviousTime']), '[\x{200E}\x{200F}]', '', 'g')) AS before,
        trim(regexp_replace(concat(event_data['NewDate'], ' ', event_data['NewTime']), '[\x{200E}\x{200F}]', '', 'g')) AS after,
        event_data['ProcessName'] AS program, event_data['SubjectUserName'] AS account
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4616 AND coalesce(event_data['SubjectUserSid'], '') <> 'S-1-5-19'
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('clock set from ', before, ' to ', after, ' by ' || program) AS what,
    account
FROM changes
-- A text in a form that is not known here cannot be measured; it is kept where the two differ.
WHERE before <> after
    AND coalesce(abs(epoch(coalesce(try_cast(after AS TIMESTAMPTZ), try_strptime(after, '%m/%d/%Y %I:%M:%S %p')))
        - epoch(coalesce(try_cast(before AS TIMESTAMPTZ), try_strptime(before, '%m/%d/%Y %I:%M:%S %p')))) > 60, true)
