-- name: sent_outside_in_store
-- route: sent_outside
-- grade: possible
-- shows: a store of many mails (mbox, pst) of which at least one was addressed outside the client's own domains by the client: persons in the texts of its mails
-- does_not_show: which of its mails a person stands in, so that the persons of mails that stayed inside are among them; attachments, which the other rule tells one by one
-- reads: outside_recipient
-- example: a mbox with one mail to somebody@other.example
-- near_miss: a mbox whose mails all stayed inside; a single mail
SELECT
    evidence_id,
    entry_id,
    concat(count(DISTINCT locator), ' of its mails addressed outside, the first to the domain ', split_part(min_by(address, (locator, address)), '@', -1)) AS reason,
    [concat('mail_message ', evidence_id, ' ', entry_id, ' ', min(locator))] AS supports,
    'mail' AS medium
FROM outside_recipient
WHERE is_store
GROUP BY evidence_id, entry_id
