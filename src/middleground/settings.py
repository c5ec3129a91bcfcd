"""Settings from a few environment variables. With none at all: SQLite, loopback, a generated secret key outside the repo.

MIDDLEGROUND_HOME   folder for the database, the secret key, backups (default: `var/` beside the checkout, else ~/.middleground)
DATABASE_URL        e.g. postgres://user:password@host/name (default: SQLite in MIDDLEGROUND_HOME)
MIDDLEGROUND_MODE   `demo` (default with no configuration) or `production`
MIDDLEGROUND_HOSTS  host names served in production, separated by commas
MIDDLEGROUND_TZ     the clinic's time zone (default America/Chicago)
"""

import os
import secrets
import warnings
from pathlib import Path

import dj_database_url
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent
CHECKOUT = PACKAGE.parent.parent


def _home() -> Path:
    default = CHECKOUT / "var" if (CHECKOUT / "pyproject.toml").exists() else Path.home() / ".middleground"
    return Path(os.environ.get("MIDDLEGROUND_HOME", default))


HOME = _home()
MODE = os.environ.get("MIDDLEGROUND_MODE", "demo")
PRODUCTION = MODE == "production"
DEBUG = False


def secret(name: str) -> str:
    """A secret from the environment, else from a file of this installation, made on first use (mode 0600)."""
    if given := os.environ.get(f"MIDDLEGROUND_{name.upper()}"):
        return given
    path = HOME / f"{name}.txt"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        draft = HOME / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)  # the first process wins; nobody ever reads half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


SECRET_KEY = secret("secret_key")
AUDIT_KEY = secret("audit_key")
ALLOWED_HOSTS = os.environ.get("MIDDLEGROUND_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "mg_session"
CSRF_COOKIE_NAME = "mg_csrf"
LANGUAGE_COOKIE_NAME = "mg_language"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "middleground.faces.ui",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "middleground.kernel",
    "middleground.clinic",
    "middleground.records",
    "middleground.assessment",
    "middleground.admissions",
    "middleground.careplan",
    "middleground.program",
    "middleground.timetable",
    "middleground.medical",
    "middleground.recovery",
    "middleground.family",
    "middleground.supports",
    "middleground.coverage",
    "middleground.insight",
    "middleground.faces.web",
    "middleground.faces.portal",
    "middleground.faces.site",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("middleground.")
    or (PACKAGE / app.removeprefix("middleground.").replace(".", "/") / "apps.py").exists()
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "middleground.faces.signin.NotKept",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "middleground.faces.doors.AccessMiddleware",
]

ROOT_URLCONF = "middleground.urls"
WSGI_APPLICATION = "middleground.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "middleground.faces.doors.frame",
            ],
        },
    }
]

DATABASE_URL = os.environ.get("DATABASE_URL", f"sqlite:///{HOME / 'middleground.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
    }
else:
    # A cursor left open on the server is read by later statements, which don't carry the scope of this one (kernel/second_wall.py).
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "middleground.faces.signin.Adapter"
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_FORMS = {
    "login_webauthn": "middleground.faces.passkeys.SignIn",
    "authenticate_webauthn": "middleground.faces.passkeys.SecondStep",
    "reauthenticate_webauthn": "middleground.faces.passkeys.OnceMore",
    "add_webauthn": "middleground.faces.passkeys.Add",
}

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("MIDDLEGROUND_TZ") or "America/Chicago"
FORMAT_MODULE_PATH = "middleground.formats"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if not PRODUCTION
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    warnings.filterwarnings("ignore", message="No directory at", module="django.core.handlers.base")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
SILENCED_SYSTEM_CHECKS = ["models.W042"]
