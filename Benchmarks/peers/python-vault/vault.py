"""A token vault as one would write it in Python, for the benchmark: a WSGI application on the database that the one in Go makes.

Who calls, may they, the token, and a row of the audit that is on the disk before the answer. Settings come from the environment:
VAULT_DATABASE, VAULT_KEY, VAULT_ISSUER, VAULT_AUDIENCE.
"""

import base64
import hashlib
import hmac
import json
import os
import queue
import sqlite3
import threading
import time
import urllib.request

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256

CLOCK_SKEW = 60
BATCH = 512
HEADERS = [
    ("Content-Type", "application/json; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def fetch(url: str):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return json.load(answer)


class Verifier:
    """Has the keys of the issuer, which it asked for once."""

    def __init__(self, issuer: str, audience: str):
        self.issuer, self.audience = issuer, audience
        configuration = fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
        self.keys = {}
        for key in fetch(configuration["jwks_uri"])["keys"]:
            n, e = (int.from_bytes(decode(key[name]), "big") for name in "ne")
            self.keys[key["kid"]] = RSAPublicNumbers(e, n).public_key()

    def principal(self, authorization: str, now: float):
        """The tenant and object id of the caller; None for a token that is not accepted."""
        scheme, _, token = authorization.partition(" ")
        parts = token.split(".")
        if scheme != "Bearer" or len(parts) != 3:
            return None
        try:
            header = json.loads(decode(parts[0]))
            if header["alg"] != "RS256":
                return None
            signed = token[: len(parts[0]) + 1 + len(parts[1])].encode()
            self.keys[header["kid"]].verify(decode(parts[2]), signed, PKCS1v15(), SHA256())
            claims = json.loads(decode(parts[1]))
            if (
                claims["iss"] == self.issuer
                and claims["aud"] == self.audience
                and claims["appid"]
                and claims.get("nbf", 0) - CLOCK_SKEW <= now < claims["exp"] + CLOCK_SKEW
            ):
                return claims["tid"], claims["oid"]
        except (KeyError, ValueError, InvalidSignature):
            pass
        return None


class Audit:
    """Writes the entries of many callers in one transaction: while one is on its way to the disk, the next gathers."""

    def __init__(self, path: str, key: bytes):
        self.key, self.path = key, path
        self.waiting = queue.SimpleQueue()
        threading.Thread(target=self._run, daemon=True).start()

    def append(self, entry: tuple) -> bool:
        """True when the entry is on the disk."""
        done = threading.Lock()
        done.acquire()
        item = [entry, done, False]
        self.waiting.put(item)
        done.acquire()
        return item[2]

    def _run(self):
        database = connect(self.path)
        while True:
            items = [self.waiting.get()]
            while len(items) < BATCH and not self.waiting.empty():
                items.append(self.waiting.get())
            try:
                self._write(database, [item[0] for item in items])
                written = True
            except sqlite3.Error:
                written = False
            for item in items:
                item[2] = written
                item[1].release()

    def _write(self, database, entries):
        # Several processes write: the end of the chain is read in the transaction that adds to it.
        database.execute("BEGIN IMMEDIATE")
        try:
            last = database.execute("SELECT id, mac FROM audit ORDER BY id DESC LIMIT 1").fetchone()
            number, mac = last or (0, b"")
            rows = []
            for entry in entries:
                number += 1
                mac = self._code(number, entry, mac)
                rows.append((number, *entry, mac))
            database.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            database.execute("COMMIT")
        except sqlite3.Error:
            database.execute("ROLLBACK")
            raise

    def _code(self, number: int, entry: tuple, previous: bytes) -> bytes:
        parts = [previous, number.to_bytes(8, "big"), entry[0].to_bytes(8, "big")]
        for text in entry[1:]:
            data = text.encode()
            parts += [len(data).to_bytes(8, "big"), data]
        return hmac.digest(self.key, b"".join(parts), "sha256")[:16]


def connect(path: str):
    database = sqlite3.connect(path, timeout=5, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    return database


class Vault:
    def __init__(self, path: str, key_path: str, issuer: str, audience: str):
        with open(key_path, "rb") as file:
            keys = file.read()
        self.sealing, self.audit_key = AESGCM(keys[:32]), keys[32:]
        self.verifier = Verifier(issuer, audience)
        self.audit = Audit(path, self.audit_key)
        self.path, self.local = path, threading.local()

    def read(self, environ):
        """A status and a body."""
        parts = environ["PATH_INFO"].split("/")
        if environ["REQUEST_METHOD"] != "POST" or len(parts) != 5 or parts[1] != "services" or parts[3] != "tokens":
            return "404 Not Found", b"not found"
        now = time.time()
        caller = self.verifier.principal(environ.get("HTTP_AUTHORIZATION", ""), now)
        if caller is None:
            return "401 Unauthorized", b"not recognized"
        service, token = parts[2], parts[4]
        outcome, detail, status, body = "forbidden", "", "403 Forbidden", b"not allowed"
        if self._may_read(caller, service, token):
            outcome, status, body = "notFound", "404 Not Found", b"no such token"
            found = self._open(service, token)
            if found:
                text, expires = found
                outcome, status = "given", "200 OK"
                detail = hmac.digest(self.audit_key, text.encode(), "sha256")[:8].hex()
                answer = {"ExpiresIn": expires - int(now), "Parameters": {}, "Value": {"AccessToken": text}}
                body = json.dumps(answer, separators=(",", ":")).encode()
        entry = (int(now), *caller, "postToken", service, token, outcome, detail, environ.get("HTTP_X_REQUEST_ID", ""))
        if not self.audit.append(entry):
            return "503 Service Unavailable", b"the audit cannot be written"
        return status, body

    @property
    def _database(self):
        if not hasattr(self.local, "database"):
            self.local.database = connect(self.path)
        return self.local.database

    def _may_read(self, caller, service: str, token: str) -> bool:
        rows = self._database.execute(
            "SELECT permissions FROM policy WHERE tenant = ? AND object = ? AND resource IN ('', ?, ?)",
            (*caller, f"services/{service}", f"services/{service}/tokens/{token}"),
        )
        return any("GetToken" in permissions.split(",") for (permissions,) in rows)

    def _open(self, service: str, token: str):
        row = self._database.execute(
            "SELECT version, expires_on, sealed FROM token WHERE service = ? AND name = ?", (service, token)
        ).fetchone()
        if row is None:
            return None
        version, expires, sealed = row
        place = f"{len(service)}:{service}|{len(token)}:{token}|{version}|{expires}".encode()
        try:
            return self.sealing.decrypt(sealed[:12], sealed[12:], place).decode(), expires
        except InvalidTag:
            return None


# After uWSGI's fork: a thread does not outlive one.
_vault = None
_lock = threading.Lock()


def vault() -> Vault:
    global _vault
    if _vault is None:
        with _lock:
            if _vault is None:
                settings = ("VAULT_DATABASE", "VAULT_KEY", "VAULT_ISSUER", "VAULT_AUDIENCE")
                _vault = Vault(*(os.environ[name] for name in settings))
    return _vault


def application(environ, start_response):
    status, body = vault().read(environ)
    start_response(status, [*HEADERS, ("Content-Length", str(len(body)))])
    return [body]
