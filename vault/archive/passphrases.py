"""The passphrase of an archive: made up for the person, or theirs if it is strong enough."""

import secrets

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables

from vault.errors import Invalid

SHORTEST = 14
"""Characters. The file leaves this server, which can then no longer slow down guesses."""
LONGEST = 1024
_FEWEST_DIFFERENT = 7
_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_GROUPS = 6


def made_up() -> str:
    """A new one of 120 bits, in groups of four."""
    groups = ("".join(secrets.choice(_SYMBOLS) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)


@sensitive_variables()
def check(passphrase: str, again: str) -> None:
    """Invalid, with what to do, unless both are the same and strong enough."""
    if passphrase != again:
        raise Invalid(gettext("The two passphrases differ. Type the same one twice."), "again")
    if not SHORTEST <= len(passphrase) <= LONGEST:
        raise Invalid(
            gettext(
                "Use at least %(least)s characters: four or five words that do not belong together."
            )
            % {"least": SHORTEST},
            "passphrase",
        )
    if len(set(passphrase.lower())) < _FEWEST_DIFFERENT or _is_common(passphrase):
        raise Invalid(
            gettext("This would be guessed soon. Use the one we made for you."), "passphrase"
        )


def _is_common(passphrase: str) -> bool:
    try:
        CommonPasswordValidator().validate(passphrase)
    except ValidationError:
        return True
    return False
