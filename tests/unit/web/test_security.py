"""Who may come in and what they may do: each rule of the layer in front of the desk."""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from monitor.archive import Archive
from monitor.errors import ConfigError
from monitor.settings import WebSettings
from monitor.settings_web import WebUser
from monitor.web.accounts import Accounts, check_binding
from monitor.web.attempts import Attempts
from monitor.web.passwords import hash_password, matches
from monitor.web.sessions import Sessions, read_key
from schemas import topics
from tests.support import desk
from tests.support.desk_api import HOST, TOKEN, VIEWER, Api, open_api

PASSWORD = "four brown horses"
PEOPLE = (
    WebUser(name="anna", password=hash_password(PASSWORD), role="editor"),
    WebUser(name="vera", password=hash_password(PASSWORD), role="viewer"),
)
PAGE = {"Accept": "text/html"}


@dataclass
class House:
    """Makes desks with accounts of their own over one archive with one feed."""

    folder: Path
    archive: Archive
    opened: list[Api] = field(default_factory=list)

    def open(self, base_url: str = HOST, **web: Any) -> Api:
        """Return a desk with these settings."""
        return open_api(self.folder, self.archive, {}, base_url, **web)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An archive that holds one feed, and desks over it."""
    folder = tmp_path_factory.mktemp("house")
    archive = Archive(f"sqlite:///{folder / 'archive.db'}")
    found = next(iter(desk.feed_events(desk.corpus(), desk.NOW)))
    archive.write([(topics.FEED_EVENTS, found)])
    yield House(folder, archive)
    archive.close()


def feed_of(api: Api) -> str:
    """Return the id of the one feed."""
    return next(iter(api.client.app.state.desk.reader.feeds())).event.feed_id  # type: ignore[attr-defined]


def bearer(token: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"Authorization": f"Bearer {token}"}


def basic(name: str, password: str) -> dict[str, str]:
    """Return the header of a name and password."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}


def pause(api: Api, **headers: str) -> Response:
    """Ask for a pause of the feed, as a program does."""
    return api.client.post(f"/api/v1/feeds/{feed_of(api)}/commands", json={"action": "pause"}, headers=headers)


def csrf_in(page: Response) -> str:
    """Return the token of the forms of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def log_in(api: Api, name: str, password: str, **more: str) -> Response:
    """Log in as a browser does: load the form, send it."""
    token = csrf_in(api.client.get("/login", headers=PAGE))
    return api.client.post("/login", data={"csrf": token, "name": name, "password": password, **more}, headers=PAGE)


# -- where it listens


def test_an_open_address_needs_a_login() -> None:
    """Any address that is not loopback is refused without an account, and taken with each kind of one."""
    for host in ("0.0.0.0", "::", "192.0.2.7", "desk.example.org"):
        with pytest.raises(ConfigError, match=r"web\.host") as caught:
            check_binding(WebSettings(host=host))
        assert "web.token" in str(caught.value)
        check_binding(WebSettings(host=host, token=TOKEN))
        check_binding(WebSettings(host=host, viewer_token=VIEWER))
        check_binding(WebSettings(host=host, users=PEOPLE))
        check_binding(WebSettings(host=host, user_header="X-Forwarded-User"))
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        check_binding(WebSettings(host=host))


@pytest.mark.parametrize("path", ["/alerts", "/api/v1/alerts", "/events", "/feeds/alerts.atom", "/static/desk.css"])
def test_a_foreign_host_name_is_refused_on_loopback(house: House, path: str) -> None:
    """A name that somebody has pointed at 127.0.0.1 reaches nothing (DNS rebinding)."""
    api = house.open()
    assert api.client.get(path, headers={"Host": "evil.example:8470"}).status_code == 421
    assert api.client.get("/alerts", headers={"Host": "evil.example:8470"} | PAGE).status_code == 421


def test_own_host_names_are_known(house: House) -> None:
    """Loopback's names in any case and with any port, and those of the settings."""
    api = house.open(hosts=("desk.example.org",))
    for host in ("127.0.0.1:8470", "localhost", "LOCALHOST:1", "[::1]:8470", "desk.example.org"):
        assert api.client.get("/api/v1/counts", headers={"Host": host}).status_code == 200, host
    for host in ("", "127.0.0.1.evil.example", "desk.example.org.evil", "[::1", "10.0.0.1"):
        assert api.client.get("/api/v1/counts", headers={"Host": host}).status_code == 421, host


# -- headers


