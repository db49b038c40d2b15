"""Where we send something else than Microsoft's own clients do, and why; everything else has to be the same."""

# Names of the program and the machine, and counts of its requests.
ANONYMOUS = "says which library asks, on which machine, how often; decides nothing, and we do not tell"
FOUNDATION = "added by Foundation's URLSession; nobody reads it"
UPSTREAM = "as AppAuthentication for .NET asks"
SIGNATURE = "the newer signature, as MSAL makes it since 2024; azure-identity for Python has the older one still"

# (what is asked, field) -> reason; `*` stands for any question.
EXPECTED = {
    ("*", "header accept-language"): FOUNDATION,
    ("*", "header x-client-sku"): ANONYMOUS,
    ("*", "header x-client-ver"): ANONYMOUS,
    ("*", "header x-client-os"): ANONYMOUS,
    ("*", "header x-client-current-telemetry"): ANONYMOUS,
    ("*", "header x-client-last-telemetry"): ANONYMOUS,
    ("*", "header x-ms-lib-capability"): ANONYMOUS,
    ("*", "header x-ms-client-request-id"): ANONYMOUS,
    ("*", "header client-request-id"): ANONYMOUS,
    ("*", "form client_info"): "asks for facts about a person, and an application is none",
    ("virtual machine", "query api-version"): UPSTREAM,
    ("virtual machine, user-assigned", "query api-version"): UPSTREAM,
    ("secret, connection string", "path"): UPSTREAM,
    ("secret, connection string", "form resource"): UPSTREAM,
    ("secret, connection string", "form scope"): UPSTREAM,
    ("workload identity", "header accept"): "JSON is what we can read; azure-identity says so in its other questions",
    ("az", "argument 2"): "-o for --output, " + UPSTREAM,
    ("pwsh", "argument 3"): "a script of our own; both call Get-AzAccessToken and print the same line",
    ("pwsh", "variable NO_COLOR"): "its messages are shown, and colours would garble them",
    ("pwsh", "variable POWERSHELL_UPDATECHECK"): "it need not look for a new version of itself each time",
    ("certificate", "assertion header alg"): SIGNATURE,
    ("certificate", "assertion header x5t"): SIGNATURE,
    ("certificate", "assertion header x5t#S256"): SIGNATURE,
    ("certificate", "assertion header x5c"): "always sent, " + UPSTREAM,
    ("certificate", "assertion claim iat"): "the claims of AppAuthentication for .NET and of MSAL for Go",
    ("certificate", "assertion claim nbf"): "the claims of AppAuthentication for .NET and of MSAL for Go",
}

# Fields whose value is another at each request: only whether they are there is compared.
VOLATILE = {
    "assertion claim jti", "assertion claim iat", "assertion claim exp", "assertion claim nbf", "form client_assertion",
}


def compare(question: str, theirs: dict[str, str], ours: dict[str, str], expected=EXPECTED):
    """Rows (field, theirs, ours, reason); a row without reason is a difference that nobody wanted."""
    rows = []
    for field in sorted(set(theirs) | set(ours)):
        left, right = theirs.get(field), ours.get(field)
        if left == right or (field in VOLATILE and left is not None and right is not None):
            continue
        rows.append((field, left, right, expected.get((question, field)) or expected.get(("*", field))))
    return rows
