// A pad to sign on with a pen, a finger or the mouse. What is drawn becomes the picture that the form sends.
// Without this module: a name is typed, or a picture of the signature is chosen.
function pad(box) {
  const file = box.querySelector("input[type=file]");
  const canvas = document.createElement("canvas");
  const clear = document.createElement("button");
  const brush = canvas.getContext("2d");
  if (!file || !brush || !window.DataTransfer) return;
  Object.assign(canvas, { className: "pad", width: 800, height: 240 });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", box.dataset.draw);
  Object.assign(clear, { type: "button", className: "btn ghost s auto", textContent: box.dataset.clear });
  Object.assign(brush, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#111" });
  let drawing = false;

  const put = (blob) => {
    const sent = new DataTransfer();
    if (blob) sent.items.add(new File([blob], "signature.png", { type: "image/png" }));
    file.files = sent.files;
    file.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [(event.clientX - frame.left) * canvas.width / frame.width, (event.clientY - frame.top) * canvas.height / frame.height];
  };
  canvas.addEventListener("pointerdown", (event) => {
    drawing = true;
    canvas.setPointerCapture(event.pointerId);
    brush.beginPath();
    brush.moveTo(...at(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    brush.lineTo(...at(event));
    brush.stroke();
  });
  canvas.addEventListener("pointerup", () => {
    if (!drawing) return;
    drawing = false;
    canvas.toBlob(put, "image/png");
  });
  clear.addEventListener("click", () => {
    brush.clearRect(0, 0, canvas.width, canvas.height);
    put(null);
  });
  box.prepend(canvas, clear);
}

const find = (place) => place.querySelectorAll("[data-sign]:not(:has(canvas))").forEach(pad);
find(document);
document.addEventListener("kontor:added", (event) => find(event.target));
