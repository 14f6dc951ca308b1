#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Usage: scripts/deb/mok.py VARS CERTIFICATE

Enroll a machine owner's key (a certificate, DER) in a file of OVMF's variables,
as MokManager does at the console after mokutil --import: add the variable
MokList, which shim reads.
"""

import struct
import sys
import uuid

STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le  # EFI_AUTHENTICATED_VARIABLE_GUID
SHIM = uuid.UUID("605dab50-e046-4300-abb6-3dd810dd8b23").bytes_le  # SHIM_LOCK_GUID
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes_le  # EFI_CERT_X509_GUID
START = 0x55AA
ADDED = 0x3F
BOOT_SERVICE = 3  # non-volatile, and not to be seen once the kernel runs
HEADER = struct.Struct("<HBxIQ16xIII16s")  # AUTHENTICATED_VARIABLE_HEADER


def align(offset: int) -> int:
    """Variables begin at multiples of four."""
    return (offset + 3) & ~3


def variable(name: str, data: bytes) -> bytes:
    """One variable of shim's, as the store holds it."""
    wide = (name + "\0").encode("utf-16-le")
    return HEADER.pack(START, ADDED, BOOT_SERVICE, 0, 0, len(wide), len(data), SHIM) + wide + data


def key_list(certificate: bytes) -> bytes:
    """An EFI_SIGNATURE_LIST of one certificate."""
    size = 16 + len(certificate)  # its owner, and itself
    return X509 + struct.pack("<III", 28 + size, 0, size) + SHIM + certificate


def end(image: bytes, store: int) -> int:
    """Where the next variable goes."""
    at = store + 28
    while struct.unpack_from("<H", image, at)[0] == START:
        fields = HEADER.unpack_from(image, at)
        at = align(at + HEADER.size + fields[5] + fields[6])
    return at


def main() -> None:
    """Change the file."""
    if len(sys.argv) != 3 or sys.argv[1].startswith("-"):
        print(__doc__.strip())
        sys.exit(0 if sys.argv[1:] in (["-h"], ["--help"]) else 2)
    with open(sys.argv[1], "rb") as file:
        image = bytearray(file.read())
    with open(sys.argv[2], "rb") as file:
        added = variable("MokList", key_list(file.read()))
    store = image.find(STORE)
    if store < 0:
        sys.exit(f"mok.py: {sys.argv[1]} holds no authenticated variables")
    size = struct.unpack_from("<I", image, store + 16)[0]
    at = end(image, store)
    if at + len(added) > store + size:
        sys.exit(f"mok.py: {sys.argv[1]} has no room")
    image[at:at + len(added)] = added
    with open(sys.argv[1], "wb") as file:
        file.write(image)


if __name__ == "__main__":
    main()
