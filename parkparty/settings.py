"""Settings of parkparty: one plain file, everything that differs between installations comes from the environment.

Importing it starts nothing. The variables, each optional; those with * may be given as NAME_FILE, the path of a file:

    DATABASE_URL*, REDIS_URL*     services given by address; else embedded ones are used
    SECRET_KEY*, AUDIT_KEY*,      due with DATABASE_URL; else made once and kept in VAR
    FIELD_KEYS*, INDEX_KEY*
    PARKPARTY_VAR                 directory of everything written: data, uploads, logs (var/)
    PARKPARTY_HOSTS, _ORIGINS     host names of the site; origins (https://…) that forms may come from
    PARKPARTY_HTTPS               on: cookies, redirects and HSTS for HTTPS only (on with DATABASE_URL)
    PARKPARTY_PROXIES             how many proxies of ours stand in front (0)
    PARKPARTY_PORT, _BIND, _DEMO  `make run`: port (8000), address (127.0.0.1), whether to load the demo park
    PARKPARTY_POSTGRES_USER       under root, who runs the embedded PostgreSQL (nobody)
    PARKPARTY_LOG_LEVEL, _DEBUG   INFO; off
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD*, EMAIL_USE_TLS, EMAIL_USE_SSL, DEFAULT_FROM_EMAIL
"""

import hashlib
import os
from pathlib import Path

import pghistory
import pgtrigger
from django.core.exceptions import ImproperlyConfigured

from . import environment
from .embedded import Services

BASE_DIR = Path(__file__).resolve().parent.parent

# pytest sets PYTEST_VERSION for itself and its children.
TESTING = "PYTEST_VERSION" in os.environ
DEBUG = environment.flag("PARKPARTY_DEBUG", False)

# Everything that the running program writes lies under VAR.
VAR = Path(os.path.realpath(os.environ.get("PARKPARTY_VAR") or BASE_DIR / "var" / ("test" if TESTING else "")))

# --- Services: given by address, or embedded ---------------------------------------------------------------------

_given_database = environment.secret("DATABASE_URL")
_given_queue = environment.secret("REDIS_URL")
EMBEDDED_DATABASE = not _given_database
EMBEDDED_QUEUE = not _given_queue
_embedded = Services(VAR)

DATABASES = {
    "default": environment.database(_given_database or _embedded.postgres.url)
    | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        # One test database for each VAR: two test runs against the same server do not meet.
        "TEST": {"NAME": "test_parkparty_" + hashlib.sha256(os.fsencode(VAR)).hexdigest()[:8]},
    }
}
DATABASES["default"]["OPTIONS"].setdefault("connect_timeout", 5)
DATABASES["default"]["OPTIONS"].setdefault("application_name", "parkparty")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _given_queue or _embedded.redis.url
CELERY_BROKER_URL = environment.broker(REDIS_URL)

# --- Secrets -----------------------------------------------------------------------------------------------------


def _secret(name: str, file_name: str) -> str:
    """A given secret, or one kept in VAR. Several machines cannot share a kept one: with a given database it is due."""
    if given := environment.secret(name):
        return given
    if EMBEDDED_DATABASE or DEBUG or TESTING:
        return environment.kept_secret(VAR / file_name)
    raise ImproperlyConfigured(f"{name} or {name}_FILE must be set when DATABASE_URL is")


SECRET_KEY = _secret("SECRET_KEY", "secret_key")
# Signs the links of the audit chain. Whoever can write to the database must not know it.
AUDIT_KEY = _secret("AUDIT_KEY", "audit_key")
# Seal personal numbers: `id:secret` entries, the newest first; older ones still open what they sealed.
FIELD_KEYS = _secret("FIELD_KEYS", "field_keys")
# Finds sealed numbers again. It cannot be renewed without indexing every row anew.
INDEX_KEY = _secret("INDEX_KEY", "index_key")

# --- The web -----------------------------------------------------------------------------------------------------