@pytest.mark.parametrize("path", ["/alerts", "/login", "/api/v1/alerts", "/api/v1/x", "/static/desk.css", "/nothing"])
def test_every_answer_has_the_headers(house: House, path: str) -> None:
    """Pages, files, JSON and errors alike: no foreign or inline script or style, no sniffing, framing or referrer."""
    headers = house.open().client.get(path, headers=PAGE).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_no_page_has_inline_script_or_style(house: House) -> None:
    """What the policy forbids is in no page: neither blocks, nor attributes, nor javascript: links."""
    api = house.open(users=PEOPLE)
    log_in(api, "anna", PASSWORD)
    for path in ("/alerts", "/stories", "/topics", "/feeds", "/pipeline", "/search", "/help", "/api/docs", "/login"):
        text = api.client.get(path, headers=PAGE).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", text), path


# -- who asks


@pytest.mark.parametrize("path", ["/alerts", "/stories", "/api/docs"])
def test_a_page_leads_to_the_login_and_back(house: House, path: str) -> None:
    """Who is not in is sent to the form, and after it to the page that was asked for."""
    api = house.open(users=PEOPLE)
    answer = api.client.get(f"{path}?a=1", headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}%3Fa%3D1")
    done = log_in(api, "anna", PASSWORD, next=f"{path}?a=1")
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?a=1")
    assert api.client.get(path, headers=PAGE).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_login_leads_nowhere_else(house: House, target: str) -> None:
    """A foreign address to go on to is not followed."""
    assert log_in(house.open(users=PEOPLE), "anna", PASSWORD, next=target).headers["location"] == "/alerts"


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/events", "/api/openapi.json", "/feeds/alerts.atom", "/metrics"])
def test_programs_are_told_to_bring_a_token(house: House, path: str) -> None:
    """Without credentials 401 with a challenge, as a problem; with a token in."""
    api = house.open(token=TOKEN, metrics=True)
    answer = api.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Basic" if path.endswith(".atom") else "Bearer")
    if path != "/events":  # that one has no end
        assert api.client.get(path, headers=bearer(TOKEN)).status_code == 200
    assert api.client.get(path, headers=bearer(TOKEN + "x")).status_code == 401


def test_health_needs_no_login_and_tells_a_stranger_little(house: House) -> None:
    """A watchdog may ask; version and uptime are for those who are in."""
    api = house.open(token=TOKEN)
    assert api.client.get("/api/v1/health").json() == {
        "status": "degraded", "archive": True, "kafka": False, "version": None, "up_s": None,
    }  # fmt: skip
    assert api.client.get("/api/v1/health", headers=bearer(TOKEN)).json()["version"]


def test_feed_readers_come_in_with_name_and_password(house: House) -> None:
    """HTTP Basic opens what is read, with a password or a token, and never acts: browsers send it unasked."""
    api = house.open(users=PEOPLE, token=TOKEN)
    for name, password in (("vera", PASSWORD), ("anna", PASSWORD), ("anybody", TOKEN)):
        assert api.client.get("/feeds/alerts.atom", headers=basic(name, password)).status_code == 200
    for name, password in (("vera", "wrong"), ("nobody", PASSWORD), ("anna", TOKEN)):
        assert api.client.get("/feeds/alerts.atom", headers=basic(name, password)).status_code == 401
    assert pause(api, **basic("anna", PASSWORD)).status_code == 403


def test_metrics_are_there_only_when_asked_for(house: House) -> None:
    """/metrics is 404 unless the settings turn it on, and then has the archive's figures."""
    assert house.open().client.get("/metrics").status_code == 404
    answer = house.open(metrics=True).client.get("/metrics")
    assert 'counterclaim_archive_rows{kind="feeds"} 1.0' in answer.text


# -- roles


def test_a_viewer_looks_and_does_not_act(house: House) -> None:
    """A viewer's token and session see everything and change nothing; an editor's act, under their own name."""
    api = house.open(users=PEOPLE, token=TOKEN, viewer_token=VIEWER)
    assert api.client.get("/api/v1/feeds", headers=bearer(VIEWER)).status_code == 200
    assert pause(api, **bearer(VIEWER)).status_code == 403
    assert pause(api, **bearer(TOKEN)).status_code == 202
    assert api.sink.commands[-1][0].actor == "api:editor"

    log_in(api, "vera", PASSWORD)
    page = api.client.get("/feeds", headers=PAGE)
    assert page.status_code == 200
    assert "/command" not in page.text  # no buttons either
    token = csrf_in(api.client.get("/alerts", headers=PAGE)) if 'name="csrf"' in page.text else ""
    token = token or api.client.app.state.doorman.sessions.csrf(session_of(api))  # type: ignore[attr-defined]
    path = f"/feeds/{feed_of(api)}/command"
    assert api.client.post(path, data={"csrf": token, "action": "pause"}, headers=PAGE).status_code == 403
    assert pause(api, **{"X-CSRF-Token": token}).status_code == 403
    assert len(api.sink.commands) == 1


