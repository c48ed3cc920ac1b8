-- name: instance_id
-- shows: USB devices by the name Windows gave their instance, in events about setting them up (Kernel-PnP/Configuration 400, 410, 430; System 20001 of UserPnp), about drivers for them (DriverFrameworks-UserMode 2003, 2100, 2102) and about devices found (Security 6416); one row an event
-- does_not_show: that files were copied; devices while these logs were off (DriverFrameworks is off since Windows 8, 6416 needs the audit of plug and play) or have been overwritten; memory cards and disks on other buses
-- reads: windows_evtx
-- example: event 410 of Microsoft-Windows-Kernel-PnP about a device on USBSTOR; event 2003 about one inside the name of a portable device
-- near_miss: event 6416 about a printer; event 400 about a hub of the machine
WITH told AS (
    SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
        CASE provider WHEN 'Microsoft-Windows-Security-Auditing' THEN event_data['DeviceId']
             WHEN 'Microsoft-Windows-UserPnp' THEN event_data['InstallDeviceID.DeviceInstanceID']
             WHEN 'Microsoft-Windows-Kernel-PnP' THEN event_data['DeviceInstanceId']
             ELSE coalesce(event_data['UMDFHostDeviceArrivalBegin.instance'], event_data['UMDFHostDeviceArrivalBegin.InstanceId'],
            event_data['UMDFHostDeviceRequest.instance'], event_data['UMDFHostDeviceRequest.InstanceId']) END AS path
    FROM windows_evtx
    WHERE provider = 'Microsoft-Windows-Kernel-PnP' AND event_id IN (400, 410, 430)
        OR provider = 'Microsoft-Windows-DriverFrameworks-UserMode' AND event_id IN (2003, 2100, 2102)
        OR provider = 'Microsoft-Windows-UserPnp' AND event_id = 20001
        OR provider = 'Microsoft-Windows-Security-Auditing' AND event_id = 6416
), named AS (
    SELECT *,
        -- parsers/formats/device_keys.py: a path of a device, or one inside the name of another with # for \.
        CASE WHEN contains(path, '_??_')
             THEN regexp_extract(path, '_\?\?_([^#]+)#([^#]*)#([^#]*)', ['bus', 'model', 'instance'])
             ELSE regexp_extract(path, '^([^\\]+)\\([^\\]*)\\([^\\]+)$', ['bus', 'model', 'instance']) END AS id
    FROM told
    WHERE path IS NOT NULL
)
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    -- USBSTOR adds `&` and the number of the unit behind the serial number.
    CASE WHEN upper(id.bus) = 'USBSTOR' THEN regexp_replace(id.instance, '^(.+)&[0-9A-Fa-f]{1,4}$', '\1')
         ELSE id.instance END AS device_serial,
    nullif(regexp_extract(id.model, '(?i)&Ven_(.*?)&Prod_', 1), '') AS vendor,
    nullif(regexp_extract(id.model, '(?i)&Prod_(.*?)(?:&Rev_.*)?$', 1), '') AS product,
    substr(device_serial, 2, 1) = '&' AS is_serial_generated
FROM named
-- Hubs of the machine itself are on the bus USB too, but have no vendor number.
WHERE id.instance <> '' AND (upper(id.bus) = 'USBSTOR' OR upper(id.bus) = 'USB' AND upper(id.model) LIKE 'VID@_%' ESCAPE '@')
