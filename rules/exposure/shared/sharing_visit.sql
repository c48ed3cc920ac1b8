-- name: sharing_visit
-- shows: visits in the window, in a browser, to services where anybody can store or send files
-- does_not_show: that something was sent: such pages are for fetching files too; services not listed here; that a service is not one the client uses itself
-- reads: visited, browser_visit, case_params
WITH site(host) AS (
    VALUES ('gigafile.nu'), ('firestorage.jp'), ('firestorage.com'), ('datadeliver.net'), ('xgf.nu'), ('getuploader.com'), ('axfc.net'),
        ('mega.nz'), ('mega.io'), ('mega.co.nz'), ('dropbox.com'), ('drive.google.com'), ('box.com'), ('onedrive.live.com'), ('1drv.ms'),
        ('icloud.com'), ('wetransfer.com'), ('transfernow.net'), ('sendgb.com'), ('sendspace.com'), ('mediafire.com'), ('pcloud.com'),
        ('gofile.io'), ('file.io'), ('transfer.sh'), ('anonfiles.com'), ('bashupload.com'), ('temp.sh'), ('0x0.st'), ('oshi.at'),
        ('catbox.moe'), ('tmpfiles.org'), ('pixeldrain.com'), ('workupload.com'), ('uploadfiles.io'), ('ufile.io'), ('send.vis.ee'),
        ('pastebin.com'), ('privatebin.net'), ('terabox.com'), ('yandex.disk'), ('disk.yandex.ru'), ('krakenfiles.com')
), visit AS (
    SELECT v.evidence_id, v."at", v.latest_at, v.url, b.page_title,
        lower(regexp_extract(v.url, '^[A-Za-z]+://(?:[^/@]*@)?([^/:?#]+)', 1)) AS host,
        concat('visited ', v.evidence_id, ' ', v.entry_id, ' ', v.locator) AS support
    FROM visited v
    LEFT JOIN browser_visit b ON b.evidence_id = v.evidence_id AND b.entry_id = v.entry_id AND b.locator = v.locator
)
SELECT DISTINCT v.evidence_id, v."at", v.latest_at, v.url, v.page_title, s.host, v.support
FROM visit v JOIN site s ON v.host = s.host OR ends_with(v.host, concat('.', s.host)), case_params p
WHERE in_window(p.window_from, p.window_to, v."at", v.latest_at)
