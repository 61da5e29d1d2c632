"""Sessions in a signed cookie, and the token that a form of such a session must bring back. No I/O but the key's."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

__all__ = ["Session", "Sessions", "read_key"]

KEY_BYTES: Final = 32
KEY_FILE: Final = "desk.key"
MAX_REVOKED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """One browser: ``account`` is who has logged in ("" for nobody yet), ``name`` under which acts are recorded.

    ``stamp`` is a digest of the credential, so that changing it ends the session. ``expires``: seconds since 1970.
    """

    sid: str
    expires: int
    account: str = ""
    name: str = ""
    stamp: str = ""


class Sessions:
    """Seals sessions into cookies and opens them again; what was tampered with, ended or expired opens as None."""

    def __init__(self, key: bytes, hours: float) -> None:
        self._key = key
        self._seconds = int(hours * 3600)
        self._revoked: dict[str, int] = {}

    @property
    def seconds(self) -> int:
        """How long a session lasts."""
        return self._seconds

    def start(self, now: float, account: str = "", name: str = "", stamp: str = "") -> Session:
        """Return a new session."""
        return Session(secrets.token_urlsafe(18), int(now) + self._seconds, account, name, stamp)

    def renew(self, session: Session | None, now: float) -> Session:
        """Return the session of nobody with all its time before it; its forms stay good."""
        return replace(session, expires=int(now) + self._seconds) if session else self.start(now)

    def is_old(self, session: Session, now: float) -> bool:
        """Say whether less than half of a session's time is left."""
        return session.expires - now < self._seconds / 2

    def seal(self, session: Session) -> str:
        """Return the session as the value of a cookie."""
        body = urlsafe_b64encode(json.dumps(asdict(session)).encode()).rstrip(b"=")
        return f"{body.decode()}.{self._sign('session', body)}"

    def open(self, cookie: str, now: float) -> Session | None:
        """Return the session that a cookie holds."""
        body, _, signature = cookie.partition(".")
        try:
            raw = body.encode("ascii")
            if not hmac.compare_digest(self._sign("session", raw).encode(), signature.encode("ascii")):
                return None
            session = Session(**json.loads(urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))))
        except (ValueError, TypeError, Base64Error):
            return None
        return session if session.expires > now and session.sid not in self._revoked else None

    def end(self, session: Session, now: float) -> None:
        """Let a session be opened no more, as long as this process runs."""
        self._revoked = {sid: expires for sid, expires in self._revoked.items() if expires > now}
        while len(self._revoked) >= MAX_REVOKED:
            del self._revoked[next(iter(self._revoked))]
        self._revoked[session.sid] = session.expires

    def csrf(self, session: Session) -> str:
        """Return the token that forms of a session bring back."""
        return self._sign("csrf", session.sid.encode())

    def is_csrf(self, session: Session, token: str) -> bool:
        """Say whether a token is that of the session."""
        return hmac.compare_digest(self.csrf(session).encode(), token.encode("utf-8", "surrogatepass"))

    def stamp(self, credential: str) -> str:
        """Return a digest of a credential that tells nothing about it."""
        return self._sign("stamp", credential.encode("utf-8", "surrogatepass"))[:16]

    def _sign(self, purpose: str, body: bytes) -> str:
        return hmac.new(self._key, purpose.encode() + b"\0" + body, hashlib.sha256).hexdigest()


def read_key(data: Path) -> bytes:
    """Return the key of this data folder, made on first use; where the folder cannot be written, one for this run."""
    path = data / KEY_FILE
    with contextlib.suppress(OSError):
        data.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError), open(path, "xb", opener=_private) as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
        if len(key) == KEY_BYTES:
            return key
    return secrets.token_bytes(KEY_BYTES)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
