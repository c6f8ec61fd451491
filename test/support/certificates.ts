/** Real certificates from an authority of the test's own, made by openssl. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '../../src/wire/http/certificate.js';

export type Issued = KeyPair & { certFile: string; keyFile: string };

const CURVE = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';

export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), 'barewire-ca-'));
  /** The file for NODE_EXTRA_CA_CERTS. */
  readonly file = join(this.folder, 'ca.pem');
  readonly cert: string;
  #issued = 0;

  constructor() {
    process.once('exit', () => rmSync(this.folder, { recursive: true, force: true }));
    this.#openssl(`req -x509 ${CURVE} -days 9 -subj /CN=authority -keyout ca.key -out ca.pem`);
    this.cert = readFileSync(this.file, 'utf8');
  }

  /** With `days` below zero it has expired. */
  issue(names: readonly string[] = ['localhost'], days = 30): Issued {
    this.#issued += 1;
    const at = `c${this.#issued}`;
    const all = names.map((name) => `DNS:${name}`).join();
    this.#openssl(
      `req ${CURVE} -subj /CN=${names[0]} -addext subjectAltName=${all} -keyout ${at}.key -out ${at}.csr`,
    );
    this.#openssl(
      `x509 -req -in ${at}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days ${days} -copy_extensions copy -out ${at}.pem`,
    );
    const [certFile, keyFile] = [join(this.folder, `${at}.pem`), join(this.folder, `${at}.key`)];
    return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile, keyFile };
  }

  #openssl(words: string): void {
    execFileSync('openssl', words.split(' '), { cwd: this.folder, stdio: 'pipe' });
  }
}
