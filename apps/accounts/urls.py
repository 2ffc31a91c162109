from django.urls import path

from apps.branches.views import OrgOptionsView

from . import views
from .forms import ORG_OPTIONS_URL
from .permissions import GRANT
from .signin import PASSWORD_URL, SIGN_OUT_URL
from .views_sign_in import PasswordView, SignInView, SignOutView

urlpatterns = [
    path("signin/", SignInView.as_view()),
    path(SIGN_OUT_URL[1:], SignOutView.as_view()),
    path(PASSWORD_URL[1:], PasswordView.as_view()),
    path("accounts/", views.UserList.as_view()),
    path("accounts/new/", views.NewUser.as_view()),
    path(ORG_OPTIONS_URL[1:], OrgOptionsView.as_view(permission=GRANT)),
    path("accounts/<int:pk>/", views.UserPage.as_view()),
    path("accounts/<int:pk>/edit/", views.EditUser.as_view()),
    path("accounts/<int:pk>/grant/", views.GrantRole.as_view()),
    path("accounts/<int:pk>/reset/", views.ResetPassword.as_view()),
    path("accounts/<int:pk>/disable/", views.SwitchUser.as_view(on=False)),
    path("accounts/<int:pk>/enable/", views.SwitchUser.as_view(on=True)),
    path("accounts/grants/<int:pk>/end/", views.EndGrant.as_view()),
    path("tokens/", views.TokenList.as_view()),
    path("tokens/new/", views.NewToken.as_view()),
    path("tokens/<int:pk>/revoke/", views.RevokeToken.as_view()),
]
