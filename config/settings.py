"""Django's settings, all from the environment. `config/environment.py` lists and explains them."""

import os
import secrets
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from config import __version__, database, oauth
from config.accounts import account_settings
from config.environment import Environment, Misconfigured
from config.home import APP_ROLE, OWNER_ROLE, SECRET_KEY_NAME, Home, default_home
from config.languages import language_settings
from config.logs import logging_settings
from config.mail import mail_settings
from config.schedule import BEAT_SCHEDULE, DEFAULT_QUEUE, ROUTES

# Before numpy is imported: its small matrix products are slower on several threads than on one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment(os.environ)
_threads = _env.number("SATCHEL_WEB_THREADS", least=1)
_https = _env.flag("SATCHEL_HTTPS")

# Where things are ------------------------------------------------------------------------------
_home = Home(_env.folder("SATCHEL_HOME", lambda: default_home(os.environ)))
SATCHEL_HOME = _home.path
SATCHEL_KEYS_DIR = _env.folder("SATCHEL_KEYS_DIR", lambda: _home.keys)
SATCHEL_TRANSIT_URL = _env.text("SATCHEL_TRANSIT_URL")
SATCHEL_TRANSIT_TOKEN = _env.text("SATCHEL_TRANSIT_TOKEN")
SATCHEL_TRANSIT_MOUNT = _env.text("SATCHEL_TRANSIT_MOUNT")
SATCHEL_UPLOADS_DIR = _env.folder("SATCHEL_UPLOADS_DIR", lambda: _home.path / "uploads")
SATCHEL_MODELS_DIR = _env.folder("SATCHEL_MODELS_DIR", lambda: _home.path / "models")
STATIC_ROOT = _env.folder("SATCHEL_STATIC_DIR", lambda: _home.path / "static")

# Database: without DATABASE_URL it is the PostgreSQL that `manage.py up` runs --------------------
SATCHEL_EMBEDDED_DATABASE = not _env.text("DATABASE_URL")
SATCHEL_EMBEDDED_BROKER = not _env.text("CELERY_BROKER_URL")
DATABASES = {
    "default": database.application(
        _env.text("DATABASE_URL") or _home.database_url(APP_ROLE), _threads
    )
}
if SATCHEL_EMBEDDED_DATABASE:
    DATABASES[database.OWNER] = database.owner(_home.database_url(OWNER_ROLE))
elif _owner := _env.text("DATABASE_OWNER_URL"):
    DATABASES[database.OWNER] = database.owner(_owner)
DATABASE_ROUTERS = ["config.database.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Satchel's own -----------------------------------------------------------------------------------
SATCHEL_ARGON2 = _env.numbers("SATCHEL_ARGON2", count=3)
SATCHEL_EMBEDDER = _env.choice("SATCHEL_EMBEDDER", ("minilm", "wordllama"))
SATCHEL_FASTEMBED_DIR = _env.text("SATCHEL_FASTEMBED_DIR")
SATCHEL_PRIVATE_ENDPOINTS = _env.servers("SATCHEL_PRIVATE_ENDPOINTS")
SATCHEL_LOCAL_CONNECTORS = _env.words("SATCHEL_LOCAL_CONNECTORS")
# Each process keeps to an equal share: they cannot see each other's memory.
SATCHEL_SEARCH_MEMORY = (
    _env.number("SATCHEL_SEARCH_MEMORY", least=16) * 1024 * 1024
) // _env.number("SATCHEL_PROCESSES", least=1)
SATCHEL_SEARCH_TOKENS = _env.number("SATCHEL_SEARCH_TOKENS", least=100)
SATCHEL_WEB_THREADS = _threads
SATCHEL_GRANT_RATE = _env.number("SATCHEL_GRANT_RATE", least=1)
SATCHEL_ADDRESS_RATE = _env.number("SATCHEL_ADDRESS_RATE", least=1)
SATCHEL_METRICS = _env.address("SATCHEL_METRICS")
SATCHEL_OPERATORS = _env.words("SATCHEL_OPERATORS")
SATCHEL_VERSION = __version__
SATCHEL_VISIBILITY_TIMEOUT = _env.number("SATCHEL_VISIBILITY_TIMEOUT", least=5)

# Django ------------------------------------------------------------------------------------------
DEBUG = _env.flag("SATCHEL_DEBUG")
SECRET_KEY = _env.text("SATCHEL_SECRET_KEY")
if not SECRET_KEY and not SATCHEL_EMBEDDED_DATABASE:
    raise Misconfigured("Set SATCHEL_SECRET_KEY or SATCHEL_SECRET_KEY_FILE: 50 random characters.")
if not SECRET_KEY:
    # Before the first `up` there is no file yet; commands that sign nothing may run all the same.
    _file = SATCHEL_KEYS_DIR / SECRET_KEY_NAME
    SECRET_KEY = _file.read_text("utf-8") if _file.exists() else secrets.token_urlsafe(50)
ALLOWED_HOSTS = _env.words("SATCHEL_HOSTS")
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

INSTALLED_APPS = [
    "config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "oauth2_provider",
    "vault",
    "sync",
    "api",
    "frontend",
]
MIDDLEWARE = [
    "api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.NoStoreMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.answering.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vault.middleware.VaultMiddleware",
    "frontend.anchoring.AnchorMiddleware",
    "frontend.middleware.FragmentMiddleware",
]
_loaders = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],  # before allauth's and django.forms' own
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", _loaders)],
                )
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
# For counting requests and sign-ins. With Django's 300 entries, a few hundred addresses would push
# out what was counted for all others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "frontend.stylesheets.StylesheetFinder",
]
globals().update(language_settings(BASE_DIR, https=_https))

