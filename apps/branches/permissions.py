"""Who may see the organisation tree, keep its contacts, change its shape, and elect."""

from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, EVERYONE, OFFICERS, declare

VIEW = declare("branches.view", "查看党组织", roles=EVERYONE)
CHANGE = declare("branches.change", "修改党组织联系信息", roles=(*OFFICERS, BRANCH_SECRETARY))
MANAGE = declare("branches.manage", "设立、调整和撤销党组织", roles=OFFICERS)
KEEP_TERMS = declare("branches.keep_terms", "登记和更正届期", roles=OFFICERS)
ELECT = declare("branches.elect", "办理换届选举", roles=(*OFFICERS, BRANCH_SECRETARY, BRANCH_CLERK))
DECIDE_ELECTIONS = declare("branches.decide_elections", "批复和批准下级换届选举", roles=OFFICERS)
RESTRUCTURE = declare("branches.restructure", "编制和实施组织重组方案", roles=OFFICERS)
