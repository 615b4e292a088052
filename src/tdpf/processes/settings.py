"""Django settings of the control plane; everything that differs between installations comes from TDPF_* variables."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from tdpf.kit.home import home
from tdpf.processes.databases import databases
from tdpf.processes.secrets import secret

HOME = home().prepare()
DEMO = os.environ.get("TDPF_DEMO", "") == "1"
PORT = int(os.environ.get("TDPF_PORT", "8080"))
PUBLIC_URL = os.environ.get("TDPF_URL", f"http://localhost:{PORT}").rstrip("/")
# Where the portal itself asks for rows: through the gateway, like everybody else.
GATEWAY_URL = os.environ.get("TDPF_GATEWAY_URL", f"http://127.0.0.1:{PORT}")
ALLOW_PRIVATE_FETCH = os.environ.get("TDPF_ALLOW_PRIVATE_FETCH", "") == "1"

_public = urlsplit(PUBLIC_URL)
_host = _public.hostname or "localhost"

DEBUG = False
SECRET_KEY = secret(HOME, "django.key")
ALLOWED_HOSTS = [_host, "localhost", "127.0.0.1", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "tdpf.processes.urls"
WSGI_APPLICATION = "tdpf.processes.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Before allauth: the portal's templates take the place of allauth's.
    "tdpf.faces.portal.apps.PortalConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "tdpf.djangokit.apps.DjangoKitConfig",
    "tdpf.controlplane.members.apps.MembersConfig",
    "tdpf.controlplane.catalog.apps.CatalogConfig",
    "tdpf.controlplane.community.apps.CommunityConfig",
    "tdpf.controlplane.preparation.apps.PreparationConfig",
    "tdpf.controlplane.exchange.apps.ExchangeConfig",
    "tdpf.controlplane.access.apps.AccessConfig",
    "tdpf.controlplane.metering.apps.MeteringConfig",
    "tdpf.controlplane.operations.apps.OperationsConfig",
    "tdpf.processes.apps.ProcessesConfig",
]

from importlib.util import find_spec  # BUILD-TIME: removed at integration


def _there(name: str) -> bool:
    try:
        return find_spec(name.rsplit(".", 1)[0] if name.startswith("tdpf.") else name) is not None
    except ModuleNotFoundError:
        return False


INSTALLED_APPS = [app for app in INSTALLED_APPS if _there(app)]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "tdpf.djangokit.problems.ProblemMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tdpf.faces.portal.context.portal",
            ],
        },
    }
]

FORM_RENDERER = "tdpf.faces.portal.forms.rendering.PortalRenderer"

DATABASES = databases(HOME, os.environ.get("TDPF_DATABASE_URL"), os.environ.get("TDPF_LEDGER_URL"))
DATABASE_ROUTERS = ["tdpf.processes.databases.LedgerRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(HOME.root / "cache")}
}

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[1] / "faces/portal/locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "/static/"
STATIC_ROOT = HOME.root / "static"
_assets = Path(os.environ.get("TDPF_ASSETS", HOME.assets))
STATICFILES_DIRS = [_assets] if _assets.exists() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

EMAIL_BACKEND = os.environ.get(
    "TDPF_EMAIL_BACKEND",
    "django.core.mail.backends.filebased.EmailBackend"
    if DEMO or not os.environ.get("TDPF_SMTP_HOST")
    else "django.core.mail.backends.smtp.EmailBackend",
)
EMAIL_FILE_PATH = str(HOME.mail)
EMAIL_HOST = os.environ.get("TDPF_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("TDPF_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("TDPF_SMTP_LOGIN", "")
EMAIL_HOST_PASSWORD = os.environ.get("TDPF_SMTP_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("TDPF_SMTP_TLS", "") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("TDPF_MAIL_FROM", f"TDPF <no-reply@{_host}>")

_secure = _public.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "tdpf.djangokit.forgery.csrf_failure"
SECURE_HSTS_SECONDS = 31536000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_TEMP_DIR = str(HOME.uploads)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}

ACCOUNT_ADAPTER = "tdpf.controlplane.members.allauth_adapters.AccountAdapter"
MFA_ADAPTER = "tdpf.controlplane.members.allauth_adapters.MFAAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[TDPF] "
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
MFA_TOTP_ISSUER = "TDPF"
MFA_TOTP_TOLERANCE = 1
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/home"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("TDPF_LOG_LEVEL", "INFO")},
    "loggers": {"django.request": {"level": "ERROR"}, "django.security.csrf": {"level": "ERROR"}},
}
