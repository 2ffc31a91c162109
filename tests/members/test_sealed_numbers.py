"""Numbers at rest: sealed to their row, found by a keyed hash, opened only when shown."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.core import sealing
from apps.members.models import Member

NUMBER = "210681199001011239"


@pytest.fixture
def member(cast):
    with cast.within(cast.park_org):
        row = Member(code="DY1", name="欧阳·买买提", org=cast.branch_a, sex="1")
        row.id_number, row.phone = NUMBER, "13800001234"
        row.save(force_insert=True)
    return row


def stored(pk: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number_sealed FROM members_member WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def test_the_database_holds_no_readable_number(member):
    assert NUMBER.encode() not in stored(member.pk)
    assert stored(member.pk)[1:2] == b"1"  # names its key


def test_a_number_reads_back_and_is_found_by_its_hash(member, cast):
    with cast.within(cast.park_org):
        assert Member.objects.with_id_number(NUMBER).get().id_number == NUMBER
        assert Member.objects.with_phone("13800001234").get() == member
        assert not Member.objects.with_id_number("210681199001011238").exists()


def test_a_number_copied_into_another_row_does_not_open(member, cast):
    with cast.within(cast.park_org):
        other = Member(code="DY2", name="李", org=cast.branch_a)
        other.id_number_sealed = stored(member.pk)
        other.save()
        with pytest.raises(sealing.SealBroken):
            _ = other.id_number


def test_a_changed_number_does_not_open(member):
    broken = bytearray(stored(member.pk))
    broken[-1] ^= 1
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(bytes(broken), f"members_member.id_number_sealed.{member.pk}")


def test_a_new_key_seals_while_the_old_one_still_opens(member, settings, cast):
    settings.FIELD_KEYS = f"2:fresh-secret 1:{settings.FIELD_KEYS.rpartition(':')[2]}"
    with cast.within(cast.park_org):
        row = Member.objects.get(pk=member.pk)
        assert row.id_number == NUMBER
        row.phone = "13900001234"
        assert bytes(row.phone_sealed)[1:2] == b"2"
        assert row.phone == "13900001234"


def test_without_its_key_a_number_is_refused_and_not_guessed(member, settings):
    settings.FIELD_KEYS = "9:another-secret"
    with pytest.raises(sealing.SealBroken):
        _ = member.id_number


def test_the_hashes_of_one_number_differ_by_purpose():
    assert sealing.fingerprint(NUMBER, "id_number") != sealing.fingerprint(NUMBER, "phone")
    assert len(sealing.fingerprint(NUMBER, "phone")) == 64


def test_a_list_that_shows_no_number_opens_none(member, cast, monkeypatch):
    monkeypatch.setattr(sealing, "unseal", lambda *args: pytest.fail("opened"))
    with cast.within(cast.park_org):
        assert [row.name for row in Member.objects.on_roster()] == ["欧阳·买买提"]
