"""Attachments leave through this checked view only: no URL serves the folder they lie in."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views import View

from .attachments import path_of, remove, within_guards
from .models import Attachment
from .rights import ATTACHMENTS_CHANGE, ATTACHMENTS_VIEW
from .views import ActionView, ObjectMixin, Page


class AttachmentFile(ObjectMixin, Page, View):
    """The file, always as a download under its stored type: nothing of it runs in the page."""

    permission = ATTACHMENTS_VIEW

    def get_queryset(self) -> Any:
        return within_guards(Attachment.objects.all(), self.request.user, "view")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        attachment: Attachment = self.object
        try:
            stream = path_of(attachment).open("rb")
        except FileNotFoundError:
            raise Http404 from None
        response = FileResponse(
            stream, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Cache-Control"] = "no-store, private"
        return response


class RemoveAttachment(ObjectMixin, ActionView):
    """Delete one file. Goes back to the page it was pressed on."""

    permission = ATTACHMENTS_CHANGE
    success_message = "附件已删除。"

    def get_queryset(self) -> Any:
        return within_guards(Attachment.objects.all(), self.request.user, "change")

    def get_back_url(self) -> str:
        return self.came_from()

    def perform(self) -> str:
        remove(attachment=self.object, actor=self.request.user)
        return self.get_back_url()
