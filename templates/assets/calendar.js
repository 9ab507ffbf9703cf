// Records can be dragged to another day; dropping sends the page's own move form.
// Without this module: the "Move" form of each record on the page of its day.
const form = document.getElementById("move-day");
let dragged;

for (const event of document.querySelectorAll("a.ev[data-move]")) {
  event.draggable = true;
  event.addEventListener("dragstart", (start) => {
    dragged = event;
    start.dataTransfer.effectAllowed = "move";
  });
  event.addEventListener("dragend", () => { dragged = undefined; });
}

for (const day of document.querySelectorAll("td[data-day]")) {
  day.addEventListener("dragover", (event) => {
    if (!dragged || day.contains(dragged)) return;
    event.preventDefault();
    day.classList.add("over");
  });
  day.addEventListener("dragleave", (event) => {
    if (!day.contains(event.relatedTarget)) day.classList.remove("over");
  });
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    day.classList.remove("over");
    if (!dragged || !form) return;
    form.action = dragged.dataset.move;
    for (const name of ["start", "end", "version"]) form.elements[name].value = dragged.dataset[name];
    form.elements.to.value = day.dataset.day;
    form.requestSubmit();
  });
}
