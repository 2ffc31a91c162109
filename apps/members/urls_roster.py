"""Routes of the roster itself: the list, the page of a member, what is done about one, and their API."""

from __future__ import annotations

from typing import Any

from django.urls import path

from . import api
from .views import member_changes, member_page, members

urlpatterns: list[Any] = [
    path("members/", members.MemberList.as_view()),
    path("members/new/", members.RegisterMember.as_view()),
    path("members/group/", members.GroupMembers.as_view()),
    path("members/<int:pk>/", member_page.MemberPage.as_view()),
    path("members/<int:pk>/edit/", member_changes.EditMember.as_view()),
    path("members/<int:pk>/contacts/", member_changes.EditContacts.as_view()),
    path("members/<int:pk>/regroup/", member_changes.RegroupMember.as_view()),
    path("members/<int:pk>/formal/", member_changes.MakeFormal.as_view()),
    path("members/<int:pk>/extend/", member_changes.ExtendProbation.as_view()),
    path("members/<int:pk>/dates/", member_changes.CorrectDates.as_view()),
    path("members/<int:pk>/leave/", member_changes.LeaveRoster.as_view()),
    path("members/<int:pk>/restore/", member_changes.RestoreMember.as_view()),
    path("members/<int:pk>/lost/", member_changes.MarkLost.as_view()),
    path("members/<int:pk>/found/", member_changes.MarkFound.as_view()),
    path("members/<int:pk>/placed/", member_changes.WaivePlacement.as_view()),
    path("members/<int:pk>/honours/new/", member_changes.AddHonour.as_view()),
    path("members/<int:pk>/reveal/", member_changes.RevealMember.as_view()),
    path("members/<int:pk>/attach/", member_changes.AttachToMember.as_view()),
    path("honours/<int:pk>/remove/", member_changes.RemoveHonour.as_view()),
    path("api/v1/members/", api.RegisterMemberAPI.as_view()),
    path("api/v1/members/<int:pk>/", api.MemberItemAPI.as_view()),
    path("api/v1/members/<int:pk>/regroup/", api.RegroupAPI.as_view()),
    path("api/v1/members/<int:pk>/formal/", api.FormalAPI.as_view()),
    path("api/v1/members/<int:pk>/extend/", api.ExtendAPI.as_view()),
    path("api/v1/members/<int:pk>/dates/", api.DatesAPI.as_view()),
    path("api/v1/members/<int:pk>/leave/", api.LeaveAPI.as_view()),
    path("api/v1/members/<int:pk>/restore/", api.RestoreAPI.as_view()),
    path("api/v1/members/<int:pk>/lost/", api.LostAPI.as_view()),
    path("api/v1/members/<int:pk>/found/", api.FoundAPI.as_view()),
    path("api/v1/members/<int:pk>/placed/", api.WaiveAPI.as_view()),
    path("api/v1/members/<int:pk>/honours/", api.HonourAPI.as_view()),
    path("api/v1/members/<int:pk>/reveal/", api.RevealAPI.as_view()),
]
