"""Who sees the enterprises of a park, and who keeps what is known about them."""

from apps.core.permissions import (
    AUTHORITY_OFFICER,
    BRANCH,
    BRANCH_SECRETARY,
    EVERYONE,
    INSTRUCTOR,
    PARK_OFFICER,
    declare,
)

VIEW = declare("enterprises.view", "查看企业、楼栋、指导员和走访", roles=EVERYONE)
REVEAL = declare(
    "enterprises.reveal", "查看联系电话原文", roles=(AUTHORITY_OFFICER, PARK_OFFICER, BRANCH_SECRETARY, INSTRUCTOR)
)
CHANGE = declare("enterprises.change", "登记和修改企业", roles=(PARK_OFFICER,))
KEEP = declare("enterprises.keep", "更新企业情况、群团、诉求和一企一策", roles=(PARK_OFFICER, *BRANCH))
VISIT = declare("enterprises.visit", "登记走访", roles=(PARK_OFFICER, *BRANCH, INSTRUCTOR))
ESTABLISH = declare("enterprises.establish", "登记组建", roles=(PARK_OFFICER,))
INSTRUCT = declare("enterprises.instruct", "选派和管理指导员", roles=(PARK_OFFICER,))
PLACES = declare("enterprises.places", "管理园区和楼栋", roles=(PARK_OFFICER,))
IMPORT = declare("enterprises.import", "导入企业台账", roles=(PARK_OFFICER,))
