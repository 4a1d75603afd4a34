"""Another e-mail address: it holds once its owner followed the link, and locks nobody out."""

import re
from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.people import PASSWORD, Person, new_person, signed_in
from vault.log import access_log

PAGE = "/settings/address/"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    mail.outbox = []
    yield
    cache.clear()


@pytest.fixture
def by_mail(settings: Any, person: Person) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    confirmed(person)


def confirmed(person: Person) -> None:
    said = {"email": person.user.email, "primary": True, "verified": True}
    EmailAddress.objects.create(user=person.user, **said)


def new_address() -> str:
    return f"{uuid4().hex}@example.org"


def ask(client: Client, wanted: str, password: str = PASSWORD) -> str:
    """The page that follows."""
    said = {"address": wanted, "password": password}
    return words(client.post(PAGE, said, follow=True))


def words(answer: object) -> str:
    return " ".join(answer.content.decode().split())  # type: ignore[attr-defined]


def sent_to(address: str) -> list[str]:
    return [one.body for one in mail.outbox if one.to == [address]]


def link_to(address: str) -> str:
    (link,) = re.findall(r"http://\S+", sent_to(address)[-1])
    return urlsplit(link).path


def address_of(person: Person) -> str:
    person.user.refresh_from_db()
    return person.user.email


def enter(address: str, password: str = PASSWORD) -> tuple[int, str, str]:
    """Signing in from a browser of before: the status, where it leads, and what the page says."""
    client = Client(REMOTE_ADDR="10.7.7.7")
    answer = client.post("/accounts/login/", {"login": address, "password": password})
    said = re.sub(r'value="[^"]*"|nonce="[^"]*"', "", words(answer))
    return answer.status_code, answer.get("Location", ""), said.replace(address, "…")


def actions(person: Person) -> list[str]:
    return [line.action for line in access_log.listing(person.access)]


def test_the_link_changes_it_and_nothing_else(by_mail: None, person: Person) -> None:
    client, old, new = signed_in(person), person.user.email, new_address()
    assert f'href="{PAGE}"' in words(client.get("/settings/"))
    assert "Waiting for you to confirm" in ask(client, new.upper())
    assert len(sent_to(old)) == 1 and new in sent_to(old)[0]
    link = link_to(new)
    assert address_of(person) == old and "address changed" not in actions(person)

    assert Client().get(link).status_code == 302  # a stranger with the link is led to sign in
    other = new_person()
    assert "This link does nothing here" in words(signed_in(other).get(link))
    signed_in(other).post(link)
    assert "From now on you sign in with" in words(client.get(link))
    assert address_of(person) == old  # a look at it changes nothing
    assert "Your e-mail address is changed" in words(client.post(link, follow=True))
    assert address_of(person) == new and actions(person)[0] == "address changed"
    assert "Changed the account&#x27;s e-mail address" in words(client.get("/activity/"))
    assert len(sent_to(old)) == 2
    assert "does nothing here" in words(client.get(link))

    rows = EmailAddress.objects.filter(user=person.user).values_list("email", "verified", "primary")
    assert list(rows) == [(new, True, True)]
    assert enter(new)[:2] == (302, "/")
    assert enter(old) == enter(new_address())


def test_password_and_kit_open_the_vault_as_before(by_mail: None, person: Person) -> None:
    client, new = signed_in(person), new_address()
    ask(client, new)
    client.post(link_to(new))
    mine = Client(REMOTE_ADDR="10.7.7.8")
    mine.post("/accounts/login/", {"login": new, "password": PASSWORD})
    assert mine.get("/memories/").status_code == 200
    another = "another battery staple"
    mine.post("/accounts/password/reset/", {"email": new})
    page = Client(REMOTE_ADDR="10.7.7.9")
    form = page.get(link_to(new), follow=True).request["PATH_INFO"]
    page.post(form, {"password1": another, "password2": another})
    page.post("/accounts/login/", {"login": new, "password": another})
    answer = page.post("/unlock/recover/", {"password": another, "code": person.recovery_code})
    assert answer.status_code == 302 and page.get("/memories/").status_code == 200


def test_by_an_address_that_is_waited_for_nobody_comes_in(by_mail: None, person: Person) -> None:
    """Allauth looks up every address of the table, also one that is not confirmed."""
    new = new_address()
    ask(signed_in(person), new)
    assert enter(new) == enter(new_address())
    Client().post("/accounts/password/reset/", {"email": new})
    assert not any("password/reset/key" in body for body in sent_to(new))
    signup = {"email": new, "password1": PASSWORD, "password2": PASSWORD}
    Client(REMOTE_ADDR="10.7.7.10").post("/accounts/signup/", signup)
    assert EmailAddress.objects.filter(email=new).exclude(user=person.user).count() == 1


