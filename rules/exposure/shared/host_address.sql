-- name: host_address
-- shows: addresses a host had, so that what a proxy or a firewall logged of them is known to be of that host
-- does_not_show: since when: an address may have been another host's at another time; addresses of hosts other than Windows
-- reads: windows_interfaces
SELECT address, min(evidence_id) AS evidence_id
FROM (
    SELECT evidence_id, dhcp_address AS address FROM windows_interfaces
    UNION
    SELECT evidence_id, unnest(static_addresses) FROM windows_interfaces
)
WHERE address NOT IN ('', '0.0.0.0', '255.255.255.255')
GROUP BY address
-- An address that two hosts of the case had tells neither.
HAVING count(DISTINCT evidence_id) = 1
