"""What people fill in about reminders: a robot."""

from __future__ import annotations

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm

from .models import Robot


class RobotForm(BaseForm):
    """A group robot: it gets one digest a day of what is due below its organisation."""

    org = OrgChoiceField(label="党组织", help_text="机器人接收这个组织及其下级的提醒")
    name = forms.CharField(label="名称", max_length=40)
    kind = forms.ChoiceField(label="类型", choices=Robot.Kind.choices)
    url = forms.CharField(label="Webhook 地址", max_length=400)
    secret = forms.CharField(label="加签密钥", max_length=100, required=False, help_text="钉钉机器人选择“加签”时填写")
    is_active = forms.BooleanField(label="启用", required=False, initial=True)
