"""Canaille, with its own pages for login, consent and revocation."""

import datetime

from registration import Registration


def build(registration: Registration):
    from canaille import create_app

    app = create_app(
        {
            "SECRET_KEY": registration.client_secret,
            "SERVER_NAME": f"127.0.0.1:{registration.port}",
            "PREFERRED_URL_SCHEME": "http",
            "OAUTH2_TOKEN_EXPIRES_IN": {
                "authorization_code": registration.lifetime,
                "refresh_token": registration.lifetime,
            },
            "CANAILLE": {"FORCE_HTTPS": False, "SMTP": None},
            "CANAILLE_SQL": {
                "DATABASE_URI": f"sqlite:///{registration.directory / 'canaille.sqlite'}",
                # Few rounds: the password of a test is no secret.
                "PASSWORD_HASH_PARAMS": {"pbkdf2_sha512__rounds": 1000},
            },
            # Loopback addresses are trusted by default, and then nobody is asked for consent.
            "CANAILLE_OIDC": {"TRUSTED_DOMAINS": []},
        }
    )
    with app.app_context():
        _register(registration)
    return app, lambda: _report(app)


def _register(registration: Registration):
    from canaille.app import models
    from canaille.backends import Backend

    with Backend.instance.session():
        if Backend.instance.query(models.Client):
            return
        person = models.User(
            user_name=registration.user,
            formatted_name="Ada Lovelace",
            family_name="Lovelace",
            emails=["ada@example.com"],
            password=registration.password,
        )
        Backend.instance.save(person)
        client = models.Client(
            client_id=registration.client_id,
            client_secret=registration.client_secret,
            client_name="Token vault",
            client_id_issued_at=datetime.datetime.now(datetime.timezone.utc),
            redirect_uris=[registration.redirect_uri],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "email"],
            token_endpoint_auth_method="client_secret_basic",
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)


def _report(app):
    from canaille.app import models
    from canaille.backends import Backend

    with app.app_context(), Backend.instance.session():
        tokens = Backend.instance.query(models.Token)
        return {
            "issued": len(tokens),
            "live": sum(1 for token in tokens if token.is_refresh_token_active()),
            "grants": len(Backend.instance.query(models.Consent)),
        }
