"""django-oauth-toolkit, as its documentation sets it up: PKCE enforced, rotation, and the use of an old refresh token
revokes the whole family; with a grace period it is accepted for that long."""

import django
from django.conf import settings
from registration import Registration

LOGIN_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Log in</title><h1>Log in</h1>
<form method="post">{% csrf_token %}{{ form.as_p }}<input type="submit" value="Log in"></form></html>"""


def build(registration: Registration):
    _configure(registration)
    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    call_command("migrate", verbosity=0)
    _register(registration)
    return get_wsgi_application(), _report


def _configure(registration: Registration):
    templates = {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ],
            "loaders": [
                ("django.template.loaders.locmem.Loader", {"registration/login.html": LOGIN_PAGE}),
                "django.template.loaders.app_directories.Loader",
            ],
        },
    }
    settings.configure(
        SECRET_KEY=registration.client_secret,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="django_urls",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": registration.directory / "django.sqlite",
                # Writers wait for each other, as with the databases that this is run on in earnest.
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
            }
        },
        # The fast one of Django's own: the password of a test is no secret.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.middleware.common.CommonMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
        TEMPLATES=[templates],
        LOGIN_URL="/accounts/login/",
        SESSION_COOKIE_NAME=f"session_{registration.port}",
        CSRF_COOKIE_NAME=f"csrf_{registration.port}",
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        OAUTH2_PROVIDER={
            "PKCE_REQUIRED": True,
            "ACCESS_TOKEN_EXPIRE_SECONDS": registration.lifetime,
            "ROTATE_REFRESH_TOKEN": True,
            "REFRESH_TOKEN_REUSE_PROTECTION": True,
            "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": registration.grace,
            "SCOPES": {"read": "Read your files", "introspection": "Ask about tokens"},
            "DEFAULT_SCOPES": ["read"],
        },
    )


def _register(registration: Registration):
    from django.contrib.auth.models import User
    from oauth2_provider.models import Application

    if User.objects.exists():
        return
    person = User.objects.create_user(registration.user, password=registration.password)
    Application.objects.create(
        name="Token vault",
        client_id=registration.client_id,
        client_secret=registration.client_secret,
        redirect_uris=registration.redirect_uri,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        user=person,
    )


def _report():
    from oauth2_provider.models import RefreshToken

    return {
        "issued": RefreshToken.objects.count(),
        "live": RefreshToken.objects.filter(revoked__isnull=True).count(),
        "grants": RefreshToken.objects.values("token_family").distinct().count(),
    }
