"""Gives a machine what Azure would: the template's custom data, packages to fetch over https, and a metadata service."""

import hashlib
import pathlib
import subprocess
import sys

import template as arm

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
machine = pathlib.Path(sys.argv[1])
SECRET = "the 'secret' of \"the\" $(application) \\"


def write(name, text, mode=0o644):
    path = machine / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def unit(name, section, wanted_by="multi-user.target", head=""):
    write(f"etc/systemd/system/{name}", f"[Unit]\n{head}\n[Service]\n{section}\n[Install]\nWantedBy={wanted_by}\n")
    link = machine / f"etc/systemd/system/{wanted_by}.wants/{name}"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(f"/etc/systemd/system/{name}")


# ---- The packages, at an https address whose certificate the machine trusts

served = machine / "srv/packages"
served.mkdir()
for file in sorted((ROOT / ".build/packages").iterdir()):
    (served / file.name).write_bytes(file.read_bytes())
sums = (served / "SHA256SUMS").read_bytes()
subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=packages.test", "-addext",
     "subjectAltName=DNS:packages.test", "-keyout", machine / "srv/key.pem", "-out", machine / "srv/certificate.pem"],
    check=True, capture_output=True,
)
(machine / "usr/local/share/ca-certificates").mkdir(parents=True, exist_ok=True)
(machine / "usr/local/share/ca-certificates/packages.crt").write_bytes((machine / "srv/certificate.pem").read_bytes())
unit(
    "packages.service",
    "ExecStart=/usr/bin/python3 /checkout/Tests/Azure/serve_packages.py",
    head="Before=cloud-final.service",
)
with (machine / "etc/hosts").open("a") as hosts:
    hosts.write("127.0.0.1 localhost token-page packages.test page.example.com\n")

# ---- The metadata service, and the directory behind it

environment = "Environment=AZURE_EMULATOR_URL=http://127.0.0.1:8081 AZURE_EMULATOR_STATE=/root/emulator"
unit(
    "metadata.service",
    f"{environment}\nExecStartPre=/usr/sbin/ip address replace 169.254.169.254/32 dev lo\n"
    "ExecStart=/checkout/.build/release/azure-emulator serve --socket /run/emulator.sock --socket-group www-data",
    head="Before=cloud-final.service nginx.service",
)
site = """server {
    listen %s;
    location / {
        include /checkout/nginx/snippets/token-page-fastcgi.conf;
        %s
        fastcgi_pass unix:/run/emulator.sock;
    }
}
"""
# Who asks the metadata service on this machine has its address, and the emulator answers loopback addresses alone.
local = "fastcgi_param REMOTE_ADDR 127.0.0.1;"
write("etc/nginx/conf.d/metadata.conf", site % ("127.0.0.1:8081", "") + site % ("169.254.169.254:80", local))

# ---- A certificate authority: what certbot leaves behind, once the names lead here

write(
    "usr/local/bin/certbot",
    """#!/bin/bash
set -euo pipefail
echo "$*" >>/root/certbot.log
[[ -e /root/names-lead-here ]] || { echo "Some challenges have failed." >&2; exit 1; }
while (($#)); do
    case $1 in
        --domain) name=$2 ;;
        --webroot-path) root=$2 ;;
    esac
    shift
done
mkdir -p "$root/.well-known/acme-challenge"
echo proof >"$root/.well-known/acme-challenge/test"
[[ $(curl --silent --fail --resolve "$name:80:127.0.0.1" "http://$name/.well-known/acme-challenge/test") == proof ]]
mkdir -p "/etc/letsencrypt/live/$name"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" \\
    -keyout "/etc/letsencrypt/live/$name/privkey.pem" -out "/etc/letsencrypt/live/$name/fullchain.pem" 2>/dev/null
cp "/etc/letsencrypt/live/$name/fullchain.pem" "/usr/local/share/ca-certificates/$name.crt"
update-ca-certificates >/dev/null 2>&1
""",
    0o755,
)

# ---- The template's own

template = arm.Template(
    (ROOT / "deploy/azure/azuredeploy.json").read_text(),
    {
        "pageName": "Page.example.com",
        "vaultName": "vault.example.com",
        "vaultIdentifier": "api://00000000-0000-0000-0000-00000000aaaa",
        "pageAllowedAddress": "127.0.0.1",
        "tokenVaultServiceClientId": "the-client",
        "tokenVaultServiceClientSecret": SECRET,
        "packagesUrl": "https://packages.test:8443/",
        "packagesSha256": hashlib.sha256(sums).hexdigest(),
        "certificateEmail": "ann@example.com",
        "adminPublicKey": "ssh-ed25519 AAAA",
    },
    sys.argv[2],
)
virtual_machine = template.resource("Microsoft.Compute/virtualMachines")
seed = "var/lib/cloud/seed/nocloud"
write(f"{seed}/user-data", arm.decoded(virtual_machine["properties"]["osProfile"]["customData"]))
write(f"{seed}/meta-data", "instance-id: test\nlocal-hostname: token-page\n")
# Debian's images have cloud-init write /etc/hosts. They have ssh too, for which it makes keys; without it that is an error to it.
write(
    "etc/cloud/cloud.cfg.d/99-test.cfg",
    "network: {config: disabled}\ndatasource_list: [NoCloud]\nlocale: false\nmanage_etc_hosts: true\nssh_genkeytypes: []\n",
)
# There is no network, and so no index of packages to fetch.
write("etc/apt/sources.list", "")
extension = template.resource("Microsoft.Compute/virtualMachines/extensions")
write("root/extension/script.sh", arm.decoded(extension["properties"]["protectedSettings"]["script"]), 0o500)
write("root/secret", SECRET, 0o600)