def session_of(api: Api) -> Any:
    """Return the session in the client's cookie."""
    doorman = api.client.app.state.doorman  # type: ignore[attr-defined]
    return doorman.sessions.open(api.client.cookies["counterclaim_8470"], doorman.now())


# -- CSRF


def test_a_form_without_its_token_does_nothing(house: House) -> None:
    """In a session, on pages and API alike, an act needs that session's token; a wrong one or another's is refused."""
    api = house.open(users=PEOPLE)
    log_in(api, "anna", PASSWORD)
    token = csrf_in(api.client.get("/feeds", headers=PAGE))
    other = Sessions(b"another key", 1).csrf(session_of(api))
    path = f"/feeds/{feed_of(api)}/command"
    for data in ({}, {"csrf": ""}, {"csrf": other}, {"csrf": token[:-1]}):
        assert api.client.post(path, data={"action": "pause", **data}, headers=PAGE).status_code == 403
    assert pause(api).status_code == 403
    assert pause(api, **{"X-CSRF-Token": other}).status_code == 403
    assert api.sink.commands == []

    assert api.client.post(path, data={"action": "pause", "csrf": token}, headers=PAGE).status_code == 303
    assert pause(api, **{"X-CSRF-Token": token}).status_code == 202
    assert [command.actor for command, _ in api.sink.commands] == ["anna", "anna"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:9999", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_cannot_act_where_there_is_no_login(house: House, headers: dict[str, str]) -> None:
    """On a desk without accounts a browser's request from elsewhere is refused; a program's is not."""
    api = house.open()
    assert pause(api, **headers).status_code == 403
    text = {"Content-Type": "text/plain"}
    path = f"/api/v1/feeds/{feed_of(api)}/commands"
    assert api.client.post(path, content='{"action": "pause"}', headers=headers | text).status_code == 403
    assert api.sink.commands == []
    assert pause(api).status_code == 202


def test_another_sites_origin_is_refused_even_with_the_token(house: House) -> None:
    """A right token from a wrong origin is not enough; from our own it is."""
    api = house.open()
    token = csrf_in(api.client.get("/feeds", headers=PAGE))
    assert pause(api, **{"X-CSRF-Token": token, "Origin": "https://evil.example"}).status_code == 403
    assert pause(api, **{"X-CSRF-Token": token, "Origin": HOST}).status_code == 202


def test_the_login_itself_cannot_be_forged(house: House) -> None:
    """A foreign site cannot log a browser in as somebody of its choice."""
    api = house.open(users=PEOPLE)
    data = {"name": "anna", "password": PASSWORD}
    assert api.client.post("/login", data=data, headers=PAGE).status_code == 403
    api.client.get("/login", headers=PAGE)
    assert api.client.post("/login", data=data, headers=PAGE).status_code == 403


# -- sessions


def test_the_cookie_is_out_of_reach(house: House) -> None:
    """No script reads it, no foreign form sends it; by https alone where the desk is reached so; new after login."""
    for https in (False, True):
        api = house.open(users=PEOPLE, https=https, base_url="https://127.0.0.1:8470" if https else HOST)
        before = api.client.get("/login", headers=PAGE).headers["set-cookie"]
        after = log_in(api, "anna", PASSWORD).headers["set-cookie"]
        for cookie in (before, after):
            assert "HttpOnly" in cookie
            assert "samesite=lax" in cookie.lower()
            assert ("Secure" in cookie) == https
        assert before.partition(";")[0] != after.partition(";")[0]
    assert "strict-transport-security" in api.client.get("/login", headers=PAGE).headers


def test_programs_get_no_cookie(house: House) -> None:
    """Only pages start a session."""
    api = house.open()
    for path in ("/api/v1/alerts", "/feeds/alerts.atom", "/static/desk.css"):
        assert "set-cookie" not in api.client.get(path, headers=PAGE).headers


def test_logging_out_ends_the_session_also_for_a_copied_cookie(house: House) -> None:
    """After logging out the old cookie opens nothing."""
    api = house.open(users=PEOPLE)
    log_in(api, "anna", PASSWORD)
    cookie = api.client.cookies["counterclaim_8470"]
    token = csrf_in(api.client.get("/feeds", headers=PAGE))
    assert api.client.post("/logout", data={"csrf": token}, headers=PAGE).headers["location"] == "/login"
    stolen = {"Cookie": f"counterclaim_8470={cookie}"}
    assert api.client.get("/api/v1/alerts", headers=stolen).status_code == 401


def test_a_session_ends_with_its_time_its_account_and_its_password(house: House) -> None:
    """An expired session, one whose user is gone, and one whose password was changed open nothing."""
    api = house.open(users=PEOPLE)
    log_in(api, "anna", PASSWORD)
    cookie = {"Cookie": f"counterclaim_8470={api.client.cookies['counterclaim_8470']}"}
    changed = WebUser(name="anna", password=hash_password("another one"), role="editor")
    for users, status in ((PEOPLE, 200), ((changed,), 401), (PEOPLE[1:], 401)):
        assert house.open(users=users).client.get("/api/v1/alerts", headers=cookie).status_code == status
    late = house.open(users=PEOPLE)
    doorman = late.client.app.state.doorman  # type: ignore[attr-defined]
    now = doorman.now()
    doorman.now = lambda: now + 13 * 3600
    assert late.client.get("/api/v1/alerts", headers=cookie).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "e30.0", "\u00e4", "a" * 5000, "eyJzaWQiOiAiYSJ9." + "0" * 64])
