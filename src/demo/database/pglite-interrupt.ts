/**
 * Cancels a statement of PGlite from another thread. While PostgreSQL works it checks two flags in its memory, which a
 * signal sets on a server. PGlite has no signals, and the worker's event loop is blocked meanwhile. So its memory is made
 * shared, and the main thread sets the flags: the statement ends with SQLSTATE 57014 within milliseconds, and the
 * database stays open.
 *
 * One bit of a WebAssembly module's memory import says whether the memory is shared. PGlite accepts a compiled module and,
 * through an extension, the memory.
 *
 * @see https://webassembly.github.io/threads/core/binary/types.html#limits
 */
import { readFile } from 'node:fs/promises';
import type { Extension, PGliteOptions } from '@electric-sql/pglite';

/** The addresses of the flags; can be sent to another thread. */
export type Interrupt = { memory: SharedArrayBuffer; pending: number; cancel: number };

type Memory = { readonly buffer: SharedArrayBuffer };
type Instance = { exports: { [name: string]: { value?: unknown } | undefined } };
type OnInstance = (instance: Instance, module: unknown) => void;
type Instantiate = (imports: object, onInstance: OnInstance) => unknown;

// TypeScript declares WebAssembly for browsers only.
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<NonNullable<PGliteOptions['pgliteWasmModule']>>;
  Memory: new (limits: { initial: number; maximum: number; shared: true }) => Memory;
};

/** The memory import: module, name and kind. The limits follow. */
const MEMORY_IMPORT = Buffer.from('\x03env\x06memory\x02', 'latin1');
const BOUNDED = 1;
const BOUNDED_AND_SHARED = 3;
/** PGlite's own limits: 128 MiB at first, 2 GiB at most, in pages of 64 KiB. */
const PAGES = { initial: 2048, maximum: 32_768 };

/** Returns options for PGlite.create, and a function that finds the flags after it. */
export async function interruptible(): Promise<{
  options: Pick<PGliteOptions, 'pgliteWasmModule' | 'extensions'>;
  interrupt(): Interrupt;
}> {
  const memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  let exported: Instance['exports'] = {};
  const extension: Extension = {
    name: 'interruptible',
    setup: async (_pg, options: { instantiateWasm: Instantiate }) => {
      const instantiateWasm: Instantiate = (imports, onInstance) =>
        options.instantiateWasm(imports, (instance, module) => {
          exported = instance.exports;
          onInstance(instance, module);
        });
      return { emscriptenOpts: { ...options, wasmMemory: memory, instantiateWasm } };
    },
  };
  return {
    options: { pgliteWasmModule: await compileShared(), extensions: { interruptible: extension } },
    interrupt: () => ({
      memory: memory.buffer,
      pending: addressOf('InterruptPending', exported),
      cancel: addressOf('QueryCancelPending', exported),
    }),
  };
}

async function compileShared() {
  const bytes = await readFile(new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite')));
  const limits = bytes.indexOf(MEMORY_IMPORT) + MEMORY_IMPORT.length;
  if (limits < MEMORY_IMPORT.length || bytes[limits] !== BOUNDED)
    throw new Error('this version of PGlite imports its memory in another way: see pglite-interrupt.ts');
  bytes[limits] = BOUNDED_AND_SHARED;
  return WebAssembly.compile(bytes);
}

function addressOf(name: string, exported: Instance['exports']): number {
  const address = exported[name]?.value;
  if (typeof address !== 'number') throw new Error(`this version of PGlite does not export ${name}`);
  return address;
}

/** Ends the running statement. If there is none, the next one ends, unless `clearInterrupt` comes first. */
export function cancelStatement({ memory, pending, cancel }: Interrupt): void {
  const words = new Int32Array(memory);
  Atomics.store(words, cancel >> 2, 1);
  Atomics.store(words, pending >> 2, 1);
}

/** A cancel that came just after its statement had ended must not hit the next one. */
export function clearInterrupt({ memory, pending, cancel }: Interrupt): void {
  const words = new Int32Array(memory);
  Atomics.store(words, pending >> 2, 0);
  Atomics.store(words, cancel >> 2, 0);
}
