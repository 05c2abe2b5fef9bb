"""What SAMHSA's feeds share: US addresses, states, phones."""

from collections.abc import Iterable

from services.imports.addresses import UNIT, ZERO_STATES, zip_of
from services.imports.feeds.feed import Understood
from services.imports.phones import MAX_NUMBERS, Number, left_out, numbers_in
from services.imports.points import LatLon, PlaceTable, spot_of
from services.imports.problems import RowRefusedError
from services.imports.readings import Address, Offer, Reading
from services.imports.text import plain, words_in
from services.vocabulary import LocationAccuracy

STATES = ZERO_STATES | words_in(
    """
    AL AK AZ AR CA CO DE FL GA HI ID IL IN IA KS KY LA MD MI MN MS MO MT NE NV NM NC ND OH OK
    OR PA SC SD TN TX UT VA WA WV WI WY DC AS GU MP
    """
)
MAX_NAME, MAX_LINE, MAX_CITY = 255, 255, 120  # characters, the columns' lengths


def us_address(
    street1: object, street2: object, city: object, state: object, zip_: object
) -> Address:
    """A US address from its parts, its suite apart.

    Raises:
        RowRefusedError: the state is none, as in a legend of codes.
    """
    region = plain(state).upper()
    if region not in STATES:
        raise RowRefusedError(f"Not a facility: “{plain(state, max_length=60)}” is not a US state.")
    line = plain(street1, max_length=MAX_LINE)
    street = UNIT.sub("", line).rstrip(" ,") or line
    extra = [line[len(street) :].strip(" ,"), plain(street2)]
    return Address(
        street=street,
        extra=", ".join(part for part in extra if part)[:MAX_LINE],
        city=plain(city, max_length=MAX_CITY),
        region=region,
        postal_code=zip_of(plain(zip_), region),
        country="US",
    )


def phones_of(fields: Iterable[tuple[object, str]]) -> tuple[tuple[Number, ...], list[str]]:
    """The numbers of (value, label) pairs, each once, and a warning for each part that is none."""
    found: dict[tuple[str, str], Number] = {}
    warnings: list[str] = []
    for value, label in fields:
        numbers, lost = numbers_in(value, label=label, country="US")
        for number in numbers:
            found.setdefault(number[:2], number)
        warnings += left_out(lost)
    return tuple(found.values())[:MAX_NUMBERS], warnings


def understood(
    *,
    names: tuple[object, object],
    address: Address,
    own: LatLon | None,
    places: PlaceTable,
    phones: Iterable[tuple[object, str]] = (),
    website: str = "",
    naltrexone: bool | None = None,
    offers: dict[str, Offer] | None = None,
    unproven: tuple[str, ...] = (),
    doubts: Iterable[str] = (),
) -> Understood:
    """A US facility's reading; the first name is the organization's, the second the site's.

    ``doubts`` are what else of the row was left out.

    Raises:
        RowRefusedError: it has no name, or lies nowhere.
    """
    organization, site = (plain(name, max_length=MAX_NAME) for name in names)
    if not organization:
        raise RowRefusedError("Not a facility: it has no name.")
    spot, doubt = spot_of(address, own, places, accuracy=LocationAccuracy.STREET.value)
    numbers, warnings = phones_of(phones)
    reading = Reading(
        organization=organization,
        name=site or organization,
        address=address,
        spot=spot,
        phones=numbers,
        website=website,
        naltrexone=naltrexone,
        offers=offers or {},
        unproven=unproven,
    )
    return Understood(reading, [one for one in (doubt, *doubts, *warnings) if one])
