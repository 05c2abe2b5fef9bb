"""A file between its preview and its application: kept privately, for an hour, for one account."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.core import signing
from django.utils import timezone
from import_export.tmp_storages import MediaStorage

from services.models import User

KEPT = dt.timedelta(hours=1)
SALT = "services.exchange.previews"


class PreviewOverError(LookupError):
    """The file is gone: it was applied, its hour is over, or it is somebody else's."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A file that waits for its sender's word."""

    sheet: str
    account: int
    name: str

    def token(self) -> str:
        """What the form of the preview carries; worth nothing to another account."""
        return signing.dumps([self.sheet, self.account, self.name], salt=SALT)


def keep(content: bytes, *, sheet: str, account: User) -> Preview:
    """Keep a file until its sender applies it, or an hour is over."""
    forget_old()
    stored = MediaStorage(name=uuid.uuid4().hex)
    stored.save(content)
    return Preview(sheet, account.pk, stored.name)


def take(token: str, *, sheet: str, account: User) -> bytes:
    """The file of a preview, which is then forgotten: it is applied once.

    Raises:
        PreviewOverError: it is not there for this account any more.
    """
    try:
        told = signing.loads(token, salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        raise PreviewOverError from None
    preview = Preview(*told)
    if (preview.sheet, preview.account) != (sheet, account.pk):
        raise PreviewOverError
    stored = MediaStorage(name=preview.name, read_mode="rb")
    try:
        content: bytes = stored.read()
    except FileNotFoundError:
        raise PreviewOverError from None
    stored.remove()
    return content


def forget_old() -> int:
    """Delete files whose hour is over. Safe to run twice, and beside itself.

    Returns:
        How many there were.
    """
    anywhere = MediaStorage()
    storage, folder = anywhere._storage, anywhere.MEDIA_FOLDER
    if not storage.exists(folder):
        return 0
    gone = 0
    for name in storage.listdir(folder)[1]:
        path = f"{folder}/{name}"
        try:
            is_old = storage.get_modified_time(path) < timezone.now() - KEPT
        except FileNotFoundError:
            continue
        if is_old:
            storage.delete(path)
            gone += 1
    return gone