def test_a_forged_cookie_opens_nothing(cookie: str) -> None:
    """Whatever is not sealed with the key is no session."""
    sessions = Sessions(b"key", 1)
    assert sessions.open(cookie, 0) is None
    good = sessions.seal(sessions.start(0, "user:anna", "anna", "s"))
    assert sessions.open(good, 1) is not None
    assert sessions.open("x" + good, 1) is None
    assert Sessions(b"other", 1).open(good, 1) is None


def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    """The key is made once, kept, and readable by the user alone."""
    key = read_key(tmp_path / "new")
    assert read_key(tmp_path / "new") == key
    assert len(key) == 32
    assert (tmp_path / "new" / "desk.key").stat().st_mode & 0o077 == 0


# -- failed logins


def test_failed_logins_make_an_address_wait(house: House) -> None:
    """After so many failures of a minute even the right password waits; then it works again."""
    api = house.open(users=PEOPLE, token=TOKEN, logins=3)
    doorman = api.client.app.state.doorman  # type: ignore[attr-defined]
    now = doorman.now()
    doorman.now = lambda: now
    assert log_in(api, "anna", "wrong").status_code == 401
    assert api.client.get("/api/v1/alerts", headers=bearer("wrong")).status_code == 401
    assert api.client.get("/feeds/alerts.atom", headers=basic("anna", "wrong")).status_code == 401
    assert log_in(api, "anna", PASSWORD).status_code == 429
    refused = api.client.get("/api/v1/alerts", headers=bearer(TOKEN))
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "61")
    doorman.now = lambda: now + 61
    assert log_in(api, "anna", PASSWORD).status_code == 303


def test_addresses_are_counted_apart() -> None:
    """One address's failures are not another's, but one IPv6 network is one address; memory is bounded."""
    attempts = Attempts(2)
    for _ in range(2):
        attempts.fail("192.0.2.1", 100.0)
        attempts.fail("2001:db8::1", 100.0)
    assert attempts.wait_s("192.0.2.1", 110.0) == 50.0
    assert attempts.wait_s("2001:db8::ffff", 110.0) == 50.0
    assert attempts.wait_s("192.0.2.2", 110.0) == attempts.wait_s("2001:db8:1::1", 110.0) == 0
    assert attempts.wait_s("192.0.2.1", 161.0) == 0
    for number in range(10_001):
        attempts.fail(f"host-{number}", 100.0)
    assert attempts.wait_s("192.0.2.1", 110.0) == 0


def test_behind_a_proxy_each_client_is_counted_apart(house: House) -> None:
    """Behind a trusted proxy the address is the one that it adds; a client that makes one up gains nothing."""
    api = house.open(token=TOKEN, logins=1, https=True, proxies=("127.0.0.1",))
    doorman = api.client.app.state.doorman  # type: ignore[attr-defined]
    now = doorman.now()
    doorman.now = lambda: now

    def status(token: str, forwarded: str, peer: str = "127.0.0.1") -> int:
        client = TestClient(api.client.app, base_url=HOST, client=(peer, 5))
        return client.get("/api/v1/feeds", headers=bearer(token) | {"X-Forwarded-For": forwarded}).status_code

    assert status("wrong-wrong-wrong", "198.51.100.1") == 401
    assert status(TOKEN, "203.0.113.9, 198.51.100.1") == 429
    assert status(TOKEN, "198.51.100.2") == 200
    assert status("wrong-wrong-wrong", "198.51.100.3", "192.0.2.50") == 401
    assert status(TOKEN, "198.51.100.4", "192.0.2.50") == 429


