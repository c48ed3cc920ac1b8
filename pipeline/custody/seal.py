"""Signs the head of the log with the examiner's key, and reads such seals back.

The signed text is a checkpoint in the manner of C2SP tlog-checkpoint: a line of origin, the number of
records, the Merkle root in base64, then the head and the instant as extension lines.
The key lies outside the case: whoever can write the case folder alone cannot make a seal.
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline import digest
from pipeline.custody.chain import Tree, link
from pipeline.errors import CustodyError

ORIGIN = "kanshiki custody v1"
SEAL_BYTES = 1 << 16
_BODY = re.compile(
    rf"{ORIGIN} (?P<case>[^\n]+)\n(?P<size>[1-9][0-9]{{0,9}})\n(?P<root>[A-Za-z0-9+/]{{43}}=)\n"
    r"head (?P<head>[0-9a-f]{64})\nat (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)\n"
)
_KEYS = {"v", "body", "signature", "public_key", "at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A signed head: so many records of this case have this root and this head."""

    case: str
    size: int
    root: str
    head: str
    at: str
    public_key: str
    signature: bytes
    body: bytes

    def is_signed(self) -> bool:
        """Whether the signature over the body is of the key the seal names."""
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(self.signature, self.body)
        except (InvalidSignature, ValueError):
            return False
        return True


def key_path() -> Path:
    """Where the examiner's key lies: `$KANSHIKI_KEY`, else `~/.config/kanshiki/examiner.key`."""
    named = os.environ.get("KANSHIKI_KEY")
    return Path(named) if named else Path.home() / ".config" / "kanshiki" / "examiner.key"


