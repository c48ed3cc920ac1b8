"""English names of the shell's own folders, by their GUID: namespace roots, known folders, control panel.

A GUID that is not here is shown as it is stored. The names are those of an English Windows; a user
of another language saw others.

References:
    - Microsoft, "KNOWNFOLDERID" (Win32, shell constants)
    - Microsoft, "Canonical names of Control Panel items"
    - J. Metz, libfwsi wiki, "Shell folder identifiers"
"""

from __future__ import annotations

import uuid

THIS_PC = "20d04fe0-3aea-1069-a2d8-08002b30309d"
_NAMES = {
    # Roots and folders of the namespace (CLSID)
    THIS_PC: "This PC",
    "00021400-0000-0000-c000-000000000046": "Desktop",
    "f02c1a0d-be21-4350-88b0-7367fc96ef3c": "Network",
    "208d2c60-3aea-1069-a2d7-08002b30309d": "My Network Places",
    "450d8fba-ad25-11d0-98a8-0800361b1103": "My Documents",
    "59031a47-3f72-44a7-89c5-5595fe6b30ee": "User Folder",
    "4336a54d-038b-4685-ab02-99bb52d3fb8b": "Public Folder",
    "031e4825-7b94-4dc3-b131-e946b44c8dd5": "Libraries",
    "645ff040-5081-101b-9f08-00aa002f954e": "Recycle Bin",
    "679f85cb-0220-4080-b29b-5540cc05aab6": "Quick access",
    "f874310e-b6b7-47dc-bc84-b9e6b38f5903": "Home",
    "018d5c66-4533-4307-9b53-224de2ed1fe6": "OneDrive",
    "323ca680-c24d-4099-b94d-446dd2d7249e": "Favorites",
    "26ee0668-a00a-44d7-9371-beb064c98683": "Control Panel",
    "21ec2020-3aea-1069-a2dd-08002b30309d": "All Control Panel Items",
    "5399e694-6ce5-4d6c-8fce-1d8870fdcba0": "Control Panel",
    "871c5380-42a0-1069-a2ea-08002b30309d": "Internet Explorer",
    "2227a280-3aea-1069-a2de-08002b30309d": "Printers",
    "d20ea4e1-3957-11d2-a40b-0c5020524152": "Fonts",
    "d20ea4e1-3957-11d2-a40b-0c5020524153": "Administrative Tools",
    "7007acc7-3202-11d1-aad2-00805fc1270e": "Network Connections",
    "992cffa0-f557-101a-88ec-00dd010ccc48": "Network Connections",
    "d6277990-4c6a-11cf-8d87-00aa0060f5bf": "Scheduled Tasks",
    "bdeadf00-c265-11d0-bced-00a0c90ab50f": "Web Folders",
    "35786d3c-b075-49b9-88dd-029876e11c01": "Portable Devices",
    "9343812e-1c37-4a49-a12e-4b2d810d956b": "Search Home",
    "1f4de370-d627-11d1-ba4f-00a0c91eedba": "Search Results",
    "04731b67-d933-450a-90e6-4acd2e9408fe": "Search",
    "4234d49b-0245-4df3-b780-3893943456e1": "Applications",
    "b4fb3f98-c1ea-428d-a78a-d1f5659cba93": "HomeGroup",
    "ed228fdf-9ea8-4870-83b1-96b02cfe0d52": "Games",
    "289af617-1cc3-42a6-926c-e6a863f0e3ba": "Media Servers",
    "0df44eaa-ff21-4412-828e-260a8728e7f1": "Taskbar and Start Menu",
    "e88dcce0-b7b3-11d1-a9f0-00aa0060fa31": "Compressed Folder",
    "85bbd920-42a0-1069-a2e4-08002b30309d": "Briefcase",
    "63da6ec0-2e98-11cf-8d82-444553540000": "FTP Folder",
    "0afaced1-e828-11d1-9187-b532f1e9575d": "Folder Shortcut",
    "ff393560-c2a7-11cf-bff4-444553540000": "History",
    "22877a6d-37a1-461a-91b0-dbda5aaebc99": "Recent Places",
    # Folders a user finds in This PC (CLSID, Windows 8.1 and later)
    "0db7e03f-fc29-4dc6-9020-ff41b59e513a": "3D Objects",
    "b4bfcc3a-db2c-424c-b029-7fe99a87c641": "Desktop",
    "d3162b92-9365-467a-956b-92703aca08af": "Documents",
    "088e3905-0323-4b02-9826-5d99428e115f": "Downloads",
    "3dfdf296-dbec-4fb4-81d1-6a3438bcf4de": "Music",
    "24ad3ad4-a569-4530-98e1-ab02f9417aa8": "Pictures",
    "f86fa3ab-70d2-4fc7-9c99-fcbf05467f3a": "Videos",
    "a8cdff1c-4878-43be-b5fd-f8091c1c60d0": "Documents",
    "374de290-123f-4565-9164-39c4925e467b": "Downloads",
    "1cf1260c-4dd0-4ebb-811f-33c572699fde": "Music",
    "3add1653-eb32-4cb0-bbd7-dfa0abb5acca": "Pictures",
    "a0953c92-50dc-43bf-be83-3742fed03c9c": "Videos",
    "5e5f29ce-e0a8-49d3-af32-7a7bdc173478": "This PC",
    "f5fb2c77-0e2f-4a16-a381-3e560c68bc83": "Removable Drives",
    # Known folders (KNOWNFOLDERID)
    "0ac0837c-bbf8-452a-850d-79d08e667ca7": "Computer",
    "b7534046-3ecb-4c18-be4e-64cd4cb7d6ac": "Recycle Bin",
    "f3ce0f7c-4901-4acc-8648-d5d44b04ef8f": "User Folder",
    "de974d24-d9c6-4d3e-bf91-f4455120b917": "Common Files",
    "905e63b6-c1bf-494e-b29c-65b732d3d21a": "Program Files",
    "7c5a40ef-a0fb-4bfc-874a-c0f2e0b9fa8e": "Program Files (x86)",
    "6d809377-6af0-444b-8957-a3773f02200e": "Program Files",
    "f38bf404-1d43-42f2-9305-67de0b28fc23": "Windows",
    "1ac14e77-02e7-4e5d-b744-2eb1ae5198b7": "System32",
    "d65231b0-b2f1-4857-a4ce-a8e7c6ea7d27": "SysWOW64",
    "fdd39ad0-238f-46af-adb4-6c85480369c7": "Documents",
    "4bd8d571-6d19-48d3-be97-422220080e43": "Music",
    "33e28130-4e1e-4676-835a-98395c3bc3bb": "Pictures",
    "18989b1d-99b5-455b-841c-ab7c74e4ddfc": "Videos",
    "ed4824af-dce4-45a8-81e2-fc7965083634": "Public Documents",
    "3d644c9b-1fb8-4f30-9b45-f670235f79c0": "Public Downloads",
    "3214fab5-9757-4298-bb61-92a9deaa44ff": "Public Music",
    "b6ebfb86-6907-413c-9af7-4fc2abf07cc5": "Public Pictures",
    "2400183a-6185-49fb-a2d8-4a392a602ba3": "Public Videos",
    "c4aa340d-f20f-4863-afef-f87ef2e6ba25": "Public Desktop",
    "7b0db17d-9cd2-4a93-9733-46cc89022e7c": "Documents Library",
    "2112ab0a-c86a-4ffe-a368-0de96e47012e": "Music Library",
    "a990ae9f-a03b-4e80-94bc-9912d7504104": "Pictures Library",
    "491e922f-5643-4af4-a7eb-4e7a138d8174": "Videos Library",
    "1b3ea5dc-b587-4786-b4ef-bd1dc332aeae": "Libraries",
    "3eb685db-65f9-4cf6-a03a-e3ef65729f3d": "AppData Roaming",
    "f1b32785-6fba-4fcf-9d55-7b8e7f157091": "AppData Local",
    "a520a1a4-1780-4ff6-bd18-167343c5af16": "AppData LocalLow",
    "62ab5d82-fdc1-4dc3-a9dd-070d1d495d97": "ProgramData",
    "5e6c858f-0e22-4760-9afe-ea3317b67173": "User Profile",
    "0762d272-c50a-4bb0-a382-697dcd729b80": "Users",
    "dfdf76a2-c82a-4d63-906a-5644ac457385": "Public",
    "bfb9d5e0-c6a9-404c-b2b2-ae6db6af4968": "Links",
    "56784854-c6cb-462b-8169-88e350acb882": "Contacts",
    "4c5c32ff-bb9d-43b0-b5b4-2d72e54eaaa4": "Saved Games",
    "7d1d3a04-debb-4115-95cf-2f29da2920da": "Searches",
    "1777f761-68ad-4d8a-87bd-30b759fa33dd": "Favorites",
    "ae50c081-ebd2-438a-8655-8a092e34987a": "Recent Items",
    "8983036c-27c0-404b-8f08-102d10dcfd74": "SendTo",
    "b97d20bb-f46a-4c97-ba10-5e3608430854": "Startup",
    "a77f5d77-2e2b-44c3-a6a2-aba601054a51": "Programs",
    "625b53c3-ab48-4ec1-ba1f-a1ef4146fc19": "Start Menu",
    "a52bba46-e9e1-435f-b3d9-28daa648c0f6": "OneDrive",
    "31c0dd25-9439-4f12-bf41-7ff4eda38722": "3D Objects",
    "ab5fb87b-7ce2-4f83-915d-550846c9537b": "Camera Roll",
    "b7bede81-df94-4682-a7d8-57a52620b86f": "Screenshots",
    "52a4f021-7b75-48a9-9f6b-4b87a210bc8f": "Quick Launch",
    "9e3995ab-1f9c-4f13-b827-48b24b6c7174": "User Pinned",
    "352481e8-33be-4251-ba85-6007caedcf9d": "Temporary Internet Files",
    "9e52ab10-f80d-49df-acb8-4330f5687855": "CD Burning",
    # Control panel
    "bb06c0e4-d293-4f75-8a90-cb05b6477eee": "System",
    "bb64f8a7-bee7-4e1a-ab8d-7d8273f7fdb6": "Action Center",
    "8e908fc9-becc-40f6-915b-f4ca0e70d03d": "Network and Sharing Center",
    "7b81be6a-ce2b-4676-a29e-eb907a5126c5": "Programs and Features",
    "60632754-c523-4b62-b45c-4172da012619": "User Accounts",
    "74246bfc-4c96-11d0-abef-0020af6b0b7a": "Device Manager",
    "a8a91a66-3a7d-4424-8d24-04e180695c7a": "Devices and Printers",
    "9c60de1e-e5fc-40f4-a487-460851a8d915": "AutoPlay",
    "d9ef8727-cac2-4e60-809e-86f80a666c91": "BitLocker Drive Encryption",
    "4026492f-2f69-46b8-b9bf-5654fc07e423": "Windows Firewall",
    "36eef7db-88ad-4e81-ad49-0e313f0c35f8": "Windows Update",
    "ed834ed6-4b5a-4bfe-8f11-a626dcb6a921": "Personalization",
    "025a5937-a6be-4686-a844-36fe4bec8b6d": "Power Options",
    "725be8f7-668e-4c7b-8f90-46bdb0936430": "Keyboard",
    "6c8eec18-8d75-41b2-a177-8831d59d2d50": "Mouse",
    "80f3f1d5-feca-45f3-bc32-752c152e456e": "Tablet PC Settings",
    "c555438b-3c23-4769-a71f-b6d3d9b6053a": "Display",
    "1206f5f1-0569-412c-8fec-3204630dfb70": "Credential Manager",
    "b98a2bea-7d42-4558-8bd1-832f41bac6fd": "Backup and Restore",
    "6dfd7c5c-2451-11d3-a299-00c04f8ef6af": "Folder Options",
    "bf782cc9-5a52-4a17-806c-2a894ffeeac5": "Language",
    "f6b6e965-e9b2-444b-9286-10c9152edbc5": "File History",
}
# J. Metz, Windows Shell Item format, "Control panel categories"
_CATEGORIES = (
    "All Control Panel Items", "Appearance and Personalization", "Hardware and Sound", "Network and Internet",
    "Sounds, Speech, and Audio Devices", "System and Security", "Clock, Language, and Region", "Ease of Access",
    "Programs", "User Accounts", "Security Center", "Mobile PC",
)  # fmt: skip


def folder_name(guid: uuid.UUID) -> str:
    """Name of a folder of the shell; its GUID in braces where it has no name here."""
    return _NAMES.get(str(guid)) or f"{{{guid}}}"


def category_name(number: int) -> str:
    """Name of a category of the control panel."""
    return _CATEGORIES[number] if number < len(_CATEGORIES) else f"Category {number}"
