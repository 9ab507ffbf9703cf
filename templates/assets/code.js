// Line numbers follow the text, Tab indents (Escape then Tab leaves), a link jumps to its line.
// Without this module: the numbers of the text as it was loaded, Tab leaves the editor.
for (const editor of document.querySelectorAll(".code:has(textarea)")) {
  const text = editor.querySelector("textarea");
  const numbers = editor.querySelector("ol");
  let leaving = false;

  const count = () => {
    const lines = text.value.split("\n").length + 1;
    while (numbers.children.length < lines) {
      const item = document.createElement("li");
      item.textContent = String(numbers.children.length + 1);
      numbers.append(item);
    }
    while (numbers.children.length > Math.max(lines, 13)) numbers.lastElementChild.remove();
    text.rows = numbers.children.length;
  };

  text.addEventListener("input", count);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      leaving = true;
      return;
    }
    if (event.key === "Tab" && !event.shiftKey && !leaving && !text.readOnly) {
      event.preventDefault();
      text.setRangeText("  ", text.selectionStart, text.selectionEnd, "end");
      text.dispatchEvent(new Event("input", { bubbles: true }));
    }
    leaving = false;
  });

  for (const link of document.querySelectorAll("a[data-line]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const before = text.value.split("\n").slice(0, Number(link.dataset.line) - 1).join("\n");
      const start = before.length + (before ? 1 : 0);
      const end = text.value.indexOf("\n", start);
      text.focus();
      text.setSelectionRange(start, end < 0 ? text.value.length : end);
    });
  }
  count();
}
