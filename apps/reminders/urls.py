from django.urls import path

from . import views

urlpatterns = [
    path("messages/", views.InboxView.as_view()),
    path("messages/read/", views.ReadAllView.as_view()),
    path("messages/channels/", views.ChannelsView.as_view()),
    path("messages/channels/add/", views.RobotAddView.as_view()),
    path("messages/channels/<int:pk>/", views.RobotEditView.as_view()),
    path("messages/digests/<int:pk>/again/", views.SendAgainView.as_view()),
    path("messages/<str:rule>/<str:period>/<str:step>/", views.MessageView.as_view()),
]
