"""What the Authlib server remembers, in memory: one client, codes, and tokens with the grant that they belong to."""

import secrets
import time
from dataclasses import dataclass, field

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin
from registration import Registration


class Client(ClientMixin):
    def __init__(self, registration: Registration):
        self.registration = registration

    def get_client_id(self):
        return self.registration.client_id

    def get_default_redirect_uri(self):
        return self.registration.redirect_uri

    def get_allowed_scope(self, scope):
        return " ".join(word for word in (scope or "read").split() if word == "read")

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == self.registration.redirect_uri

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(self.registration.client_secret, client_secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in ("authorization_code", "refresh_token")


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    scope: str
    user: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope


@dataclass
class Token(TokenMixin):
    client: Client
    user: str
    family: str
    access_token: str
    refresh_token: str
    scope: str
    expires_in: int
    issued_at: float = field(default_factory=time.time)
    is_spent: bool = False
    revoked: bool = False

    def check_client(self, client):
        return client.get_client_id() == self.client.get_client_id()

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return self.expires_in

    def is_expired(self):
        return time.time() > self.issued_at + self.expires_in

    def is_revoked(self):
        return self.revoked

    def get_user(self):
        return self.user

    def get_client(self):
        return self.client
