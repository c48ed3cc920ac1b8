"""Makes what is measured, by the project's own builders: `python -m tests.bench.inputs NAME COUNT FOLDER`.

The corpus of real files is only used where KANSHIKI_CORPUS names it. Its files are linked (or copied, where that
cannot be) into a folder outside the project that is removed after the run.
"""

from __future__ import annotations

import lzma
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.builders import evtx, hives, jump_lists, lnk, mft, ntfs_files, regf, scca, user_hives

AT = datetime(2026, 4, 1, tzinfo=UTC)
MACHINE, ACCOUNT, SID = "EIGYO-PC01", "eigyo", "S-1-5-21-1004336348-1177238915-682003330-1104"


def event_log(count: int, folder: Path) -> None:
    """Logons, refusals, logoffs and file accesses, as a security log holds them."""

    def records() -> Iterator[evtx.EventRecord]:
        for number in range(1, count + 1):
            at = AT + timedelta(seconds=7 * number)
            match number % 4:
                case 0:
                    yield evtx.logon(number, at, computer=MACHINE, account=ACCOUNT, sid=SID, logon_id=number)
                case 1:
                    yield evtx.logoff(number, at, computer=MACHINE, account=ACCOUNT, sid=SID, logon_id=number)
                case 2:
                    address = f"192.0.2.{number % 250}"
                    yield evtx.failed_logon(number, at, computer=MACHINE, account="admin", address=address)
                case _:
                    path = rf"C:\営業\顧客\名簿{number}.xlsx"
                    process = r"C:\Windows\explorer.exe"
                    yield evtx.object_access(
                        number, at, computer=MACHINE, account=ACCOUNT, sid=SID, path=path, process=process
                    )

    (folder / "Security.evtx").write_bytes(evtx.build(records()))


