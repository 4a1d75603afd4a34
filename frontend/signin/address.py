"""Another e-mail address for the account: asked for, confirmed by a link, and only then the one.

Until then allauth keeps it in a row of its own, marked: by an address that is not confirmed nobody
signs in, sets a new password or is kept from signing up. Allauth looks all of them up in that
table, whether confirmed or not; what is marked is no address, so it finds none.
"""

import logging
from smtplib import SMTPException

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.manage_email import email_already_exists
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from vault.access import Access
from vault.errors import Invalid
from vault.log import access_log

logger = logging.getLogger(__name__)

LINK_WORKS_FOR = 60 * 60
"""Seconds."""
MARK = "to be: "
LONGEST = app_settings.EMAIL_MAX_LENGTH - len(MARK)
_SALT = "satchel.address"


def by_mail() -> bool:
    """Whether this server sends mail. If not, nobody's address is confirmed, at sign-up neither."""
    mandatory = app_settings.EmailVerificationMethod.MANDATORY
    return bool(mandatory == app_settings.EMAIL_VERIFICATION)


def waiting(user: User) -> str:
    """The address that a change waits for; "" for none."""
    row = _marked(user).last()
    return row.email.removeprefix(MARK) if row else ""


def ask(request: HttpRequest, user: User, access: Access, wanted: str) -> bool:
    """Change it, or ask by mail whether it is theirs: then True. Invalid for one that cannot be."""
    wanted = wanted.lower()
    if wanted == user.email.lower():
        raise Invalid(gettext("This is your address already."), "address")
    if not by_mail():
        _check_free(user, wanted)
        _take(user, access, wanted, verified=False)
        return False
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # of two tabs the second waits
        cancel(user)
        row = EmailAddress.objects.create(user=user, email=MARK + wanted)
    try:
        _send_link(request, row)
    except Invalid:
        row.delete()
        raise
    _tell(user.email, "asked", wanted)
    return True


def send_again(request: HttpRequest, user: User) -> None:
    """Another link, for the same address. Nothing, when none is waited for any more."""
    row = _marked(user).last()
    if row:
        _send_link(request, row)


def cancel(user: User) -> None:
    """What was sent confirms nothing any more."""
    _marked(user).delete()


def of_link(user: User, key: str) -> str:
    """The address that a link is to confirm; "" when it confirms none of this account's."""
    try:
        pk = signing.loads(key, salt=_SALT, max_age=LINK_WORKS_FOR)
    except signing.BadSignature:
        return ""
    row = _marked(user).filter(pk=pk).first()
    return row.email.removeprefix(MARK) if row else ""


def confirm(user: User, access: Access, key: str) -> None:
    """From now on it is the account's. Invalid when the link confirms nothing."""
    old, wanted = user.email, of_link(user, key)
    if not wanted or _is_of_another(wanted):
        raise _gone()
    _take(user, access, wanted, verified=True)
    _tell(old, "done", wanted)


def _take(user: User, access: Access, wanted: str, *, verified: bool) -> None:
    try:
        with transaction.atomic():
            EmailAddress.objects.filter(user_id=user.pk).delete()
            EmailAddress.objects.create(user=user, email=wanted, primary=True, verified=verified)
            user.email = wanted
            user.save(update_fields=["email"])
            access_log.record(access, "address changed")
    except IntegrityError:  # another account has just confirmed it
        raise _gone() from None


def _marked(user: User) -> QuerySet[EmailAddress]:
    return EmailAddress.objects.filter(user_id=user.pk, email__startswith=MARK).order_by("pk")


def _gone() -> Invalid:
    return Invalid(gettext("This link does not work any more. Nothing was changed."))


def _check_free(user: User, wanted: str) -> None:
    """As sign-up does where nothing can be asked by mail."""
    try:
        email_already_exists(wanted, user=user, always_raise=True)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), "address") from None


def _is_of_another(wanted: str) -> bool:
    """Whether another account has confirmed it."""
    return EmailAddress.objects.is_verified(wanted)


def _send_link(request: HttpRequest, row: EmailAddress) -> None:
    """Its owner alone learns whether an account has it. Invalid when no mail can be sent there."""
    wanted = row.email.removeprefix(MARK)
    path = reverse("address-confirm", args=[signing.dumps(row.pk, salt=_SALT)])
    words = {"link": request.build_absolute_uri(path)}
    taken = _is_of_another(wanted)
    template = "account/email/address_taken" if taken else "account/email/address_confirm"
    try:
        get_adapter().send_mail(template, wanted, {} if taken else words)
    except (SMTPException, OSError) as error:
        logger.warning("A mail to a new address was not sent: %s.", type(error).__name__)
        said = gettext("The mail could not be sent. Check the address, or try again later.")
        raise Invalid(said, "address") from None


def _tell(address: str, what: str, wanted: str) -> None:
    """At the address of before, which may be one that takes no mail any more."""
    try:
        get_adapter().send_mail(f"account/email/address_{what}", address, {"wanted": wanted})
    except (SMTPException, OSError) as error:
        logger.warning("A mail to an address of before was not sent: %s.", type(error).__name__)
