// Suggestions for links while typing: GET {base}/lookup/{entity}?q= answers [{ "id", "title" }].
// Without this module: the box suggests recent records, and takes an exact title or an id.
const base = document.body.dataset.base;

function fill(list, found) {
  list.replaceChildren(...found.map(({ title }) => {
    const option = document.createElement("option");
    option.value = title;
    return option;
  }));
}

const bound = new WeakSet();

function bind(box) {
  if (bound.has(box)) return;
  bound.add(box);
  const list = document.getElementById(box.getAttribute("list"));
  const field = box.closest(".field");
  const id = field?.querySelector(`input[name="${box.name}.id"]`);
  const title = field?.querySelector(`input[name="${box.name}.title"]`);
  const entities = field?.querySelector(`select[name="${box.name}.entity"]`);
  let found = [];
  let timer;
  let running;

  const choose = () => {
    const same = found.filter((record) => record.title === box.value.trim());
    if (same.length !== 1 || !id || !title) return;
    id.value = same[0].id;
    title.value = same[0].title;
  };

  const ask = async () => {
    const entity = entities?.value || box.dataset.lookup;
    if (!entity || !list) return;
    running?.abort();
    running = new AbortController();
    try {
      const address = `${base}/lookup/${encodeURIComponent(entity)}?q=${encodeURIComponent(box.value.trim())}`;
      const answer = await fetch(address, { headers: { accept: "application/json" }, signal: running.signal });
      if (!answer.ok) return;
      found = await answer.json();
      fill(list, found);
      choose();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };

  box.addEventListener("input", () => {
    choose();
    clearTimeout(timer);
    timer = setTimeout(ask, 150);
  });
  entities?.addEventListener("change", () => {
    box.value = "";
    ask();
  });
}

document.querySelectorAll("input[data-lookup]").forEach(bind);
// Boxes that come into the form later.
document.addEventListener("kontor:added", (event) => event.target.querySelectorAll("input[data-lookup]").forEach(bind));
