"""Founding, renaming, upgrading, moving, dissolving: what happens and what is refused."""

import datetime

import pytest

from apps.branches import services
from apps.branches.dependents import Dependents, _finders, dependents_of, register_dependents
from apps.branches.history import event_text, shape_as_of
from apps.branches.models import OrgEvent, PartyOrg
from apps.core.audit import verify
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.date(2026, 3, 1)


@pytest.fixture
def park(cast):
    """The park officer at work: everything below happens inside the scope of the park."""
    with cast.within(cast.park_org):
        yield cast


def found(cast, parent, name="中共新公司支部委员会", kind="branch", founded_on=DAY, **facts):
    return services.found_organization(
        name=name, kind=kind, parent=parent, founded_on=founded_on, today=TODAY, actor=cast.users.park_officer, **facts
    )


def act(service, cast, org, on=DAY, **given):
    return service(org=org, on=on, today=TODAY, actor=cast.users.park_officer, **given)


class TestFounding:
    def test_it_leaves_an_event_and_an_audit_entry(self, park):
        org = found(park, park.station, document="园党发〔2026〕3号", code="new1", contact_phone="0415-2345678")
        assert (org.code, org.version, org.contact_phone) == ("NEW1", 1, "0415-2345678")
        event = OrgEvent.objects.get(org=org)
        assert (event.kind, event.on, event.document) == ("founded", DAY, "园党发〔2026〕3号")
        entry = AuditEntry.objects.get(action="org.founded")
        assert (entry.actor_name, entry.org_path) == ("李明", org.path)
        assert verify() == (1, None)

    def test_names_lose_outer_spaces_and_gain_pinyin_initials(self, park):
        org = found(park, park.station, name="　中共 新公司支部 ")
        assert (org.name, org.initials) == ("中共 新公司支部", "zgxgszb")

    def test_a_branch_cannot_stand_under_a_branch(self, park):
        with pytest.raises(DomainError, match="党支部不能设在党支部之下") as refusal:
            found(park, park.branch_a)
        assert refusal.value.basis

    def test_an_ended_parent_is_refused(self, park):
        PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=DAY)
        with pytest.raises(DomainError, match="已撤销"):
            found(park, PartyOrg.objects.get(pk=park.branch_a.pk), kind="group")

    def test_a_taken_code_is_said_at_its_field_whoever_has_it(self, park):
        with pytest.raises(DomainError) as refusal:
            found(park, park.station, code="YYZ1")
        assert refusal.value.field == "code"
        assert "丁公司" not in refusal.value.message

    def test_a_founding_date_in_the_future_is_refused(self, park):
        found(park, park.station, founded_on=TODAY)
        with pytest.raises(DomainError, match="不能晚于今天"):
            found(park, park.station, founded_on=TODAY + datetime.timedelta(days=1))

    def test_under_a_parent_outside_the_scope_nothing_is_written(self, park):
        with pytest.raises(DomainError, match="不在您的范围"):
            found(park, park.sibling_org)

    def test_only_a_committee_may_have_the_authority_to_approve(self, park):
        with pytest.raises(DomainError, match="不能审批预备党员"):
            found(park, park.station, can_approve_probationary=True)
        committee = found(park, park.park_org, kind="committee", name="中共某公司委员会", can_approve_probationary=True)
        assert committee.can_approve_probationary

    def test_a_fact_that_does_not_exist_is_a_programming_error(self, park):
        with pytest.raises(TypeError):
            found(park, park.station, path="0001")


class TestRenaming:
    def test_old_reports_keep_the_old_name(self, park):
        act(services.rename_organization, park, park.branch_a, name="中共子集团支部委员会", short_name="子集团党支部")
        assert shape_as_of(DAY)[park.branch_a.pk].name == "中共子集团支部委员会"
        assert shape_as_of(DAY - datetime.timedelta(days=1))[park.branch_a.pk].name == "中共子公司支部委员会"
        event = OrgEvent.objects.get(org=park.branch_a)
        assert event_text(event) == "原名「中共子公司支部委员会」，现名「中共子集团支部委员会」"

    def test_the_same_name_is_no_change(self, park):
        with pytest.raises(DomainError, match="没有变化"):
            act(services.rename_organization, park, park.branch_a, name=park.branch_a.name, short_name="子公司党支部")

    def test_history_is_written_in_its_order(self, park):
        act(services.rename_organization, park, park.branch_a, name="甲", short_name="")
        earlier = DAY - datetime.timedelta(days=1)
        with pytest.raises(DomainError, match="不能早于最近一次沿革"):
            act(services.rename_organization, park, park.branch_a, on=earlier, name="乙", short_name="")
        assert act(services.rename_organization, park, park.branch_a, name="乙", short_name="").name == "乙"

    def test_the_later_writer_sees_both_names(self, park):
        act(services.rename_organization, park, park.branch_a, name="甲", short_name="", version=1)
        with pytest.raises(Conflict) as conflict:
            act(services.rename_organization, park, park.branch_a, name="乙", short_name="", version=1)
        assert ("全称", "甲", "乙") in conflict.value.rows


