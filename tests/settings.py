"""What differs in the tests: a data folder of their own, the cheapest allowed Argon2, no mail.

Everything else is the real thing: the real roles, row-level security and pool.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_GIVEN = {name for name in os.environ if name.startswith(("SATCHEL_", "DATABASE_", "CELERY_"))}
for _name in _GIVEN - {"SATCHEL_FULL", "SATCHEL_NO_BOOTSTRAP", "SATCHEL_SAMPLES"}:
    del os.environ[_name]

HOME = Path(tempfile.mkdtemp(prefix="satchel-test-"))
HOME.chmod(0o711)
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "SATCHEL_HOME": str(HOME),
    "SATCHEL_ARGON2": "65536,3,1",
    "SATCHEL_VISIBILITY_TIMEOUT": "8",
    "SATCHEL_PRIVATE_ENDPOINTS": "127.0.0.0/8",  # where tests run their own embeddings API
    "SATCHEL_SECRET_KEY": "for-the-tests-alone-and-long-enough-to-be-accepted",
    # Playwright's loop runs in the same thread as the tests that use the ORM beside it.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}

from config.settings import *  # noqa: E402, F403

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {  # noqa: F405
    # Names without a hash need no collecting; the live server runs with the real storage.
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
