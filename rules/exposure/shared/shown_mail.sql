-- name: shown_mail
-- shows: mails of the client that show addresses of outsiders to one another (To, Cc): how many, and how many of these have nothing to do with one another
-- does_not_show: that this was not wanted; whether they know one another
-- reads: outside_recipient
WITH shown AS (
    SELECT r.evidence_id, r.entry_id, r.locator, r.is_store, r.sent_at, r.address,
        -- Addresses of one domain are colleagues, but those of a service anybody can have an address at.
        CASE WHEN regexp_matches(r.address, '@(gmail\.com|googlemail\.com|yahoo\.(co\.jp|com)|ymail\.ne\.jp|outlook\.(jp|com)|hotmail\.(co\.jp|com)|live\.(jp|com)|msn\.com|icloud\.com|me\.com|mac\.com|aol\.(jp|com)|proton\.me|protonmail\.com|[a-z.]*docomo\.ne\.jp|[a-z.]*ezweb\.ne\.jp|au\.com|softbank\.(ne\.jp|jp)|[a-z]\.vodafone\.ne\.jp|i\.softbank\.jp|ymobile\.ne\.jp|rakuten\.jp|nifty\.com|biglobe\.ne\.jp|[a-z0-9.]*ocn\.ne\.jp|[a-z0-9.]*so-net\.ne\.jp|[a-z0-9.]*plala\.or\.jp|excite\.co\.jp|goo\.jp|infoseek\.jp)$')
             THEN r.address ELSE split_part(r.address, '@', -1) END AS stranger
    FROM outside_recipient r
    WHERE r.is_shown
)
SELECT evidence_id, entry_id, locator, is_store, sent_at, count(DISTINCT address) AS address_count, count(DISTINCT stranger) AS stranger_count
FROM shown
GROUP BY ALL
