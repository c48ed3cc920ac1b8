"""Hives as built, read, left dirty, cut and broken. `python -m tests.test_regf` reads the broken ones."""

from __future__ import annotations

import io
import random
import resource
import struct
import subprocess
import sys
import tempfile
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pyregf
import pytest
from regipy.recovery import apply_transaction_logs
from regipy.registry import RegistryHive

from fixtures.builders import hives, regf
from fixtures.builders.regf import Key, binary, device_time, dword, multi_sz, qword, sz
from parsers.contract import Problem, ProblemKind, Row, Status
from parsers.formats import filetime
from parsers.formats.regf import open_hive
from parsers.formats.regf_cells import CellKey
from parsers.formats.regf_log import marvin32, read_log, replay
from parsers.formats.regf_tree import Hive
from parsers.formats.regf_tree import Key as ReadKey
from parsers.windows.mounted_devices import mounted_devices
from parsers.windows.usbstor import usbstor
from tests.artefacts import FileArtefact, artefact, from_bytes

AT = datetime(2026, 9, 1, 1, 2, 3, 456789, tzinfo=UTC)
MUTANTS = 300
SEED = 20260901
ROOT = Path(__file__).resolve().parents[1]


def key(name: str, *subkeys: Key, values: tuple[regf.Value, ...] = ()) -> Key:
    return Key(name=name, written_at=AT, values=values, subkeys=subkeys)


TREE = key(
    "ROOT",
    key(
        "Types",
        values=(
            sz("text", "値"),
            dword("dword", 7),
            qword("qword", 1 << 40),
            binary("bytes", b"\0\1\2\3\4"),
            multi_sz("texts", ("one", "二")),
            device_time(AT),
        ),
    ),
    key("Many", *(key(f"k{number:04}") for number in range(1200))),
    key("日本語", values=(binary("big", bytes(range(256)) * 200),)),
)
BEFORE, AFTER = key("ROOT", key("a")), key("ROOT", key("a"), key("added", values=(dword("new", 1),)))


def hive_of(content: bytes, folder: Path, **logs: bytes) -> Hive:
    return open_hive(with_logs(content, folder, **logs))


def with_logs(content: bytes, folder: Path, **logs: bytes) -> FileArtefact:
    (folder / "SYSTEM").write_bytes(content)
    for suffix, log in logs.items():
        (folder / f"SYSTEM.{suffix}").write_bytes(log)
    return artefact(folder / "SYSTEM", **{suffix: folder / f"SYSTEM.{suffix}" for suffix in logs})


def regipy_replay(folder: Path) -> tuple[str, int]:
    hive, log = str(folder / "SYSTEM"), str(folder / "SYSTEM.LOG1")
    restored, pages = apply_transaction_logs(hive, log, restored_hive_path=str(folder / "restored"))
    return str(restored), pages


def names(hive: Hive) -> list[str]:
    return [one.path for one in hive.walk()]


def contents(hive: Hive) -> list[tuple[object, ...]]:
    return [
        (one.path, one.written_at, [(each.name, each.kind, each.content) for each in hive.values(one)])
        for one in hive.walk()
    ]


def kinds(hive: Hive) -> list[ProblemKind]:
    return [one.kind for one in hive.problems()]


def test_the_same_tree_gives_the_same_bytes() -> None:
    assert regf.build(TREE, file_name="SYSTEM") == regf.build(TREE, file_name="SYSTEM")