def load_key(path: Path) -> Ed25519PrivateKey:
    """The examiner's key; made there on first use, readable by its owner alone.

    Raises:
        CustodyError: it cannot be read or made, is no Ed25519 key, or others may read it.
    """
    try:
        if not path.exists():
            _make_key(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CustodyError(f"the examiner's key {path} can be read by others: chmod 600 it")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise CustodyError(f"the examiner's key {path} cannot be read or made: {error}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CustodyError(
            f"the examiner's key {path} is no unencrypted PEM key: name another by KANSHIKI_KEY"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CustodyError(f"the examiner's key {path} is no Ed25519 key: name another by KANSHIKI_KEY")
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    write_new(temporary, pem)
    try:
        # A link never replaces: of two processes that make the first key, both go on with the same one.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    sync_folder(path.parent)


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half of a key, 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


def sign(key: Ed25519PrivateKey, *, case: str, tree: Tree, head: str, at: str) -> Seal:
    """A seal over a log as it stands."""
    root = tree.root()
    body = f"{ORIGIN} {case}\n{tree.size}\n{base64.b64encode(root).decode()}\nhead {head}\nat {at}\n".encode()
    return Seal(
        case=case,
        size=tree.size,
        root=root.hex(),
        head=head,
        at=at,
        public_key=public_text(key),
        signature=key.sign(body),
        body=body,
    )


def seal_name(size: int) -> str:
    """The name of the seal over so many records."""
    return f"{size:010d}.json"


def write_seal(folder: Path, seal: Seal) -> None:
    """Put a seal into `seals/`, durably and all or nothing.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)
    temporary = folder / f".{seal_name(seal.size)}.tmp"
    temporary.unlink(missing_ok=True)
    write_new(temporary, _content(seal))
    temporary.rename(folder / seal_name(seal.size))
    sync_folder(folder)


def _content(seal: Seal) -> bytes:
    stated = {
        "v": 1,
        "body": seal.body.decode(),
        "signature": base64.b64encode(seal.signature).decode(),
        "public_key": seal.public_key,
        "at": seal.at,
    }
    return digest.canonical(stated) + b"\n"


def parse_seal(content: bytes) -> Seal:
    """The seal a file holds; whether it is signed and fits the log is not yet looked at.

    Raises:
        ValueError: it is no seal; the message says why.
    """
    try:
        stated = json.loads(content.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(stated, dict) or stated.keys() != _KEYS:
        raise ValueError(f"it must have the keys {', '.join(sorted(_KEYS))} and no other")
    if stated["v"] != 1 or not all(isinstance(stated[name], str) for name in _KEYS - {"v"}):
        raise ValueError("it is not of version 1")
    body = _BODY.fullmatch(stated["body"])
    if body is None or stated["at"] != body["at"]:
        raise ValueError("its body is no checkpoint of this version, or is of another instant")
    if not re.fullmatch("[0-9a-f]{64}", stated["public_key"], re.ASCII):
        raise ValueError("its public key is not 64 hex digits")
    seal = Seal(
        case=body["case"],
        size=int(body["size"]),
        root=base64.b64decode(body["root"], validate=True).hex(),
        head=body["head"],
        at=body["at"],
        public_key=stated["public_key"],
        signature=base64.b64decode(stated["signature"], validate=True),
        body=stated["body"].encode(),
    )
    # One seal has one form: bits that a decoder passes over (base64 padding, spaces) are not free to change.
    if _content(seal) != content:
        raise ValueError("it is not in the canonical form of RFC 8785")
    return seal


def read_seals(folder: Path) -> tuple[dict[int, Seal], list[str]]:
    """The seals of a case by size, and what in the folder is none."""
    seals: dict[int, Seal] = {}
    problems: list[str] = []
    try:
        names = (
            sorted(one.name for one in folder.iterdir())
            if folder.is_dir() and not folder.is_symlink()
            else []
        )
    except OSError as error:
        return {}, [f"seals/ cannot be listed: {error.strerror}"]
    for name in names:
        try:
            seal = parse_seal(read_regular(folder / name, SEAL_BYTES))
        except (OSError, ValueError) as error:
            problems.append(f"seals/{name} is no seal: {error}")
            continue
        if name != seal_name(seal.size):
            problems.append(f"seals/{name} is a seal over {seal.size} records under the wrong name")
        seals.setdefault(seal.size, seal)
    return seals, problems


def seal_problems(
    seals: Mapping[int, Seal], lines: Sequence[bytes], *, case: str | None, public_key: str | None
) -> list[str]:
    """Where seals and log disagree: signature, key, case, size, root or head, each by the size sealed.

    Case and key are compared where they are known: an empty log names none.
    """
    problems: list[str] = []
    tree, roots = Tree(), dict[int, str]()
    for line in lines:
        tree.add(line)
        if tree.size in seals:
            roots[tree.size] = tree.root().hex()
    for size, seal in sorted(seals.items()):
        compared: Iterable[tuple[str, str | None, str]] = (
            ("signature", "valid", "valid" if seal.is_signed() else "not of the key named"),
            ("key", public_key, seal.public_key),
            ("case", case, seal.case),
        )
        problems += [
            f"seal over {size}: {what}: expected {expected}, found {found}"
            for what, expected, found in compared
            if expected is not None and found != expected
        ]
        if size > len(lines):
            problems.append(f"seal over {size}: the log has only {len(lines)} records: its end was cut off")
        elif seal.root != roots[size] or seal.head != link(lines[size - 1]):
            problems.append(f"seal over {size}: the first {size} records are not those that were signed")
    return problems


def read_regular(path: Path, most: int | None = None) -> bytes:
    """The bytes of a regular file; a link, a pipe or a device is refused before it can block.

    Raises:
        OSError: it cannot be read, is no regular file, or is larger than `most`.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "not a regular file")
        if most is not None and status.st_size > most:
            raise OSError(None, f"larger than {most} bytes")
        return stream.read()


def write_new(path: Path, content: bytes) -> None:
    """A new file of mode 0600 with its bytes on the medium.

    Raises:
        OSError: it exists, or not all bytes could be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def sync_folder(path: Path) -> None:
    """Force a folder's names to the medium."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
