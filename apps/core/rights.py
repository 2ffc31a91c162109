"""The permissions of the mechanism itself: what everybody with a role may do with their own things."""

from __future__ import annotations

from .permissions import (
    AUDITOR,
    BRANCH,
    EVERYONE,
    INSTRUCTOR,
    OFFICERS,
    PARK_OFFICER,
    ROLE_LABELS,
    SYSTEM_ADMIN,
    declare,
)

OWN_WORK = declare("core.own_work", "我的任务和常用筛选", roles=tuple(ROLE_LABELS))
PARAMETERS_VIEW = declare("parameters.view", "查看参数", roles=(*OFFICERS, SYSTEM_ADMIN))
PARAMETERS_CHANGE = declare("parameters.change", "设置参数", roles=OFFICERS)
CALENDAR_VIEW = declare("calendar.view", "查看工作日历", roles=(*EVERYONE, SYSTEM_ADMIN))
CALENDAR_CHANGE = declare("calendar.change", "调整工作日历", roles=OFFICERS)
AUDIT_VIEW = declare("audit.view", "查看审计记录", roles=(AUDITOR, *OFFICERS))
ATTACHMENTS_VIEW = declare("attachments.view", "查看附件", roles=EVERYONE)
ATTACHMENTS_CHANGE = declare("attachments.change", "上传和删除附件", roles=(PARK_OFFICER, *BRANCH, INSTRUCTOR))
IMPORT = declare("core.import", "打开导入批次（写入另需该台账的导入权限）", roles=EVERYONE)
