"""Writes an archive of tokens as `token-vault export` does, so that a store can be filled by `token-vault import`.

Run by a Python that has the package cryptography: archive.py FILE TOKENS PREFIX, with the passphrase in PASSPHRASE.
"""

import base64
import hashlib
import json
import os
import sys
import time

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Seconds between 1970 and 2001, from which Foundation counts.
_REFERENCE = 978307200
_ROUNDS = 1 << 14


def main():
    path, count, prefix = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    expires = time.time() - _REFERENCE + 12 * 3600
    tokens = [
        {
            "service": "dropbox",
            "provider": "dropbox",
            "name": f"token-{number}",
            "displayName": f"token-{number}",
            "returnURLs": [],
            "isMoved": False,
            "credential": {
                "accessToken": f"{prefix}{number:0120d}",
                "expiresOn": expires,
                "refreshToken": f"refresh-{number:060d}",
                "extraValues": {},
                "scopes": ["files.metadata.read"],
                "configurationHash": "",
            },
        }
        for number in range(count)
    ]
    salt = os.urandom(32)
    parts = ["token-vault export 1", "scrypt", str(_ROUNDS), "8", "1", base64.b64encode(salt).decode()]
    context = b"".join(len(part).to_bytes(8, "big") + part.encode() for part in parts)
    key = hashlib.scrypt(
        os.environ["PASSPHRASE"].encode(), salt=salt, n=_ROUNDS, r=8, p=1, dklen=32, maxmem=64 << 20
    )
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, json.dumps(tokens).encode(), context)
    file = {
        "format": parts[0],
        "kdf": parts[1],
        "rounds": _ROUNDS,
        "blockSize": 8,
        "parallelism": 1,
        "salt": parts[5],
        "sealed": base64.b64encode(sealed).decode(),
    }
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
        json.dump(file, output)


main()
