-- name: events
-- shows: arrivals and departures that event logs tell and no rule here reads closer
-- does_not_show: what the device is; connections while the log was off
-- reads: connected_answers
-- example: an arrival told by the log of the driver framework
-- near_miss: the registry's own times, which other rules read
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, true AS is_anchor,
    [CASE WHEN substr(device_serial, 2, 1) = '&' THEN concat('instance:', evidence_id, ':', upper(device_serial))
          ELSE concat('serial:', upper(device_serial)) END] AS identifiers,
    MAP {'event_source': regexp_extract(source, '([^/]+)\.sql$', 1)} AS attributes,
    MAP {'connected': coalesce(last_connected_at, first_connected_at), 'removed': last_removed_at} AS moments
FROM connected_answers
WHERE source LIKE 'rules/answers/%' AND NOT regexp_matches(source, '/(partition_diagnostic|disk_parent)\.sql$') AND device_serial IS NOT NULL
