-- name: log_switched_off
-- shows: each channel of use to an examination that is switched off in the registry, with the last change of its key: what it would have told was not written
-- does_not_show: when it was switched off (the time is that of the last change of any of its settings), by whom, or that it was ever on: some are off until someone switches them on
-- reads: windows_event_log_setting
-- example: the channel Partition/Diagnostic switched off
-- near_miss: a channel switched on; a debug channel, which is off by design; a channel that is off unless someone needs it
SELECT case_id, evidence_id, entry_id, locator, parser, parser_version, status,
    key_written_at AS "at",
    concat('log switched off: ', channel) AS what
FROM windows_event_log_setting
WHERE setting_origin = 'channel' AND is_enabled = false
    -- Channels that Windows ships switched on, and Sysmon's.
    AND lower(channel) IN (
        'microsoft-windows-partition/diagnostic', 'microsoft-windows-kernel-pnp/configuration', 'microsoft-windows-storsvc/diagnostic',
        'microsoft-windows-ntfs/operational', 'microsoft-windows-terminalservices-localsessionmanager/operational',
        'microsoft-windows-terminalservices-remoteconnectionmanager/operational', 'microsoft-windows-terminalservices-rdpclient/operational',
        'microsoft-windows-windows defender/operational', 'microsoft-windows-powershell/operational', 'microsoft-windows-smbclient/connectivity',
        'microsoft-windows-smbclient/security', 'microsoft-windows-smbserver/security', 'microsoft-windows-wlan-autoconfig/operational',
        'microsoft-windows-networkprofile/operational', 'microsoft-windows-winrm/operational', 'microsoft-windows-bits-client/operational',
        'microsoft-windows-wmi-activity/operational', 'microsoft-windows-sysmon/operational',
        'microsoft-windows-windows firewall with advanced security/firewall', 'microsoft-windows-application-experience/program-telemetry')
