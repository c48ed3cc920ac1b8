-- name: in_cloud_folder
-- route: uploaded
-- grade: possible
-- shows: a file put in the window into a folder that a service keeps the same in its cloud (Dropbox, Google Drive, iCloud, Box, MEGA, pCloud, a private OneDrive)
-- does_not_show: that the program ran then and sent it; that the service is not one the client uses itself
-- reads: host_file, case_params
-- example: /Users/hanako/Dropbox/list.csv, made in the window
-- near_miss: the same made before the window; OneDrive - KOJO, of an organisation; a folder of that name elsewhere
SELECT f.evidence_id, f.entry_id, concat('put into the folder ', regexp_extract(f.path_key, '^/users/[^/]+/([^/]+)/', 1), ', which is kept the same in a cloud') AS reason,
    [concat('file_entry ', f.evidence_id, ' ', f.entry_id, ' ', f.locator)] AS supports
FROM host_file f, case_params p
WHERE f.kind = 'file'
  AND regexp_matches(f.path_key, '^/users/[^/]+/(dropbox( \([^/]+\))?|google drive|googledrive|my drive|マイドライブ|icloud ?drive|box( sync)?|megasync|mega|pcloud ?drive|onedrive|yandex\.disk)/')
  AND in_window(p.window_from, p.window_to, f.created_at, f.created_at)
