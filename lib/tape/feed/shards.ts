// This module is pure.
/** Spreads the topics of a route over as few sockets as the venue's limits allow. */
import type { RouteLimits, Topic } from "../../market/collector.ts";

/** Ordered parts, each within `topicsPerSocket` and `charsPerSocket`; none for no topics. */
export function shards(topics: readonly Topic[], limits: RouteLimits): Topic[][] {
  const parts: Topic[][] = [];
  let part: Topic[] = [];
  let chars = 0;
  for (const topic of topics) {
    // Quotes and a comma go over the wire with every name.
    const cost = topic.name.length + 3;
    const full = part.length >= limits.topicsPerSocket || chars + cost > limits.charsPerSocket;
    if (full && part.length > 0) {
      parts.push(part);
      part = [];
      chars = 0;
    }
    part.push(topic);
    chars += cost;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