class TestChanging:
    def change(self, cast, org, **changes):
        return services.change_organization(org=org, changes=changes, actor=cast.users.park_officer)

    def test_what_did_not_change_leaves_no_trace(self, park):
        assert self.change(park, park.branch_a, contact_name="").version == 1
        assert not AuditEntry.objects.exists()

    def test_a_wrong_phone_is_said_at_its_field(self, park):
        with pytest.raises(DomainError) as refusal:
            self.change(park, park.branch_a, contact_phone="12")
        assert refusal.value.field == "contact_phone"

    def test_the_audit_names_fields_and_no_numbers(self, park):
        self.change(park, park.branch_a, contact_phone="13812345678")
        entry = AuditEntry.objects.get()
        assert "联系电话" in entry.summary
        assert "13812345678" not in f"{entry.summary}{entry.data}"

    def test_a_corrected_founding_date_corrects_the_event(self, park):
        org = found(park, park.station)
        self.change(park, org, founded_on=DAY - datetime.timedelta(days=9))
        assert OrgEvent.objects.get(org=org).on == DAY - datetime.timedelta(days=9)

    def test_a_founding_date_behind_a_later_event_is_refused(self, park):
        org = found(park, park.station)
        act(services.rename_organization, park, org, name="甲", short_name="")
        with pytest.raises(DomainError, match="不能晚于沿革"):
            self.change(park, org, founded_on=DAY + datetime.timedelta(days=1))


class TestUpgrading:
    def test_a_branch_becomes_a_general_branch_with_a_new_name(self, park):
        org = act(
            services.upgrade_organization, park, park.branch_b, kind="general_branch", name="中共丑寅总支部委员会"
        )
        assert (org.kind, org.name) == ("general_branch", "中共丑寅总支部委员会")
        before = shape_as_of(DAY - datetime.timedelta(days=1))[org.pk]
        assert (before.kind, before.name) == ("joint_branch", "中共丑寅联合支部委员会")
        assert "由联合党支部改为党总支" in event_text(OrgEvent.objects.get(org=org))

    def test_a_committee_does_not_become_a_branch(self, park):
        with pytest.raises(DomainError, match="党委不能升格为党支部"):
            act(services.upgrade_organization, park, park.committee, kind="branch")

    def test_what_cannot_stand_under_the_new_kind_is_named(self, park):
        with pytest.raises(DomainError, match="第一党小组不能设在党总支之下"):
            act(services.upgrade_organization, park, park.branch_a, kind="general_branch")


class TestMoving:
    def test_old_reports_keep_the_old_parent(self, park):
        act(services.move_organization, park, park.branch_a, parent=park.committee, document="园党发〔2026〕4号")
        assert shape_as_of(DAY)[park.branch_a.pk].parent == park.committee.pk
        assert shape_as_of(DAY - datetime.timedelta(days=1))[park.branch_a.pk].parent == park.station.pk
        text = event_text(OrgEvent.objects.get(org=park.branch_a))
        assert text == "由「甲园区党建指导站」划转至「中共甲园区驻区企业委员会」；批复文号 园党发〔2026〕4号"

    def test_to_the_parent_it_has_is_no_move(self, park):
        with pytest.raises(DomainError, match="已经在"):
            act(services.move_organization, park, park.branch_a, parent=park.station)

    def test_a_kind_that_cannot_stand_there_stays_where_it_is(self, park):
        path = park.branch_a.path
        with pytest.raises(DomainError, match="不能设在"):
            act(services.move_organization, park, park.branch_a, parent=park.branch_b)
        assert PartyOrg.objects.get(pk=park.branch_a.pk).path == path


class TestDissolving:
    def test_what_still_hangs_under_it_is_listed_with_advice(self, park):
        with pytest.raises(DomainError, match=r"下级党组织 1 个.*请先把它们划转") as refusal:
            act(services.dissolve_organization, park, park.branch_a)
        assert refusal.value.code == "has_dependents"

    def test_upper_apps_add_what_they_hold(self, park):
        register_dependents("test", lambda org, today: Dependents("企业", 2, [("甲公司", "")], "请先改派。"))
        try:
            assert [str(each) for each in dependents_of(park.group_a, TODAY)][-1] == "企业 2 个"
            with pytest.raises(DomainError, match="企业 2 个"):
                act(services.dissolve_organization, park, park.group_a)
        finally:
            del _finders["test"]

    def test_it_is_ended_not_deleted_and_existed_before(self, park):
        org = act(services.dissolve_organization, park, park.group_a)
        assert org.ended_on == DAY
        assert org.pk in shape_as_of(DAY - datetime.timedelta(days=1))
        assert org.pk not in shape_as_of(DAY)

    def test_an_ended_organisation_is_not_changed(self, park):
        org = act(services.dissolve_organization, park, park.group_a)
        with pytest.raises(DomainError, match="请先恢复"):
            act(services.rename_organization, park, org, name="甲", short_name="")

    def test_a_restored_one_did_not_exist_in_between(self, park):
        later = DAY + datetime.timedelta(days=30)
        act(services.dissolve_organization, park, park.group_a)
        act(services.restore_organization, park, park.group_a, on=later)
        assert PartyOrg.objects.get(pk=park.group_a.pk).ended_on is None
        assert park.group_a.pk not in shape_as_of(later - datetime.timedelta(days=1))
        assert park.group_a.pk in shape_as_of(later)


def test_the_shape_of_a_day_is_told_in_two_queries(park, django_assert_num_queries):
    act(services.rename_organization, park, park.branch_a, name="甲", short_name="")
    with django_assert_num_queries(2):
        shape_as_of(DAY)
