"""What an organisation holds of the register goes over to another one: dates, forms, places, closed quarters."""

import datetime

import pytest

from apps.branches import services as branches
from apps.branches.figures import measured
from apps.branches.models import PartyOrg
from apps.branches.rules import MIN_FORMAL_MEMBERS, OrgKind
from apps.branches.services import Part
from apps.census.models import CensusRound
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.enterprises import rules
from apps.enterprises.kinds import Form
from apps.enterprises.models import Building, Enterprise, Establishment, Instructor, Park
from apps.enterprises.services import establish
from tests.cast import SINCE
from tests.racing import at_once

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.date(2026, 11, 1)
EVE = DAY - datetime.timedelta(days=1)


@pytest.fixture
def park(cast):
    with cast.within(cast.park_org):
        yield cast


def merge(cast, source, target, on=DAY):
    branches.merge_organizations(
        sources=[source], target=target, on=on, today=TODAY, actor=cast.users.park_officer, document="园党发〔2026〕8号"
    )


def covers(enterprise):
    rows = Establishment.objects.filter(enterprise=enterprise).order_by("since", "pk")
    return [(row.org.code, row.form, row.since, row.until) for row in rows]


class TestCover:
    def test_the_old_cover_ends_on_the_day_and_the_new_one_begins(self, park):
        merge(park, park.branch_a, park.branch_b)
        assert covers(park.enterprise_a) == [
            ("JYA", "single", SINCE, DAY), ("JYB", "joint", DAY, None)
        ]  # fmt: skip
        moved = Establishment.objects.as_of(TODAY).get(enterprise=park.enterprise_a)
        assert (moved.document, moved.note) == ("园党发〔2026〕8号", "由「子公司党支部」转入")

    def test_a_branch_that_gets_a_second_enterprise_covers_none_alone(self, park):
        merge(park, park.branch_b, park.branch_a)
        assert covers(park.enterprise_a) == [("JYA", "single", SINCE, DAY), ("JYA", "joint", DAY, None)]
        assert covers(park.enterprise_b)[-1] == ("JYA", "joint", DAY, None)

    def test_a_cover_that_began_after_the_day_is_the_targets_from_its_own_day_on(self, park):
        later = DAY + datetime.timedelta(days=5)
        Establishment.objects.create(enterprise=park.enterprise_uncovered, org=park.branch_b, form="joint", since=later)
        merge(park, park.branch_b, park.branch_a)
        assert covers(park.enterprise_uncovered) == [("JYA", "joint", later, None)]

    def test_a_cover_that_ended_after_the_day_is_handed_over_until_its_end(self, park):
        end = DAY + datetime.timedelta(days=5)
        Establishment.objects.filter(enterprise=park.enterprise_b).update(until=end)
        merge(park, park.branch_b, park.branch_a)
        assert covers(park.enterprise_b) == [("JYB", "joint", SINCE, DAY), ("JYA", "joint", DAY, end)]

    def test_an_enterprise_that_both_covered_is_covered_once(self, park):
        Establishment.objects.create(enterprise=park.enterprise_a, org=park.branch_b, form="industry", since=SINCE)
        merge(park, park.branch_b, park.branch_a)
        assert covers(park.enterprise_a)[-1] == ("JYA", "joint", DAY, None)
        assert len(Establishment.objects.as_of(TODAY).filter(enterprise=park.enterprise_a)) == 1

    def test_an_organisation_that_cannot_cover_does_not_take_enterprises_over(self, park):
        with pytest.raises(DomainError, match="不能作为企业的党组织") as refusal:
            branches.dissolve_into(
                org=park.branch_b, target=park.station, on=DAY, today=TODAY, actor=park.users.park_officer
            )
        assert refusal.value.basis == rules.ORGANISATION_COVERAGE

    def test_a_firm_that_leaves_a_joint_branch_for_its_own_is_covered_alone_once_it_has_the_members(self, park):
        Establishment.objects.create(enterprise=park.enterprise_uncovered, org=park.branch_b, form="joint", since=SINCE)
        (new,) = branches.split_organization(
            org=park.branch_b, on=DAY, today=TODAY, actor=park.users.park_officer,
            parts=[Part("中共卯公司支部委员会", "branch",
                        {"enterprises.establishments": frozenset({park.enterprise_uncovered.pk})})],
        )  # fmt: skip
        assert covers(park.enterprise_uncovered)[-1] == (new.code, "single", DAY, None)

    def test_a_day_in_a_closed_quarter_is_refused(self, park):
        with unscoped("a closed round"):
            CensusRound.objects.create(
                org=park.park_org, period="2026Q3", kind="quarter", starts_on="2026-07-01", ends_on="2026-10-01",
                opens_on="2026-09-01", due_on="2026-09-20", closed_at="2026-10-08T09:00Z", closed_by_name="李明",
            )  # fmt: skip
        with pytest.raises(Conflict):
            merge(park, park.branch_b, park.branch_a, on=datetime.date(2026, 9, 15))
        assert PartyOrg.objects.get(pk=park.branch_b.pk).ended_on is None
        merge(park, park.branch_b, park.branch_a)


