"""Who may see the organisation tree, keep its contacts, and change its shape."""

from apps.core.permissions import BRANCH_SECRETARY, EVERYONE, OFFICERS, declare

VIEW = declare("branches.view", "查看党组织", roles=EVERYONE)
CHANGE = declare("branches.change", "修改党组织联系信息", roles=(*OFFICERS, BRANCH_SECRETARY))
MANAGE = declare("branches.manage", "设立、调整和撤销党组织", roles=OFFICERS)