def registry(count: int, folder: Path) -> None:
    """A user's hive of `count` keys, most of them of no interest, and a SYSTEM hive with one USB disk for every 100."""
    explorer = user_hives.EXPLORER
    keys: dict[str, list[regf.Value]] = {}
    for number in range(count):
        path = rf"Software\見本\Program{number % 200:03d}\Settings{number:06d}"
        keys[path] = [
            regf.sz("Name", f"値{number}"),
            regf.dword("Count", number),
            regf.binary("Blob", bytes(64)),
        ]
    few = max(count // 100, 10)
    for number in range(few):
        keys[rf"{explorer}\MountPoints2\{{{number:08x}-9000-11f1-8001-020000000002}}"] = []
        listed = [user_hives.recent_value(one, f"名簿{number}-{one}.x{number}", f"名簿{number}-{one}.lnk") for one in range(20)]  # fmt: skip
        keys[rf"{explorer}\RecentDocs\.x{number}"] = [user_hives.mru_list_ex(*range(20)), *listed]
    programs = rf"{explorer}\UserAssist\{{CEBFF5CD-ACE2-4F4F-9178-9926F41749EA}}"
    keys[programs] = [regf.dword("Version", 5)]
    keys[rf"{programs}\Count"] = [
        user_hives.assist_value(rf"C:\Program Files\App{number}\app.exe", runs=number, at=AT)
        for number in range(few)
    ]
    (folder / "NTUSER.DAT").write_bytes(user_hives.hive(keys))
    disks = [
        hives.UsbDisk(
            vendor="Mihon", product=f"Stick{number:05d}", revision="1.00", serial=f"{number:012X}", vendor_id="1234",
            product_id="5678", friendly_name=f"Mihon Stick{number:05d} USB Device",
            container_id=f"{{{number:08x}-1111-5222-8333-444455556666}}",
            disk_id=f"{{{number:08x}-aaaa-11f1-8001-020000000002}}", first_installed_at=AT, last_connected_at=AT,
        )
        for number in range(few)
    ]  # fmt: skip
    (folder / "SYSTEM").write_bytes(hives.system_hive(computer_name=MACHINE, written_at=AT, disks=disks))


def small_files(count: int, folder: Path) -> None:
    """Shortcuts and prefetch files, two in five each, and jump lists of both kinds."""
    volume = lnk.Volume(serial=0x0A1B2C3D, drive_type=lnk.REMOVABLE, label="営業メモリ")
    for number in range(count):
        target, at = rf"E:\顧客\名簿{number}.xlsx", AT + timedelta(minutes=number)
        times = {"created_at": at, "modified_at": at, "accessed_at": at}
        link = lnk.build(target=target, volume=volume, size=number, is_path_unicode=True, **times)
        kind = number % 5
        if kind in (0, 1):
            name, content = f"{number}.lnk", link
        elif kind in (2, 3):
            name = f"APP{number}.EXE-{number:08X}.pf"
            files = [(rf"\VOLUME{{01d8}}\WINDOWS\SYSTEM32\DLL{one}.DLL", one | 1 << 48) for one in range(40)]
            stick = scca.Volume(
                device_path=r"\VOLUME{01d8}",
                serial=0x9C31D00F,
                created_at=AT,
                folders=(r"\VOLUME{01d8}\WINDOWS",),
            )
            runs = [at, at - timedelta(days=1)]
            content = scca.pack(
                scca.prefetch_bytes(
                    name=f"APP{number}.EXE",
                    hash_value=number,
                    runs=runs,
                    run_count=2,
                    files=files,
                    volumes=[stick],
                )
            )
        elif number % 10 < 5:
            name = f"{number:016x}.automaticDestinations-ms"
            entries = [jump_lists.Entry(number=one, path=target, used_at=at) for one in range(1, 9)]
            content = jump_lists.automatic(dict.fromkeys(range(1, 9), link), entries)
        else:
            name = f"{number:016x}.customDestinations-ms"
            content = jump_lists.custom([("最近", [link] * 4), (None, [link])])
        (folder / name).write_bytes(content)


def master_file_table(count: int, folder: Path) -> None:
    """A loose $MFT: a folder for every hundred files."""
    few = [
        mft.Entry(index=0, names=(mft.Name(text="$MFT"),), size=count * 1024, attributes=6),
        mft.Entry(index=5, sequence=5, names=(mft.Name(text="."),), is_directory=True, attributes=6),
    ]
    parent = mft.ROOT
    for number in range(64, count):
        if number % 100 == 0:
            few.append(mft.Entry(index=number, names=(mft.Name(text=f"営業{number}"),), is_directory=True))
            parent = number | 1 << 48
        else:
            names = (mft.Name(text=f"名簿{number}.xlsx", parent=parent),)
            few.append(mft.Entry(index=number, names=names, size=number, is_in_use=number % 7 != 0))
    (folder / "$MFT").write_bytes(mft.table(tuple(few), count=count))


def change_journal(count: int, folder: Path) -> None:
    """A journal of `count` records: loose in `loose/$J`, and, where mkntfs and ntfscp are, as a stream of `ntfs.raw`."""
    changes = (
        ntfs_files.Change(
            name=f"名簿{number // 3}.xlsx", reason=(0x100, 0x102, 0x80000102)[number % 3], at=AT + timedelta(seconds=number),
            file=(100 + number // 3) | 1 << 48, parent=64 | 1 << 48,
        )
        for number in range(count)
    )  # fmt: skip
    (folder / "loose").mkdir()
    journal = folder / "loose" / "$J"
    journal.write_bytes(ntfs_files.usn_stream(changes))
    if shutil.which("mkntfs") is None or shutil.which("ntfscp") is None:
        return
    image = folder / "ntfs.raw"
    with image.open("wb") as made:
        made.truncate((64 << 20) + 2 * journal.stat().st_size)
    subprocess.run(["mkntfs", "-F", "-q", "-Q", str(image)], check=True, capture_output=True)  # noqa: S607
    # No tool makes $Extend\$UsnJrnl, which Windows makes itself; $Reparse stands there and its name is as long.
    old, new = ("$Reparse".encode("utf-16-le"), "$UsnJrnl".encode("utf-16-le"))
    image.write_bytes(image.read_bytes().replace(old, new))
    command = ["ntfscp", "-f", "-N", "$J", str(image), str(journal), "$Extend/$UsnJrnl"]
    subprocess.run(command, check=True, capture_output=True)


def corpus_files(kind: str, folder: Path) -> int:
    """The files of one kind of the corpus, each in a folder of its own under its own name; gives how many."""
    corpus = Path(os.environ["KANSHIKI_CORPUS"])
    lines = (corpus / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    named = lines[0].split("\t")
    listed = [dict(zip(named, line.split("\t"), strict=False)) for line in lines[1:]]
    chosen = sorted(one["path"] for one in listed if one.get("kind") == kind)
    for number, path in enumerate(chosen):
        place = folder / f"{number:03d}" / Path(path).name.removesuffix(".xz")
        place.parent.mkdir()
        if path.endswith(".xz"):
            place.write_bytes(lzma.decompress((corpus / path).read_bytes()))
            continue
        try:
            place.hardlink_to(corpus / path)
        except OSError:
            shutil.copyfile(corpus / path, place)
    return len(chosen)


BUILDERS: dict[str, Callable[[int, Path], None]] = {
    "event_log": event_log,
    "registry": registry,
    "small_files": small_files,
    "master_file_table": master_file_table,
    "change_journal": change_journal,
}


def main(name: str, count: int, folder: Path) -> None:
    """Build one input; a folder that is there already is complete and is kept."""
    if folder.exists():
        return
    fresh = folder.with_name(f".{folder.name}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    if name in BUILDERS:
        BUILDERS[name](count, fresh)
    else:
        corpus_files(name, fresh)
    fresh.rename(folder)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
