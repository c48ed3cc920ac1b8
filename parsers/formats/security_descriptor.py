"""Security descriptors as Windows stores them: whom the list of access rights lets read.

References:
    - [MS-DTYP] 2.4.6 SECURITY_DESCRIPTOR, 2.4.5 ACL, 2.4.4.1 ACE_HEADER, 2.4.4.2 ACCESS_ALLOWED_ACE, 2.4.4.4 ACCESS_DENIED_ACE, 2.4.3 ACCESS_MASK
"""

from __future__ import annotations

import struct

from parsers.formats.registry_values import sid_text

EVERYONE = "S-1-1-0"
_HEAD = struct.Struct("<BBHIIII")
_ACL = struct.Struct("<BBHHH")
_ACE = struct.Struct("<BBHI")
_DACL_PRESENT, _SELF_RELATIVE = 0x0004, 0x8000
_ALLOWED, _DENIED = 0, 1
_INHERIT_ONLY = 0x08
# FILE_READ_DATA, GENERIC_ALL, GENERIC_READ
_READ = 0x0000_0001 | 0x1000_0000 | 0x8000_0000


def readers(content: bytes) -> tuple[str, ...]:
    """Security identifiers that may read, in stored order; a descriptor without a list lets everyone.

    Of each identifier the first word counts, as Windows takes it; that a member of one group is denied by another is not judged.

    Raises:
        ValueError: the bytes hold no whole descriptor.
    """
    if len(content) < _HEAD.size:
        raise ValueError(f"{len(content)} bytes hold no security descriptor")
    revision, _, control, _, _, _, at = _HEAD.unpack_from(content)
    if revision != 1 or not control & _SELF_RELATIVE:
        raise ValueError(f"no self-relative security descriptor: {content[:4].hex(' ')}")
    if not control & _DACL_PRESENT or at == 0:
        return (EVERYONE,)
    if at + _ACL.size > len(content):
        raise ValueError(f"the list at {at} lies behind the end at {len(content)}")
    _, _, _, count, _ = _ACL.unpack_from(content, at)
    at += _ACL.size
    decided: dict[str, bool] = {}
    for _ in range(count):
        if at + _ACE.size > len(content):
            raise ValueError(f"the list ends within an entry at {at}")
        kind, flags, size, mask = _ACE.unpack_from(content, at)
        if size < _ACE.size or at + size > len(content):
            raise ValueError(f"an entry at {at} has {size} bytes")
        if kind in (_ALLOWED, _DENIED) and not flags & _INHERIT_ONLY and mask & _READ:
            decided.setdefault(sid_text(content[at + _ACE.size : at + size]), kind == _ALLOWED)
        at += size
    return tuple(sid for sid, is_allowed in decided.items() if is_allowed)
