-- name: sent_outside
-- route: sent_outside
-- grade: confirmed
-- shows: an attachment, or the text, of a mail that the client addressed outside its own domains; of a store of many mails (mbox, pst) the attachments of such mails
-- does_not_show: that the mail arrived or was read; the text of mails within a store; without mail_domains in case.toml nothing is known to be outside
-- reads: mail_message, file_entry, case_params
-- example: a workbook attached to a mail to somebody@other.example
-- near_miss: the same mail to a colleague at the client's domain; a mail that came from outside; a draft; what else lies in the store
WITH RECURSIVE outside AS (
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
), sent AS (
    SELECT evidence_id, entry_id, locator, address, entry_id AS mail_entry_id FROM outside WHERE NOT is_store
    UNION
    SELECT f.evidence_id, f.entry_id, o.locator, o.address, o.entry_id
    FROM outside o JOIN file_entry f ON f.evidence_id = o.evidence_id AND f.container_entry_id = o.entry_id
    WHERE o.is_store AND starts_with(f.member_locator, concat(o.locator, '/'))
    UNION
    SELECT f.evidence_id, f.entry_id, s.locator, s.address, s.mail_entry_id
    FROM sent s JOIN file_entry f ON f.evidence_id = s.evidence_id AND f.container_entry_id = s.entry_id
)
SELECT
    evidence_id,
    entry_id,
    concat('in a mail addressed outside, to the domain ', split_part(min(address), '@', -1)) AS reason,
    [concat('mail_message ', evidence_id, ' ', min(mail_entry_id), ' ', min(locator))] AS supports
FROM sent
GROUP BY evidence_id, entry_id
