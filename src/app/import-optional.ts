/** @throws Error with `message` when a library that `load` needs is an optional dependency and not installed */
export async function importOptional<Module>(load: () => Promise<Module>, message: string): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new Error(message, { cause });
  }
}
