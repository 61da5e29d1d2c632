// The theme without a reload, and addresses without empty filters.
"use strict";
(() => {
  const root = document.documentElement;
  const button = document.getElementById("theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function shown() {
    return root.dataset.theme || (dark.matches ? "dark" : "light");
  }

  function label() {
    const other = shown() === "dark" ? "light" : "dark";
    button.value = other;
    button.textContent = other === "dark" ? "Dark" : "Light";
  }

  button.addEventListener("click", (event) => {
    event.preventDefault();
    root.dataset.theme = button.value;
    document.cookie = `theme=${button.value}; path=/; max-age=31536000; samesite=lax`;
    label();
  });
  dark.addEventListener("change", label);
  label();

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    for (const [name, value] of Object.entries(event.detail.parameters)) {
      if (value === "") delete event.detail.parameters[name];
    }
  });
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "get") return;
    const empty = [...event.target.elements].filter((each) => each.name && each.value === "");
    for (const each of empty) each.disabled = true;
    setTimeout(() => { for (const each of empty) each.disabled = false; }, 0);
  });
})();
