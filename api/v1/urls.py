"""Paths of version 1."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from api.v1.account import Account
from api.v1.cells import CellDetail
from api.v1.changes import ChangeList
from api.v1.claims import ServiceClaim
from api.v1.closings import OrganizationClosings, Reopen, ServiceClosings, SiteClosings
from api.v1.confirmations import Confirm
from api.v1.held_changes import Approve, HeldChangeList, Reject
from api.v1.history import ServiceHistory, ServiceRevert, SiteHistory, SiteRevert
from api.v1.invitations import Invitations, OrganizationInvitations
from api.v1.kinds import KindList
from api.v1.map import MapTile
from api.v1.members import MemberDetail, MemberList
from api.v1.nearby import Nearby
from api.v1.organizations import OrganizationDetail, OrganizationList
from api.v1.outcomes import Outcomes
from api.v1.packs import PackDetail, PackList
from api.v1.report_batch import ReportBatch
from api.v1.reporting_plans import ReportingPlanDetail, ReportLinkMail
from api.v1.reports import Reports
from api.v1.schema import Schema
from api.v1.services import ServiceDetail, ServiceList
from api.v1.sites import SiteDetail, SiteList
from api.v1.staleness import (
    OrganizationStalenessDetail,
    OrganizationStalenessList,
    RegionStalenessList,
)
from api.v1.tokens import TokenDetail, TokenList
from api.v1.undo import AccountUndo, ReportWithdraw
from api.v1.verify import Verify


class TileNumber(IntConverter):
    """A number that can be one of a tile's."""

    regex = "[0-9]{1,4}"


register_converter(TileNumber, "tile")

urlpatterns = [
    path("nearby/", Nearby.as_view(), name="nearby"),
    path("cells/<str:geohash>/", CellDetail.as_view(), name="cell"),
    path("services/", ServiceList.as_view(), name="services"),
    path("services/<uuid:id>/", ServiceDetail.as_view(), name="service"),
    path("services/<uuid:id>/claim/", ServiceClaim.as_view(), name="claim"),
    path("services/<uuid:id>/reports/", Reports.as_view(), name="reports"),
    path("services/<uuid:id>/confirm/", Confirm.as_view(), name="confirm"),
    path("services/<uuid:id>/outcomes/", Outcomes.as_view(), name="outcomes"),
    path("services/<uuid:id>/history/", ServiceHistory.as_view(), name="service-history"),
    path(
        "services/<uuid:id>/history/<uuid:change>/revert/",
        ServiceRevert.as_view(),
        name="service-revert",
    ),
    path("services/<uuid:id>/closings/", ServiceClosings.as_view(), name="service-closings"),
    path("reports/<uuid:id>/withdraw/", ReportWithdraw.as_view(), name="report-withdraw"),
    path("accounts/undo/", AccountUndo.as_view(), name="account-undo"),
    path("closings/<uuid:id>/reopen/", Reopen.as_view(), name="reopen"),
    path("reports/batch/", ReportBatch.as_view(), name="report-batch"),
    path("sites/", SiteList.as_view(), name="sites"),
    path("sites/<uuid:id>/", SiteDetail.as_view(), name="site"),
    path("sites/<uuid:id>/reporting-plan/", ReportingPlanDetail.as_view(), name="reporting-plan"),
    path("sites/<uuid:id>/report-link/", ReportLinkMail.as_view(), name="report-link"),
    path("sites/<uuid:id>/history/", SiteHistory.as_view(), name="site-history"),
    path("sites/<uuid:id>/history/<uuid:change>/revert/", SiteRevert.as_view(), name="site-revert"),
    path("sites/<uuid:id>/closings/", SiteClosings.as_view(), name="site-closings"),
    path(
        "organizations/<uuid:id>/closings/",
        OrganizationClosings.as_view(),
        name="organization-closings",
    ),
    path("organizations/", OrganizationList.as_view(), name="organizations"),
    path("organizations/<uuid:id>/", OrganizationDetail.as_view(), name="organization"),
    path(
        "organizations/<uuid:id>/staleness/",
        OrganizationStalenessDetail.as_view(),
        name="organization-staleness",
    ),
    path("staleness/regions/", RegionStalenessList.as_view(), name="staleness-regions"),
    path(
        "staleness/organizations/",
        OrganizationStalenessList.as_view(),
        name="staleness-organizations",
    ),
    path("verify/", Verify.as_view(), name="verify"),
    path("held-changes/", HeldChangeList.as_view(), name="held-changes"),
    path("held-changes/<uuid:id>/approve/", Approve.as_view(), name="approve-held-change"),
    path("held-changes/<uuid:id>/reject/", Reject.as_view(), name="reject-held-change"),
    path("organizations/<uuid:id>/members/", MemberList.as_view(), name="members"),
    path("organizations/<uuid:id>/members/<uuid:member>/", MemberDetail.as_view(), name="member"),
    path(
        "organizations/<uuid:id>/invitations/",
        OrganizationInvitations.as_view(),
        name="organization-invitations",
    ),
    path("invitations/", Invitations.as_view(), name="invitations"),
    path("tokens/", TokenList.as_view(), name="tokens"),
    path("tokens/<uuid:id>/", TokenDetail.as_view(), name="token"),
    path("account/", Account.as_view(), name="account"),
    path("kinds/", KindList.as_view(), name="kinds"),
    path("packs/", PackList.as_view(), name="packs"),
    path("packs/<str:region>/", PackDetail.as_view(), name="pack"),
    path("changes/", ChangeList.as_view(), name="changes"),
    path("map/<tile:z>/<tile:x>/<tile:y>.geojson", MapTile.as_view(), name="map-tile"),
    path("schema/", Schema.as_view(), name="schema"),
]
