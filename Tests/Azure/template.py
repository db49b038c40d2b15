"""The template of deploy/azure, and as much of Azure Resource Manager's language as it uses.

https://learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions
"""

import base64
import json
import re

TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_][A-Za-z0-9_]*)|(\d+)|([().,\[\]]))", re.DOTALL)


class Unknown(Exception):
    """What only Azure knows, such as the address of a resource."""


class Template:
    def __init__(self, text, parameters, tenant):
        self.json = json.loads(text)
        self.tenant = tenant
        self.parameters = {}
        for name, declared in self.json["parameters"].items():
            if name not in parameters and "defaultValue" not in declared:
                raise ValueError(f"The parameter {name} has no value.")
            value = parameters.get(name, declared.get("defaultValue"))
            if not declared.get("minLength", 0) <= len(value) <= declared.get("maxLength", len(value)):
                raise ValueError(f"The parameter {name} has {len(value)} characters.")
            self.parameters[name] = value
        unknown = set(parameters) - set(self.json["parameters"])
        if unknown:
            raise ValueError(f"The template has no parameter {sorted(unknown)}.")

    def value(self, node):
        """A value of the template, with its expressions worked out."""
        if isinstance(node, dict):
            return {key: self.value(inner) for key, inner in node.items()}
        if isinstance(node, list):
            return [self.value(inner) for inner in node]
        if not is_expression(node):
            return node[1:] if isinstance(node, str) and node.startswith("[[") else node
        tokens = tokenize(node[1:-1])
        result = self.expression(tokens)
        if tokens:
            raise ValueError(f"There is more behind the expression: {tokens[:3]}")
        return result

    def expression(self, tokens):
        kind, text = tokens.pop(0)
        if kind == "text":
            return text
        if kind == "number":
            return int(text)
        if kind != "name" or not tokens or tokens.pop(0)[1] != "(":
            raise ValueError(f"{text} is no function.")
        arguments = []
        while tokens[0][1] != ")":
            arguments.append(self.expression(tokens))
            if tokens[0][1] == ",":
                tokens.pop(0)
        tokens.pop(0)
        result = self.call(text, arguments)
        while tokens and tokens[0][1] == ".":
            result = result[tokens[1][1]]
            del tokens[:2]
        return result

    def call(self, name, arguments):
        match name:
            case "parameters":
                return self.value(self.parameters[arguments[0]])
            case "variables":
                return self.value(self.json["variables"][arguments[0]])
            case "concat":
                return "".join(arguments)
            case "base64":
                return base64.b64encode(arguments[0].encode()).decode()
            case "base64ToString":
                return base64.b64decode(arguments[0], validate=True).decode()
            case "string":
                return json.dumps(arguments[0], separators=(",", ":"))
            case "toLower":
                return arguments[0].lower()
            case "subscription":
                return {"tenantId": self.tenant}
            case "resourceGroup":
                return {"location": "westeurope"}
            case "resourceId":
                kinds = arguments[0].split("/")
                parts = [f"{kind}/{part}" for kind, part in zip(kinds[1:], arguments[1:], strict=True)]
                return "/".join(["/subscriptions/0/resourceGroups/0/providers", kinds[0], *parts])
            case "reference":
                raise Unknown(arguments[0])
        raise ValueError(f"There is no function {name}.")

    @property
    def resources(self):
        """All of them by their type, those inside of others too."""
        found = {}
        for outer in self.json["resources"]:
            found[outer["type"]] = outer
            for inner in outer.get("resources", []):
                kind, name = f"{outer['type']}/{inner['type']}", f"{self.value(outer['name'])}/{inner['name']}"
                found[kind] = {**inner, "type": kind, "name": name}
        return found

    def resource(self, kind):
        return self.value(self.resources[kind])


def decoded(text):
    return base64.b64decode(text, validate=True).decode()


def is_expression(node):
    return isinstance(node, str) and node.startswith("[") and node.endswith("]") and not node.startswith("[[")


def tokenize(text):
    tokens, at = [], 0
    while at < len(text.rstrip()):
        found = TOKEN.match(text, at)
        if not found:
            raise ValueError(f"This is no expression: {text[at:at + 40]}")
        quoted, name, number, sign = found.groups()
        if quoted is not None:
            tokens.append(("text", quoted[1:-1].replace("''", "'")))
        elif name:
            tokens.append(("name", name))
        elif number:
            tokens.append(("number", number))
        else:
            tokens.append(("sign", sign))
        at = found.end()
    return tokens