# Mail and accounts -------------------------------------------------------------------------------
_mail_url = _env.text("SATCHEL_EMAIL_URL")
globals().update(mail_settings(_mail_url))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _env.text("SATCHEL_EMAIL_FROM")
globals().update(account_settings(mail=bool(_mail_url)))
ALLAUTH_TRUSTED_PROXY_COUNT = _env.number("SATCHEL_PROXIES")

# Browsers ----------------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-satchel" if _https else "satchel"
CSRF_COOKIE_NAME = "__Host-satchel-csrf" if _https else "satchel-csrf"
CSRF_FAILURE_VIEW = "frontend.views.oldforms.refused"
MESSAGE_STORAGE = "frontend.signin.told.SealedStorage"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not no-referrer: browsers then send `Origin: null` with a form, which is refused as forged.
# To other sites both say nothing.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if _https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^api/v1/(health|ready)$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
# Whether all other names of a domain speak https is for its owner to say, at the proxy.
# Plain http is taken for an app on the person's own computer alone: see api/oauth/redirects.py.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "oauth2_provider.W008"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["htmx"],
    }
}
FILE_UPLOAD_HANDLERS = ["sync.importing.uploads.SealedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# The API -----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "EXCEPTION_HANDLER": "api.errors.problem_handler",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    # Nobody is let in by default: a view names who may come.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Satchel",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.openapi.tightened",
    ],
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "vault.types.KINDS",
        "GrantKindEnum": "api.rest.grants.KINDS",
        "GrantStateEnum": "api.rest.grants.STATES",
        "ImportStateEnum": "api.rest.imports.STATES",
    },
}

# Apps at the door: OAuth 2.1 ---------------------------------------------------------------------
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "api.AuthorizationCode"
OAUTH2_PROVIDER = oauth.PROVIDER

# Background work ---------------------------------------------------------------------------------
CELERY_BROKER_URL = _env.text("CELERY_BROKER_URL") or _home.broker_url
if CELERY_BROKER_URL.startswith(("redis", "valkey")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": SATCHEL_VISIBILITY_TIMEOUT,
        # By default lost tasks are looked for every 100 seconds only.
        "unacked_restore_interval": max(1, SATCHEL_VISIBILITY_TIMEOUT // 8),
        "unacked_restore_throttle": 1,
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = DEFAULT_QUEUE
CELERY_TASK_ROUTES = ROUTES
CELERY_TASK_SERIALIZER = CELERY_EVENT_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(_env.choice("SATCHEL_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")))
