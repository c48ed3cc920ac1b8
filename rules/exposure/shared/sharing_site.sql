-- name: sharing_site
-- shows: hosts of services where anybody can store files or send them
-- does_not_show: services not listed; that a service is not one the client uses itself
-- reads: nothing
SELECT s.host
FROM (
    VALUES ('gigafile.nu'), ('firestorage.jp'), ('firestorage.com'), ('datadeliver.net'), ('xgf.nu'), ('getuploader.com'), ('axfc.net'),
        ('mega.nz'), ('mega.io'), ('mega.co.nz'), ('dropbox.com'), ('drive.google.com'), ('box.com'), ('onedrive.live.com'), ('1drv.ms'),
        ('icloud.com'), ('wetransfer.com'), ('transfernow.net'), ('sendgb.com'), ('sendspace.com'), ('mediafire.com'), ('pcloud.com'),
        ('gofile.io'), ('file.io'), ('transfer.sh'), ('anonfiles.com'), ('bashupload.com'), ('temp.sh'), ('0x0.st'), ('oshi.at'),
        ('catbox.moe'), ('tmpfiles.org'), ('pixeldrain.com'), ('workupload.com'), ('uploadfiles.io'), ('ufile.io'), ('send.vis.ee'),
        ('pastebin.com'), ('privatebin.net'), ('terabox.com'), ('yandex.disk'), ('disk.yandex.ru'), ('krakenfiles.com')
) s(host)
