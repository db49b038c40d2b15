"""The machine and the day, in one line each: a figure means nothing without them."""

import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path


def describe() -> dict:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())[1]) / 1024 / 1024
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return {
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} × {cpu[1] if cpu else platform.machine()}, {memory:.0f} GiB, "
        f"{system[1] if system else 'Linux'}, Linux {platform.release().split('-')[0]}",
        "versions": ", ".join(
            filter(
                None,
                (
                    _version(["swift", "--version"], r"(Swift) version ([\d.]+)"),
                    _version(["nginx", "-v"], r"(nginx)/([\d.]+)"),
                    _version(["dpkg-query", "-W", "libfcgi-dev"], r"(libfcgi)-dev\S*\s+([\d.]+)"),
                    _version(["curl", "--version"], r"(libcurl)/([\d.]+)"),
                    _version(["go", "version"], r"(go)([\d.]+)"),
                    _version(["php-fpm8.2", "-v"], r"(PHP) ([\d.]+)"),
                    _version(["wrk", "-v"], r"(wrk) \S*?([\d.]+)"),
                ),
            )
        ),
        "load": os.getloadavg()[0],
    }


def _version(command: list[str], pattern: str) -> str | None:
    environment = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
    except OSError:
        return None
    match = re.search(pattern, done.stdout + done.stderr)
    return f"{match[1]} {match[2]}" if match else None
