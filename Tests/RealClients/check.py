"""Runs Microsoft's own clients against the emulator, and compares what they send with what we send."""

import base64
import json
import sys
from importlib.metadata import version

from clients import RESOURCE, AZ, Clients, StandIns
from differences import compare
from stage import Failure, Stage


class Report:
    def __init__(self):
        self.failed = 0
        self.seen: set[tuple[str, str, str]] = set()

    def check(self, what: str, holds: bool, why=""):
        print(f"{'ok  ' if holds else 'FAIL'} {what}" + (f": {why}" if why and not holds else ""))
        self.failed += not holds

    def differences(self, question: str, theirs: dict[str, str], ours: dict[str, str]):
        rows = compare(question, theirs, ours)
        wanted = [row for row in rows if row[3]]
        self.check(f"{question}: {len(set(theirs) & set(ours))} fields, {len(wanted)} differ as listed", rows == wanted)
        for field, left, right, reason in rows:
            print(f"       {field}: theirs {shown(left)}, ours {shown(right)}" + (f" ({reason})" if reason else " (?)"))


def shown(value: str | None) -> str:
    if value is None:
        return "absent"
    return value if len(value) <= 60 else value[:57] + "..."


def claims(token: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))


def token_requests(recorder):
    """Those of a token: discovery and probes come before them."""
    return [request for request in recorder.take() if request.path.endswith("/token")]


def identity_endpoints(report: Report, clients: Clients, stage: Stage):
    user_assigned = stage.plain.identities()["user-assigned"]["appid"]
    for source, place in (("app-service", "App Service"), ("virtual-machine", "virtual machine")):
        environment = stage.plain.variables(source)
        for client_id in (None, user_assigned):
            question = place + (", user-assigned" if client_id else "")
            theirs = clients.identity("ManagedIdentityCredential", environment, client_id)
            their_requests = token_requests(stage.plain.recorder)
            text = f"RunAs=App;AppId={client_id}" if client_id else "RunAs=App"
            ours = clients.ours(environment | {"AzureServicesAuthConnectionString": text})
            our_requests = token_requests(stage.plain.recorder)
            answers(report, question, theirs, ours)
            report.differences(question, their_requests[-1].fields, our_requests[-1].fields)


def token_endpoint(report: Report, clients: Clients, stage: Stage):
    assertion = stage.directory / "federated"
    assertion.write_text("a token of the cluster")
    for source, question in (("client-secret", "secret"), ("client-certificate", "certificate")):
        secure, plain = (
            {name: value for name, value in emulator.variables(source).items() if name.startswith("AZURE_")}
            for emulator in (stage.secure, stage.plain)
        )
        theirs = clients.identity("EnvironmentCredential", secure)
        their_requests = token_requests(stage.secure.recorder)
        ours = clients.ours(plain | {"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential"})
        our_requests = token_requests(stage.plain.recorder)
        answers(report, question, theirs, ours)
        report.differences(question, same_host(their_requests[-1].fields, stage), our_requests[-1].fields)

        # The connection string has its own form of the question, that of the library which it comes from.
        text = stage.plain.variables(source)["AzureServicesAuthConnectionString"]
        if source == "client-secret":
            ours = clients.ours(plain | {"AzureServicesAuthConnectionString": text})
            our_requests = token_requests(stage.plain.recorder)
            answers(report, "secret, connection string", theirs, ours)
            report.differences(
                "secret, connection string", same_host(their_requests[-1].fields, stage), our_requests[-1].fields
            )

    # The emulator knows no other issuer of tokens, so both are refused: what they sent counts.
    environment = {"AZURE_FEDERATED_TOKEN_FILE": str(assertion)}
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_AUTHORITY_HOST"):
        environment[name] = secure[name]
    clients.identity("WorkloadIdentityCredential", environment)
    their_requests = token_requests(stage.secure.recorder)
    clients.ours(
        environment
        | {"AZURE_AUTHORITY_HOST": plain["AZURE_AUTHORITY_HOST"], "AZURE_TOKEN_CREDENTIALS": "WorkloadIdentityCredential"}
    )
    our_requests = token_requests(stage.plain.recorder)
    report.check("workload identity: both ask", bool(their_requests and our_requests))
    report.differences("workload identity", their_requests[-1].fields, our_requests[-1].fields)


def same_host(fields: dict[str, str], stage: Stage) -> dict[str, str]:
    """The two emulators differ in their address, and it is in the audience of assertions."""
    return {name: value.replace(stage.secure.url, stage.plain.url) for name, value in fields.items()}


def answers(report: Report, question: str, theirs, ours):
    for name, done in (("azure-identity", theirs), ("azure-token", ours)):
        report.check(f"{question}: {name} has a token", done.returncode == 0, done.stderr.strip()[-500:])
    if theirs.returncode == 0 and ours.returncode == 0:
        mine, other = claims(ours.stdout), claims(theirs.stdout)
        same = {name for name in ("oid", "tid", "sub") if mine.get(name) == other.get(name)}
        report.check(f"{question}: both are the same principal", same == {"oid", "tid", "sub"})


