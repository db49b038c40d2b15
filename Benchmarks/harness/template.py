"""The template of token-page's home page, in the forms that the peers read: the same text, and so the same size."""

import re
from pathlib import Path

from .backend import RESOURCE

# What the home page says whenever all goes well.
_CONSTANTS = {
    "title": "Token page",
    "headline": "Here is your token",
    "lead": "The vault handed it out just now. No secret is stored here.",
    "resource": RESOURCE,
    "vault": "127.0.0.1",
    # The peers leave out to format this one time; it has the page's length.
    "tokenExpiry": "2030-01-01 00:00:00 UTC",
    "troubleshooting": "/static/troubleshooting.html",
}
VARIABLES = ("token", "principal", "identityTime", "vaultTime", "expiry")


_SECTION = re.compile(r"{{([#^])(\w+)}}(\n?)((?:(?!{{[#^]\2}}).)*?){{/\2}}(\n?)", re.DOTALL)


def write_templates(home: Path, directory: Path) -> dict[str, Path]:
    """Writes one template for C, Go and PHP each and returns their paths."""
    text = home.read_text()
    while (chosen := _SECTION.sub(_section_when_all_goes_well, text)) != text:
        text = chosen
    for name, value in _CONSTANTS.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    unknown = set(re.findall(r"{{(.*?)}}", text)) - set(VARIABLES)
    if unknown:
        raise SystemExit(f"The home template has variables that the peers do not know: {', '.join(sorted(unknown))}.")
    forms = {
        "c": lambda name: f"{{{{{name}}}}}",
        "go": lambda name: f"{{{{.{name[0].upper()}{name[1:]}}}}}",
        "php": lambda name: f"<?= htmlspecialchars(${name}, ENT_QUOTES) ?>",
    }
    paths = {}
    for language, form in forms.items():
        paths[language] = directory / f"page.{language}"
        paths[language].write_text(re.sub(r"{{(.*?)}}", lambda match: form(match[1]), text))
    return paths


def _section_when_all_goes_well(match: re.Match) -> str:
    kind, name, _, body, ending = match.groups()
    is_there = name in VARIABLES or _CONSTANTS.get(name) is not None
    # A section's own lines are no lines of the page (Mustache calls them standalone).
    ending = "" if match[3] else ending
    return body.replace("{{.}}", f"{{{{{name}}}}}") + ending if is_there == (kind == "#") else ending
