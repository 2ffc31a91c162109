"""Who sees and keeps the rosters."""

from apps.core.permissions import (
    AUTHORITY_OFFICER,
    BRANCH,
    BRANCH_SECRETARY,
    OFFICERS,
    PARK_OFFICER,
    UNITED_FRONT_OFFICER,
    declare,
)

VIEW = declare("members.view", "查看党员、流动党员和班子", roles=(*OFFICERS, *BRANCH))
KEEP = declare("members.keep", "登记和修改党员、流动党员、联系记录", roles=(PARK_OFFICER, *BRANCH))
IMPORT = declare("members.import", "导入党员名册和有关台账", roles=(PARK_OFFICER, *BRANCH))
REVEAL = declare("members.reveal", "查看身份证号、电话、住址原文", roles=(*OFFICERS, BRANCH_SECRETARY))
TRANSFER = declare("members.transfer", "办理组织关系转接（支部）", roles=(PARK_OFFICER, *BRANCH))
APPROVE_TRANSFER = declare("members.approve_transfer", "审批组织关系转接、开具介绍信", roles=(PARK_OFFICER,))
KEEP_POSTS = declare("members.keep_posts", "登记班子任职和党务人才", roles=(PARK_OFFICER, BRANCH_SECRETARY))
DECIDE_LOST = declare("members.decide_lost", "处理失联党员事项", roles=(PARK_OFFICER,))
RECONCILE = declare("members.reconcile", "与全国系统导出表核对", roles=OFFICERS)
UNITED_FRONT_VIEW = declare(
    "members.united_front_view", "查看统战对象", roles=(AUTHORITY_OFFICER, PARK_OFFICER, UNITED_FRONT_OFFICER)
)
UNITED_FRONT_KEEP = declare("members.united_front_keep", "登记统战对象", roles=(PARK_OFFICER, UNITED_FRONT_OFFICER))
