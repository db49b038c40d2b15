"""The vault and the identity endpoint of all peers: backend/backend.c."""

import base64
import json
import subprocess
import time
import urllib.request
from pathlib import Path

from .processes import Failure, Process

CLIENT_ID = "11111111-2222-4333-8444-555555555555"
TENANT_ID = "99999999-8888-4777-8666-555555555555"
RESOURCE = "https://tokenvault.azure.net"
IDENTITY_HEADER = "benchmark"
# Every answer of the vault begins with this.
TOKEN_PREFIX = "sl.BkW7-_qZ9xTr4sl."


class Backend:
    def __init__(self, program: Path, work: Path):
        identity = work / "identity.json"
        identity.write_text(json.dumps(_identity()))
        self.process = Process([program, identity], log=work / "backend.log", stdout=subprocess.PIPE)
        ports = self.process.popen.stdout.readline().split()
        if len(ports) != 2:
            raise Failure(f"The back end does not start:\n{self.process.last_words()}")
        self.port, self.control_port = map(int, ports)

    @property
    def vault_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/services/dropbox/tokens/sampleToken"

    @property
    def environment(self) -> dict[str, str]:
        """The settings that token-page knows; the peers take the same."""
        return {
            "TOKEN_VAULT_URL": self.vault_url,
            "TOKEN_VAULT_RESOURCE": RESOURCE,
            "AzureServicesAuthConnectionString": "RunAs=App",
            "IDENTITY_ENDPOINT": f"http://127.0.0.1:{self.port}/msi/token",
            "IDENTITY_HEADER": IDENTITY_HEADER,
        }

    def set_delay(self, milliseconds: int):
        self._control(f"delay/{milliseconds}")

    def set_faults(self, every: int):
        self._control(f"faults/{every}")

    def go_away(self, milliseconds: int):
        self._control(f"away/{milliseconds}")

    def reset(self):
        self._control("reset")

    def counters(self) -> dict[str, int]:
        return self._control("counters")

    def stop(self):
        self.process.stop()

    def _control(self, command: str):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.control_port}/{command}", timeout=5) as answer:
            return json.load(answer)


def _identity() -> dict[str, str]:
    """What App Service answers with; the token is shaped as a real one, and its signature says nothing."""
    expires = int(time.time()) + 24 * 3600
    claims = {
        "aud": RESOURCE,
        "iss": f"https://sts.windows.net/{TENANT_ID}/",
        "iat": expires - 24 * 3600,
        "exp": expires,
        "appid": CLIENT_ID,
        "idtyp": "app",
        "oid": "77777777-6666-4555-8444-333333333333",
        "tid": TENANT_ID,
        "ver": "1.0",
    }
    parts = (json.dumps({"alg": "RS256", "typ": "JWT", "kid": "benchmark"}), json.dumps(claims), "s" * 256)
    return {
        "access_token": ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts),
        "expires_on": str(expires),
        "resource": RESOURCE,
        "token_type": "Bearer",
        "client_id": CLIENT_ID,
    }
