"""Hostile files of feeds: refused whole or row by row, and nothing half-written.

That each is cheap is measured by ``make prove-imports``.
"""

import io
import os
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from services.imports.problems import FileRefusedError, ImportHeldError
from services.imports.runs import import_file
from services.models import ImportRun, Phone, Service, Site, SourceRecord
from tests.hostile.cases import HostileFeed
from tests.hostile.feeds import FEEDS
from tests.hostile.state import everything
from tests.services.imports.files import a_csv, a_facility, an_otp, places
from tests.services.outward import Watch, watched

__all__ = ["places", "watched"]

pytestmark = pytest.mark.usefixtures("places")
SAYS_WHAT_TO_DO = re.compile(r"Fetch|reader|Save|Look|Give|import|nothing was changed")
NOT_OURS = "not ours, 1 rows: It offers none of our kinds"
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def written(folder: Path, case: HostileFeed) -> Path:
    path = folder / "feed"
    path.write_bytes(case.make())
    return path


def test_there_are_enough_and_each_has_a_name() -> None:
    assert len({(case.reader, case.name) for case in FEEDS}) == len(FEEDS) >= 60


@pytest.mark.parametrize("case", FEEDS, ids=lambda case: case.name)
def test_a_hostile_file_is_refused_or_read_row_by_row(
    case: HostileFeed, tmp_path: Path, watched: Watch
) -> None:
    path, before = written(tmp_path, case), everything()
    if case.says:
        with pytest.raises(FileRefusedError, match=case.says) as refusal:
            import_file(case.reader, path)
        assert SAYS_WHAT_TO_DO.search(str(refusal.value))
        assert everything() == before
        assert ImportRun.objects.get().status == ImportRun.Status.FAILED
    else:
        report = import_file(case.reader, path)
        refused = {one["row"]: one["reason"] for one in report.refusals}
        assert set(refused) == set(case.refused)
        assert all(words in refused[row] for row, words in case.refused.items())
        assert report.counts["read"] == report.counts["created"] + report.counts["refused"] + (
            report.counts["merged"] + report.counts["not_ours"]
        )
        for row, words in case.warned.items():
            assert any(words in one["warning"] for one in report.warnings if one["row"] == row)
        _nothing_ugly_is_shown()
        assert import_file(case.reader, path).counts["created"] == 0  # the same file twice
    assert watched == []


def _nothing_ugly_is_shown() -> None:
    for site in Site.objects.all():
        told = (site.name, site.address, site.address_extra, site.city, site.website)
        assert not any(UNSEEN.search(text) or "<script" in text for text in told)
        assert site.location is not None
        assert abs(site.location.x) + abs(site.location.y) > 1
    for service in Service.objects.all():
        assert not UNSEEN.search(service.description)
    assert Phone.objects.count() <= 20 * Site.objects.count()


@pytest.mark.parametrize("case", FEEDS, ids=lambda case: case.name)
def test_the_command_prints_it_safely(case: HostileFeed, tmp_path: Path) -> None:
    out = io.StringIO()
    try:
        call_command(
            "import_feed", case.reader, str(written(tmp_path, case)), no_progress=True, stdout=out
        )
    except CommandError as refusal:
        out.write(str(refusal))
    printed = out.getvalue()
    assert not UNSEEN.search(printed)
    assert len(printed) < 20_000
    for row, words in case.refused.items():  # those that are not ours are only counted
        assert f"refused row {row} " in printed or (words in NOT_OURS and NOT_OURS in printed)


def test_a_feed_that_loses_three_of_ten_rows_is_held_and_changes_nothing(tmp_path: Path) -> None:
    rows = [an_otp(number) for number in range(10)]
    import_file("samhsa_otp", a_csv(tmp_path, *rows))
    before = everything()
    with pytest.raises(ImportHeldError, match="Nothing was changed"):
        import_file("samhsa_otp", a_csv(tmp_path, *rows[:7]))
    assert everything() == before
    assert ImportRun.objects.filter(status=ImportRun.Status.HELD).count() == 1


def test_a_feed_whose_keys_are_all_others_is_held(tmp_path: Path) -> None:
    rows = [a_facility(number) for number in range(10)]
    import_file("samhsa_directory", a_csv(tmp_path, *rows))
    before = everything()
    for row in rows:
        row["street1"] += " Elsewhere"
        row["facility_id"] += "0"
        row["name1"] = f"Zzyzx {row['name1'][::-1]} Zzyzx"
    with pytest.raises(ImportHeldError):
        import_file("samhsa_directory", a_csv(tmp_path, *rows))
    assert everything() == before


def test_a_feed_that_changes_its_columns_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    import_file("samhsa_otp", a_csv(tmp_path, an_otp()))
    before = everything()
    renamed = {name.lower(): value for name, value in an_otp().items()}
    with pytest.raises(FileRefusedError, match="missing"):
        import_file("samhsa_otp", a_csv(tmp_path, renamed))
    assert everything() == before
    assert SourceRecord.objects.count() == 1


@pytest.mark.parametrize("kind", ["folder", "device", "pipe", "link to a device", "nowhere"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "feed.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    with pytest.raises(FileRefusedError, match=r"no plain file|cannot be opened"):
        import_file("samhsa_otp", Path("/dev/zero") if kind == "device" else path)
