"""Routes of what is kept about members away from their branch."""

from django.urls import path

from .views import agreements, contacts, mobile, modes, others

urlpatterns = [
    path("members/modes/", modes.ModesPage.as_view()),
    path("members/<int:pk>/contact/", contacts.ContactMember.as_view()),
    path("agreements/", agreements.AgreementList.as_view()),
    path("agreements/new/", agreements.SignAgreement.as_view()),
    path("agreements/unsigned/", agreements.CandidateList.as_view()),
    path("agreements/gap/", agreements.HiddenMembersList.as_view()),
    path("agreements/<int:pk>/", agreements.AgreementPage.as_view()),
    path("agreements/<int:pk>/edit/", agreements.EditAgreement.as_view()),
    path("agreements/<int:pk>/renew/", agreements.RenewAgreement.as_view()),
    path("agreements/<int:pk>/end/", agreements.EndAgreement.as_view()),
    path("agreements/<int:pk>/attach/", agreements.AttachToAgreement.as_view()),
    path("agreements/<int:pk>/contact/", contacts.ContactByAgreement.as_view()),
    path("mobile/", mobile.MobileList.as_view()),
    path("mobile/out/new/", mobile.RegisterOutflow.as_view()),
    path("mobile/in/new/", mobile.RegisterInflow.as_view()),
    path("mobile/<int:pk>/", mobile.MobilePage.as_view()),
    path("mobile/<int:pk>/edit/", mobile.EditRecord.as_view()),
    path("mobile/<int:pk>/arrive/", mobile.ConfirmArrival.as_view()),
    path("mobile/<int:pk>/close/", mobile.CloseRecord.as_view()),
    path("mobile/<int:pk>/contact/", contacts.ContactByRecord.as_view()),
    path("contacts/", contacts.ContactList.as_view()),
    path("contacts/due/", contacts.ContactsDue.as_view()),
    path("contacts/<int:pk>/", contacts.ContactPage.as_view()),
    path("contacts/<int:pk>/edit/", contacts.EditContact.as_view()),
    path("visitors/", others.VisitorList.as_view()),
    path("visitors/new/", others.RegisterVisitor.as_view()),
    path("visitors/remove/", others.RemoveVisitors.as_view()),
    path("lost/", others.LostList.as_view()),
    path("lost/<int:pk>/", others.LostPage.as_view()),
    path("lost/<int:pk>/decide/", others.DecideLost.as_view()),
]