class TestPlaces:
    def test_a_building_goes_to_the_branch_that_takes_over(self, park):
        Building.objects.create(park=park.park, code="A2", name="A2 栋", org=park.branch_b)
        merge(park, park.branch_b, park.branch_a)
        assert Building.objects.get(code="A2").org_id == park.branch_a.pk

    def test_a_park_and_its_uncovered_enterprises_go_to_the_committee_that_takes_over(self, cast):
        with cast.within(cast.authority):
            merge(cast, cast.sibling_org, cast.park_org)
            assert Park.objects.get(pk=cast.sibling_park.pk).org_id == cast.park_org.pk
            assert PartyOrg.objects.get(pk=cast.sibling_branch.pk).parent_id == cast.park_org.pk
            enterprise = Enterprise.objects.get(pk=cast.enterprise_sibling.pk)
            assert enterprise.org_id == cast.sibling_branch.pk
            assert enterprise.org_path.startswith(cast.park_org.path)

    def test_an_enterprise_without_park_and_cover_goes_to_whoever_takes_over(self, park):
        enterprise = Enterprise.objects.create(name="散户公司", org=park.branch_b)
        merge(park, park.branch_b, park.branch_a)
        assert Enterprise.objects.get(pk=enterprise.pk).org_id == park.branch_a.pk

    def test_an_instructor_is_managed_by_whoever_takes_over(self, park):
        person = Instructor.objects.create(name="钱指导", org=park.branch_b, since=SINCE)
        merge(park, park.branch_b, park.branch_a)
        assert Instructor.objects.get(pk=person.pk).org_id == park.branch_a.pk


def test_figures_are_those_of_the_day_and_agree_with_the_sum_of_the_children(park):
    orgs = [park.park_org, park.committee, park.station, park.branch_a, park.branch_b]
    before = {org.code: figures["enterprises.answered"] for org in orgs for figures in [measured(orgs, DAY)[org.pk]]}
    assert before == {"JY": 3, "JYW": 2, "JYZ": 2, "JYA": 1, "JYB": 1}
    merge(park, park.branch_a, park.branch_b)
    orgs = [PartyOrg.objects.get(pk=org.pk) for org in orgs]
    found = measured(orgs, DAY)
    assert [found[org.pk]["enterprises.answered"] for org in orgs] == [3, 2, 2, 0, 2]
    assert [found[org.pk]["branches.branches"] for org in orgs] == [1, 1, 1, 0, 1]
    own = found[park.branch_b.pk]
    assert [own[f"enterprises.{name}"] for name in ("units", "formal_members", "members")] == [2, 7, 7]


@pytest.mark.parametrize(
    ("form", "kind", "units", "formal", "expected"),
    [
        (Form.SINGLE, OrgKind.BRANCH, 1, 0, Form.SINGLE),
        (Form.SINGLE, OrgKind.BRANCH, 2, 9, Form.JOINT),
        (Form.SINGLE, OrgKind.JOINT_BRANCH, 1, 9, Form.JOINT),
        (Form.JOINT, OrgKind.BRANCH, 1, MIN_FORMAL_MEMBERS - 1, Form.JOINT),
        (Form.JOINT, OrgKind.BRANCH, 1, MIN_FORMAL_MEMBERS, Form.SINGLE),
        (Form.JOINT, OrgKind.BRANCH, 1, MIN_FORMAL_MEMBERS + 1, Form.SINGLE),
        (Form.JOINT, OrgKind.JOINT_BRANCH, 1, 9, Form.JOINT),
        (Form.INDUSTRY, OrgKind.COMMITTEE, 5, 9, Form.INDUSTRY),
    ],
)
def test_the_form_follows_the_number_of_units_and_members(form, kind, units, formal, expected):
    assert rules.form_after_relocation(form, kind, units=units, formal_members=formal) is expected


@pytest.mark.django_db(transaction=True)
def test_an_organisation_that_ends_at_this_moment_is_not_left_with_a_new_enterprise(cast):
    results = at_once(
        lambda: merge(cast, cast.branch_b, cast.branch_a),
        lambda: establish(
            enterprises=[cast.enterprise_uncovered], org=cast.branch_b, form=Form.JOINT, since=TODAY, today=TODAY,
            actor=cast.users.park_officer, reason="就近联合",
        ),
    )  # fmt: skip
    refusals = [each.code for each in results if isinstance(each, DomainError)]
    with unscoped("a test"):
        assert not Establishment.objects.open().filter(org=cast.branch_b).exists()
        covered = Establishment.objects.open().filter(enterprise=cast.enterprise_uncovered, org=cast.branch_a).exists()
        assert (refusals, covered) in ((["ended"], False), ([], True))
