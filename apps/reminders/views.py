"""站内消息 and the external channels."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone

from apps.core.guard import may
from apps.core.scoping import active_scope
from apps.core.views import ActionView, EditPage, FormPage, PageView

from . import inbox, robots
from .forms import RobotForm
from .models import Digest, Robot
from .permissions import CHANNELS, INBOX

ITEMS_SHOWN = 200


class InboxView(PageView):
    """站内消息: one line for each rule, period and step; opening one shows what it names."""

    permission = INBOX
    template_name = "reminders/inbox.html"
    title = "消息"

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "提醒渠道", "url": "/messages/channels/"}] if may(self.request.user, CHANNELS) else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(groups=inbox.groups(self.request.user), **kwargs)


class MessageView(PageView):
    """One message: everything it reminds of, each with its link. Looking at it marks it read."""

    permission = INBOX
    template_name = "reminders/message.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = inbox.one_group(self.request.user, *(self.kwargs[k] for k in ("rule", "period", "step")))
        items = list(rows[:ITEMS_SHOWN])
        if not items:
            raise Http404
        inbox.mark_read(rows=rows, at=timezone.now(), actor=self.request.user)
        rule = inbox.registry.get(self.kwargs["rule"])
        return super().get_context_data(
            title=rule.label if rule else items[0].title, items=items, total=rows.count(),
            basis=[rule.basis] if rule else [], **kwargs,
        )  # fmt: skip

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "消息", "url": "/messages/"}]


class ReadAllView(ActionView):
    permission = INBOX
    success_message = "已全部标为已读。"

    def perform(self) -> str:
        inbox.mark_read(rows=inbox.inbox(self.request.user), at=timezone.now(), actor=self.request.user)
        return "/messages/"


class ChannelsView(PageView):
    """Robots of one's subtree, and digests that failed or whose end is not known."""

    permission = CHANNELS
    template_name = "reminders/channels.html"
    title = "提醒渠道"

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "添加群机器人", "url": "/messages/channels/add/", "primary": True}]

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "消息", "url": "/messages/"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            robots=list(Robot.objects.select_related("org")), digests=list(troubled()[:50]), **kwargs
        )


def troubled() -> Any:
    """Digests of the robots in scope, and of people when the whole tree is in scope, that need a person."""
    states = (Digest.State.FAILED, Digest.State.UNKNOWN)
    rows = Digest.objects.filter(state__in=states).select_related("recipient", "robot")
    scope = active_scope()
    whole = scope is not None and any(len(path) <= 4 for path in scope.paths)
    return rows if whole else rows.filter(robot__in=Robot.objects.values("pk"))


class RobotAddView(FormPage):
    permission = CHANNELS
    form_class = RobotForm
    title = "添加群机器人"

    def get_cancel_url(self) -> str:
        return "/messages/channels/"

    def perform(self, form: Any) -> str:
        robots.save_robot(robot=None, actor=self.request.user, **form.facts())
        return self.get_cancel_url()


class RobotEditView(EditPage):
    permission = CHANNELS
    form_class = RobotForm
    title = "修改群机器人"

    def get_queryset(self) -> Any:
        return Robot.objects.all()

    def get_cancel_url(self) -> str:
        return "/messages/channels/"

    def perform(self, form: Any) -> str:
        robots.save_robot(
            robot=self.object, actor=self.request.user, version=form.cleaned_data["version"], **form.facts()
        )
        return self.get_cancel_url()


class SendAgainView(ActionView):
    permission = CHANNELS
    success_message = ""

    def perform(self) -> str:
        digest = troubled().filter(pk=self.kwargs["pk"]).first()
        if digest is None:
            raise Http404
        robots.send_again(digest=digest, at=timezone.now(), actor=self.request.user)
        return "/messages/channels/"
