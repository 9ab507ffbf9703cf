// Ticks all rows of the page, and a range with Shift.
// Without this module: one tick per row.
for (const form of document.querySelectorAll("form:has(.pick)")) {
  const picks = [...form.querySelectorAll(".pick")];
  const all = form.querySelector(".pick-all");
  let last;

  const show = () => {
    if (!all) return;
    const ticked = picks.filter((pick) => pick.checked).length;
    all.checked = ticked > 0 && ticked === picks.length;
    all.indeterminate = ticked > 0 && ticked < picks.length;
  };

  all?.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
  });
  for (const pick of picks) {
    pick.addEventListener("click", (event) => {
      if (event.shiftKey && last) {
        const [from, to] = [picks.indexOf(last), picks.indexOf(pick)].sort((left, right) => left - right);
        for (const between of picks.slice(from, to + 1)) between.checked = pick.checked;
      }
      last = pick;
      show();
    });
  }
  show();
}
