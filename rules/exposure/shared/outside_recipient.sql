-- name: outside_recipient
-- shows: each address outside the client's own domains that the client sent a mail to, and whether the others were shown it (To, Cc)
-- does_not_show: that the mail arrived; without mail_domains in case.toml nothing is known to be outside
-- reads: mail_message, case_params
WITH recipient AS (
    SELECT *, unnest(list_concat(coalesce(to_addresses, []), coalesce(cc_addresses, []))) AS address, true AS is_shown FROM mail_message
    UNION ALL
    SELECT *, unnest(coalesce(bcc_addresses, [])) AS address, false AS is_shown FROM mail_message
)
SELECT m.evidence_id, m.entry_id, m.locator, coalesce(m.parser IN ('mail/mbox', 'mail/pst'), false) AS is_store, m.sent_at,
    lower(m.address) AS address, bool_or(m.is_shown) AS is_shown
FROM recipient m, case_params p
WHERE len(p.mail_domains) > 0
  AND NOT list_contains(p.mail_domains, lower(split_part(m.address, '@', -1)))
  AND len(list_filter(p.mail_domains, lambda d: lower(m.address) LIKE concat('%.', d))) = 0
  -- What came in from outside was not sent by the client; a sender that is no address is one of its own directory.
  AND (m.sender IS NULL OR m.sender NOT LIKE '%@%' OR list_contains(p.mail_domains, lower(split_part(m.sender, '@', -1)))
    OR len(list_filter(p.mail_domains, lambda d: lower(m.sender) LIKE concat('%.', d))) > 0)
  AND m.is_unsent IS NOT true
  AND (m.message_class IS NULL OR NOT regexp_matches(m.message_class, '(?i)^IPM\.(Contact|DistList|Appointment|Task|Activity|StickyNote)'))
GROUP BY m.evidence_id, m.entry_id, m.locator, m.parser, m.sent_at, lower(m.address)
