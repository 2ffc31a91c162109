"""Law 2: every model is scoped, or is listed here with the reason why it is not."""

from __future__ import annotations

import pghistory.models
from django.apps import apps
from django.db import models

from apps.core.models.fields import PathField
from apps.core.scoping import ScopedManager, ScopedModel, ScopedQuerySet

UNSCOPED = {
    "accounts.User": "accounts have no node of their own; roles place them, and pages ask for the right to grant",
    "accounts.RoleAssignment": "roles decide the scope, so they are read before there is one",
    "accounts.UsedPassword": "hashes of one's own former passwords",
    "accounts.SignInAttempt": "counted before anybody has signed in",
    "accounts.ApiToken": "one's own; found by its hash before there is a scope",
    "activities.ActivityKind": "the office's vocabulary, the same for everybody",
    "activities.ActivityForm": "the office's vocabulary, the same for everybody",
    "activities.Requirement": "asked along the line of ancestors, like parameters",
    "activities.PointRule": "asked along the line of ancestors, like parameters",
    "patrol.PatrolRun": "when each rule was last looked at for everybody; moments without facts",
    "reminders.Reminder": "found by its recipient; what it says was in the recipient's scope when it was planned",
    "reminders.Digest": "one's own digests, found by recipient",
    "coverage.DefinitionVersion": "what counts, the same for everybody",
    "activities.ComplianceChange": "which organisations must be counted again; ids without facts",
    "coverage.PendingChange": "which nodes must be counted again; ids without facts",
    "core.AuditEntry": "append-only; its page narrows by path, and the chain is verified as a whole",
    "core.Job": "one's own background work, found by owner",
    "core.Parameter": "values are asked along the line of ancestors, which lie outside the scope",
    "core.SavedFilter": "one's own",
    "core.Submission": "tokens of one's own forms",
    "core.WorkCalendarDay": "the same for everybody",
}


def own_models() -> list[type[models.Model]]:
    """Models of the product, without the event tables of row history and without join tables."""
    return [
        model
        for model in apps.get_models()
        if model.__module__.startswith("apps.") and not issubclass(model, pghistory.models.Event)
    ]


def unscoped_models(found: list[type[models.Model]]) -> set[str]:
    return {model._meta.label for model in found if not issubclass(model, ScopedModel)}


def leads_to_a_path(model: type[models.Model], lookup: str) -> bool:
    """Whether a lookup like `enterprise__org_path` ends at the path of a node, over required foreign keys only."""
    *steps, last = lookup.split("__")
    for step in steps:
        field = model._meta.get_field(step)
        if not isinstance(field, models.ForeignKey) or field.null:
            return False
        model = field.related_model
    return isinstance(model._meta.get_field(last), PathField)


def test_every_model_is_scoped_or_listed_with_its_reason():
    assert unscoped_models(own_models()) - set(UNSCOPED) == set()


def test_no_exemption_outlives_its_model():
    assert set(UNSCOPED) - unscoped_models(own_models()) == set()


def test_every_scoped_model_leads_to_the_path_of_its_node():
    scoped = [model for model in own_models() if issubclass(model, ScopedModel)]
    assert {m._meta.label for m in scoped if not leads_to_a_path(m, m.scope_lookup)} == set()


def test_no_scoped_model_has_a_manager_that_does_not_narrow():
    for model in own_models():
        if issubclass(model, ScopedModel):
            for manager in model._meta.managers:
                assert isinstance(manager, ScopedManager), model._meta.label
                assert issubclass(manager._queryset_class, ScopedQuerySet), model._meta.label


def test_the_law_notices_a_model_without_a_scope():
    class Plain:
        _meta = type("Meta", (), {"label": "example.Plain"})

    assert unscoped_models([Plain]) == {"example.Plain"}  # type: ignore[list-item]


def test_the_law_notices_a_lookup_that_leads_elsewhere():
    from apps.branches.models import OrgEvent, PartyOrg

    assert leads_to_a_path(OrgEvent, "org__path")
    assert not leads_to_a_path(OrgEvent, "org__name")
    assert not leads_to_a_path(PartyOrg, "parent__path")
