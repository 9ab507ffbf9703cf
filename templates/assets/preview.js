// While somebody types: what follows from it (derived values, hidden, required and fixed fields, warnings) is asked of
// POST …/preview and put into the form in place. What was typed is never touched.
// Without this module: the "Recalculate" button, which answers with the whole form.
const WAIT = 450;

// A field is known by the id of its control, or its own where it may only be read.
const key = (field) => (field.id.startsWith("f-") ? field.id : field.querySelector("[id^='f-']")?.id);
const fixed = (field) => Boolean(field.querySelector(":scope > .fixed"));
const notes = ":scope > .err, :scope > .hint";

function tell(field) {
  field.dispatchEvent(new CustomEvent("kontor:added", { bubbles: true }));
}

function refresh(old, fresh) {
  if (fixed(old) || fixed(fresh)) {
    if (old.outerHTML !== fresh.outerHTML) {
      old.replaceWith(fresh);
      tell(fresh);
    }
    return;
  }
  const [label, other] = [old, fresh].map((field) => field.querySelector("label .req, legend .req")?.parentElement ?? field.querySelector("label, legend"));
  if (label && other && !label.querySelector("input")) label.innerHTML = other.innerHTML;
  const control = old.querySelector(`[id="${key(old)}"]`);
  const wanted = fresh.querySelector(`[id="${key(fresh)}"]`);
  // Who is still writing is not told that it is wrong; leaving the box asks once more.
  if (control && control === document.activeElement && wanted?.hasAttribute("aria-invalid") && !control.hasAttribute("aria-invalid")) return;
  if (control && wanted) {
    for (const name of ["required", "aria-invalid", "aria-describedby"]) {
      if (wanted.hasAttribute(name)) control.setAttribute(name, wanted.getAttribute(name));
      else control.removeAttribute(name);
    }
  }
  // Cells of rows that are calculated; the others hold what was typed.
  for (const cell of old.querySelectorAll("td > .fixed[id]")) {
    const worked = fresh.querySelector(`[id="${cell.id}"]`);
    if (worked?.matches("td > .fixed")) cell.innerHTML = worked.innerHTML;
  }
  old.querySelectorAll(notes).forEach((note) => note.remove());
  old.append(...fresh.querySelectorAll(notes));
}

// Puts the children of `fresh` into `old`, in their order; `known` names a child, `same` brings one up to date.
function follow(old, fresh, known, same) {
  const before = new Map([...old.children].map((child) => [known(child), child]));
  let place = null;
  for (const child of [...fresh.children]) {
    const present = known(child) && before.get(known(child));
    before.delete(known(child));
    if (present) {
      same(present, child);
      place = old.children[[...old.children].findIndex((one) => known(one) === known(child))] ?? place;
    } else if (known(child)) {
      if (place) place.after(child);
      else old.prepend(child);
      place = child;
      tell(child);
    }
  }
  for (const [name, child] of before) {
    if (name && !child.contains(document.activeElement)) child.remove();
  }
}

function apply(form, page) {
  const fresh = page.querySelector("form[data-main]");
  const sections = (one) => one?.querySelector(":scope > .stack");
  if (!fresh || !sections(form)) return;
  form.querySelectorAll("input[name^='_kept.']").forEach((input) => input.remove());
  form.append(...fresh.querySelectorAll("input[name^='_kept.']"));
  const name = (child) => child.dataset?.section;
  follow(sections(form), sections(fresh), name, (old, other) => {
    const [mine, theirs] = [old, other].map((one) => one.querySelector(".fields"));
    if (mine && theirs) follow(mine, theirs, key, refresh);
  });
}

for (const form of document.querySelectorAll("form[data-preview]")) {
  const said = form.querySelector("[data-said]");
  let timer;
  let running;

  const ask = async () => {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        signal: running.signal,
      });
      if (!answer.ok) return;
      const text = await answer.text();
      apply(form, new DOMParser().parseFromString(text, "text/html"));
      if (said) said.textContent = said.dataset.said;
    } catch (error) {
      // Without the network the form still saves and still has its button.
      if (error.name !== "AbortError" && error.name !== "TypeError") throw error;
    }
  };

  for (const kind of ["input", "change"]) {
    form.addEventListener(kind, () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
  }
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    running?.abort();
  });
}
