/** A running registry with a folder of its own and an issuer that signs anything; every answer is checked against the OpenAPI document. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as assert from 'uvu/assert';
import { createMemoryState } from '../../src/cluster/state/memory-state.js';
import { createRegistry, type Registry } from '../../src/services/registry/registry.js';
import type { RegistryOptions } from '../../src/services/registry/registry-options.js';
import { openFileStore } from '../../src/services/registry/store/file-store.js';
import { readSealingKeys } from '../../src/wire/server/sealer.js';
import { isRecord, type JsonObject } from '../../src/wire/value.js';
import { TestIssuer } from '../support/issuer.js';
import { until } from '../support/until.js';

export type Answered = { status: number; headers: Headers; body: JsonObject };

export class RunningRegistry {
  origin = '';
  openApi: JsonObject = {};
  readonly errors: string[] = [];
  /** Operations that have been answered: `GET /api/servers 200`. */
  readonly covered = new Set<string>();
  #ajv = new Ajv2020({ strict: false, validateFormats: false });

  private constructor(
    readonly registry: Registry,
    readonly issuer: TestIssuer,
    readonly dir: string,
  ) {}

  static async open(given: Partial<RegistryOptions> = {}): Promise<RunningRegistry> {
    const issuer = await TestIssuer.start();
    const dir = await mkdtemp(join(tmpdir(), 'registry-'));
    const onError = (error: unknown, about: string) => made.errors.push(`${about}: ${String(error)}`);
    const registry = createRegistry({
      operatorSecret: 'secret',
      store: given.store ?? (await openFileStore(join(dir, 'kept'), onError)),
      auth: { issuers: [{ issuer: issuer.issuer }] },
      issuer: issuer.issuer,
      secrets: readSealingKeys([]),
      state: createMemoryState(() => new Date()),
      reach: { loopback: true },
      version: '0',
      intervalMs: 60_000,
      concurrency: 8,
      deadlineMs: 3_000,
      onError,
      ...given,
    });
    const made: RunningRegistry = new RunningRegistry(registry, issuer, dir);
    made.origin = await registry.listen(0);
    await until(async () => (await fetch(`${made.origin}/readyz`)).ok);
    made.openApi = (await (await fetch(`${made.origin}/openapi.json`)).json()) as JsonObject;
    made.#ajv.addSchema({ ...made.openApi, $id: 'https://registry.example/openapi' });
    return made;
  }

  token(scope = 'registry:write', user = 'ana@example.com'): string {
    const now = Math.floor(Date.now() / 1000);
    const { issuer } = this.issuer;
    return this.issuer.sign({
      iss: issuer,
      aud: this.origin,
      sub: user,
      client_id: 'test',
      tenant: 'example',
      scope,
      iat: now,
      exp: now + 300,
      jti: String(Math.random()),
    });
  }

  /** With a token unless it is a GET; the answer is checked against the document. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    token: string | undefined = method === 'GET' ? undefined : this.token(),
  ): Promise<Answered> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const value: unknown = text === '' ? {} : JSON.parse(text);
    this.#hold(method, path.split('?', 1)[0] ?? path, response, value, text);
    return { status: response.status, headers: response.headers, body: isRecord(value) ? value : {} };
  }

  #hold(method: string, path: string, response: Response, value: unknown, text: string): void {
    const [template, pointer] = this.#responseOf(method, path, response.status);
    const described = at(this.openApi, pointer);
    assert.ok(isRecord(described), `${method} ${path} ${response.status} is not in the document`);
    this.covered.add(`${method} ${template} ${response.status}`);
    const content = isRecord(described) && isRecord(described.content) ? described.content : undefined;
    if (content === undefined)
      return void assert.is(text, '', `${method} ${path} has a body that the document does not describe`);
    const [type = ''] = Object.keys(content);
    assert.is(response.headers.get('content-type'), type);
    const reference = `https://registry.example/openapi#${pointer.map(escaped).join('')}/content${escaped(type)}/schema`;
    const validate = this.#ajv.getSchema(reference) ?? this.#ajv.compile({ $ref: reference });
    assert.ok(
      validate(value),
      `${method} ${path}: ${this.#ajv.errorsText(validate.errors)} ${text.slice(0, 300)}`,
    );
  }

  #responseOf(method: string, path: string, status: number): [template: string, pointer: string[]] {
    const paths = isRecord(this.openApi.paths) ? this.openApi.paths : {};
    const template = Object.keys(paths).find((one) =>
      new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    assert.ok(template, `${path} is not in the document`);
    const pointer = ['paths', template ?? '', method.toLowerCase(), 'responses'];
    const responses = at(this.openApi, pointer);
    const own = isRecord(responses) && String(status) in responses;
    return [template ?? '', [...pointer, own ? String(status) : 'default']];
  }

  async close(): Promise<void> {
    await this.registry.close();
    await this.issuer.goAway();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function at(value: unknown, pointer: readonly string[]): unknown {
  return pointer.reduce((one: unknown, step) => (isRecord(one) ? one[step] : undefined), value);
}

function escaped(step: string): string {
  return `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`;
}
