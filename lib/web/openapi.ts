/**
 * The OpenAPI document, written from the schemas that check the requests. A test holds
 * it against the app's routes: a route without an entry here fails.
 */
import * as z from "zod/mini";
import {
  AnswerBody,
  AskBody,
  Buckets,
  BucketsQuery,
  Health,
  PriceEvent,
  Problem,
  Ready,
  Symbols,
} from "./schemas.ts";

type JsonObject = Record<string, unknown>;

function jsonSchema(schema: z.core.$ZodType): JsonObject {
  return { ...z.toJSONSchema(schema, { target: "openapi-3.0", io: "input" }) };
}

function json(description: string, schema: z.core.$ZodType): JsonObject {
  return { description, content: { "application/json": { schema: jsonSchema(schema) } } };
}

function plain(description: string, type: string): JsonObject {
  return { description, content: { [type]: { schema: { type: "string" } } } };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "A parameter or the body is wrong; the message has the fix",
  404: "No such venue or symbol; the message has the nearest names",
  413: "The body is larger than 8 KiB",
  415: "The body is not application/json",
  503: "No more event streams are taken",
};

function refusals(...statuses: number[]): JsonObject {
  return Object.fromEntries(statuses.map((status) => [
    status,
    json(REASONS[status] ?? "", Problem),
  ]));
}

/** What every route but `/healthz` may answer. */
const GUARDED = (): JsonObject => ({
  401: json("The token is missing or wrong", Problem),
  403: json("Without a token only this machine is served", Problem),
  429: json("Too many wrong tokens from this address", Problem),
});

function queryParameters(): JsonObject[] {
  const { properties, required } = z.toJSONSchema(BucketsQuery, {
    target: "openapi-3.0",
    io: "input",
  });
  return Object.entries(properties ?? {}).map(([name, schema]) => ({
    name,
    in: "query",
    required: required?.includes(name) ?? false,
    description: PARAMETERS[name],
    schema,
  }));
}

const PARAMETERS: Readonly<Record<string, string>> = {
  venue: "As /api/v1/symbols names it",
  symbol: "The venue's own name or an asset, in any case",
  from: "Inclusive, ms since the epoch; 60 bars before `to` where not given",
  to: "Exclusive, ms since the epoch; now where not given",
  tf: "Minutes per bar; bars are aligned to the epoch. At most 10 000 bars are answered",
};

/** The document as a plain object, ready for `JSON.stringify`. */
export function openApi(version: string): JsonObject {
  const get = (summary: string, responses: JsonObject, more: JsonObject = {}) => ({
    get: { summary, ...more, responses: { ...responses, ...GUARDED() } },
  });
  return {
    openapi: "3.0.3",
    info: {
      title: "Tapewatch",
      version,
      description: "Minute buckets, newest prices and commands. Unknown is null, never 0",
    },
    security: [{ bearer: [] }],
    paths: {
      "/": get("The dashboard", { 200: plain("A page", "text/html") }),
      "/healthz": {
        get: {
          summary: "Whether the process answers",
          security: [],
          responses: { 200: json("It does", Health) },
        },
      },
      "/readyz": get("Whether every enabled stream is live", {
        200: json("All are", Ready),
        503: json("Not yet, or not any more", Ready),
      }),
      "/metrics": get("Prometheus text format 0.0.4", { 200: plain("A scrape", "text/plain") }),
      "/openapi.json": get("This document", {
        200: { description: "OpenAPI 3.0", content: { "application/json": { schema: {} } } },
      }),
      "/api/v1/symbols": get("What is collected", { 200: json("Markets and assets", Symbols) }),
      "/api/v1/buckets": get("Bars of one market", {
        200: json("Ordered bars", Buckets),
        ...refusals(400, 404),
      }, { parameters: queryParameters() }),
      "/api/v1/stream": get("The newest prices as server-sent events", {
        200: {
          description: "Events named `prices`: the first has every market, later ones the changes",
          content: { "text/event-stream": { schema: jsonSchema(PriceEvent) } },
        },
        ...refusals(503),
      }),
      "/api/v1/ask": {
        post: {
          summary: "One command, answered as on Telegram",
          requestBody: {
            required: true,
            content: { "application/json": { schema: jsonSchema(AskBody) } },
          },
          responses: {
            200: json("The reply", AnswerBody),
            ...refusals(400, 413, 415),
            ...GUARDED(),
          },
        },
      },
    },
    components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
  };
}