def test_built_hives_read_alike_in_libregf_and_regipy(tmp_path: Path) -> None:
    (tmp_path / "hive").write_bytes(regf.build(TREE, file_name="SYSTEM"))
    file = pyregf.file()
    file.open(str(tmp_path / "hive"))
    libyal, second = file.get_root_key(), RegistryHive(str(tmp_path / "hive"))
    assert not file.is_corrupted()
    assert [one.name for one in libyal.sub_keys] == [one.name for one in second.root.iter_subkeys()]
    for path in ("Types", "日本語"):
        ours = [(one.name or "(default)", one.type) for one in libyal.get_sub_key_by_path(path).values]
        theirs = [(one.name, one.value_type) for one in second.get_key(f"\\{path}").iter_values()]
        assert [name for name, _ in ours] == [name for name, _ in theirs]
    assert libyal.get_sub_key_by_path("Types").get_last_written_time() == AT.replace(tzinfo=None)
    assert second.get_key("\\Types").header.last_modified == filetime.ticks(AT)
    assert {one.name: one.value for one in second.get_key("\\Types").iter_values()}["texts"] == ["one", "二"]
    assert (
        len(list(second.get_key("\\Many").iter_subkeys()))
        == libyal.get_sub_key_by_path("Many").number_of_sub_keys
        == 1200
    )
    assert libyal.get_sub_key_by_path("日本語").get_value_by_name("big").data == bytes(range(256)) * 200
    file.close()


def test_a_hive_gives_keys_values_and_types(tmp_path: Path) -> None:
    hive = hive_of(regf.build(TREE, file_name="SYSTEM"), tmp_path)
    types = hive.key("types")
    assert types is not None
    assert types.written_at == AT
    values = hive.named(types)
    assert hive.as_text(values["TEXT"]) == "値"
    assert hive.as_number(values["dword"]) == 7
    assert hive.as_number(values["qword"]) == 1 << 40
    assert hive.as_instant(values[""]) == AT
    assert values["absent"] is None
    assert hive.key(r"Many\k0600") is not None
    assert hive.key(r"Many\k9999") is None
    assert len(names(hive)) == 1204
    assert hive.status() is Status.OK
    assert kinds(hive) == []


def test_data_of_one_to_four_bytes_are_read_from_their_first_byte(tmp_path: Path) -> None:
    tree = key("ROOT", values=tuple(binary(f"v{size}", bytes(range(1, size + 1))) for size in range(7)))
    hive = hive_of(regf.build(tree, file_name="SYSTEM"), tmp_path)
    assert hive.root is not None
    assert [one.content for one in hive.values(hive.root)] == [bytes(range(1, size + 1)) for size in range(7)]


def test_cells_read_alone_give_what_libregf_gives(tmp_path: Path) -> None:
    content = regf.build(TREE, file_name="SYSTEM")
    whole = hive_of(content, tmp_path)
    alone = Hive(content=io.BytesIO(content))
    cell = CellKey(alone.content, int.from_bytes(content[36:40], "little"))
    alone.root = ReadKey(path="", name=cell.name, written_at=AT, cell=cell)
    assert contents(alone) == contents(whole)
    assert kinds(alone) == kinds(whole) == []


def test_a_value_of_another_type_is_null_and_a_problem_that_names_the_column(tmp_path: Path) -> None:
    hive = hive_of(regf.build(TREE, file_name="SYSTEM"), tmp_path)
    types = hive.key("Types")
    assert types is not None
    values = hive.named(types)
    assert hive.as_text(values["dword"], "service") is None
    assert hive.as_instant(values["bytes"], "installed_at") is None
    assert hive.as_number(values["text"], "current") is None
    assert hive.status() is Status.PARTIAL
    assert [one.column for one in hive.problems()] == ["service", "installed_at", "current"]
    assert hive.status() is Status.OK


@pytest.mark.parametrize("ticks", [-1, 1 << 63, (1 << 64) - 1, (1 << 63) - 1])
def test_a_filetime_that_is_no_time_is_refused(ticks: int) -> None:
    with pytest.raises(ValueError, match="FILETIME"):
        filetime.instant(ticks)


def test_a_filetime_is_cut_to_microseconds_and_zero_is_never() -> None:
    assert filetime.instant(0) is None
    assert filetime.instant(filetime.ticks(AT) + 9) == AT


