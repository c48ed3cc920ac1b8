-- name: device_arrived
-- shows: each time a USB device was found (Security 6416), a driver was loaded for it (DriverFrameworks-UserMode 2003), or it was set up and started (Kernel-PnP/Configuration 400, 410); one row an event
-- does_not_show: that it came at that moment: at a start of Windows devices already there are found anew; connections while these logs were off (DriverFrameworks is off since Windows 8, 6416 needs the audit of plug and play), Kernel-PnP tells the first one; a new driver for a device already there is left out
-- reads: windows_evtx
-- example: event 2003 of Microsoft-Windows-DriverFrameworks-UserMode about a device on USBSTOR
-- near_miss: event 400 about a driver changed for a device already there, and the event 410 behind it; event 430; a printer in event 6416
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status, written_at, provider, event_id, event_data['DeviceUpdated'] AS is_update,
        CASE provider WHEN 'Microsoft-Windows-Security-Auditing' THEN event_data['DeviceId']
             WHEN 'Microsoft-Windows-Kernel-PnP' THEN event_data['DeviceInstanceId']
             ELSE coalesce(event_data['UMDFHostDeviceArrivalBegin.instance'], event_data['UMDFHostDeviceArrivalBegin.InstanceId'],
            event_data['UMDFHostDeviceRequest.instance'], event_data['UMDFHostDeviceRequest.InstanceId']) END AS path
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Kernel-PnP' AND event_id IN (400, 410)
        OR provider = 'Microsoft-Windows-DriverFrameworks-UserMode' AND event_id = 2003
        OR provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 6416
), named AS (
    SELECT *,
        -- parsers/formats/device_keys.py: a path of a device, or one inside the name of another with # for \.
        CASE WHEN contains(path, '_??_')
             THEN regexp_extract(path, '_\?\?_([^#]+)#([^#]*)#([^#]*)', ['bus', 'model', 'instance'])
             ELSE regexp_extract(path, '^([^\\]+)\\([^\\]*)\\([^\\]+)$', ['bus', 'model', 'instance']) END AS id
    FROM told
    WHERE path IS NOT NULL
), updates AS (
    SELECT evidence_id AS item, entry_id AS log, path AS updated, written_at AS updated_at
    FROM told WHERE provider = 'Microsoft-Windows-Kernel-PnP' AND event_id = 400 AND lower(is_update) = 'true'
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    -- USBSTOR adds `&` and the number of the unit behind the serial number.
    CASE WHEN upper(id.bus) = 'USBSTOR' THEN regexp_replace(id.instance, '^(.+)&[0-9A-Fa-f]{1,4}$', '\1')
         ELSE id.instance END AS device_serial,
    written_at AS first_connected_at,
    written_at AS last_connected_at
FROM named
-- Hubs of the machine itself are on the bus USB too, but have no vendor number.
WHERE id.instance <> '' AND (upper(id.bus) = 'USBSTOR' OR upper(id.bus) = 'USB' AND upper(id.model) LIKE 'VID@_%' ESCAPE '@')
    AND coalesce(lower(is_update), 'false') <> 'true'
    -- A device whose driver is changed starts again within moments.
    AND NOT (event_id = 410 AND EXISTS (
        SELECT 1 FROM updates
        WHERE item IS NOT DISTINCT FROM evidence_id AND log IS NOT DISTINCT FROM entry_id AND updated = path
            AND written_at BETWEEN updated_at AND updated_at + INTERVAL 1 MINUTE))
