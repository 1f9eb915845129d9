/**
 * `GET /`: a page that lists the watched assets with their prices. It holds no data
 * itself: it reads the API, with a token that it asks for where one is wanted, so the same
 * page stands behind a 200 and a 401.
 */

/** The page; `nonce` is the one of its Content-Security-Policy. */
export function page(nonce: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>Tapewatch</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${STYLE}</style>
<main>
<h1>Tapewatch</h1>
<p id="state" role="status">Connecting …</p>
<form id="form" hidden>
<label for="token">API token</label>
<input id="token" type="password" autocomplete="current-password" required>
<button>Open</button>
</form>
<table id="table" hidden>
<caption>Newest trades, one column per venue</caption>
<thead><tr id="head"></tr></thead>
<tbody id="rows"></tbody>
</table>
</main>
<script nonce="${nonce}">${SCRIPT}</script>
</html>
`;
}

const STYLE = `
body { margin: 0; background: #0e1116; color: #e6e9ee; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 1.5rem 1rem; overflow-x: auto; }
h1 { font-size: 1.25rem; margin: 0; }
#state { color: #9aa4b2; margin: .25rem 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #9aa4b2; padding-bottom: .5rem; }
th, td { padding: .35rem .75rem; text-align: right; border-bottom: 1px solid #232a34; }
th:first-child { text-align: left; }
thead th { color: #9aa4b2; font-weight: 500; }
input, button { font: inherit; color: inherit; background: #1a2029; border: 1px solid #4a5566;
  border-radius: .375rem; padding: .35rem .75rem; }
:focus-visible { outline: 2px solid #6cb0ff; outline-offset: 2px; }
`;

/** Read with `fetch`, not `EventSource`, which cannot send the token. */
const SCRIPT = `
const get = (id) => document.getElementById(id);
const cells = new Map();
const say = (text) => { get("state").textContent = text; };
const load = (path) => {
  const token = sessionStorage.getItem("token");
  return fetch(path, token ? { headers: { Authorization: "Bearer " + token } } : {});
};
const cell = (row, tag, text) => {
  const element = document.createElement(tag);
  if (tag === "th") element.scope = row.id === "head" ? "col" : "row";
  element.textContent = text;
  return row.appendChild(element);
};
function draw({ symbols, assets }) {
  const venues = [...new Set(symbols.map((each) => each.venue))];
  for (const title of ["Asset", ...venues]) cell(get("head"), "th", title);
  for (const asset of assets) {
    const row = get("rows").insertRow();
    cell(row, "th", asset);
    for (const venue of venues) cells.set(asset + " " + venue, cell(row, "td", "–"));
  }
  get("table").hidden = false;
}
function show({ t, prices }) {
  for (const { base, venue, price } of prices) {
    const element = cells.get(base + " " + venue);
    if (element) element.textContent = price === null ? "–" : String(price);
  }
  say("Live, " + new Date(t).toISOString().slice(11, 19) + " UTC");
}
async function follow() {
  const reply = await load("/api/v1/stream");
  if (!reply.ok) throw new Error((await reply.json()).error.message);
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = "";;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\\n\\n");
    rest = events.pop();
    for (const event of events) {
      const data = event.split("\\n").find((line) => line.startsWith("data: "));
      if (data) show(JSON.parse(data.slice(6)));
    }
  }
}
async function start() {
  const reply = await load("/api/v1/symbols");
  const body = await reply.json();
  get("form").hidden = reply.status !== 401;
  if (reply.status === 401) return say("This desk wants its API token");
  if (!reply.ok) return say(body.error.message);
  draw(body);
  for (;;) {
    try {
      await follow();
    } catch (error) {
      say("Not connected: " + error.message);
    }
    await new Promise((resolve) => setTimeout(resolve, 3000));
  }
}
get("form").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", get("token").value.trim());
  start();
});
start();
`;
