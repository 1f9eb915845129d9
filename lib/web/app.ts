/**
 * The HTTP side: routes, who is let in, and how refusals look.
 *
 * To add a route: one line in `addRoutes`, one entry in openapi.ts, its test.
 */
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { NONCE, secureHeaders } from "hono/secure-headers";
import { isJson, postAsk } from "./ask.ts";
import { getBuckets } from "./buckets.ts";
import type { WebApp, WebDeps, WebEnv } from "./deps.ts";
import { createGuard } from "./guard.ts";
import { openApi } from "./openapi.ts";
import { page } from "./page.ts";
import { problem } from "./problem.ts";
import { requestMetrics } from "./request_metrics.ts";
import { MAX_BODY_BYTES } from "./schemas.ts";
import { PriceStreams } from "./stream.ts";
import { webhookRoute } from "./webhook.ts";

export type { Answer, Caller, Readiness, WebApp, WebDeps } from "./deps.ts";

export function createApp(deps: WebDeps): WebApp {
  const { log, nowMs } = deps;
  // Strict: `/metrics/` is another path than `/metrics`, and is not there.
  const app = new Hono<WebEnv>();
  const streams = new PriceStreams(deps.source, deps.sleep);
  const methodsOf = (path: string) =>
    app.routes.filter((route) => route.path === path && route.method !== "ALL")
      .map((route) => route.method);

  app.use(requestMetrics(deps, (path) => methodsOf(path).length > 0));
  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [NONCE],
      styleSrc: [NONCE],
      imgSrc: ["data:"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    referrerPolicy: "no-referrer",
    xFrameOptions: "DENY",
    // For the proxy that speaks TLS to decide: here it is plain HTTP.
    strictTransportSecurity: false,
  }));
  app.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
  });
  if (deps.webhook) app.use(webhookRoute(deps.webhook));
  app.use(createGuard(deps, unauthorized));
  addRoutes(app, deps, streams);

  app.notFound((c) => {
    const methods = methodsOf(c.req.path);
    if (methods.length === 0) {
      return problem(c, 404, "There is nothing here: /openapi.json lists what is");
    }
    const allowed = [...new Set(methods.includes("GET") ? ["GET", "HEAD", ...methods] : methods)];
    return problem(c, 405, `Use ${allowed.join(" or ")} for ${c.req.path}`, {
      Allow: allowed.join(", "),
    });
  });
  app.onError((error, c) => {
    // Nobody hears this: it is for the count of answers.
    if (isCutBody(error)) return problem(c, 400, "The body has no end");
    const { method, path } = c.req;
    log.rateLimited(`http ${methodsOf(path).length > 0 ? path : ""}`, 60_000, nowMs())
      ?.error("Cannot answer a request", { method, path, error });
    return problem(c, 500, "The fault is on this side: the log has it");
  });

  return {
    fetch: async (request, caller) => await app.fetch(request, { caller }),
    routes: app.routes.filter((route) => route.method !== "ALL")
      .map(({ method, path }) => ({ method, path })),
    close: () => streams.close(),
  };
}

function addRoutes(app: Hono<WebEnv>, deps: WebDeps, streams: PriceStreams): void {
  const { source, metrics } = deps;
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => {
    const { ready, reasons, progress } = deps.ready();
    return c.json(
      { ready, reasons, ...(progress === undefined ? {} : { progress }) },
      ready ? 200 : 503,
    );
  });
  app.get("/metrics", (c) =>
    c.body(metrics.write(), 200, {
      "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
    }));
  if (deps.api === false) return;

  app.get("/", (c) => c.html(page(nonceOf(c))));
  app.get("/openapi.json", (c) => c.json(openApi(deps.version)));
  app.get("/api/v1/symbols", (c) => {
    const symbols = source.allSeries().map(
      ({ venue, market, symbol, base, quote }) => ({ venue, market, symbol, base, quote }),
    );
    return c.json({ symbols, assets: source.assets() });
  });
  app.get("/api/v1/buckets", (c) => getBuckets(c, source));
  app.get("/api/v1/stream", (c) => {
    const headers = { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" };
    // Hono answers HEAD with GET's handler and drops the body, which nobody would end.
    if (c.req.method === "HEAD") return c.body(null, 200, headers);
    const body = streams.open();
    if (body !== null) return c.body(body, 200, headers);
    return problem(c, 503, "No more event streams are taken: close one", { "Retry-After": "5" });
  });
  app.post(
    "/api/v1/ask",
    async (c, next) => {
      if (isJson(c.req.header("content-type"))) return await next();
      return problem(c, 415, "Send the body as Content-Type: application/json");
    },
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => problem(c, 413, `The body is larger than ${MAX_BODY_BYTES} bytes`),
    }),
    (c) => postAsk(c, (text) => deps.answer(text)),
  );
}

/** What reading a body throws whose client is gone, in the two ways in which Deno 2.9.6 tells it. */
function isCutBody(error: Error): boolean {
  return error instanceof Deno.errors.Http ||
    (error instanceof Deno.errors.BadResource && /\bbody\b/.test(error.message));
}

/** A browser that opens the dashboard gets the page that asks for the token. */
function unauthorized(c: Context<WebEnv>): Response | Promise<Response> {
  const headers = { "WWW-Authenticate": 'Bearer realm="tapewatch"' };
  if (
    c.req.path === "/" && c.req.method === "GET" && /text\/html/.test(c.req.header("accept") ?? "")
  ) {
    return c.html(page(nonceOf(c)), 401, headers);
  }
  return problem(c, 401, "Send the API token as Authorization: Bearer …", headers);
}

function nonceOf(c: Context<WebEnv>): string {
  return c.get("secureHeadersNonce") ?? "";
}
