"""The same medium in other containers, and the same files without a medium, give the same rows."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.evidence import source
from tests.whole_case import ask, copied, run_case

pytestmark = pytest.mark.xdist_group("containers")

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
