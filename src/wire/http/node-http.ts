/**
 * `node:http` without what an `import` of it loads: that reads every export of the module, and to read `WebSocket`, Node 24 loads
 * all of undici, which takes 15 to 30 ms. Types are imported from `node:http` as usual.
 */
export const http = process.getBuiltinModule('node:http');
