// Warns before typed changes are lost, and keeps a form from being sent twice.
// Without this module: the form works, nothing warns, the server answers a repeated send.
const forms = document.querySelectorAll("form[data-main]");
let dirty = false;

for (const form of forms) {
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    dirty = false;
    setTimeout(() => form.querySelectorAll("button").forEach((button) => { button.disabled = true; }));
  });
}

addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

// A page that comes back from the browser's cache must be usable again.
addEventListener("pageshow", () => {
  for (const form of forms) form.querySelectorAll("button").forEach((button) => { button.disabled = false; });
});

document.querySelector(".notice[role=alert][tabindex]")?.focus();

// What can be written into a formula is written by a click at the place of the cursor. Without this the lists are read.
for (const list of document.querySelectorAll("[data-into]")) {
  const box = document.getElementById(list.dataset.into);
  if (!box) continue;
  for (const item of list.querySelectorAll("[data-insert]")) {
    const code = item.querySelector("code");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "insert";
    code.replaceWith(button);
    button.append(code);
    button.addEventListener("click", () => {
      box.setRangeText(item.dataset.insert, box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
  }
}
