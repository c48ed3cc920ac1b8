"""The same medium in other containers, and the same files without a medium, give the same rows."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

import pytest

from fixtures.builders import ewf2
from pipeline.evidence import source
from tests.whole_case import ask, copied, run_case

CONTENT = (
    "SELECT f.path, f.is_allocated, f.size_bytes, c.sha256, c.state FROM file_entry f JOIN entry_content c USING (evidence_id, entry_id) "
    "WHERE f.kind = 'file' ORDER BY ALL"
)
PERSONS = "SELECT full_name, phone_key, items FROM mention ORDER BY ALL"


def case_of(folder: Path) -> Path:
    (folder / "evidence").mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The stick of the demo case, run from its E01, and its bytes."""
    folder = tmp_path_factory.mktemp("containers")
    image = copied("usb-takeout", folder) / "evidence" / "USB01.E01"
    root = case_of(folder / "e01")
    (root / "evidence" / "USB01.E01").write_bytes(image.read_bytes())
    run_case(root)
    with source.open_media(source.identify(image)) as stream:
        return root, stream.read()


def test_raw_and_split_raw_give_the_rows_of_the_e01(medium: tuple[Path, bytes], tmp_path: Path) -> None:
    e01, content = medium
    raw = case_of(tmp_path / "raw")
    (raw / "evidence" / "USB01.dd").write_bytes(content)
    split = case_of(tmp_path / "split")
    half = 20 << 20
    (split / "evidence" / "USB01.001").write_bytes(content[:half])
    (split / "evidence" / "USB01.002").write_bytes(content[half:])
    for other in (raw, split):
        run_case(other)
        assert ask(other, CONTENT) == ask(e01, CONTENT)
        assert ask(other, PERSONS) == ask(e01, PERSONS)
        assert ask(other, "SELECT sha256, size_bytes FROM evidence_item") == ask(
            e01, "SELECT sha256, size_bytes FROM evidence_item"
        )
    assert ask(split, "SELECT segment_count FROM evidence_item") == [(2,)]


def vmdk(name: str, size: int) -> bytes:
    """A descriptor that names a flat extent beside it (VMware Virtual Disk Format 5.0, "The Descriptor File")."""
    lines = [
        "# Disk DescriptorFile", "version=1", "CID=fffffffe", "parentCID=ffffffff", 'createType="monolithicFlat"', "",
        "# Extent description", f'RW {size // 512} FLAT "{name}" 0', "", "# The Disk Data Base", "#DDB", "",
        'ddb.adapterType = "ide"',
    ]  # fmt: skip
    return "\n".join(lines).encode() + b"\n"


def vhd(content: bytes) -> bytes:
    """A fixed disk: the medium, then its footer (Virtual Hard Disk Image Format Specification, "Hard Disk Footer Format")."""
    size = len(content)
    footer = bytearray(
        struct.pack(">8sIIQI4sI4sQQIII16sB", b"conectix", 2, 0x10000, 2**64 - 1, 0, b"knsk", 1, b"Wi2k", size, size, 0, 2, 0, bytes(16), 0)
    ).ljust(512, b"\0")  # fmt: skip
    struct.pack_into(">I", footer, 64, ~sum(footer) & 0xFFFFFFFF)
    return content + bytes(footer)


def qcow2(content: bytes) -> bytes:
    """Clusters one after another behind the tables that name them (QEMU docs/interop/qcow2, version 2)."""
    cluster = 1 << 16
    count = -(-len(content) // cluster)
    tables = -(-count // (cluster // 8))
    first = 1 + 1 + tables  # header, level 1 table, level 2 tables
    header = struct.pack(
        ">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, len(content), 0, tables, cluster, 0, 0, 0, 0
    )
    level1 = struct.pack(f">{tables}Q", *(1 << 63 | (2 + n) * cluster for n in range(tables)))
    level2 = struct.pack(f">{count}Q", *(1 << 63 | (first + n) * cluster for n in range(count)))
    parts = ((header, 1), (level1, 1), (level2, tables), (content, count))
    return b"".join(one.ljust(clusters * cluster, b"\0") for one, clusters in parts)


@pytest.mark.parametrize("kind", ["ewf", "vmdk", "vhd", "qcow2"])
def test_a_virtual_disk_gives_the_rows_of_the_e01(
    medium: tuple[Path, bytes], tmp_path: Path, kind: str
) -> None:
    e01, content = medium
    root = case_of(tmp_path / kind)
    made = {
        "ewf": lambda: ewf2.build(content),
        "vmdk": lambda: vmdk("USB01-flat.vmdk", len(content)),
        "vhd": lambda: vhd(content),
        "qcow2": lambda: qcow2(content),
    }[kind]()
    (root / "evidence" / f"USB01.{'Ex01' if kind == 'ewf' else kind}").write_bytes(made)
    if kind == "vmdk":
        (root / "evidence" / "USB01-flat.vmdk").write_bytes(content)
    run_case(root)
    item = "SELECT format, sha256, size_bytes FROM evidence_item"
    assert ask(root, item) == [(kind, *ask(e01, item)[0][1:])]
    # Of these only the Expert Witness formats state digests of the medium.
    acquisition = "match" if kind == "ewf" else "absent"
    assert ask(root, "SELECT acquisition FROM evidence_item") == [(acquisition,)]
    assert ask(root, CONTENT) == ask(e01, CONTENT)
    assert ask(root, PERSONS) == ask(e01, PERSONS)


def test_a_folder_and_a_zip_give_the_rows_of_the_files(medium: tuple[Path, bytes], tmp_path: Path) -> None:
    e01, _ = medium
    files = {
        "顧客一覧_2026.csv": b"a,b\n",
        "inner/氏名.csv": "氏名,電話番号\n見本 太郎,090-1111-2222\n".encode("cp932"),
    }
    folder = case_of(tmp_path / "folder")
    for name, content in files.items():
        path = folder / "evidence" / "stick" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    packed = case_of(tmp_path / "zip")
    with zipfile.ZipFile(packed / "evidence" / "stick.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    run_case(folder)
    run_case(packed)
    assert ask(folder, CONTENT) == ask(packed, CONTENT)
    assert len(ask(folder, CONTENT)) == len(files)
    assert ask(folder, PERSONS) == ask(packed, PERSONS) != []
    assert ask(e01, CONTENT) != []
