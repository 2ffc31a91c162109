"""Routes of the roster."""

from django.urls import path

from .urls_books import urlpatterns as books
from .urls_mobile import urlpatterns as mobile
from .urls_transfers import urlpatterns as transfers
from .views import member_changes, member_page, members

urlpatterns = [
    *mobile,
    *books,
    *transfers,
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
]
