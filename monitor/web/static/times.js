// Times in the reader's own zone, with UTC on hover. Without this script the page shows UTC.
"use strict";
(() => {
  const full = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
  const units = [["d", 86400], ["h", 3600], ["min", 60]];

  function age(moment) {
    const passed = (Date.now() - moment) / 1000;
    const size = Math.abs(passed);
    if (size < 60) return "now";
    const [unit, seconds] = units.find(([, each]) => size >= each);
    return `${passed < 0 ? "in " : ""}${Math.floor(size / seconds)} ${unit}`;
  }

  function local(element) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const form = element.dataset.form;
    const utc = element.dateTime.replace("T", " ").replace("Z", " UTC");
    if (form === "age") {
      element.title = `${full.format(moment)} (${utc})`;
      element.textContent = age(moment);
    } else {
      element.title = utc;
      element.textContent = { full, clock, day }[form].format(moment);
    }
  }

  function localise(root) {
    for (const element of root.querySelectorAll("time[data-form]")) local(element);
  }

  document.addEventListener("desk:added", (event) => localise(event.target));
  document.addEventListener("htmx:afterSettle", () => localise(document));
  localise(document);
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-form="age"]')) local(element);
  }, 30000);
})();