def test_an_address_of_another_gets_the_same_answer(by_mail: None, person: Person) -> None:
    other, client = new_person(), signed_in(person)
    confirmed(other)
    free = new_address()
    taken_page = ask(client, other.user.email).replace(other.user.email, "…")
    (told,) = sent_to(other.user.email)
    assert "belongs to an account already" in told and "http" not in told
    free_page = ask(client, free).replace(free, "…")
    tidy = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    assert tidy.sub("", taken_page) == tidy.sub("", free_page)
    EmailAddress.objects.create(user=other.user, email=free, verified=True)  # in between
    assert "does not work any more" in words(client.post(link_to(free), follow=True))
    assert address_of(person) != free


def test_one_waits_at_a_time_can_be_sent_again_and_cancelled(by_mail: None, person: Person) -> None:
    client, old = signed_in(person), person.user.email
    one, two = new_address(), new_address()
    ask(client, one)
    first = link_to(one)
    page = ask(client, two)
    assert two in page and one not in page
    assert "does nothing here" in words(client.get(first))
    client.post(PAGE + "again/")
    assert len(sent_to(two)) == 2
    last = link_to(two)
    assert "Cancelled" in words(client.post(PAGE + "cancel/", follow=True))
    assert "does nothing here" in words(client.get(last))
    client.post(last)
    assert address_of(person) == old
    assert EmailAddress.objects.filter(user=person.user).count() == 1


def test_a_link_is_old_after_an_hour(
    by_mail: None, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, new = signed_in(person), new_address()
    ask(client, new)
    monkeypatch.setattr("frontend.signin.address.LINK_WORKS_FOR", -1)
    assert "does nothing here" in words(client.get(link_to(new)))
    client.post(link_to(new))
    assert address_of(person) != new


def test_without_the_password_nothing_is_sent(by_mail: None, person: Person) -> None:
    assert "This is not your password" in ask(signed_in(person), new_address(), "wrong")
    assert mail.outbox == []
    assert Client().post(PAGE).status_code == 302


def test_it_cannot_be_asked_for_without_end(by_mail: None, person: Person) -> None:
    client = signed_in(person)
    for _ in range(6):
        ask(client, new_address())
    sent = len(mail.outbox)
    assert "very often" in words(client.post(PAGE + "again/", follow=True))
    assert len(mail.outbox) == sent


def test_mail_that_fails(by_mail: None, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is refused can be typed again; one of before that takes no mail any more is
    a reason to change it."""
    refused = [new_address(), person.user.email]

    def send(message: mail.EmailMessage) -> None:
        if message.to[0] in refused:
            raise SMTPRecipientsRefused({})
        mail.outbox.append(message)

    monkeypatch.setattr(mail.EmailMessage, "send", send)
    client = signed_in(person)
    page = ask(client, refused[0])
    assert "The mail could not be sent" in page and "Waiting for" not in page
    new = new_address()
    ask(client, new)
    client.post(link_to(new))
    assert address_of(person) == new


def test_what_is_waited_for_keeps_nobody_from_a_second_step(by_mail: None, person: Person) -> None:
    client = signed_in(person)
    ask(client, new_address())
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get("/settings/keys/app/").status_code == 200


def test_a_server_without_mail_says_so_and_changes_it_at_once(person: Person) -> None:
    client, old, new = signed_in(person), person.user.email, new_address()
    assert "This server sends no mail" in words(client.get(PAGE))
    other = new_person()
    assert "already" in ask(client, other.user.email) and address_of(person) == old
    assert "Your e-mail address is changed" in ask(client, new)
    assert address_of(person) == new and actions(person)[0] == "address changed"
    assert mail.outbox == []
    assert enter(new)[0] == 302 and enter(old) == enter(new_address())


def test_who_runs_the_server_is_told_where_else_the_address_stands(
    person: Person, settings: Any
) -> None:
    assert "SATCHEL_OPERATORS" not in words(signed_in(person).get(PAGE))
    settings.SATCHEL_OPERATORS = [person.user.email]
    assert "SATCHEL_OPERATORS" in words(signed_in(person).get(PAGE))


def test_allauths_own_page_leads_here(person: Person) -> None:
    assert signed_in(person).get("/accounts/email/")["Location"] == PAGE
