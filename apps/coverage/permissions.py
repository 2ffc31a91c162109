"""Who may look at coverage, and who may explain a closed quarter."""

from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, INSTRUCTOR, OFFICERS, declare

VIEW = declare("coverage.view", "查看两个覆盖", roles=(*OFFICERS, BRANCH_SECRETARY, BRANCH_CLERK, INSTRUCTOR))
CORRECT = declare("coverage.correct", "提出更正说明", roles=OFFICERS)
APPROVE = declare("coverage.approve_correction", "批准更正说明", roles=OFFICERS)
DEFINE = declare("coverage.define", "维护覆盖口径", roles=("authority_officer",))
OVERVIEW = declare("coverage.overview", "首页的覆盖数据与缺口", roles=OFFICERS)
