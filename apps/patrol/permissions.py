"""Who sees what the patrol found, who is asked to mend it, and who may put it off or start a patrol."""

from apps.core.permissions import BRANCH, EVERYONE, OFFICERS, declare

VIEW = declare("patrol.view", "查看规则巡查", roles=EVERYONE)
MEND = declare("patrol.mend", "办理本支部的巡查发现", roles=BRANCH)
OVERSEE = declare("patrol.oversee", "掌握下级的巡查发现，暂缓处理", roles=OFFICERS)
RUN = declare("patrol.run", "发起规则巡查", roles=OFFICERS)
