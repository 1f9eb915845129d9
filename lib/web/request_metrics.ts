/** Counts and times of requests, by route; unknown paths and methods share one label. */
import type { MiddlewareHandler } from "hono";
import { LATENCY_SECONDS } from "../metrics.ts";
import type { WebDeps, WebEnv } from "./deps.ts";

const METHODS: readonly string[] = ["GET", "HEAD", "POST"];

export function requestMetrics(
  { metrics }: Pick<WebDeps, "metrics">,
  isRoute: (path: string) => boolean,
): MiddlewareHandler<WebEnv> {
  const requests = metrics.counter(
    "tapewatch_http_requests_total",
    "HTTP requests answered",
    ["route", "method", "status"],
  );
  const seconds = metrics.histogram(
    "tapewatch_http_request_seconds",
    "Time from an HTTP request to the head of its reply",
    LATENCY_SECONDS,
    ["route"],
  );
  return async (c, next) => {
    const startMs = performance.now();
    await next();
    const route = isRoute(c.req.path) ? c.req.path : "other";
    const method = METHODS.includes(c.req.method) ? c.req.method : "other";
    requests.with(route, method, String(c.res.status)).inc();
    seconds.with(route).observe((performance.now() - startMs) / 1000);
  };
}
