"""Who may do what: the tokens, people and proxy that the settings name. Checks credentials; knows no request."""

from __future__ import annotations

import getpass
import hmac
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from monitor.errors import ConfigError
from monitor.settings import WebSettings
from monitor.web.desk import Role
from monitor.web.passwords import hash_password, matches

__all__ = ["Account", "Accounts", "check_binding", "is_loopback"]

MAX_NAME: Final = 64
LOCAL_NAME: Final = "desk"


@dataclass(frozen=True, slots=True)
class Account:
    """A credential that was accepted: which (``id``), the role, the name for the record, and the secret it rests on."""

    id: str
    role: Role
    name: str
    secret: str = ""


class Accounts:
    """The accounts of the settings. Where there is none, whoever reaches the desk is its local editor."""

    def __init__(self, web: WebSettings) -> None:
        self._web = web
        self._users = {user.name: user for user in web.users}
        self._proxies = [ip_network(text, strict=False) for text in web.proxies]
        self._nobody = hash_password("")  # checked for a name that there is not, so that time does not tell

    @property
    def required(self) -> bool:
        """Whether one has to log in."""
        web = self._web
        return bool(web.token or web.viewer_token or web.users or web.user_header)

    @property
    def has_login(self) -> bool:
        """Whether there is something to log in with, beside the proxy."""
        return bool(self._web.token or self._web.viewer_token or self._web.users)

    def local(self) -> Account | None:
        """Return the account of whoever sits at this machine; None where one has to log in."""
        if self.required:
            return None
        try:
            name = getpass.getuser()
        except (KeyError, OSError, ImportError):
            name = LOCAL_NAME
        return Account("local", Role.EDITOR, name)

    def by_token(self, token: str) -> Account | None:
        """Return the account that a token opens."""
        found = None
        for known, role in ((self._web.token, Role.EDITOR), (self._web.viewer_token, Role.VIEWER)):
            if known is not None and hmac.compare_digest(_raw(known), _raw(token)):
                found = Account(f"token:{role}", role, f"api:{role}", known)
        return found

    def by_password(self, name: str, password: str) -> Account | None:
        """Return the account of a name and password, or of any free name and a token. Slow on purpose: use a thread."""
        user = self._users.get(name)
        if user is not None:
            return self._of_user(name) if matches(password, user.password) else None
        found = self.by_token(password)
        if found is None:
            matches(password, self._nobody)
            return None
        free = " ".join(name.split())[:MAX_NAME]
        return Account(found.id, found.role, free or str(found.role), found.secret)

    def by_id(self, identity: str, name: str) -> Account | None:
        """Return the account of a session, as the settings have it now."""
        if identity.startswith("user:"):
            return self._of_user(identity.removeprefix("user:"))
        for known, role in ((self._web.token, Role.EDITOR), (self._web.viewer_token, Role.VIEWER)):
            if known is not None and identity == f"token:{role}":
                return Account(identity, role, name, known)
        return None

    def by_proxy(self, name: str, peer: str) -> Account | None:
        """Return the account of the person whom a proxy at ``peer`` names; None where the proxy is not trusted."""
        name = name.strip()
        if not self._web.user_header or not name or not self.is_proxy(peer):
            return None
        editors = self._web.editors
        role = Role.EDITOR if "*" in editors or name in editors else Role.VIEWER
        return Account(f"proxy:{name}", role, name[:MAX_NAME])

    def is_proxy(self, peer: str) -> bool:
        """Whether an address is that of a trusted proxy."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._proxies)

    def _of_user(self, name: str) -> Account | None:
        user = self._users.get(name)
        return Account(f"user:{name}", Role(user.role), name, user.password) if user else None


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_binding(web: WebSettings) -> None:
    """Refuse to listen where others can reach the desk and nobody has to say who they are.

    Raises:
        ConfigError: ``web.host`` is not loopback, and there is neither token, user nor proxy.
    """
    if not is_loopback(web.host) and not Accounts(web).required:
        raise ConfigError(
            f"web.host: at {web.host} others can reach the desk, and nobody would have to log in",
            hint="Set web.token, web.users, or web.user_header with a proxy before it; or leave web.host at 127.0.0.1.",
        )


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