def test_passwords_are_salted_and_checked() -> None:
    """Two texts of one password differ, both match, nothing else does, and nonsense matches nothing."""
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first != second
    assert PASSWORD not in first
    assert matches(PASSWORD, first)
    assert matches(PASSWORD, second)
    assert not matches(PASSWORD + " ", first)
    for text in ("", "scrypt$", "scrypt$99999999999$8$1$AA==$AA==", "scrypt$16384$8$1$?$?", "bcrypt$1$1$1$1$1"):
        assert not matches("", text)


# -- the proxy


def test_a_trusted_proxy_says_who_it_is(house: House) -> None:
    """The header counts from the proxy's address alone; editors are those of the settings."""
    web = {"user_header": "X-Forwarded-User", "editors": ("anna",)}
    trusted = house.open(proxies=("127.0.0.0/8",), **web)
    proxied = TestClient(trusted.client.app, base_url=HOST, client=("127.0.0.9", 5), follow_redirects=False)
    assert proxied.get("/api/v1/feeds").status_code == 401
    assert proxied.get("/api/v1/feeds", headers={"X-Forwarded-User": "vera"}).status_code == 200
    direct = TestClient(trusted.client.app, base_url=HOST, client=("192.0.2.9", 5), follow_redirects=False)
    assert direct.get("/api/v1/feeds", headers={"X-Forwarded-User": "anna"}).status_code == 401

    for name, status in (("anna", 303), ("vera", 403)):
        header = {"X-Forwarded-User": name} | PAGE
        token = trusted.client.app.state.doorman.sessions  # type: ignore[attr-defined]
        proxied.get("/alerts", headers=header)
        doorman = trusted.client.app.state.doorman  # type: ignore[attr-defined]
        session = doorman.sessions.open(proxied.cookies["counterclaim_8470"], doorman.now())
        path, data = f"/feeds/{feed_of(trusted)}/command", {"action": "pause", "csrf": token.csrf(session)}
        assert proxied.post(path, data=data, headers=header).status_code == status
        assert proxied.post(path, data={"action": "pause"}, headers=header).status_code == 403
    assert [command.actor for command, _ in trusted.sink.commands] == ["anna"]


def test_without_a_proxy_the_header_is_nothing() -> None:
    """Where the settings name no header, nobody is let in by one."""
    assert Accounts(WebSettings(token=TOKEN)).by_proxy("anna", "127.0.0.1") is None


# -- what is said


def test_no_secret_is_logged_or_shown(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither tokens nor passwords nor their hashes stand in logs, pages, errors or the settings as text."""
    web = WebSettings(users=PEOPLE, token=TOKEN, viewer_token=VIEWER)
    api = house.open(users=PEOPLE, token=TOKEN, viewer_token=VIEWER, logins=1000)
    seen = [repr(web), repr(api.client.app.state.desk.settings)]  # type: ignore[attr-defined]
    with caplog.at_level(logging.DEBUG):
        seen.append(log_in(api, "anna", "wrong-password-of-anna").text)
        seen.append(api.client.get("/api/v1/alerts", headers=bearer("wrong-token-of-anna")).text)
        log_in(api, "anna", PASSWORD)
        seen += [api.client.get(path, headers=PAGE).text for path in ("/alerts", "/pipeline", "/api/openapi.json")]
    seen.append(caplog.text)
    for secret in (TOKEN, VIEWER, PASSWORD, PEOPLE[0].password, "wrong-password-of-anna", "wrong-token-of-anna"):
        assert not any(secret in text for text in seen)


def test_a_large_request_is_refused(house: House) -> None:
    """A body over 256 KiB ends in 413, a NUL in the address in 400, a socket in a refusal."""
    api = house.open()
    path = f"/api/v1/feeds/{feed_of(api)}/commands"
    assert api.client.post(path, content=b" " * 300_000).status_code == 413
    assert api.client.get("/api/v1/search?q=a%00b").status_code == 400
    assert api.client.get("/api/v1/alerts/a%00b").status_code == 400


def test_links_lead_to_http_alone_and_leave_no_opener(house: House) -> None:
    """On every page each link outside is http or https, and opens without a handle to the desk."""
    api = house.open()
    for path in ("/alerts", "/feeds", f"/feeds/{feed_of(api)}", "/help"):
        for tag in re.findall(r"<a\s[^>]*>", api.client.get(path, headers=PAGE).text):
            (target,) = re.findall(r'href="([^"]*)"', tag)
            if not target.startswith(("/", "#", "?")):
                assert re.match(r"https?://", target), tag
                assert "noopener" in tag, tag
