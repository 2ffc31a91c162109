def test_a_secretary_sees_the_branch_and_nothing_beside_it(cast):
    from apps.branches.models import PartyOrg
    from apps.enterprises.models import Enterprise

    with cast.within(cast.branch_a):
        assert set(PartyOrg.objects.all()) == {cast.branch_a, cast.group_a}
        assert list(Enterprise.objects.all()) == [cast.enterprise_a]


def test_the_cast_signs_in(cast, client):
    from tests.cast import PASSWORD

    assert client.login(username="secretary_a", password=PASSWORD)
