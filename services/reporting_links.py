"""Links that let a clinic report without an account, mailed to its contact.

The link is the secret: whoever has it may report the availability at one site, and nothing else,
until it expires or is revoked. It holds a random id and its signature, and nothing of anybody.
"""

import datetime as dt
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64Error

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import translation

from services.acting import as_the_system, recognised_link
from services.models import Message, ReportingPlan, ReportLink, Site
from services.outbox import enqueue
from services.wording import moment_in_words

LIFETIME = dt.timedelta(hours=72)  # a weekend and the morning after it


class LinkGoneError(Exception):
    """The link was never made, has expired or is revoked: nobody is told which."""


class NoPlanError(Exception):
    """The site has no reporting plan, so nobody is known to write to."""


class LinkSigner(Signer):
    """Django's, with 22 letters of its signature: 132 bits, which nobody guesses."""

    def __init__(self) -> None:
        super().__init__(sep=".", salt="services.reporting_links")

    def signature(self, value: str | bytes, key: str | bytes | None = None) -> str:
        """See Django."""
        return super().signature(value, key)[:22]


def make_link(*, site: Site, now: dt.datetime, lifetime: dt.timedelta = LIFETIME) -> str:
    """Store a new link of a site; returns its token, 45 letters that need no quoting in a URL."""
    link = ReportLink.objects.create(site=site, made_at=now, expires_at=now + lifetime)
    return LinkSigner().sign(urlsafe_b64encode(link.pk.bytes).rstrip(b"=").decode())


def url_of(token: str) -> str:
    """The page of a link."""
    return f"{settings.PUBLIC_URL.rstrip('/')}/r/{token}/"


def link_behind(token: str, now: dt.datetime) -> ReportLink:
    """The link of a token, with its site. Reads only.

    Raises:
        LinkGoneError: there is none that works now, or the site is retired.
    """
    try:
        text = LinkSigner().unsign(token)
        id_ = uuid.UUID(bytes=urlsafe_b64decode(text + "=="))
    except (BadSignature, NotBase64Error, ValueError):
        raise LinkGoneError from None
    recognised_link(id_)
    links = ReportLink.objects.select_related("site")
    link = links.filter(pk=id_, revoked_at=None, expires_at__gt=now, site__retired_at=None).first()
    if link is None:
        raise LinkGoneError
    return link


def revoke_links(*, site: Site, now: dt.datetime) -> int:
    """Let no link of a site work any more. Returns how many did."""
    working = ReportLink.objects.filter(site=site, revoked_at=None, expires_at__gt=now)
    return working.update(revoked_at=now)


@transaction.atomic
def mail_link(*, site: Site, now: dt.datetime) -> None:
    """Mail a fresh link to the contact of a site's plan, once however often within a minute.

    Raises:
        NoPlanError: the site has no plan.
    """
    plan = ReportingPlan.objects.select_for_update().filter(site=site).first()
    if plan is None:
        raise NoPlanError
    key = f"link:{site.pk}:{now:%Y%m%d%H%M}"
    with as_the_system():  # nobody reads the outbox
        if Message.objects.filter(key=key).exists():
            return
    token = make_link(site=site, now=now)
    with translation.override("en"):
        enqueue(
            key=key,
            purpose=Message.Purpose.LINK,
            recipient=plan.contact_email,
            subject=f"Report for {site.name}",
            body=f"{site.name}\n\n{about_link(token, site, now)}",
            expires_at=now + LIFETIME,
        )


def about_link(token: str, site: Site, now: dt.datetime) -> str:
    """What a message says of the link in it."""
    until = moment_in_words(now + LIFETIME, site.time_zone)
    return (
        "Say how it is now. One tap, no account:\n"
        f"{url_of(token)}\n\n"
        f"The link works until {until} ({site.time_zone}), for this site alone.\n"
        "Whoever has it can report for the site: pass it on to nobody but those\n"
        "who answer for it.\n"
    )