# HTTPS is the rule; the embedded default serves one machine without a certificate.
HTTPS = environment.flag("PARKPARTY_HTTPS", not (EMBEDDED_DATABASE or DEBUG or TESTING))
PORT = int(os.environ.get("PARKPARTY_PORT") or 8000)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *environment.words("PARKPARTY_HOSTS")]
CSRF_TRUSTED_ORIGINS = environment.words("PARKPARTY_ORIGINS")
ROOT_URLCONF = "parkparty.urls"
WSGI_APPLICATION = "parkparty.wsgi.application"

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# How many proxies of ours stand before the web process: the client's address is that far from the end of
# X-Forwarded-For. 0 believes the connection alone.
TRUSTED_PROXIES = int(os.environ.get("PARKPARTY_PROXIES") or 0)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 30 * 60  # idle; a middleware of accounts saves the session at most once a minute
SESSION_LIFETIME = 12 * 60 * 60  # from sign-in, however busy; kept by a middleware of accounts
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_migration_linter",
    "apps.core",
    "apps.branches",
    "apps.accounts",
    "apps.reminders",
    "apps.patrol",
    "apps.enterprises",
    "apps.members",
    "apps.activities",
    "apps.census",
    "apps.coverage",
    "apps.ledgers",
    "apps.portal",
]

MIDDLEWARE = [
    "parkparty.middleware.Unavailable",
    "apps.core.middleware.RequestCircumstances",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.middleware.CompressPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "apps.accounts.middleware.SessionRules",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.portal.shell.shell",
            ],
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG or TESTING
_static_storage = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG or TESTING
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
# Uploads and exports leave through checked views only: no URL serves this directory.
MEDIA_ROOT = VAR / "media"
MEDIA_URL = ""
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # bulk actions post one field for each row

# --- People ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
SCOPE_RESOLVER = "apps.accounts.access.scope_for"
ORG_MODEL = "branches.PartyOrg"  # what core commands mean by --org
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
LOGIN_URL = "/signin/"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "apps.accounts.passwords.HouseRule"},
]

# Row history: one event row for each version of a row, reached from it as `history`.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history", related_query_name="history")
PGHISTORY_LEVEL = pgtrigger.Statement  # one trigger call for each statement: imports write thousands of rows in one

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# --- API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    # The first one decides between 401 and 403 for a caller who is not signed in.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "apps.core.api.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "parkparty",
    "DESCRIPTION": "园区非公党建台账",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "OrgKindEnum": "apps.branches.rules.OrgKind.choices",
        "UnitKindEnum": "apps.enterprises.kinds.UnitKind.choices",
        "HonourKindEnum": "apps.members.kinds.HonourKind.choices",
        "TalentKindEnum": "apps.members.kinds.TalentKind.choices",
        "UnitedFrontKindEnum": "apps.members.kinds.UnitedFrontKind.choices",
        "MobileReasonEnum": "apps.members.kinds.MobileReason.choices",
        "DepartureReasonEnum": "apps.members.kinds.DepartureReason.choices",
        "PioneerPostKindEnum": "apps.activities.kinds.PostKind.choices",
        "ReviewKindEnum": "apps.activities.kinds.ReviewKind.choices",
        "VenueKindEnum": "apps.activities.kinds.VenueKind.choices",
        "RecordStateEnum": "apps.activities.kinds.State.choices",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- Checks ------------------------------------------------------------------------------------------------------

MIGRATION_LINTER_OPTIONS = {
    "include_apps": [app.removeprefix("apps.") for app in INSTALLED_APPS if app.startswith("apps.")],
    "quiet": ["ok", "warning", "ignore"],
    "no_cache": True,
}

# --- Mail and log ------------------------------------------------------------------------------------------------

# No host, no mail: the e-mail channel is then switched off, the in-app inbox always works.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = environment.secret("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = environment.flag("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "parkparty@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"brief": {"()": "parkparty.middleware.OneLineForRefusals"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["brief"]}},
    "root": {"handlers": ["console"], "level": os.environ.get("PARKPARTY_LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}
