"""The feeds we can read, by the name of their reader."""

from services.imports.feeds.feed import Batch, Feed, RawRow, Understood
from services.imports.feeds.findtreatment import FINDTREATMENT_2019
from services.imports.feeds.samhsa_directory import DIRECTORY
from services.imports.feeds.samhsa_moud import MOUD
from services.imports.feeds.samhsa_otp import OTP
from services.imports.feeds.toronto import TORONTO
from services.imports.feeds.vancouver import VANCOUVER

__all__ = ["FEEDS", "READERS", "Batch", "Feed", "RawRow", "Understood", "feed_for"]

READERS: dict[str, Feed] = {
    "samhsa_directory": DIRECTORY,
    "samhsa_otp": OTP,
    "samhsa_moud": MOUD,
    "toronto": TORONTO,
    "vancouver": VANCOUVER,
}
FEEDS: dict[str, Feed] = {feed.slug: feed for feed in (*READERS.values(), FINDTREATMENT_2019)}


def feed_for(reader: str, text: str) -> Feed:
    """The feed a file is of. ``samhsa_directory`` has two forms, and JSON is FindTreatment's."""
    if reader == "samhsa_directory" and text.lstrip().startswith("{"):
        return FINDTREATMENT_2019
    return READERS[reader]
