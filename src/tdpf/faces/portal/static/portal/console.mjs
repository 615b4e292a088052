// The API console: shows the real answer of the API under the form, what is left of the quota and the last calls, and keeps
// the copyable calls in step.

const form = document.querySelector("form[data-console]");
const result = document.querySelector("[data-console-result]");
const calls = document.querySelector("[data-console-calls]");
const keyField = document.querySelector("[data-console-key]");
const base = new URL(form.action, location.href);
const CALLS_KEPT = 10;
keyField.hidden = false;
// Without this script the form would send an empty condition, which the API refuses.
const condition = document.querySelector("[data-console-filter]");
condition.hidden = false;
condition.querySelector("input").disabled = false;

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

// RateLimit: "day";r=999;t=18862, "month";r=19999;t=278062
function left(answer) {
  const words = { day: result.dataset.day, month: result.dataset.month };
  const told = [...(answer.headers.get("ratelimit") ?? "").matchAll(/"(\w+)";r=(\d+)/gu)]
    .filter(([, period]) => words[period])
    .map(([, period, rest]) => `${words[period]} ${Number(rest).toLocaleString()}`);
  if (told.length) return told.join(" / ");
  return answer.ok ? result.dataset.noLimit : "—";
}

function note(...texts) {
  const row = calls.querySelector("tbody").insertRow(0);
  for (const [place, text] of texts.entries()) {
    const cell = row.insertCell();
    cell.textContent = text;
    if (place === 3) cell.className = "number";
    cell.dataset.label = calls.querySelectorAll("thead th")[place].textContent;
  }
  for (const old of [...calls.querySelectorAll("tbody tr")].slice(CALLS_KEPT)) old.remove();
  calls.hidden = false;
}

form.addEventListener("input", keepSnippetsInStep);
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const url = address();
  const key = keyField.querySelector("input").value.trim();
  const begun = performance.now();
  const line = document.createElement("p");
  const body = document.createElement("pre");
  const headers = { Accept: "application/json, */*", ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  body.tabIndex = 0;
  body.setAttribute("aria-label", url.pathname);
  const moment = new Date().toLocaleTimeString();
  const shown = decodeURIComponent(url.pathname + url.search);
  try {
    const answer = await fetch(url, { headers });
    const text = await answer.text();
    const spent = Math.round(performance.now() - begun);
    const kind = answer.headers.get("content-type") ?? "";
    line.textContent = `${result.dataset.status}: ${answer.status} · ${spent} ms · ${kind} · ${result.dataset.left}: ${left(answer)}`;
    const pretty = kind.includes("json") && !kind.includes("ndjson") ? JSON.stringify(JSON.parse(text), null, 1) : text;
    body.textContent = pretty.length > 20000 ? `${pretty.slice(0, 20000)}\n…` : pretty;
    note(moment, String(answer.status), shown, String(spent), left(answer));
  } catch (fault) {
    line.textContent = `${result.dataset.failed}: ${fault.message}`;
    note(moment, result.dataset.failed, shown, "—", "—");
  }
  result.replaceChildren(line, ...(body.textContent ? [body] : []));
  result.hidden = false;
});
