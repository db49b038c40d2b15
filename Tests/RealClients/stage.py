"""The emulator behind nginx, twice, with a recorder in front of each: one with TLS for clients that insist on it."""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from recorder import Recorder

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / ".build/debug"


class Failure(Exception):
    """One sentence for whoever runs the check."""


class Emulator:
    """One emulator under one address; both have the same keys, identities and secrets."""

    def __init__(self, stage: "Stage", name: str, scheme: str, host: str, certificate=None):
        self.recorder = Recorder(certificate)
        self.url = f"{scheme}://{host}:{self.recorder.port}"
        self.socket = stage.directory / f"{name}.sock"
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "AZURE_EMULATOR_STATE": str(stage.directory / "state"),
            "AZURE_EMULATOR_URL": self.url,
        }
        self.stage = stage

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [PROGRAMS / "azure-emulator", *arguments], env=self.environment, capture_output=True, text=True
        )
        if done.returncode:
            raise Failure(f"azure-emulator {arguments[0]}: {done.stderr}")
        return done.stdout

    def variables(self, source: str) -> dict[str, str]:
        """What a client finds in its environment there."""
        file = self.stage.directory / "identity.env"
        file.unlink(missing_ok=True)
        self.command("env", "--for", source, "--output", str(file))
        words = shlex.split(file.read_text(), comments=True)
        return dict(word.split("=", 1) for word in words)

    def identities(self) -> dict[str, dict[str, str]]:
        lines = (line.split() for line in self.command("principal").splitlines())
        return {name: dict(field.split("=", 1) for field in fields) for name, *fields in lines}


class Stage:
    def __enter__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="real-clients-", dir="/tmp"))
        self.processes: list[subprocess.Popen] = []
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        for emulator in getattr(self, "emulators", []):
            emulator.recorder.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _build(self):
        self.authority_file = self.directory / "ca.pem"
        self._certificate()
        self.secure = Emulator(self, "secure", "https", "localhost", self.directory / "server.pem")
        self.plain = Emulator(self, "plain", "http", "127.0.0.1")
        self.emulators = [self.secure, self.plain]
        self.secure.identities()  # makes the keys, once
        servers = ""
        for emulator in self.emulators:
            emulator.recorder.target = _free_port()
            servers += (
                f"server {{ listen 127.0.0.1:{emulator.recorder.target}; location / {{"
                f" include {ROOT}/nginx/snippets/token-page-fastcgi.conf; fastcgi_pass unix:{emulator.socket}; }} }}\n"
            )
            self._start([PROGRAMS / "azure-emulator", "serve", "--socket", emulator.socket], emulator.environment)
        temporary = "".join(
            f"{kind}_temp_path {self.directory}/{kind};" for kind in ("client_body", "fastcgi", "proxy", "scgi", "uwsgi")
        )
        configuration = self.directory / "nginx.conf"
        # Started by root, nginx would have its workers be a user who may not enter the directory of the sockets.
        user = "user root;" if os.geteuid() == 0 else ""
        configuration.write_text(
            f"daemon off; {user} pid {self.directory}/nginx.pid; events {{}}\n"
            f"http {{ access_log off; {temporary}\n{servers}}}\n"
        )
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if nginx is None:
            raise Failure("nginx is not installed.")
        self._start([nginx, "-c", configuration, "-e", "stderr"], {"PATH": "/usr/sbin:/usr/bin:/bin"})
        for emulator in self.emulators:
            self._wait(lambda path=emulator.socket: path.exists())
            self._wait(lambda port=emulator.recorder.target: _listens(port))

    def _start(self, command, environment):
        log = open(self.directory / "log", "ab")
        self.processes.append(subprocess.Popen([str(word) for word in command], env=environment, stderr=log, stdout=log))

    def _wait(self, condition):
        deadline = time.monotonic() + 15
        while not condition():
            if time.monotonic() > deadline or any(process.poll() is not None for process in self.processes):
                raise Failure("The emulator did not start:\n" + (self.directory / "log").read_text())
            time.sleep(0.05)

    def _certificate(self):
        """An authority that nobody trusts but who is told to, and a certificate of it for this machine."""
        make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj"
        extensions = "-addext subjectAltName=DNS:localhost,IP:127.0.0.1"
        self._run(f"{make} /CN=Throw-away -keyout ca.key -out ca.pem")
        self._run(f"{make} /CN=localhost {extensions} -CA ca.pem -CAkey ca.key -keyout server.key -out server.crt")
        text = (self.directory / "server.key").read_text() + (self.directory / "server.crt").read_text()
        (self.directory / "server.pem").write_text(text)

    def _run(self, command: str):
        done = subprocess.run(shlex.split(command), cwd=self.directory, capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"{command}: {done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
