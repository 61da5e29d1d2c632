"""The one layer in front of everything: host check, who asks, what they may do, CSRF, headers, and the last net.

Nothing behind it has to remember any of this: an unsafe request that reaches a route is by an editor and was meant.
"""

from __future__ import annotations

import logging
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit

from anyio import to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.settings import Settings
from monitor.web.accounts import Account, Accounts, is_loopback
from monitor.web.attempts import Attempts
from monitor.web.desk import Role, Visitor
from monitor.web.problems import ProblemError, answer_problem, is_for_people
from monitor.web.sessions import Session, Sessions

__all__ = ["CSP", "CSRF_FIELD", "CSRF_HEADER", "HEADERS", "Doorman", "Guard", "cookie_name"]

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
FORM: Final = "application/x-www-form-urlencoded"
MAX_BODY: Final = 256 * 1024
"""Bytes of a request's body: a note of 10,000 characters, an article in the tester."""

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS: Final = "max-age=31536000"
FOR_EVER: Final = "public, max-age=31536000, immutable"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN: Final = frozenset({"/login", "/api/v1/health"})
"""Paths that need no login, beside the static files."""
VIEWERS_MAY_POST: Final = frozenset({"/login", "/logout", "/alerts/read", "/topics/test"})
"""What changes nothing but the viewer's own cookies."""

STRANGER: Final = Visitor("", Role.VIEWER)
"""Who asks, until that is known."""

log = logging.getLogger(__name__)


def cookie_name(request: Request) -> str:
    """Return the session cookie's name: one a port, for browsers give a cookie to all ports of a host."""
    server = request.scope.get("server")
    return f"counterclaim_{server[1] if server and server[1] else 0}"


@dataclass(slots=True)
class Doorman:
    """Knows who may come in, and remembers who has tried in vain. ``now``: seconds since 1970."""

    settings: Settings
    accounts: Accounts
    sessions: Sessions
    attempts: Attempts
    now: Callable[[], float] = time.time
    _known: dict[str, Account] = field(default_factory=dict)
    """Names and passwords of HTTP Basic that were right, as stamps: a feed reader asks often, scrypt is slow."""

    def address(self, request: Request) -> str:
        """Return the address of the client: behind a trusted proxy the one that it has added."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.get("x-forwarded-for", "")
        web = self.settings.web
        if forwarded and (web.user_header or web.https) and self.accounts.is_proxy(peer):
            return forwarded.rpartition(",")[2].strip()
        return peer

    def session(self, request: Request) -> Session | None:
        """Return the browser's session."""
        cookie = request.cookies.get(cookie_name(request))
        return self.sessions.open(cookie, self.now()) if cookie else None

    def refuse_if_too_many(self, request: Request) -> None:
        """End the request where its address has failed too often."""
        wait = self.attempts.wait_s(self.address(request), self.now())
        if wait > 0:
            hint = f"Try again in {int(wait) + 1} seconds."
            raise ProblemError(429, "Too many failed logins.", hint, {"Retry-After": str(int(wait) + 1)})

    def failed(self, request: Request) -> None:
        """Count a failed login."""
        self.attempts.fail(self.address(request), self.now())
        log.warning("a login from %s failed", self.address(request))

    async def check_password(self, name: str, password: str) -> Account | None:
        """Return the account of a name and password."""
        stamp = self.sessions.stamp(f"{name}\0{password}")
        if stamp in self._known:
            return self._known[stamp]
        account = await to_thread.run_sync(self.accounts.by_password, name, password)
        if account is not None:
            if len(self._known) >= 100:
                self._known.clear()
            self._known[stamp] = account
        return account

    async def by_header(self, request: Request) -> Account | None:
        """Return the account that the header Authorization opens; None where there is none.

        Raises:
            ProblemError: it opens nothing, or HTTP Basic would change something: browsers send that unasked.
        """
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if not scheme or not self.accounts.required:
            return None
        self.refuse_if_too_many(request)
        account = None
        if scheme.lower() == "bearer":
            account = self.accounts.by_token(value.strip())
        elif scheme.lower() == "basic":
            if request.method not in SAFE:
                raise ProblemError(403, "HTTP Basic may look, not act.", "Act with a bearer token, or on the pages.")
            name, _, password = _decoded(value).partition(":")
            account = await self.check_password(name, password)
        if account is None:
            self.failed(request)
            raise ProblemError(401, "These credentials are not known.", _LOGIN_HINT, _challenge(request))
        return account

    def by_session(self, session: Session | None) -> Account | None:
        """Return the account of a session; None where nobody has logged in, or its credential has changed."""
        if session is None or not session.account:
            return None
        account = self.accounts.by_id(session.account, session.name)
        if account is None or self.sessions.stamp(account.secret) != session.stamp:
            return None
        return account

    def by_proxy(self, request: Request) -> Account | None:
        """Return the account of the person whom the proxy names."""
        header = self.settings.web.user_header
        if not header or not request.client:
            return None
        return self.accounts.by_proxy(request.headers.get(header, ""), request.client.host)


