// The API console: shows the real answer of the API under the form, and keeps the copyable calls in step.

const form = document.querySelector("form[data-console]");
const result = document.querySelector("[data-console-result]");
const base = new URL(form.action, location.href);

function address() {
  const url = new URL(base);
  for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
  return url;
}

function keepSnippetsInStep() {
  for (const code of document.querySelectorAll("[data-snippet]")) {
    code.textContent = code.textContent.replace(/https?:\/\/[^"\s]+\/items[^"\s]*/u, address().href);
  }
}

form.addEventListener("input", keepSnippetsInStep);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = address();
  const begun = performance.now();
  const line = document.createElement("p");
  const body = document.createElement("pre");
  body.tabIndex = 0;
  body.setAttribute("aria-label", url.pathname);
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json, */*" } });
    const text = await answer.text();
    const kind = answer.headers.get("content-type") ?? "";
    line.textContent = `${result.dataset.status}: ${answer.status} · ${Math.round(performance.now() - begun)} ms · ${kind}`;
    const shown = kind.includes("json") && !kind.includes("ndjson") ? JSON.stringify(JSON.parse(text), null, 1) : text;
    body.textContent = shown.length > 20000 ? `${shown.slice(0, 20000)}\n…` : shown;
  } catch (fault) {
    line.textContent = `${result.dataset.failed}: ${fault.message}`;
  }
  result.replaceChildren(line, ...(body.textContent ? [body] : []));
  result.hidden = false;
});
