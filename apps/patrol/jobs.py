"""Background work: a patrol that somebody asks for by day."""

from __future__ import annotations

from django.utils import timezone

from apps.core import audit
from apps.core.jobs import JobRun, job_handler

from .models import PatrolHit
from .patrolling import run_patrol

PATROL = "patrol.run"


@job_handler(PATROL)
def patrol_now(run: JobRun) -> None:
    """The whole tree is looked at, as at night; the owner is told what stands in the own scope."""
    today = timezone.localdate()
    run.progress(0, 1, "正在巡查")
    runs = run_patrol(today)
    failed = [each.rule.label for each in runs if each.problem]
    standing = PatrolHit.objects.told_to(run.actor).open_on(today).count()
    audit.record(run.actor, "patrol.ran", summary=f"运行规则巡查：{len(runs)} 条规则，{len(failed)} 条出错", org_path="",
                 data={"failed": [each.rule.code for each in runs if each.problem]})  # fmt: skip
    trouble = f"；没有跑成的规则：{'、'.join(failed)}，请联系管理员" if failed else ""
    run.progress(1, 1, f"巡查完成，您的范围内有 {standing} 项待处理{trouble}")
