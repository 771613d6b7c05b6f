/** What the build makes of the contract (plugin.ts). */
declare module 'virtual:contract' {
  type Shape = import('./shape.js').Shape;
  /** Method, path, shape of the answer; true where it is a stream, each line of that shape. */
  export type Route = readonly [method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, answer: Shape, streams?: true];
  export const operations: Readonly<Record<import('@plimsoll/contracts').OperationName, Route>>;
  export const problem: Shape;
  export const firstNonce: Shape;
  export const exportEnd: Shape;
  export const settingsPatch: Shape;
  export const accessRequest: Shape;
}
