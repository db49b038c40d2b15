"""The addresses of the Django server: those of the toolkit, a login, and something that takes a token to read."""

from django.contrib.auth.views import LoginView
from django.http import JsonResponse
from django.urls import include, path
from oauth2_provider.decorators import protected_resource


@protected_resource(scopes=["read"])
def files(request):
    return JsonResponse({"owner": request.resource_owner.username})


urlpatterns = [
    path("accounts/login/", LoginView.as_view()),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("files", files),
]
