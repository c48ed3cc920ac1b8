-- name: sent_outside_in_store
-- route: sent_outside
-- grade: possible
-- shows: a store of many mails (mbox, pst) of which at least one was addressed outside the client's own domains by the client: persons in the texts of its mails
-- does_not_show: which of its mails a person stands in, so that the persons of mails that stayed inside are among them; attachments, which the other rule tells one by one
-- reads: mail_message, case_params
-- example: a mbox with one mail to somebody@other.example
-- near_miss: a mbox whose mails all stayed inside; a single mail
WITH outside AS (
    SELECT m.evidence_id, m.entry_id, m.locator, coalesce(m.parser IN ('mail/mbox', 'mail/pst'), false) AS is_store, min(address) AS address
    FROM mail_message m, case_params p,
        unnest(list_concat(coalesce(m.to_addresses, []), coalesce(m.cc_addresses, []), coalesce(m.bcc_addresses, []))) AS a(address)
    WHERE len(p.mail_domains) > 0
      AND NOT list_contains(p.mail_domains, lower(split_part(address, '@', -1)))
      AND len(list_filter(p.mail_domains, lambda d: lower(address) LIKE concat('%.', d))) = 0
      -- What came in from outside was not sent by the client; a sender that is no address is one of its own directory.
      AND (m.sender IS NULL OR m.sender NOT LIKE '%@%' OR list_contains(p.mail_domains, lower(split_part(m.sender, '@', -1)))
        OR len(list_filter(p.mail_domains, lambda d: lower(m.sender) LIKE concat('%.', d))) > 0)
      AND m.is_unsent IS NOT true
      AND (m.message_class IS NULL OR NOT regexp_matches(m.message_class, '(?i)^IPM\.(Contact|DistList|Appointment|Task|Activity|StickyNote)'))
    GROUP BY m.evidence_id, m.entry_id, m.locator, m.parser
)
SELECT
    evidence_id,
    entry_id,
    concat(count(*), ' of its mails addressed outside, the first to the domain ', split_part(min_by(address, locator), '@', -1)) AS reason,
    [concat('mail_message ', evidence_id, ' ', entry_id, ' ', min(locator))] AS supports
FROM outside
WHERE is_store
GROUP BY evidence_id, entry_id