class Guard:
    """ASGI middleware: lets through what may pass, with the visitor in the request's state; answers the rest itself."""

    def __init__(self, app: ASGIApp, doorman: Doorman) -> None:
        self._app = app
        self._doorman = doorman
        web = doorman.settings.web
        self._hosts: frozenset[str] | None = None
        if is_loopback(web.host) or web.hosts:
            names = {"localhost", "127.0.0.1", "::1", web.host, *web.hosts}
            self._hosts = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _Sender(scope, send, self._doorman.settings.web.https)
        scope.setdefault("state", {})
        body = _Body(receive)
        request = Request(scope, body.receive)
        _let_in(request, STRANGER)
        try:
            answer = await self._admit(request, body, sender)
            await (answer or self._app)(scope, body.receive, sender)
        except ProblemError as error:
            refusal = answer_problem(request, error.status, error.detail, error.hint, headers=error.headers)
            await refusal(scope, body.receive, sender)
        except Exception:
            log.exception("an error while answering %s %s", request.method, request.url.path)
            if sender.started:
                raise  # the server cuts the connection, so that nobody takes half an answer for a whole one
            text = "Something went wrong on the desk's side."
            await answer_problem(request, 500, text, "The desk's log says what.")(scope, body.receive, sender)

    async def _admit(self, request: Request, body: _Body, sender: _Sender) -> Response | None:
        """Return the answer for who is not let through; None for who is."""
        self._check_host(request)
        if "%00" in request.url.query or "\0" in request.url.path:
            raise ProblemError(400, "The address holds a NUL character.", "Leave it out.")
        body.refuse_if_large(request.headers.get("content-length", ""))
        path = request.url.path
        if path.startswith("/static/"):
            sender.cache = FOR_EVER if "v" in request.query_params else "no-cache"
            return None
        doorman = self._doorman
        account = await doorman.by_header(request)
        if account is not None:
            visitor = Visitor(account.name, account.role)
        else:
            session = self._session_for(request, sender)
            account = doorman.by_proxy(request) or doorman.by_session(session) or doorman.accounts.local()
            if account is None and path not in OPEN:
                return _please_log_in(request)
            await self._check_meant(request, session, body, account)
            csrf = doorman.sessions.csrf(session) if session else ""
            can_log_out = bool(session and session.account)
            visitor = (
                Visitor(account.name, account.role, csrf, can_log_out) if account else Visitor("", Role.VIEWER, csrf)
            )
        if not visitor.may_edit and request.method not in SAFE and path not in VIEWERS_MAY_POST:
            raise ProblemError(403, "Viewers look and do not act.", "Ask for the role of an editor.")
        _let_in(request, visitor)
        return None

    def _check_host(self, request: Request) -> None:
        # A page elsewhere may let its own name point at 127.0.0.1 (DNS rebinding); its requests bear that name.
        if self._hosts is None:
            return
        name = _host_name(request.headers.get("host", ""))
        if name not in self._hosts:
            hint = "Use the address that the desk has printed, or add the name to web.hosts."
            raise ProblemError(421, "The desk is not known under this host name.", hint)

    def _is_ours(self, origin: str, host: str) -> bool:
        try:
            parts = urlsplit(origin)
            return parts.netloc.lower() == host.lower() or parts.hostname in self._doorman.settings.web.hosts
        except ValueError:
            return False

    def _session_for(self, request: Request, sender: _Sender) -> Session | None:
        """Return the browser's session, a new one where a page will need it for its forms.

        The session of nobody goes on as long as pages are asked for; that of an account ends at its time.
        """
        doorman = self._doorman
        session = doorman.session(request)
        if request.method != "GET" or not is_for_people(request):
            return session
        if session is None or (not session.account and doorman.sessions.is_old(session, doorman.now())):
            session = doorman.sessions.renew(session, doorman.now())
            sender.set_cookie(cookie_name(request), doorman.sessions.seal(session), doorman.sessions.seconds)
        return session

    async def _check_meant(
        self, request: Request, session: Session | None, body: _Body, account: Account | None
    ) -> None:
        """End an unsafe request that another site may have made a browser send."""
        if request.method in SAFE:
            return
        headers = request.headers
        origin = headers.get("origin")
        if origin not in (None, "null") and not self._is_ours(origin, headers.get("host", "")):
            raise ProblemError(403, "Another site has sent this request.", "Use the desk's own pages.")
        if session is None:
            from_browser = origin is not None or "sec-fetch-site" in headers
            if account is not None and account.id == "local" and not from_browser:
                return  # a program on this machine, where the desk has no accounts
            raise ProblemError(403, "This request has no session.", "Load the page anew; programs use a bearer token.")
        token = headers.get(CSRF_HEADER)
        if token is None and headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
            form = parse_qsl((await body.read()).decode("utf-8", "replace"), keep_blank_values=True)
            token = dict(form).get(CSRF_FIELD)
        if token is None or not self._doorman.sessions.is_csrf(session, token):
            raise ProblemError(403, "The form is not one of this session.", "Load the page anew and send it again.")


