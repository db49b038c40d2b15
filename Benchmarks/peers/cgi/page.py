#!/usr/bin/env python3
"""The page as a CGI program in Python: an access token, the vault's token, and a page, with what Python brings along."""

import http.client
import json
import os
import sys
import time
from html import escape
from urllib.parse import urlencode, urlsplit


def call(method: str, url: str, headers: dict[str, str]) -> tuple[dict, str]:
    start = time.monotonic()
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
    connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise OSError(f"status {answer.status}")
    return json.loads(body), f"{(time.monotonic() - start) * 1000:.1f} ms"


def main():
    query = urlencode({"resource": os.environ["TOKEN_VAULT_RESOURCE"], "api-version": "2019-08-01"})
    identity, identity_time = call(
        "GET",
        f"{os.environ['IDENTITY_ENDPOINT']}?{query}",
        {"X-IDENTITY-HEADER": os.environ["IDENTITY_HEADER"]},
    )
    answer, vault_time = call(
        "POST",
        os.environ["TOKEN_VAULT_URL"],
        {"Authorization": f"Bearer {identity['access_token']}", "Accept": "application/json", "Content-Length": "0"},
    )
    client = identity["client_id"]
    values = {
        "token": answer["Value"]["AccessToken"],
        "principal": f"IsAuthenticated:True Type:App AppId:{client} TenantId:{client}",
        "identityTime": identity_time,
        "vaultTime": vault_time,
        "expiry": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(int(identity["expires_on"]))),
    }
    with open(os.environ["TEMPLATE"], encoding="utf-8") as file:
        page = file.read()
    for name, value in values.items():
        page = page.replace("{{" + name + "}}", escape(value))
    body = page.encode()
    head = f"Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    sys.stdout.buffer.write(f"{head}Vary: Accept\r\nCache-Control: no-store\r\n\r\n".encode() + body)


main()
