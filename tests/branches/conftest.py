"""What the tests of elections share: the scope, whoever acts, an election on its way, and what the rosters say."""

from __future__ import annotations

import pytest

from apps.branches import headcount
from apps.branches.headcount import Headcount

from .electing import began, planned, taken_to


@pytest.fixture
def park(cast):
    with cast.within(cast.park_org):
        yield cast


@pytest.fixture
def secretary(cast):
    return cast.users.secretary_a


@pytest.fixture
def officer(cast):
    return cast.users.park_officer


@pytest.fixture
def at(park, secretary, officer):
    """`at(state)`: an election of three seats in branch A, taken that far; its term ends on EXPIRY."""

    def reached(state, **plan):
        began(park.branch_a, officer)
        return taken_to(state, planned(park.branch_a, secretary, **plan), secretary, officer)

    return reached


@pytest.fixture
def roster(monkeypatch):
    """`roster({code: formal members})`: what the rosters say; organisations left out keep none."""

    def keeps(formal):
        monkeypatch.setattr(headcount, "_finders", [
            lambda orgs, on: {org.pk: Headcount(formal[org.code], 1) for org in orgs if org.code in formal}
        ])  # fmt: skip

    return keeps
