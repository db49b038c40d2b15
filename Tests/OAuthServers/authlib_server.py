"""A server made of Authlib and Flask, with settings for how slow it is and what an old refresh token does."""

import secrets
import threading
import time

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.oauth2 import OAuth2Error, rfc6749, rfc6750, rfc7009, rfc7636, rfc9207
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib_model import Client, Code, Token
from flask import Flask, redirect, render_template_string, request, session
from registration import Registration

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{{ title }}</title><h1>{{ title }}</h1>
<form method="post">{% for name, kind in fields %}<p><label>{{ name }} <input name="{{ name }}" type="{{ kind }}"></label>
{% endfor %}{% for label in buttons %}<button name="answer" value="{{ label }}">{{ label }}</button> {% endfor %}</form>"""


class RequiredChallenge(rfc7636.CodeChallenge):
    """Authlib's own asks it of public clients alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant, redirect_uri):
        if not grant.request.payload.data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)


class Issuer(rfc9207.IssuerParameter):
    def __init__(self, registration: Registration):
        self.registration = registration

    def get_issuer(self):
        return self.registration.url


def build(registration: Registration):
    app = Flask(__name__)
    app.secret_key = registration.client_secret
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = dict.fromkeys(
        ("authorization_code", "refresh_token"), registration.lifetime
    )
    client, codes, tokens, lock = Client(registration), {}, [], threading.Lock()

    def end(family: str):
        for token in tokens:
            if token.family == family:
                token.revoked = True

    class CodeGrant(rfc6749.AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]

        def save_authorization_code(self, code, request):
            data = request.payload.data
            codes[code] = Code(
                code,
                request.payload.redirect_uri,
                request.scope,
                request.user,
                data["code_challenge"],
                data.get("code_challenge_method") or "plain",
            )

        def query_authorization_code(self, code, client):
            return codes.get(code)

        def delete_authorization_code(self, authorization_code):
            codes.pop(authorization_code.code, None)

        def authenticate_user(self, authorization_code):
            return authorization_code.user

    class RefreshGrant(rfc6749.RefreshTokenGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]
        INCLUDE_NEW_REFRESH_TOKEN = registration.rotate

        def authenticate_refresh_token(self, refresh_token):
            with lock:
                found = next((token for token in tokens if token.refresh_token == refresh_token), None)
                if found and found.is_spent and registration.revoke_on_reuse:
                    end(found.family)
                if not found or found.revoked or found.is_spent:
                    return None
                found.is_spent = registration.rotate
            return found

        def authenticate_user(self, refresh_token):
            return refresh_token.user

        def revoke_old_credential(self, refresh_token):
            # Marked when it was looked at, so that two at once do not both succeed. A slow server is slow after that.
            time.sleep(registration.delay)

    class Revocation(rfc7009.RevocationEndpoint):
        CLIENT_AUTH_METHODS = ["client_secret_basic"]

        def query_token(self, token_string, token_type_hint):
            return next((t for t in tokens if token_string in (t.access_token, t.refresh_token)), None)

        def revoke_token(self, token, request):
            end(token.family)

    class Bearer(rfc6750.BearerTokenValidator):
        def authenticate_token(self, token_string):
            return next((token for token in tokens if token.access_token == token_string), None)

    def save_token(token, request):
        before = request.refresh_token
        with lock:
            tokens.append(
                Token(
                    client,
                    request.user,
                    before.family if before else secrets.token_hex(8),
                    token["access_token"],
                    token.get("refresh_token") or (before.refresh_token if before else ""),
                    token["scope"],
                    token["expires_in"],
                )
            )

    server = AuthorizationServer(app, lambda client_id: client if client_id == registration.client_id else None, save_token)
    server.register_grant(CodeGrant, [RequiredChallenge(required=True)])
    server.register_grant(RefreshGrant)
    server.register_endpoint(Revocation)
    server.register_extension(Issuer(registration))
    require_oauth = ResourceProtector()
    require_oauth.register_token_validator(Bearer())

    @app.route("/authorize", methods=["GET", "POST"])
    def authorize():
        if "user" not in session:
            session["next"] = request.full_path
            return redirect("/login")
        try:
            grant = server.get_consent_grant(end_user=session["user"])
        except OAuth2Error as error:
            return server.handle_error_response(request, error)
        if request.method == "GET":
            return render_template_string(PAGE, title="Let Token vault read your files?", buttons=["Allow", "Deny"])
        allowed = request.form.get("answer") == "Allow"
        return server.create_authorization_response(grant=grant, grant_user=session["user"] if allowed else None)

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if (request.form.get("user"), request.form.get("password")) == (registration.user, registration.password):
            session["user"] = registration.user
            return redirect(session.pop("next", "/access"))
        fields = [("user", "text"), ("password", "password")]
        return render_template_string(PAGE, title="Log in", fields=fields, buttons=["Log in"])

    @app.route("/access", methods=["GET", "POST"])
    def access():
        """Where a person takes back what was given."""
        if "user" not in session:
            return redirect("/login")
        if request.method == "POST":
            for token in tokens:
                token.revoked = True
        return render_template_string(PAGE, title="Token vault may read your files", buttons=["Revoke"])

    @app.post("/token")
    def token():
        return server.create_token_response()

    @app.post("/revoke")
    def revoke():
        return server.create_endpoint_response("revocation")

    @app.get("/files")
    @require_oauth("read")
    def files():
        return {"owner": current_token.user}

    def report():
        return {
            "issued": len(tokens),
            "live": sum(1 for token in tokens if not (token.revoked or token.is_spent)),
            "grants": len({token.family for token in tokens}),
        }

    return app, report
