"""Who sees, logs and confirms organisational life."""

from apps.core.permissions import BRANCH, BRANCH_SECRETARY, OFFICERS, PARK_OFFICER, declare

VIEW = declare("activities.view", "查看组织生活、学时、积分和阵地", roles=(*OFFICERS, *BRANCH))
KEEP = declare("activities.keep", "记录组织生活", roles=(PARK_OFFICER, *BRANCH))
IMPORT = declare("activities.import", "导入组织生活记录和有关台账", roles=(PARK_OFFICER, *BRANCH))
REVIEW = declare("activities.review", "审核组织生活记录、批准更正", roles=(PARK_OFFICER,))
CONFIGURE = declare("activities.configure", "设置活动类别、形式和频次要求", roles=OFFICERS)
ISSUE = declare("activities.issue", "下发提示单、主题计划和学习材料", roles=OFFICERS)
CONFIRM_POINTS = declare("activities.confirm_points", "确认和公布党员积分", roles=(PARK_OFFICER,))
RUN_TRAINING = declare("activities.run_training", "办培训班、管理讲师", roles=OFFICERS)
VIEW_REVIEWS = declare("activities.view_reviews", "查看评议结果", roles=(*OFFICERS, BRANCH_SECRETARY))
KEEP_REVIEWS = declare("activities.keep_reviews", "组织民主评议和三评议", roles=(PARK_OFFICER, BRANCH_SECRETARY))
KEEP_VENUES = declare("activities.keep_venues", "管理阵地", roles=(PARK_OFFICER, BRANCH_SECRETARY))
