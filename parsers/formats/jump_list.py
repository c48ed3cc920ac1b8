"""What the two kinds of jump list share: whose list it is, and links found by their signature where a list is damaged.

The identifier of a program is a CRC-64 of its AppUserModelID or its path, so one program installed elsewhere
has another. Names here are those on which published lists agree; they are a clue and no proof.

References:
    - J. Metz, Jump lists format (dtformats), "Application identifiers"
"""

from __future__ import annotations

from collections.abc import Iterator

from parsers.contract import Column, integer, text
from parsers.formats.shell_link import SIGNATURE, Link, read_link

LINK_BYTES = 1 << 20  # a link holds an identifier list of 64 KiB and five texts of 128 KiB at most
MOST_LINKS = 5000
_KEPT_BYTES = 4096

LIST_COLUMNS = (
    Column("profile_name", text, "Folder name of the user profile the artefact lies in.", is_personal=True),
    Column("app_id", text, "Identifier of the program the list belongs to, as its file is named."),
    Column("app_name", text, "Program of that identifier, where published lists agree on it."),
    Column("list_position", integer, "Place of the entry in its list as stored, from 0."),
)
_PROGRAMS = {
    "12dc1ea8e34b5a6": "Paint",
    "1b4dd67f29cb1962": "Windows Explorer (Windows 7)",
    "1bc392b8e104a00e": "Remote Desktop Connection",
    "28c8b86deab549a1": "Internet Explorer (32-bit)",
    "290532160612e071": "WinRAR",
    "44a3621b32122d64": "Microsoft Word 2010 (64-bit)",
    "5afe4de1b92fc382": "Windows Getting Started",
    "5d696d521de238c3": "Google Chrome",
    "5da8f997fd5f9428": "Internet Explorer 11 (64-bit)",
    "5f6e7bc0fb699772": "Microsoft PowerPoint 2010 (64-bit)",
    "5f7b5f1e01b83767": "Windows Explorer, recent files (Quick access)",
    "6728dd69a3088f97": "Command Prompt (64-bit)",
    "6e855c85de07bc6a": "Microsoft Excel 2010 (64-bit)",
    "74d7f43c1561fc1e": "Windows Media Player 12 (32-bit)",
    "7e4dca80246863e3": "Control Panel",
    "918e0ecb43d17e23": "Notepad (32-bit)",
    "9839aec31243a928": "Microsoft Excel 2010 (32-bit)",
    "9b9cdc69c1c24e2b": "Notepad (64-bit)",
    "9c7cc110ff56d1bd": "Microsoft PowerPoint 2010 (32-bit)",
    "9f5c7755804b850a": "Windows Script Host (64-bit)",
    "a4a5324453625195": "Microsoft Word 2013 (32-bit)",
    "a7bd71699cd38d1c": "Microsoft Word 2010 (32-bit)",
    "adecfb853d77462a": "Microsoft Word 2007",
    "b74736c2bd8cc8a5": "WinZip",
    "b8ab77100df80ab2": "Microsoft Excel 2013 or later (64-bit)",
    "b91050d8b077a4e8": "Windows Media Center",
    "baacb5294867b833": "Notepad++",
    "d00655d2aa12ff6d": "Microsoft PowerPoint 2013 or later (64-bit)",
    "f01b4d95cf55d32a": "Windows Explorer (Windows 8.1 or later)",
    "f0275e8685d95486": "Microsoft Excel 2013 (32-bit)",
    "fb3b0dbfee58fac8": "Microsoft Word 2016 or later",
}


def app_id(path: str) -> str:
    """Identifier of the program a list belongs to, from the name of its file."""
    return path.replace("\\", "/").rpartition("/")[2].partition(".")[0].lower()


def app_name(identifier: str) -> str | None:
    """Program of an identifier, None where no name is known."""
    return _PROGRAMS.get(identifier.lstrip("0"))


def carved_links(content: bytes) -> Iterator[tuple[int, Link]]:
    """Links found by their signature, with their offsets; one within another's bytes is not looked for."""
    at, count = content.find(SIGNATURE), 0
    while at >= 0 and count < MOST_LINKS:
        link = read_link(content[at : at + LINK_BYTES])
        # What follows a link is not kept: thousands may be held at once.
        link.content = link.content[: link.end or _KEPT_BYTES]
        count += 1
        yield at, link
        at = content.find(SIGNATURE, at + (link.end or len(SIGNATURE)))
