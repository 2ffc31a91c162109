"""Who sees the census, who answers it, who checks the answers, who opens and closes a round."""

from __future__ import annotations

from apps.core.permissions import BRANCH, EVERYONE, INSTRUCTOR, OFFICERS, PARK_OFFICER, declare

VIEW = declare("census.view", "查看摸底", roles=EVERYONE)
ANSWER = declare("census.answer", "填报摸底表", roles=(PARK_OFFICER, *BRANCH, INSTRUCTOR))
REVIEW = declare("census.review", "审核摸底表", roles=(PARK_OFFICER,))
OPEN = declare("census.open", "发起摸底", roles=OFFICERS)
CLOSE = declare("census.close", "关闭和重新开放摸底", roles=OFFICERS)
IMPORT = declare("census.import", "导入摸底表", roles=(PARK_OFFICER, *BRANCH, INSTRUCTOR))
