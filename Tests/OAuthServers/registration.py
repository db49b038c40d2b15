"""What a server is told: the one client and the one person that it knows, and how it treats their tokens."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Registration:
    directory: Path
    port: int
    client_id: str
    client_secret: str
    redirect_uri: str
    user: str
    password: str
    # How many seconds an access token lives.
    lifetime: int
    # How many seconds an old refresh token is still accepted; 0 makes its use the end of the grant.
    grace: int = 0
    # Whether a renewal gives another refresh token, and whether an old one ends the grant (authlib alone).
    rotate: bool = True
    revoke_on_reuse: bool = True
    # How many seconds a renewal takes (authlib alone).
    delay: float = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @classmethod
    def read(cls, directory: Path) -> "Registration":
        return cls(directory=directory, **json.loads((directory / "registration.json").read_text()))
