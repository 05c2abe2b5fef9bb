"""Settings, all of them from the environment. Without a secret key the process refuses to start."""

import hashlib
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django_stubs_ext
import environ
import pgtrigger
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from locator import features, openapi, schedule
from locator.logs import logging_of
from services.postgis.patience import PatientConnection

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Site] be written

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
LOCATOR_HOME = Path(
    env.str("LOCATOR_HOME", default=str(BASE_DIR / ".local"))
)  # data of this checkout

# --- What must be said -------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DATABASES: dict[str, Any] = {"default": env.db_url("DATABASE_URL")}
REDIS_URL = env.str("REDIS_URL")
PACK_SIGNING_KEY = env.str("PACK_SIGNING_KEY")  # Ed25519: 32 random bytes in Base64

# --- What has a safe default ---------------------------------------------------------------------
if env.str("REPLICA_URL", default=""):  # what the search index follows instead of the primary
    DATABASES["replica"] = env.db_url("REPLICA_URL")
DATABASE_ROUTERS = ["services.replica.ReplicaRouter"]
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL = env.bool("SECURE_SSL", default=True)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_filters",
    "djgeojson",
    "phonenumber_field",
    "pgtrigger",
    "pghistory",
    "knox",
    "rules",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "import_export",
    "services",
    "api",
]
SILENCED_SYSTEM_CHECKS = [
    "gis.W001",  # Debian 12's GDAL 3.6 works with what we use of it
    "axes.W006",  # addresses are not looked at, on purpose
]

# The search path pays for every line here: half of a light view's cost is middleware.
MIDDLEWARE = [
    "api.headers.Guarded",
    "api.in_the_clear.NoQueryInTheClear",  # the next one's redirect would repeat it
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "api.middleware.SearchFirst",  # searches and other API calls leave the list here
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "api.acting.AccountOfSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "locator.urls"
WSGI_APPLICATION = "locator.wsgi.application"
AUTH_USER_MODEL = "services.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # refuses a name that failed too often
    "rules.permissions.ObjectPermissionBackend",  # services/permissions.py
    "services.sign_in_backend.CountsOnlyAnswers",
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- PostgreSQL: a connection per request costs 3 ms, so each process keeps a pool ----------------
# Before it lends a connection it asks whether that still lives: after a restart or a failover none
# does, and the next one leads to whichever host of the URL is right by then.
POOL = {
    "min_size": 0,
    "timeout": 1,  # seconds until a writer is told to come back later
    "reconnect_timeout": 1,  # seconds; waiting twice as long each time would prolong an outage
    "connection_class": PatientConnection,  # a server that hangs is given up
}
# How soon a host that says nothing any more is given up, over a network; the URL may say otherwise.
GIVING_UP = {
    "connect_timeout": 3,  # seconds, for each host of a URL
    "tcp_user_timeout": 5_000,  # milliseconds until what was sent must have arrived
    "keepalives_idle": 5,  # seconds of silence until it is asked whether it is there
    "keepalives_interval": 2,  # seconds
    "keepalives_count": 2,
}
# Who a web process is once connected: not the tables' owner, so that row-level security holds.
WALLED = "-c role=locator_app"
for alias, size in {"default": 8, "replica": 1}.items():  # one thread alone reads the replica
    if alias in DATABASES:
        asked = DATABASES[alias].get("OPTIONS", {})
        walled = {"options": f"{asked.get('options', '')} {WALLED}".strip()}
        pool = {"pool": POOL | {"max_size": size}}
        DATABASES[alias]["OPTIONS"] = GIVING_UP | asked | walled | pool
        DATABASES[alias]["ENGINE"] = "services.postgis"
        DATABASES[alias]["CONN_HEALTH_CHECKS"] = True

PGHISTORY_LEVEL: Any = pgtrigger.Statement  # row by row it took 95 % of an import

# How old what a search tells may be, when the database is away, before it tells no availability.
WORDS_TOLD_MINUTES = env.float("WORDS_TOLD_MINUTES", default=30.0)

# Where web processes leave the search index for their next start, and share it.
INDEX_FOLDER = env.str("INDEX_FOLDER", default=str(LOCATOR_HOME / "index"))

# --- Redis: the queue and caches; nothing that cannot be lost -------------------------------------
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "locator",
        "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},  # seconds
    }
}
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace(
    "?db=", "?virtual_host="
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task is acknowledged when it is done, so one whose worker died comes back: at once if only its
# process was killed, else when the visibility timeout ends. Nothing runs longer than the limit, and
# no worker takes more than it runs at once, so no task that is still worked on ever comes back.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 900}  # seconds
CELERY_TASK_TIME_LIMIT = 600  # seconds
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = schedule.BEAT

# --- Mail -----------------------------------------------------------------------------------------
# Without a mail server messages become files: on a console they would end up in logs.
MAIL_FILES = LOCATOR_HOME / "mail"
vars().update(env.email_url("EMAIL_URL", default=f"filemail:///{quote(str(MAIL_FILES))}"))
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="locator@localhost")
MESSAGE_TRANSPORT = "services.transports.EmailTransport"
PUBLIC_URL = env.str(
    "PUBLIC_URL", default="http://localhost:8000"
)  # what links in messages begin with
# Whom to tell of a hole, in /.well-known/security.txt; and where people read docs/SECURITY.md.
SECURITY_CONTACTS = env.list(
    "SECURITY_CONTACTS", default=[f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}"]
)
SECURITY_POLICY_URL = env.str("SECURITY_POLICY_URL", default="")