@pytest.mark.parametrize(
    ("seed", "content", "expected"),
    # Vectors of the Marvin32 of .NET (Marvin.Tests) and of the Rust crate marvin32, low and high half folded.
    [
        (0x004FB61A001BDBCC, b"", 0x30ED35C100CD3C7D),
        (0x004FB61A001BDBCC, b"\xaf", 0x48E73FC77D75DDC1),
    ],
)
def test_marvin32_gives_the_published_values(seed: int, content: bytes, expected: int) -> None:
    assert marvin32(content, seed) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", 0xB00892AC), (b"h", 0xF41A608E), (b"hell", 0x7F91E021), (b"hello, world!", 0x00C18515)],
)
def test_marvin32_with_the_seed_of_hives_gives_the_published_values(content: bytes, expected: int) -> None:
    found = marvin32(content)
    assert found >> 32 ^ found & 0xFFFFFFFF == expected


def test_replaying_the_log_adds_the_key_and_so_does_regipy(tmp_path: Path) -> None:
    dirty, log = regf.build_dirty(BEFORE, AFTER, file_name="SYSTEM")
    hive = hive_of(dirty, tmp_path, LOG1=log)
    assert names(hive) == ["", "\\a", "\\added"]
    assert (hive.is_dirty, hive.replayed_count, hive.status(), kinds(hive)) == (True, 1, Status.OK, [])
    assert bytes(replay(dirty, [read_log(".LOG1", log)]).content) == regf.build(
        AFTER, file_name="SYSTEM", sequence=2
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # regipy leaves its files open
        restored, pages = regipy_replay(tmp_path)
    assert pages == 1
    assert [one.name for one in RegistryHive(restored).root.iter_subkeys()] == ["a", "added"]


def test_a_dirty_hive_without_logs_is_ambiguous_and_partial(tmp_path: Path) -> None:
    hive = hive_of(regf.build_dirty(BEFORE, AFTER, file_name="SYSTEM")[0], tmp_path)
    assert names(hive) == ["", "\\a"]
    assert (hive.is_replayed, hive.status(), kinds(hive)) == (False, Status.PARTIAL, [ProblemKind.AMBIGUOUS])


def test_logs_are_taken_by_sequence_and_end_where_a_number_is_missing(tmp_path: Path) -> None:
    states = [
        regf.build(key("ROOT", *(key(f"k{n}") for n in range(count))), file_name="SYSTEM")
        for count in range(1, 6)
    ]
    dirty = regf.restamped(states[0], 5, 4)
    older = regf.transaction_log(dirty, [(5, states[0], states[1]), (6, states[1], states[2])])
    newer = regf.transaction_log(dirty, [(7, states[2], states[3])])
    later = regf.transaction_log(dirty, [(9, states[3], states[4])])
    stale = regf.transaction_log(dirty, [(3, states[4], states[3]), (4, states[3], states[0])])
    assert len(names(hive_of(dirty, tmp_path, LOG1=newer, LOG2=older))) == 5
    assert hive_of(dirty, tmp_path, LOG1=older, LOG2=later).replayed_count == 2
    hive = hive_of(dirty, tmp_path, LOG1=stale)
    assert (hive.replayed_count, kinds(hive)) == (0, [ProblemKind.AMBIGUOUS])
    hive = hive_of(dirty, tmp_path, LOG1=newer)
    assert (hive.replayed_count, kinds(hive), hive.status()) == (1, [ProblemKind.AMBIGUOUS], Status.PARTIAL)


def test_a_log_entry_that_fails_its_hash_is_not_applied(tmp_path: Path) -> None:
    states = [
        regf.build(key("ROOT", *(key(f"k{n}") for n in range(count))), file_name="SYSTEM")
        for count in range(1, 4)
    ]
    dirty = regf.restamped(states[0], 5, 4)
    log = bytearray(regf.transaction_log(dirty, [(5, states[0], states[1]), (6, states[1], states[2])]))
    log[-1] ^= 1
    hive = hive_of(dirty, tmp_path, LOG1=bytes(log))
    assert (hive.replayed_count, kinds(hive)) == (1, [ProblemKind.DAMAGED])


def test_a_wrong_checksum_is_recovered_from_the_log(tmp_path: Path) -> None:
    dirty, log = regf.build_dirty(BEFORE, AFTER, file_name="SYSTEM")
    hive = hive_of(dirty[:36] + b"\xff" + dirty[37:], tmp_path, LOG1=log)
    assert names(hive) == ["", "\\a", "\\added"]
    assert kinds(hive) == []


def test_a_log_of_the_old_format_is_told_as_unsupported(tmp_path: Path) -> None:
    dirty, log = regf.build_dirty(BEFORE, AFTER, file_name="SYSTEM")
    old = log[:512] + b"DIRT" + bytes(1020)
    assert kinds(hive_of(dirty, tmp_path, LOG1=old)) == [ProblemKind.UNSUPPORTED, ProblemKind.AMBIGUOUS]


def test_a_log_given_as_an_artefact_is_no_hive_and_no_problem(tmp_path: Path) -> None:
    log = regf.build_dirty(BEFORE, AFTER, file_name="SYSTEM")[1]
    assert list(usbstor.parse(from_bytes(log, tmp_path, "SYSTEM.LOG1"))) == []
    assert list(mounted_devices.parse(from_bytes(log, tmp_path, "SYSTEM.LOG1"))) == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", ProblemKind.UNRECOGNISED),
        (b"MZ" + bytes(5000), ProblemKind.UNRECOGNISED),
        (b"regf", ProblemKind.TRUNCATED),
        (b"regf" + bytes(4092), ProblemKind.AMBIGUOUS),
        (b"regf" + b"\xff" * 9000, ProblemKind.AMBIGUOUS),
    ],
)
def test_what_is_no_hive_is_a_problem_for_each_parser(
    content: bytes, kind: ProblemKind, tmp_path: Path
) -> None:
    for parser in (usbstor, mounted_devices):
        found = list(parser.parse(from_bytes(content, tmp_path, "SYSTEM")))
        assert found
        assert all(isinstance(one, Problem) for one in found)
        assert isinstance(found[0], Problem)
        assert found[0].kind is kind


