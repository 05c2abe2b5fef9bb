"""How messages leave. ``settings.MESSAGE_TRANSPORT`` names the class."""

from email.utils import parseaddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

from services.models import Message


class Transport(Protocol):
    """What hands a message over to whoever carries it on."""

    def send(self, message: Message) -> None:
        """Hand it over, or raise; it is tried again then. Must end within a minute."""


class EmailTransport:
    """E-mail, by Django's backend, which EMAIL_URL chooses."""

    def send(self, message: Message) -> None:
        """See ``Transport``.

        The Message-ID follows from the message: should it ever be handed over twice, mail servers
        and readers can see that it is one.
        """
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        EmailMessage(
            message.subject,
            message.body,
            to=[message.recipient],
            headers={
                "Message-ID": f"<{message.pk}@{domain}>",
                "Auto-Submitted": "auto-generated",  # no answers by machines that are on holiday
            },
        ).send()


def transport() -> Transport:
    """The transport of the settings."""
    made: Transport = import_string(settings.MESSAGE_TRANSPORT)()
    return made
