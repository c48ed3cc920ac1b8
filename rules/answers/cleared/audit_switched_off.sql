-- name: audit_switched_off
-- shows: each kind of event that was taken out of the audit (Security 4719), by whom: from then on it leaves no trace in the security log
-- does_not_show: that anything happened meanwhile; policies of a domain that do the same name the machine itself as the account
-- reads: windows_evtx
-- example: event 4719 of Microsoft-Windows-Security-Auditing with Success removed (%%8448) or Failure removed (%%8450)
-- near_miss: event 4719 that only adds to the audit
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    written_at AS "at",
    concat('audit of ', concat_ws(' and ',
        CASE WHEN contains(event_data['AuditPolicyChanges'], '%%8448') THEN 'success' END,
        CASE WHEN contains(event_data['AuditPolicyChanges'], '%%8450') THEN 'failure' END),
        ' switched off, subcategory ', lower(trim(event_data['SubcategoryGuid'], '{}'))) AS what,
    event_data['SubjectUserName'] AS account
FROM windows_evtx
WHERE provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 4719
    AND regexp_matches(event_data['AuditPolicyChanges'], '%%(8448|8450)')
