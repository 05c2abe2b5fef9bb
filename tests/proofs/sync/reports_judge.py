"""Whether every acknowledged report is in the database, once, and counted once."""

import math
import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence

from services.evidence import Said, Standing, standing_of
from services.models import AvailabilityReport, Service
from services.vocabulary import Availability, Kind, Reporter
from tests.proofs.sync.fault_proxy import Fault, FaultProxy
from tests.proofs.sync.phones import Phone
from tests.proofs.table import Table


def judge(phones: Sequence[Phone], proxy: FaultProxy) -> Table:
    """Hold what phones were told against the rows, and each service against its reports."""
    table = Table()
    by_phones = AvailabilityReport.objects.filter(account__isnull=False)
    stored = Counter(str(id_) for id_ in by_phones.values_list("pk", flat=True))
    made = {id_ for phone in phones for id_ in phone.made}
    acknowledged = set[str]().union(*(phone.acknowledged for phone in phones))
    lost = acknowledged - stored.keys()
    table.figure("phones; reports made", f"{len(phones)}; {len(made)}")
    table.promise(f"acknowledged reports lost, of {len(acknowledged)}", len(lost), held=not lost)
    wrong = counted_wrong()
    table.promise("services whose evidence is not that of their reports", wrong, held=not wrong)
    others = len(stored.keys() - made) + sum(stored.values()) - len(stored)
    table.promise(f"stored twice, or made by nobody, of {len(stored)}", others, held=not others)
    left = sum(phone.waiting + phone.refused for phone in phones)
    table.promise("left in queues, or refused", left, held=not left)
    unsent = len(made - acknowledged)
    table.promise("made and not acknowledged", unsent, held=not unsent)
    _network(table, phones, proxy)
    return table


def _network(table: Table, phones: Sequence[Phone], proxy: FaultProxy) -> None:
    table.figure(
        "looks at the queue; apps started again",
        f"{_sum(phones, 'tries')}; {_sum(phones, 'restarts')}",
    )
    table.figure("answers lost on the way back", proxy.answers_lost)
    for fault in Fault:
        table.figure(f"connections: {fault.value}", proxy.counts[fault])


def _sum(phones: Sequence[Phone], name: str) -> int:
    return sum(getattr(phone, name) for phone in phones)


def counted_wrong() -> int:
    """Services whose state or evidence differs from what all of their reports come to."""
    told = defaultdict(list)
    for report in AvailabilityReport.objects.all():
        told[report.service_id].append(_said(report))
    services = Service.objects.in_bulk(told.keys())
    return sum(
        not _agrees(services[id_], standing_of(Kind(services[id_].kind), said, []))
        for id_, said in told.items()
    )


def _agrees(service: Service, standing: Standing) -> bool:
    word = standing.word
    assert word is not None
    return (
        (service.state, service.remaining, service.as_of)
        == (word.state, word.remaining, word.observed_at)
        and service.evidence_at == standing.evidence_at
        and math.isclose(service.evidence_for, standing.evidence_for)
        and math.isclose(service.evidence_against, standing.evidence_against)
    )


def _said(report: AvailabilityReport) -> Said:
    return Said(
        observed_at=report.observed_at,
        id=report.pk,
        state=Availability(report.state),
        reporter=Reporter(report.reporter),
        remaining=report.remaining,
    )


def listed_services() -> list[uuid.UUID]:
    """All that may be reported."""
    return list(Service.objects.listed().order_by("pk").values_list("pk", flat=True))
