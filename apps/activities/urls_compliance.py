"""Routes of compliance for other programs."""

from django.urls import path

from .api.compliance import ComplianceAPI

urlpatterns = [path("api/v1/activities/compliance/", ComplianceAPI.as_view())]
