"""nginx as every benchmark starts it: its own ports, its own folder, nothing of the system's configuration."""

import os
import shutil
import socket
from pathlib import Path

from .processes import Process, wait_until

_CONFIGURATION = """\
daemon off;
{user}
worker_processes auto;
worker_rlimit_nofile 65536;
pid {work}/{name}.pid;
error_log {work}/{name}-errors.log error;

events {{
    worker_connections 16384;
}}

http {{
    access_log off;
    client_body_temp_path {work}/body;
    fastcgi_temp_path {work}/fastcgi;
    proxy_temp_path {work}/proxy;
    scgi_temp_path {work}/scgi;
    uwsgi_temp_path {work}/uwsgi;
    keepalive_requests 1000000;
{http}
}}
"""


def start(work: Path, name: str, http: str, port: int) -> Process:
    """nginx with this inside of its `http` block; it answers at the port when this returns."""
    configuration = work / f"{name}.conf"
    # Started by root, nginx would have its workers be a user who may not enter the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(_CONFIGURATION.format(work=work, name=name, http=http, user=user))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    nginx = Process([program, "-e", work / f"{name}-errors.log", "-c", configuration], log=work / f"{name}.log")

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_until(answers, "nginx's start", nginx)
    return nginx


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