class _Body:
    """The request's body, held to ``MAX_BODY``; what was read ahead is given out again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._read_ahead: list[Message] = []
        self._size = 0

    def refuse_if_large(self, length: str) -> None:
        """End the request at once where it says itself that it is too large."""
        if length.isdecimal() and int(length[:20]) > MAX_BODY:
            raise self._too_large()

    async def receive(self) -> Message:
        """Return the next piece."""
        if self._read_ahead:
            return self._read_ahead.pop(0)
        return await self._take()

    async def read(self) -> bytes:
        """Return all of it, and keep it for who asks next."""
        messages = []
        while True:
            message = await self._take()
            messages.append(message)
            if message["type"] != "http.request" or not message.get("more_body"):
                break
        self._read_ahead = messages
        return b"".join(message.get("body", b"") for message in messages)

    async def _take(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > MAX_BODY:
            raise self._too_large()
        return message

    @staticmethod
    def _too_large() -> ProblemError:
        return ProblemError(413, f"The request is larger than {MAX_BODY // 1024} KiB.", "Send less.")


class _Sender:
    """Puts the headers on every answer, and the cookie of a new session."""

    def __init__(self, scope: Scope, send: Send, https: bool) -> None:
        self._send = send
        self._https = https
        self._cookie: str | None = None
        self.started = False
        self.cache: str | None = None

    def set_cookie(self, name: str, value: str, seconds: int) -> None:
        """Give the browser a cookie with the answer."""
        response = Response()
        response.set_cookie(name, value, seconds, httponly=True, samesite="lax", secure=self._https)
        self._cookie = response.headers["set-cookie"]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self._https:
                headers["Strict-Transport-Security"] = HSTS
            if self.cache is not None:
                headers["Cache-Control"] = self.cache
            headers.setdefault("Cache-Control", "no-store")
            if self._cookie is not None:
                headers.append("Set-Cookie", self._cookie)
        await self._send(message)


_LOGIN_HINT: Final = "Log in at /login, or send a token: Authorization: Bearer ..."


def _let_in(request: Request, visitor: Visitor) -> None:
    state = request.scope["state"]
    state.update(visitor=visitor, csrf=visitor.csrf, user=visitor.name or None, may_edit=visitor.may_edit)


def _please_log_in(request: Request) -> Response:
    if request.method in SAFE and is_for_people(request):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here, safe='/')}", 303)
    return answer_problem(request, 401, "Who you are is not known.", _LOGIN_HINT, headers=_challenge(request))


def _challenge(request: Request) -> dict[str, str]:
    # Feed readers know HTTP Basic; in a browser it would open a box of its own over the pages.
    scheme = "Basic" if request.url.path.endswith(".atom") else "Bearer"
    return {"WWW-Authenticate": f'{scheme} realm="Counterclaim"'}


def _host_name(host: str) -> str:
    name = host.lower().strip()
    if name.startswith("["):
        inner, bracket, _ = name[1:].partition("]")
        return inner if bracket else ""
    return name.partition(":")[0].rstrip(".")


def _decoded(value: str) -> str:
    try:
        return b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:
        return ""
