r"""Documents of Office and OpenDocument that are protected by a password, where a password of the case opens them.

Shows: the document without its protection as a member, which goes through the same parsers.
Does not show: who protected it. Without a password that opens it, the parser of its kind tells it as locked; passwords are never guessed.
Not read: documents under rights management or encrypted for a certificate or an OpenPGP key; parts of OpenDocument that another password opens.

References:
    - [MS-OFFCRYPTO] 2.3.4 (standard, agile), 2.3.5 (RC4, CryptoAPI), 2.3.7 (XOR)
    - OASIS OpenDocument 1.3 part 2: 3.4 (encryption)
"""

from __future__ import annotations

from parsers.contract import Artefact, Member, Want, Yields, parser
from parsers.formats.compound import SIGNATURE
from parsers.formats.office_crypt import opened
from parsers.formats.package import ZIP

_ENDINGS = (
    "doc", "dot", "docx", "docm", "dotx", "dotm", "xls", "xlt", "xlsx", "xlsm", "xlsb", "xltx", "xltm", "ppt", "pps", "pot", "pptx",
    "pptm", "ppsx", "ppsm", "potx", "potm",
)  # fmt: skip

_OPEN = ("odt", "ott", "ods", "ots", "odp", "otp", "odg", "otg", "sxw", "sxc", "sxi")


def _is_zip(head: bytes) -> bool:
    return head.startswith(ZIP)


@parser(
    version=2,
    wants=(
        *(Want(f"**/*.{one}", signature=SIGNATURE, is_shared=True, is_strict=False) for one in _ENDINGS),
        *(Want(f"**/*.{one}", sniff=_is_zip, is_strict=False) for one in _OPEN),
    ),
    is_metadata_only=True,
)
def protected_office(artefact: Artefact) -> Yields:
    """One member, whose locator is `opened`; nothing where the document has no protection or no password opens it."""
    content = opened(artefact)
    if content is not None:
        yield Member(locator="opened", name=artefact.path.rpartition("/")[2], content=content)
