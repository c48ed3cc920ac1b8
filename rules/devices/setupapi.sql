-- name: setupapi
-- shows: that a device was installed, by the wall clock of the machine
-- does_not_show: the instant: the clock's zone is not in the log
-- reads: windows_setupapi
-- example: the section of a stick's first installation
-- near_miss: a section about a driver package
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, upper(enumerator) = 'USBSTOR' AS is_anchor,
    [CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END] AS identifiers,
    MAP {'vendor': vendor, 'product': product, 'vendor_id': vendor_id, 'product_id': product_id,
         'installed_local': strftime(started_local, '%Y-%m-%d %H:%M:%S')} AS attributes,
    MAP {'key_written': CAST(NULL AS TIMESTAMPTZ)} AS moments
FROM windows_setupapi
WHERE device_serial IS NOT NULL AND upper(enumerator) IN ('USBSTOR', 'USB', 'SCSI', 'SD', 'WPDBUSENUM')
