-- name: setupapi
-- shows: that a device was installed, by the wall clock of the machine, and when, where the zone of that machine is known; what Windows installs because it was plugged in is a connection
-- does_not_show: connections for which nothing had to be installed; the instant, where nothing tells the zone
-- reads: windows_setupapi, machine_clock
-- example: the section of a stick's first installation, on a machine of a known zone and on one of none
-- near_miss: a section about a driver package
SELECT s.case_id, s.evidence_id, s.entry_id, s.locator, s.parser, s.parser_version, s.status, upper(s.enumerator) = 'USBSTOR' AS is_anchor,
    [CASE WHEN s.is_serial_generated THEN concat('instance:', s.evidence_id, ':', upper(s.device_serial)) ELSE concat('serial:', upper(s.device_serial)) END] AS identifiers,
    MAP {'vendor': s.vendor, 'product': s.product, 'vendor_id': s.vendor_id, 'product_id': s.product_id,
         'installed_local': strftime(s.started_local, '%Y-%m-%d %H:%M:%S')} AS attributes,
    -- An installation that the plugging in began: others are begun by a person or by an update.
    MAP {CASE WHEN s.section_title ILIKE '%hardware initiated%' THEN 'plugged_in' ELSE 'installed' END:
         CASE WHEN s.started_local < c.until_local THEN CAST(s.started_local AS TIMESTAMPTZ) - to_minutes(c.earliest_offset_minutes) END} AS moments,
    CASE WHEN s.started_local < c.until_local THEN CAST(s.started_local AS TIMESTAMPTZ) - to_minutes(c.latest_offset_minutes) END AS latest_at,
    c.certainty
FROM windows_setupapi AS s ASOF LEFT JOIN machine_clock AS c ON s.evidence_id = c.evidence_id AND s.started_local >= c.from_local
WHERE s.device_serial IS NOT NULL AND upper(s.enumerator) IN ('USBSTOR', 'USB', 'SCSI', 'SD', 'WPDBUSENUM')
