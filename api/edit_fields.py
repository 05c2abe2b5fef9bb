"""What people edit of a site or service: the fields of a PATCH, and of ``editable`` in a GET."""

from api.fields import Field, Number, OrNull
from api.object_fields import Codes, Degrees, Members, Rows, Words, YesNo
from api.report_fields import Word
from services import validity as v
from services import vocabulary as words

LISTED = YesNo("Whether anyone may find it. False retires it, true lists it again.")

SERVICE: dict[str, Field] = {
    "name": Words("Only if it differs from the site's; else empty.", 255),
    "description": Words("For people who look for care.", 4000, lines=True),
    "access": Members(
        "Facts: yes, no, or null for unknown. Facts that are not sent stay as they are.",
        {fact: OrNull(YesNo(str(label))) for fact, label in words.ACCESS_FACTS.items()},
    ),
    "languages": Codes("ISO 639 codes, such as en, es.", 3, 100),
    "min_age": OrNull(Number("Lowest age, or null.", 0, 130, whole=True)),
    "max_age": OrNull(Number("Highest age, or null.", 0, 130, whole=True)),
    "asam": Members(
        "ASAM levels of withdrawal management, with the edition they are from.",
        {
            "levels": Codes("Levels.", 6, 20, tuple(words.AsamLevel.values)),
            "edition": OrNull(Number("Edition, such as 4.", 1, 99, whole=True)),
        },
    ),
    "moud_policy": Members(
        "What a detox or residential service says to these medications.",
        {
            name: Word("Its policy.", tuple(words.MoudPolicy.values))
            for name in ("methadone", "buprenorphine")
        },
    ),
    "hours": Members(
        "OSM opening_hours by type, or null for none. Types that are not sent stay.",
        {type_: OrNull(Words("A rule.", v.LONGEST_RULE)) for type_ in words.HoursType.values},
    ),
    "hours_exceptions": Rows(
        "Days on which the hours differ. The whole list: what is not in it goes.",
        Members(
            "Days, on the site's clock.",
            {
                "first_day": Words("Such as 2026-12-24.", 10, needed=True),
                "last_day": Words("The last of the days.", 10, needed=True),
                "times": OrNull(
                    Words("Such as 09:00-12:00, 13:00-15:00; null if closed.", v.LONGEST_TIMES)
                ),
                "reason": Words("Why.", v.LONGEST_REASON),
            },
            ("first_day", "last_day"),
        ),
        v.MOST_EXCEPTIONS,
    ),
    "listed": LISTED,
}

SITE: dict[str, Field] = {
    "name": Words("The site's name.", 255, needed=True),
    "delivery": Word("How people reach it.", tuple(words.Delivery.values)),
    "location": OrNull(
        Members(
            "The true point, in degrees; null if it is remote.",
            {"lat": Degrees("Latitude.", 90), "lon": Degrees("Longitude.", 180)},
            ("lat", "lon"),
        )
    ),
    "location_accuracy": Word("What the point stands for.", tuple(words.LocationAccuracy.values)),
    "address": Words("Street and number. Told only if the site is public.", 255),
    "address_extra": Words("Suite, floor, unit.", 255),
    "city": Words("City.", 120),
    "region": Words("State or province, such as PA.", 8),
    "postal_code": Words("ZIP or postal code.", 12),
    "country": Words("ISO 3166 code, such as US.", 2, needed=True),
    "time_zone": Words("IANA name; empty for the zone of the point.", 64),
    "website": OrNull(Words("Its address, or null.", 500)),
    "visibility": Word("How much of its place anyone may know.", tuple(words.Visibility.values)),
    "naltrexone": OrNull(YesNo("Whether it offers naltrexone, or null if unknown.")),
    "phones": Rows(
        "Its numbers in order. The whole list: what is not in it goes.",
        Members(
            "A number.",
            {
                "number": Words("As people dial it, such as +1 215 555 0100 or 988.", 40),
                "extension": OrNull(Words("Digits dialled after it, or null.", 16)),
                "label": Words("What it is for; main if left out.", v.LONGEST_LABEL),
            },
            ("number",),
        ),
        v.MOST_PHONES,
    ),
    "listed": LISTED,
}
