r"""Known folders: the GUIDs Windows 7 and later write in front of paths, as the folders they stand for.

A folder is told with the environment variables of its default place; where a user or an administrator
moved it, the hive that says so (Explorer\User Shell Folders) is not consulted.

References:
    - Microsoft, KNOWNFOLDERID (KnownFolders.h), "Default Path"
"""

from __future__ import annotations

import re

_GUID = re.compile(r"\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}", re.IGNORECASE)
_START_MENU = r"%APPDATA%\Microsoft\Windows\Start Menu"
_COMMON_START_MENU = r"%ALLUSERSPROFILE%\Microsoft\Windows\Start Menu"
_QUICK_LAUNCH = r"%APPDATA%\Microsoft\Internet Explorer\Quick Launch"
_FOLDERS = {
    "{0139D44E-6AFE-49F2-8690-3DAFCAE6FFB8}": rf"{_COMMON_START_MENU}\Programs",
    "{0762D272-C50A-4BB0-A382-697DCD729B80}": r"%SystemDrive%\Users",
    "{18989B1D-99B5-455B-841C-AB7C74E4DDFC}": r"%USERPROFILE%\Videos",
    "{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}": r"%windir%\system32",
    "{33E28130-4E1E-4676-835A-98395C3BC3BB}": r"%USERPROFILE%\Pictures",
    "{374DE290-123F-4565-9164-39C4925E467B}": r"%USERPROFILE%\Downloads",
    "{3D644C9B-1FB8-4F30-9B45-F670235F79C0}": r"%PUBLIC%\Downloads",
    "{3EB685DB-65F9-4CF6-A03A-E3EF65729F3D}": "%APPDATA%",
    "{4BD8D571-6D19-48D3-BE97-422220080E43}": r"%USERPROFILE%\Music",
    "{52A4F021-7B75-48A9-9F6B-4B87A210BC8F}": _QUICK_LAUNCH,
    "{5CD7AEE2-2219-4A67-B85D-6C9CE15660CB}": r"%LOCALAPPDATA%\Programs",
    "{5E6C858F-0E22-4760-9AFE-EA3317B67173}": "%USERPROFILE%",
    "{625B53C3-AB48-4EC1-BA1F-A1EF4146FC19}": _START_MENU,
    "{62AB5D82-FDC1-4DC3-A9DD-070D1D495D97}": "%ALLUSERSPROFILE%",
    "{6365D5A7-0F0D-45E5-87F6-0DA56B6A4F7D}": r"%ProgramFiles%\Common Files",
    "{6D809377-6AF0-444B-8957-A3773F02200E}": "%ProgramFiles%",
    "{724EF170-A42D-4FEF-9F26-B60E846FBA4F}": rf"{_START_MENU}\Programs\Administrative Tools",
    "{7C5A40EF-A0FB-4BFC-874A-C0F2E0B9FA8E}": "%ProgramFiles(x86)%",
    "{82A5EA35-D9CD-47C5-9629-E15D2F714E6E}": rf"{_COMMON_START_MENU}\Programs\StartUp",
    "{905E63B6-C1BF-494E-B29C-65B732D3D21A}": "%ProgramFiles%",
    "{9E3995AB-1F9C-4F13-B827-48B24B6C7174}": rf"{_QUICK_LAUNCH}\User Pinned",
    "{A4115719-D62E-491D-AA7C-E74B8BE3B067}": _COMMON_START_MENU,
    "{A520A1A4-1780-4FF6-BD18-167343C5AF16}": r"%USERPROFILE%\AppData\LocalLow",
    "{A77F5D77-2E2B-44C3-A6A2-ABA601054A51}": rf"{_START_MENU}\Programs",
    "{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}": r"%USERPROFILE%\Desktop",
    "{B97D20BB-F46A-4C97-BA10-5E3608430854}": rf"{_START_MENU}\Programs\StartUp",
    "{BCB5256F-79F6-4CEE-B725-DC34E402FD46}": rf"{_QUICK_LAUNCH}\User Pinned\ImplicitAppShortcuts",
    "{BCBD3057-CA5C-4622-B42D-BC56DB0AE516}": r"%LOCALAPPDATA%\Programs\Common",
    "{C4AA340D-F20F-4863-AFEF-F87EF2E6BA25}": r"%PUBLIC%\Desktop",
    "{D0384E7D-BAC3-4797-8F14-CBA229B392B5}": rf"{_COMMON_START_MENU}\Programs\Administrative Tools",
    "{D65231B0-B2F1-4857-A4CE-A8E7C6EA7D27}": r"%windir%\SysWOW64",
    "{DE974D24-D9C6-4D3E-BF91-F4455120B917}": r"%ProgramFiles(x86)%\Common Files",
    "{DFDF76A2-C82A-4D63-906A-5644AC457385}": "%PUBLIC%",
    "{F1B32785-6FBA-4FCF-9D55-7B8E7F157091}": "%LOCALAPPDATA%",
    "{F38BF404-1D43-42F2-9305-67DE0B28FC23}": "%windir%",
    "{F7F1ED05-9F6D-47A2-AAAE-29D317C6F066}": r"%ProgramFiles%\Common Files",
    "{FDD39AD0-238F-46AF-ADB4-6C85480369C7}": r"%USERPROFILE%\Documents",
}


def resolve(path: str) -> str:
    r"""A path with the known folder in front of it named; other GUIDs, and a path that has none, stay as they are."""
    found = _GUID.match(path)
    if found is None or path[found.end() :][:1] not in ("", "\\"):
        return path
    folder = _FOLDERS.get(found[0].upper())
    return path if folder is None else folder + path[found.end() :]
