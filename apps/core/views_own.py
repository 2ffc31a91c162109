"""What belongs to the person who looks: background jobs with their files, named filters."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View

from . import audit
from .errors import DomainError
from .guard import scope_or_denied
from .jobs import results_folder
from .ledger import registry
from .models import Job, SavedFilter
from .rights import OWN_WORK
from .views import ActionView, Page, PageView

JOBS_SHOWN = 50
SAVED_FILTERS_EACH = 20


def described(job: Job) -> dict[str, Any]:
    """A job as the templates show it."""
    ready = job.state == Job.State.DONE and job.stored_name
    return {
        "title": job.title, "state": job.state, "state_label": job.get_state_display(), "percent": job.percent,
        "message": job.message, "url": f"/jobs/{job.pk}/", "result_url": f"/jobs/{job.pk}/file/" if ready else "",
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


class SaveFilterView(ActionView):
    """Keep the filters of a ledger page under a name."""

    permission = OWN_WORK
    success_message = "已存为常用筛选。"

    def get_back_url(self) -> str:
        came_from = self.request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(came_from, allowed_hosts={self.request.get_host()})
        return came_from if safe else "/"

    def perform(self) -> str:
        code = self.kwargs["code"]
        if code not in registry:
            raise Http404
        name, query = self.request.POST.get("name", "").strip(), self.request.POST.get("query", "")
        if not name or len(name) > 30:
            raise DomainError("请给常用筛选起一个 30 字以内的名称。")
        if len(query) > 1000:
            raise DomainError("筛选条件太长，无法保存。")
        mine = SavedFilter.objects.filter(user_id=self.request.user.pk, ledger=code)
        if not mine.filter(name=name).exists() and mine.count() >= SAVED_FILTERS_EACH:
            raise DomainError(f"每个台账最多保存 {SAVED_FILTERS_EACH} 个常用筛选，请先删除不用的。")
        mine.update_or_create(name=name, user_id=self.request.user.pk, ledger=code, defaults={"query": query})
        return self.get_back_url()


class DeleteFilterView(SaveFilterView):
    """Forget one of one's own named filters."""

    success_message = "已删除常用筛选。"

    def perform(self) -> str:
        SavedFilter.objects.filter(pk=self.kwargs["pk"], user_id=self.request.user.pk).delete()
        return self.get_back_url()


def to_job(job: Job) -> HttpResponse:
    """Where a page goes after it has started a job."""
    return redirect(f"/jobs/{job.pk}/")
