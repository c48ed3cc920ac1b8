"""Refuses and tells every attempt to reach a network, in this process and in each Python process it starts.

An audit hook of the interpreter (PEP 578) sees what any package does through the socket module, however it is called, and cannot
be undone by one. A test's children begin with `sitecustomize.py` of this folder, which puts the same hook there: the server
that workers are forked from takes the environment with it.

What native code does without the socket module no hook sees: `test_offline.py` runs a whole case where there is no network at all.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import traceback
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

TOLD = "KANSHIKI_TESTS_NETWORK_TOLD"
_PLACE = Path(__file__).parent
_INTERNET = (socket.AF_INET, socket.AF_INET6)
_TO_AN_ADDRESS = frozenset(("socket.connect", "socket.sendto", "socket.sendmsg"))
_OF_A_NAME = frozenset(("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"))
_installed: list[Path] = []


class NetworkRefused(RuntimeError):
    """Something tried to reach a network. No OSError, which what tried it would take for a network that is down."""


def install(told: Path) -> None:
    """Refuse networks from now on, here and in children; each attempt becomes a line of the file `told`."""
    os.environ[TOLD] = str(told)
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(_PLACE), *filter(None, paths)]))
    stand(told)


def stand(told: Path) -> None:
    """Refuse networks from now on in this process alone."""
    if not _installed:
        sys.addaudithook(_hook)
    _installed[:] = [told]


def attempts(told: Path) -> list[str]:
    """What was tried since this was last asked."""
    try:
        lines = told.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    told.unlink()
    return lines


def unplugged() -> list[str]:
    """The words before a command that take its network away; none where the system does not let us."""
    found = shutil.which("unshare")
    for flags in ("-n", "-rn"):
        words = [found or "", flags]
        if found and subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    return []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _TO_AN_ADDRESS:
        own, address = arguments
        if own.family in _INTERNET and address is not None and not _is_here(address[0]):
            _refuse(event, address)
    elif event in _OF_A_NAME and not (_is_here(arguments[0]) or _is_number(event, arguments[0])):
        _refuse(event, arguments[0])


def _is_number(event: str, host: object) -> bool:
    """Whether a host is an address already, so that nobody is asked for one."""
    return event != "socket.gethostbyaddr" and _address(host) is not None


def _is_here(host: object) -> bool:
    """Whether a host is this machine's loopback, or any address of it for a server."""
    if host is None or host in ("", b"", "localhost", b"localhost"):
        return True
    address = _address(host)
    return address is not None and (address.is_loopback or address.is_unspecified)


def _address(host: object) -> IPv4Address | IPv6Address | None:
    name = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    try:
        return ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _refuse(event: str, where: object) -> None:
    by = [f"{one.filename}:{one.lineno}" for one in traceback.extract_stack()[:-2]][-4:]
    message = f"{event} {where!r} by {' > '.join(by)}"
    with _installed[0].open("a", encoding="utf-8") as stream:
        stream.write(message + "\n")
    raise NetworkRefused(message)
