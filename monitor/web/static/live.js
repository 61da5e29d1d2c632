// What is live: server-sent events bring news; the pages' own HTML is fetched again and put in, never under the eyes
// of who reads: new rows wait behind a bar unless the top of the list is in view and nothing in it has the focus.
"use strict";
(() => {
  const state = document.getElementById("livestate");
  const WAITS = [150, 300, 600, 1200, 2500, 5000, 10000, 20000]; // ms: the archive may be behind the event
  const waiting = new Map(); // alert id -> row, newest last
  const fetching = new Map(); // alert id -> newest revision that is being fetched

  const list = () => document.querySelector("[data-live-list]");
  const rows = () => document.getElementById("rows");
  const sleep = (time) => new Promise((done) => setTimeout(done, time + Math.random() * 150));

  function say(text, fine) {
    if (!state) return;
    state.textContent = text;
    state.classList.toggle("broken", !fine);
  }

  // -- the list of alerts

  async function fetchRow(id, revision, act) {
    const query = list().dataset.liveList || "?";
    const more = `revision=${revision}${act ? `&act=${encodeURIComponent(act)}` : ""}`;
    for (const time of WAITS) {
      await sleep(time);
      if (!list()) return null;
      const joint = query.endsWith("?") ? "" : "&";
      const answer = await fetch(`/alerts/${encodeURIComponent(id)}/row${query}${joint}${more}`, { headers: { "Accept": "text/html" } });
      if (answer.status === 200) {
        const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-alert]");
        return made;
      }
      if (answer.status === 204) return "unfit";
      if (answer.status !== 202) return null;
    }
    return null;
  }

  async function alertCame(id, revision, act) {
    const known = fetching.get(id);
    if (!act && known !== undefined && known >= revision) return;
    if (!act) fetching.set(id, revision);
    try {
      const made = await fetchRow(id, revision, act);
      if (!made || !list()) return;
      const old = rows().querySelector(`[data-alert="${CSS.escape(id)}"]`);
      if (made === "unfit") {
        waiting.delete(id);
        bar();
        if (old && !old.querySelector(".unfit")) {
          const note = document.createElement("span");
          note.className = "unfit small soft";
          note.textContent = "no longer fits";
          old.querySelector(".tags").append(note);
        }
        return;
      }
      if (old) replace(old, made);
      else if (waiting.has(id) || !act) { waiting.set(id, made); arrive(); }
    } finally {
      if (fetching.get(id) === revision) fetching.delete(id);
    }
  }

  function replace(old, made) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(made);
    added(made);
    if (focused) made.querySelector("a").focus({ preventScroll: true });
  }

  function reading() {
    const place = list().getBoundingClientRect();
    return place.top < 0 || list().contains(document.activeElement);
  }

  function arrive() {
    if (reading()) bar();
    else insert();
  }

  function bar() {
    const strip = document.getElementById("newbar");
    if (!strip) return;
    strip.hidden = waiting.size === 0;
    const text = waiting.size ? `${waiting.size} new` : "";
    const count = document.getElementById("newcount");
    if (count.textContent !== text) count.textContent = text;
    document.title = document.title.replace(/^\(\d+\) /, "");
    if (waiting.size) document.title = `(${waiting.size}) ${document.title}`;
  }

  function insert() {
    document.getElementById("empty")?.remove();
    for (const [id, made] of waiting) {
      rows().querySelector(`[data-alert="${CSS.escape(id)}"]`)?.remove();
      made.classList.add("arrives");
      rows().prepend(made);
      added(made);
    }
    waiting.clear();
    bar();
  }

  document.addEventListener("click", (event) => {
    if (event.target.id !== "shownew") return;
    insert();
    rows().querySelector("a")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  });
  document.addEventListener("htmx:afterSwap", () => { if (list()) { waiting.clear(); bar(); } });

  async function missed() {
    for (const kind of ["alert", "feedback", "feed", "stats"]) refreshSoon(kind, () => true);
    if (!list()) return;
    const answer = await fetch(window.location.href, { headers: { "Accept": "text/html" } }).catch(() => null);
    if (!answer || !answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const made of [...page.querySelectorAll("#rows > [data-alert]")].reverse()) {
      const old = rows().querySelector(`[data-alert="${CSS.escape(made.dataset.alert)}"]`);
      if (!old) waiting.set(made.dataset.alert, made);
      else if (old.dataset.revision !== made.dataset.revision) replace(old, made);
    }
    if (waiting.size) arrive();
  }

  // -- sections of any other page

  const due = new Map(); // kind of event -> test of the fetched page that says it is new enough
  let timer = 0;

  function added(element) {
    element.dispatchEvent(new CustomEvent("desk:added", { bubbles: true }));
    if (window.htmx) window.htmx.process(element);
  }

  function refreshSoon(kind, enough) {
    if (!document.querySelector(`[data-live~="${kind}"]`)) return;
    due.set(kind, enough);
    if (!timer) timer = setTimeout(refresh, 200, 0);
  }

  async function refresh(turn) {
    const wanted = new Map(due);
    due.clear();
    const answer = await fetch(window.location.href, { headers: { "Accept": "text/html" } }).catch(() => null);
    if (answer && answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const [kind, enough] of wanted) {
        if (!enough(page)) {
          if (!due.has(kind) && turn < WAITS.length) due.set(kind, enough);
          continue;
        }
        for (const old of document.querySelectorAll(`[data-live~="${kind}"]`)) put(old, page.getElementById(old.id));
      }
    }
    timer = due.size && turn < WAITS.length ? setTimeout(refresh, WAITS[Math.min(turn, WAITS.length - 1)], turn + 1) : 0;
  }

  function put(old, made) {
    if (!made || old.innerHTML === made.innerHTML || busy(old)) return;
    const focused = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(made);
    added(made);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  function busy(section) {
    return [...section.querySelectorAll("textarea, input:not([type=hidden])")].some((each) => each.value !== each.defaultValue);
  }

  function onEvent(kind, data) {
    const subject = document.body.dataset.subject;
    const alert = data.alert_id;
    if (list() && kind === "alert") alertCame(alert, data.revision || 1, "");
    if (list() && kind === "feedback") alertCame(alert, 1, data.feedback_id || "");
    if (kind === "alert" && subject === alert) {
      refreshSoon("alert", (page) => Number(page.querySelector("[data-version]")?.dataset.version || 0) >= (data.revision || 1));
    }
    if (kind === "feedback" && subject === alert) {
      refreshSoon("feedback", (page) => !data.feedback_id || page.querySelector(`[data-act="${CSS.escape(data.feedback_id)}"]`) !== null);
    }
    if (kind === "feed" || kind === "stats") refreshSoon(kind, () => true);
    if (kind === "gap") missed();
  }

  // -- the stream

  if (!document.querySelector("[data-live-list], [data-live]")) {
    say("", true);
    return;
  }
  if (!window.EventSource) return;
  const stream = new EventSource(document.body.dataset.events);
  stream.addEventListener("open", () => say("Live", true));
  stream.addEventListener("error", () => say("Not live: trying to connect again.", false));
  for (const kind of ["alert", "feedback", "feed", "stats", "gap"]) {
    stream.addEventListener(kind, (event) => {
      let data;
      try { data = JSON.parse(event.data); } catch { return; }
      onEvent(kind, data);
    });
  }
  window.addEventListener("pagehide", () => stream.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
})();
