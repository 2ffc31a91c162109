"""我的任务: one's own background jobs and the files they made."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views import View

from . import audit
from .guard import scope_or_denied
from .jobs import results_folder
from .models import Job
from .rights import OWN_WORK
from .views import Page, PageView

JOBS_SHOWN = 50


def described(job: Job) -> dict[str, Any]:
    """A job as the templates show it."""
    ready = job.state == Job.State.DONE and job.stored_name
    return {
        "title": job.title, "state": job.state, "state_label": job.get_state_display(), "percent": job.percent,
        "message": job.message, "url": job.get_absolute_url(), "result_url": f"{job.get_absolute_url()}file/" if ready else "",
        "result_label": f"下载 {job.file_name}", "created_at": job.created_at, "finished_at": job.finished_at,
        "expires_at": job.expires_at if ready else None,
    }  # fmt: skip


def own_job(request: HttpRequest, pk: int) -> Job:
    job = Job.objects.filter(pk=pk, user_id=request.user.pk).first()
    if job is None:
        raise Http404
    return job


class JobListView(PageView):
    """我的任务: the last fifty of one's own jobs."""

    permission = OWN_WORK
    template_name = "core/job_list.html"
    title = "我的任务"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        jobs = Job.objects.filter(user_id=self.request.user.pk)[:JOBS_SHOWN]
        return super().get_context_data(jobs=[described(job) for job in jobs], **kwargs)


class JobView(PageView):
    """One job: progress, and its file when it is done."""

    permission = OWN_WORK
    template_name = "core/job.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(job=described(own_job(self.request, self.kwargs["pk"])), **kwargs)


class JobFileView(Page, View):
    """The result file of one's own job, while it is kept and while the right that made it still holds."""

    permission = OWN_WORK

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        job = own_job(request, pk)
        if not job.stored_name or (job.expires_at and job.expires_at < timezone.now()):
            raise Http404
        scope_or_denied(request.user, job.permission)
        path = results_folder() / job.stored_name
        if not path.exists():
            raise Http404
        audit.record(request.user, "export.downloaded", job, org_path="", summary=f"下载 {job.file_name}")
        return FileResponse(open(path, "rb"), as_attachment=True, filename=job.file_name)
