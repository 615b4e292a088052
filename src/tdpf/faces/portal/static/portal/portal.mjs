// Small improvements; every page works without them.

for (const block of document.querySelectorAll("[data-copyable]")) addCopyButton(block);

function addCopyButton(block) {
  const source = block.querySelector("code, .secret, blockquote, textarea, input");
  if (!source || !navigator.clipboard) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "dads-button code-block__copy";
  button.dataset.type = "outline";
  button.dataset.size = "small";
  button.textContent = document.body.dataset.copyLabel;
  const status = document.createElement("span");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = document.body.dataset.copiedLabel;
    status.textContent = document.body.dataset.copiedLabel;
    setTimeout(() => {
      button.textContent = document.body.dataset.copyLabel;
      status.textContent = "";
    }, 2000);
  });
  block.append(button, status);
}

const summary = document.getElementById("error-summary");
if (summary) summary.focus();

for (const drop of document.querySelectorAll(".dads-file-upload")) {
  const input = drop.querySelector("input[type=file]");
  if (!input) continue;
  for (const kind of ["dragenter", "dragover"])
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.dataset.over = ""; });
  for (const kind of ["dragleave", "drop"])
    drop.addEventListener(kind, (event) => { event.preventDefault(); delete drop.dataset.over; });
  drop.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) input.files = event.dataTransfer.files; });
}

for (const form of document.querySelectorAll("form[data-busy]")) {
  form.addEventListener("submit", () => {
    const note = document.getElementById(form.dataset.busy);
    if (note) note.hidden = false;
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
}

// On a phone the filters step back so that the results come first; they open again with one tap.
const filters = document.querySelector(".facets details");
if (filters && matchMedia("(max-width: 56rem)").matches) filters.open = false;
