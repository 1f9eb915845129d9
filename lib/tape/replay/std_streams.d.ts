/**
 * Types of what we use of `@std/streams`, whose npm publication ships none. With JSR
 * in reach the import map points there and this file goes.
 */
export declare class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { allowCR?: boolean });
}