def azure_cli(report: Report, clients: Clients, stage: Stage):
    url = stage.secure.url
    application = stage.secure.identities()["application"]
    tenant, client = application["tid"], application["appid"]
    clients.az(
        *"cloud register --name Emulator --skip-endpoint-discovery".split(),
        "--endpoint-active-directory", url, "--endpoint-active-directory-resource-id", f"{url}/",
        "--endpoint-resource-manager", f"{url}/",
    )
    clients.az("cloud", "set", "--name", "Emulator")
    ours = {"AzureCLIPath": str(AZ.parent), "AzureServicesAuthConnectionString": "RunAs=Developer;DeveloperTool=AzureCLI"}
    service_principal = ["login", "--service-principal", "--allow-no-subscriptions", "--username", client, "--tenant", tenant]

    done = clients.ours(ours)
    report.check(
        "az, not signed in: its own words are passed on",
        done.returncode == 1 and "Please run 'az login'" in done.stderr,
        done.stderr,
    )
    secret = stage.secure.variables("client-secret")["AZURE_CLIENT_SECRET"]
    certificate = stage.secure.variables("client-certificate")["AZURE_CLIENT_CERTIFICATE_PATH"]
    for name, proof in (("password", secret), ("certificate", certificate)):
        # With an equals sign, because a secret may begin with a hyphen.
        clients.az(*service_principal, f"--{name}={proof}")
        report.check(f"az, signed in with a {name}", True)
        done = clients.ours(ours)
        report.check(f"az, {name}: our chain has its token", done.returncode == 0, done.stderr)
        if done.returncode == 0:
            report.check(f"az, {name}: it is the application's", claims(done.stdout)["oid"] == application["oid"])
        done = clients.ours(ours, "get", "--resource", RESOURCE, "--tenant", tenant)
        report.check(f"az, {name}: a tenant is handed on", done.returncode == 0, done.stderr)

    theirs = json.loads(clients.az("account", "get-access-token", "--resource", RESOURCE, "--tenant", tenant))
    text = clients.ours(ours, "get", "--resource", RESOURCE, "--tenant", tenant, "--output", "json").stdout
    report.check("az: azure-token prints JSON with its keys", list(json.loads(text)) == list(theirs), text[:200])
    same = all(json.loads(text)[name] == theirs[name] for name in ("tenant", "tokenType"))
    moments = [len(answer["expiresOn"]) for answer in (json.loads(text), theirs)]
    report.check("az: and with its values in the same form", same and moments[0] == moments[1])
    done = clients.ours(ours, "get", "--resource", RESOURCE, "--tenant", "11111111-1111-1111-1111-111111111111")
    report.check("az: an unknown tenant is refused in Entra's words", "AADSTS90002" in done.stderr, done.stderr)

    environment = stage.secure.variables("virtual-machine")
    clients.az("login", "--identity", "--allow-no-subscriptions", environment=environment)
    done = clients.ours(ours | environment)
    report.check("az, managed identity: our chain has its token", done.returncode == 0, done.stderr)

    for command in (["logout"], ["account", "clear"]):
        clients.az(*service_principal, f"--password={secret}")
        clients.az(*command)
        accounts = json.loads(clients.az("account", "list"))
        report.check(f"az {' '.join(command)}: nobody is signed in any more", accounts == [], str(accounts))
    done = clients.ours(ours)
    report.check(
        "az, signed out: its own words are passed on", done.returncode == 1 and "az login" in done.stderr, done.stderr
    )
    stage.secure.recorder.take()
    stage.plain.recorder.take()


def developer_tools(report: Report, clients: Clients, stage: Stage):
    token = clients.ours(stage.plain.variables("virtual-machine") | {"AzureServicesAuthConnectionString": "RunAs=App"})
    stand_ins = StandIns(stage.directory, token.stdout.strip())
    environment = {"PATH": f"{stand_ins.folder}:/usr/bin:/bin"}
    for credential, tool, name in (
        ("AzureCliCredential", "AzureCLI", "az"),
        ("AzureDeveloperCliCredential", "AzureDeveloperCLI", "azd"),
        ("AzurePowerShellCredential", "AzurePowerShell", "pwsh"),
    ):
        theirs = clients.identity(credential, environment)
        report.check(f"{name}: azure-identity has a token", theirs.returncode == 0, theirs.stderr[-500:])
        their_start = stand_ins.take(clients.base)
        ours = clients.ours(
            environment
            | {
                "AzureCLIPath": str(stand_ins.folder),
                "AzureServicesAuthConnectionString": f"RunAs=Developer;DeveloperTool={tool}",
            }
        )
        report.check(f"{name}: azure-token has a token", ours.returncode == 0, ours.stderr[-500:])
        report.differences(name, their_start, stand_ins.take(clients.base))


def main() -> int:
    print(", ".join(f"{name} {version(name)}" for name in ("azure-cli", "azure-identity", "msal")))
    report = Report()
    with Stage() as stage:
        clients = Clients(stage)
        for part in (identity_endpoints, token_endpoint, azure_cli, developer_tools):
            part(report, clients, stage)
    print("Everything is in order." if not report.failed else f"{report.failed} failed.")
    return int(report.failed > 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"check-real-clients: {failure}")
