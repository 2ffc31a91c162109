"""The first account of a new portal."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts.models import RoleAssignment, User
from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped


def create(*arguments):
    out = io.StringIO()
    call_command("create_admin", "boss", "--name", "管理员", *arguments, stdout=out)
    return out.getvalue()


def test_an_empty_portal_gets_its_root_and_an_administrator_who_must_change_the_password(db):
    text = create("--org-name", "中共某园区工作委员会", "--org-kind", "work_committee", "--org-code", "GW")
    password = text.split("初始密码 ")[1].split()[0]
    with unscoped("test"):
        assert PartyOrg.objects.get().code == "GW"
    client = Client()
    assert client.post("/signin/", {"username": "boss", "password": password}).status_code == 302
    assert client.get("/accounts/").url.startswith("/password/")


def test_without_a_name_for_the_root_nothing_is_made(db):
    with pytest.raises(CommandError) as refused:
        create()
    assert refused.value.returncode == 2
    assert not User.objects.exists()


def test_a_portal_with_an_administrator_refuses(cast):
    with pytest.raises(CommandError, match="已有在用的系统管理员"):
        create()
    RoleAssignment.objects.filter(role="system_admin").delete()
    create()
    assert RoleAssignment.objects.get(role="system_admin").org == cast.authority