def test_a_cut_hive_gives_what_is_left_and_says_so(tmp_path: Path) -> None:
    folders = (key(name, *(key(f"{name}{number}") for number in range(100))) for name in "abcd")
    whole = regf.build(key("ROOT", *folders), file_name="SYSTEM")
    hive = hive_of(whole[: len(whole) // 2], tmp_path)
    found = names(hive)
    assert found[:2] == ["", "\\a"]
    assert 100 < len(found) < 405
    assert hive.status() is Status.PARTIAL
    assert kinds(hive)[0] is ProblemKind.TRUNCATED


def test_a_bin_that_is_gone_costs_only_what_stood_in_it(tmp_path: Path) -> None:
    whole = bytearray(regf.build(TREE, file_name="SYSTEM"))
    middle = len(whole) // 2 // 4096 * 4096
    whole[middle : middle + 4096] = bytes(4096)
    hive = hive_of(bytes(whole), tmp_path)
    assert len(names(hive)) > 1100
    assert set(kinds(hive)) == {ProblemKind.DAMAGED}


def test_a_key_that_is_its_own_subkey_ends(tmp_path: Path) -> None:
    whole = bytearray(regf.build(key("ROOT", key("child")), file_name="SYSTEM"))
    leaf = whole.index(b"lh\x01\x00")
    (root,) = struct.unpack_from("<I", whole, 36)
    struct.pack_into("<I", whole, leaf + 4, root)
    hive = hive_of(bytes(whole), tmp_path)
    assert len(names(hive)) <= 2
    assert list(hive.problems())


def test_the_files_of_the_fixtures_are_those_the_builder_makes() -> None:
    for name, one in hives.scenarios().items():
        folder = hives.FOLDER / name
        assert (folder / "about.toml").read_text(encoding="utf-8") == hives.about(one), name
        for file, content in one.files:
            assert (folder / file).read_bytes() == content, f"{name}: python -m fixtures.builders.hives"


def test_software_and_user_hives_read_in_both(tmp_path: Path) -> None:
    software = hives.software_hive(
        written_at=AT, installed_at=AT, owner="営業部", profiles=(("S-1-5-21-1-2-3-1001", r"C:\Users\eigyo"),)
    )
    user = hives.ntuser_hive(
        written_at=AT,
        user_folder=r"C:\Users\eigyo",
        mount_points=(("{7a1b2c3d-9000-11f1-8001-020000000002}", AT),),
    )
    for content, path in (
        (software, r"Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-1-2-3-1001"),
        (
            user,
            r"Software\Microsoft\Windows\CurrentVersion\Explorer\MountPoints2\{7a1b2c3d-9000-11f1-8001-020000000002}",
        ),
    ):
        assert hive_of(content, tmp_path).key(path) is not None
        assert RegistryHive(str(tmp_path / "SYSTEM")).get_key("\\" + path)
        assert list(usbstor.parse(artefact(tmp_path / "SYSTEM", "/x/NTUSER.DAT"))) == []


def test_damaged_hives_never_raise_nor_hang_nor_grow() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.test_regf"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    read, rows, problems = map(int, done.stdout.split())
    assert read == MUTANTS * 2
    assert rows > 0
    assert problems > MUTANTS // 2


def mutant(content: bytes, chance: random.Random) -> bytes:
    """Bytes flipped, words overwritten, a page emptied, or the end cut off."""
    changed = bytearray(content)
    match chance.randrange(5):
        case 0:
            return content[: chance.randrange(len(content))]
        case 1:
            page = chance.randrange(len(content) // 512) * 512
            changed[page : page + 512] = bytes(512)
        case 2:
            for _ in range(chance.randrange(1, 200)):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        case 3:
            for _ in range(chance.randrange(1, 20)):
                place = chance.randrange(4096, len(changed) - 4) & ~3
                struct.pack_into(
                    "<I",
                    changed,
                    place,
                    chance.choice((0, 0xFFFFFFFF, 0x7FFFFFFF, 0x20, chance.getrandbits(32))),
                )
        case _:
            place = chance.randrange(4, 4096 - 4)
            struct.pack_into("<I", changed, place, chance.getrandbits(32))
    return bytes(changed)


def read_mutants() -> tuple[int, int, int]:
    """Read every mutant with both parsers; how many readings, rows and problems that were."""
    chance = random.Random(SEED)
    sources = list(hives.scenarios().values())
    readings = rows = problems = 0
    with tempfile.TemporaryDirectory() as place:
        for _ in range(MUTANTS):
            one = chance.choice(sources)
            changed = chance.randrange(len(one.files))
            files = [
                mutant(content, chance) if at == changed else content
                for at, (_, content) in enumerate(one.files)
            ]
            given = with_logs(files[0], Path(place), **dict(zip(("LOG1",), files[1:], strict=False)))
            for parser in (usbstor, mounted_devices):
                found = list(parser.parse(given))
                readings += 1
                rows += sum(isinstance(each, Row) for each in found)
                problems += sum(isinstance(each, Problem) for each in found)
    return readings, rows, problems


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    sys.stdout.write(" ".join(map(str, read_mutants())))


def test_a_hive_cut_at_the_end_of_a_bin_is_told_as_cut(tmp_path: Path) -> None:
    values = tuple(regf.binary(f"{number:03}", bytes(900)) for number in range(9))
    content = regf.build(regf.Key(name="ROOT", written_at=AT, values=values), file_name="NTUSER.DAT")
    assert len(content) > 4096 * 3
    for size in range(4096 * 2, len(content), 4096):
        with open_hive(from_bytes(content[:size], tmp_path)) as hive:
            assert hive.is_partial
            assert ProblemKind.TRUNCATED in {one.kind for one in hive.problems()}


def test_a_hive_is_opened_once_and_each_reader_has_its_own_problems() -> None:
    given = artefact(hives.FOLDER / "usbstor" / "dirty-without-log" / "SYSTEM")
    with open_hive(given) as first, open_hive(given) as second:
        assert first.file is second.file
        told = [list(one.problems()) for one in (first, second)]
        assert told[0] == told[1] != []
        assert list(first.problems()) == []
        first.tell(ProblemKind.DAMAGED, "0", "met by the first alone")
        assert list(second.problems()) == []