# --- Language and time ----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("fr", _("French"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Static files ---------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=str(LOCATOR_HOME / "static"))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(LOCATOR_HOME / "files")},  # imported feed files; never served
    },
    "import_export": {  # files of listings between preview and application
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(LOCATOR_HOME / "previews"),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Headers --------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE_SSL
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_SSL
SECURE_HSTS_PRELOAD = SECURE_SSL
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_SSL else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, without TLS
SECURE_REFERRER_POLICY = "no-referrer"
CSRF_FAILURE_VIEW = "api.problem_pages.forged_page"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {name: [] for name in features.KNOWN_TO_BROWSERS}

# --- Accounts: one token a device, a second factor, limits by name and never by address -----------
KNOX_TOKEN_MODEL = "services.DeviceToken"  # noqa: S105 - a name, no secret
MIGRATION_MODULES = {"knox": None}  # its own table, which ours stands for, would still be made
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": timedelta(days=180),  # a lost device is revoked by hand, long before
    "TOKEN_PREFIX": "hrl_",  # so that a token that leaked is recognised
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
AXES_HANDLER = "services.sign_in_limit.CountsFirst"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_CALLABLE = "services.admin.limits.locked_out"
AXES_CLIENT_IP_CALLABLE = "services.sign_in_limit.no_address"
AXES_ENABLE_ADMIN = False  # its tables stay empty
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Harm-reduction services"  # how an authenticator app lists us

# --- Limits for callers without an account: counted, and nobody can tell who they are -------------
# Half of what names callers; the other half Redis draws each day and keeps in memory alone. All
# processes of all machines have this half in common, so they count together.
LIMITS_KEY = (
    env.str("LIMITS_KEY", default="").encode()
    or hashlib.sha256(b"limits" + SECRET_KEY.encode()).digest()
)
# Networks whose X-Forwarded-For is believed, such as 10.1.2.0/24; "unix" for a proxy on a socket.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# --- REST -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # the public API knows nobody
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "api.openapi.ProblemSchema",
    "EXCEPTION_HANDLER": "api.problems.drf_problem",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is a parameter of ours, where there is one
}
SPECTACULAR_SETTINGS = openapi.SETTINGS

# --- Logs: no path's query, no address, no body ---------------------------------------------------
LOGGING: dict[str, Any] = logging_of(env.str("LOG_FORM", default="text"))  # or "json"
