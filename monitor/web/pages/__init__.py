"""The desk's pages: HTML made on the server from the read model. They work without JavaScript, but for what is live.

``router`` has every page; ``STATIC`` is the folder served at ``/static``; ``error_page`` is what a browser gets in the
place of an error of the API.
"""

from monitor.web.pages.render import STATIC, error_page
from monitor.web.pages.routes import router

__all__ = ["STATIC", "error_page", "router"]
