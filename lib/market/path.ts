// This module is pure.
/** Path and query of a REST call; symbols may be any text, so every value is encoded. */
export function pathOf(
  path: string,
  query: Readonly<Record<string, string | number | null>>,
): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
}
