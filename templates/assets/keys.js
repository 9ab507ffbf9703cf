// Keyboard: "?" lists the keys, "/" and Ctrl+K to the search, N new, E edit, J and K through rows, X ticks, Enter opens, Ctrl+Enter saves.
// Without this module: links, Tab and the skip link.
const typing = (element) => element.closest?.("input, select, textarea, [contenteditable]");
const rows = () => [...document.querySelectorAll("table.rows tbody tr:has(a.name)")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement?.closest("tr"));
  const next = all[Math.max(0, Math.min(all.length - 1, at < 0 ? 0 : at + by))];
  next.querySelector("a.name")?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function save() {
  const form = document.activeElement?.closest("form[method=post]") ?? document.querySelector("main form[data-main]");
  form?.requestSubmit(form.querySelector("button.primary") ?? undefined);
}

const keys = {
  "?": () => document.getElementById("keys")?.togglePopover(),
  "/": () => (document.querySelector("main input[type=search]") ?? document.getElementById("top-search"))?.focus(),
  n: () => document.querySelector("[data-key=n]")?.click(),
  e: () => document.querySelector("[data-key=e]")?.click(),
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement?.closest("tr")?.querySelector(".pick")?.click(),
};

document.addEventListener("keydown", (event) => {
  const command = event.ctrlKey || event.metaKey;
  if (command && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.getElementById("top-search")?.focus();
    return;
  }
  if (command && event.key === "Enter") {
    event.preventDefault();
    save();
    return;
  }
  if (command || event.altKey || event.isComposing || typing(event.target)) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
