-- name: usb
-- shows: the USB side of a device: vendor and product number, container, and the registry's own times; by itself a device only where its driver is one of storage or of portable devices
-- does_not_show: what kind of device it is where another driver serves it (keyboards, hubs): such rows say nothing unless another source knows the device
-- reads: windows_usbstor
-- example: the USB row of a disk behind the UAS driver
-- near_miss: a row of USBSTOR
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    coalesce(lower(service) IN ('usbstor', 'uaspstor', 'wudfwpdmtp', 'wudfwpdfs'), false) AS is_anchor,
    list_filter([
        CASE WHEN is_serial_generated THEN concat('instance:', evidence_id, ':', upper(device_serial)) ELSE concat('serial:', upper(device_serial)) END,
        'container:' || lower(container_id),
        -- USBSTOR names the instance after this prefix where the device has no serial number of its own.
        concat('instance:', evidence_id, ':') || upper(parent_id_prefix)
    ], lambda x: x IS NOT NULL) AS identifiers,
    MAP {'vendor_id': vendor_id, 'product_id': product_id, 'port_location': port_location,
         'is_serial_generated': CAST(is_serial_generated AS VARCHAR)} AS attributes,
    MAP {'first_connected': first_installed_at, 'last_connected': last_connected_at, 'last_removed': last_removed_at} AS moments
FROM windows_usbstor
WHERE bus = 'USB' AND vendor_id IS NOT NULL
