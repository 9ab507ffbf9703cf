// Cards can be dragged to another lane; dropping sends the card's own move form.
// Without this module: the "Move to" menu on each card.
let dragged;

// The button that moves the dragged card to a lane; none where its process knows no such move.
const way = (lane) => [...(dragged?.querySelectorAll("form.menu button[name=to]") ?? [])]
  .find((one) => one.value === lane.dataset.value);

for (const card of document.querySelectorAll(".deal[data-movable]")) {
  card.draggable = true;
  card.addEventListener("dragstart", (event) => {
    dragged = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.querySelector("h3")?.textContent.trim() ?? "");
  });
  card.addEventListener("dragend", () => { dragged = undefined; });
}

for (const lane of document.querySelectorAll(".lane[data-value]")) {
  lane.addEventListener("dragover", (event) => {
    if (!dragged || dragged.closest(".lane") === lane || !way(lane)) return;
    event.preventDefault();
    lane.classList.add("over");
  });
  lane.addEventListener("dragleave", (event) => {
    if (!lane.contains(event.relatedTarget)) lane.classList.remove("over");
  });
  lane.addEventListener("drop", (event) => {
    event.preventDefault();
    lane.classList.remove("over");
    const button = way(lane);
    button?.form.requestSubmit(button);
  });
}
