// Keys: j and k move through the rows, Enter opens (a link does that by itself), ? shows the list. They can be put off.
"use strict";
(() => {
  const dialog = document.getElementById("keys");
  const box = document.getElementById("keys-on");
  const pages = { a: "/alerts", s: "/stories", t: "/topics", f: "/feeds", p: "/pipeline" };
  let going = 0;

  box.checked = localStorage.getItem("keys") !== "off";
  box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));

  function rows() {
    return [...document.querySelectorAll(".rows .over, tbody.go th a")].filter((each) => each.offsetParent !== null || each.getClientRects().length);
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    all[next].focus({ preventScroll: true });
    (all[next].closest("li, tr") || all[next]).scrollIntoView({ block: "nearest" });
  }

  function help() {
    if (!dialog.open) dialog.showModal();
  }

  function typing(target) {
    return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  }

  document.getElementById("help-link").addEventListener("click", (event) => {
    event.preventDefault();
    help();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (typing(event.target) || dialog.open || !box.checked) return;
    const key = event.key;
    if (Date.now() - going < 1500 && pages[key]) {
      window.location.assign(pages[key]);
    } else if (key === "j") {
      move(1);
    } else if (key === "k") {
      move(-1);
    } else if (key === "g") {
      going = Date.now();
      event.preventDefault();
      return;
    } else if (key === "?") {
      help();
    } else if (key === "/") {
      (document.getElementById("q") || document.getElementById("find")).focus();
    } else if (key === "n") {
      document.getElementById("shownew")?.click();
    } else if (key === "u" && document.body.dataset.up) {
      window.location.assign(document.body.dataset.up);
    } else {
      return;
    }
    going = 0;
    event.preventDefault();
  });
})();
