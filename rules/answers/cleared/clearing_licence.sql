-- name: clearing_licence
-- shows: the licence of SDelete, which overwrites files and free space, accepted by a user, which it asks for at its first start; not where the keys of many tools were written at once
-- does_not_show: what was wiped, or that anything was; later starts; a licence may be accepted by a script that starts nothing
-- reads: windows_eula_accepted
-- example: EulaAccepted of SDelete, alone
-- near_miss: SDelete among the tools of a suite that was installed; PsExec
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    accepted_at AS "at",
    concat('licence of a program that wipes accepted: ', tool_name) AS what,
    profile_name AS account
FROM windows_eula_accepted
WHERE is_accepted AND accepted_together_count < 5 AND lower(tool_name) = 'sdelete'
