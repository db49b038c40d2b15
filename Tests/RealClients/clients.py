"""The clients that are compared: Microsoft's azure-identity and az, and azure-token of this project."""

import json
import os
import subprocess
import sys
from pathlib import Path

from stage import PROGRAMS, Failure, Stage

RESOURCE = "https://vault.azure.net"
AZ = Path(sys.executable).with_name("az")

# Runs one credential of azure-identity in a process of its own, where the environment alone decides.
IDENTITY_PROGRAM = """
import sys
from azure.identity import *
options = {"disable_instance_discovery": True} if sys.argv[1] in ("EnvironmentCredential", "WorkloadIdentityCredential") else {}
if len(sys.argv) > 3: options["client_id"] = sys.argv[3]
print(globals()[sys.argv[1]](**options).get_token(sys.argv[2] + "/.default").token)
"""


class Clients:
    def __init__(self, stage: Stage):
        self.stage = stage
        # Nothing of the caller's own identity, and no proxy.
        self.base = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(stage.directory),
            "TMPDIR": str(stage.directory),
            "AZURE_CONFIG_DIR": str(stage.directory / "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "REQUESTS_CA_BUNDLE": str(stage.authority_file),
        }

    def identity(self, credential: str, environment: dict[str, str], client_id: str | None = None):
        """A token through azure-identity."""
        arguments = [credential, RESOURCE] + ([client_id] if client_id else [])
        return self._run([sys.executable, "-c", IDENTITY_PROGRAM, *arguments], environment)

    def ours(self, environment: dict[str, str], *arguments: str):
        """A token through azure-token."""
        return self._run([PROGRAMS / "azure-token", *(arguments or ("get", "--resource", RESOURCE))], environment)

    def az(self, *arguments: str, environment: dict[str, str] | None = None) -> str:
        done = self._run([AZ, *arguments], environment or {})
        if done.returncode:
            raise Failure(f"az {arguments[0]}: {done.stderr}")
        return done.stdout

    def _run(self, command, environment):
        return subprocess.run(
            [str(word) for word in command],
            env=self.base | environment,
            cwd=self.stage.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )


class StandIns:
    """Programs by the names of the developer tools that print a token and keep how they were started."""

    def __init__(self, directory: Path, token: str):
        self.folder = directory / "stand-ins"
        self.folder.mkdir()
        self.log = directory / "stand-ins.json"
        answers = {
            "az": json.dumps({"accessToken": token, "expires_on": 4102444800, "tokenType": "Bearer"}),
            "azd": json.dumps({"token": token, "expiresOn": "2100-01-01T00:00:00Z"}),
            "pwsh": f"azsdk%{token}%4102444800",
        }
        for name, answer in answers.items():
            program = self.folder / name
            program.write_text(
                f"#!{sys.executable}\nimport json, os, sys\n"
                f"json.dump([sys.argv[1:], os.getcwd(), dict(os.environ)], open({str(self.log)!r}, 'w'))\n"
                f"print({answer!r})\n"
            )
            os.chmod(program, 0o700)

    def take(self, base: dict[str, str]) -> dict[str, str]:
        """How the last one was started: its arguments, its directory and what its environment has of its own."""
        arguments, directory, environment = json.loads(self.log.read_text())
        self.log.unlink()
        fields = {f"argument {index}": value for index, value in enumerate(arguments)}
        # Python and shells add some by themselves; where a program is looked for is not what it is asked.
        ignored = set(base) | {"AzureCLIPath", "LC_CTYPE", "PATH", "PWD", "OLDPWD", "SHLVL", "_"}
        added = {f"variable {name}": value for name, value in environment.items() if name not in ignored}
        return fields | added | {"directory": directory}
