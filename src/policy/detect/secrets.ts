/**
 * Secrets that show by their form: bearer tokens, JSON Web Tokens, private keys and the API keys of well-known issuers,
 * which begin alike. An unbounded part either always matches or cannot begin anew inside itself: the time is linear.
 */

const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{1,45}-----|$)/g;
/** Two or more parts, the first of which is the base64url text of `{"`. */
const JWT = /(?<![\w-])eyJ[\w-]+(?:\.[\w-]+)(?:\.[\w-]*){1,3}/g;
/** A word such as in "bearer authentication" is no token: there is a digit in it, or it is long. */
const BEARER = /\b(bearer[ \t]{1,8})(?=[\w.~+/=-]{0,64}\d|[\w.~+/=-]{24})[\w.~+/=-]{4,}/gi;
const CREDENTIALS =
  /\b(authorization["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?:basic|bearer|token)[ \t]{1,3})[\w.~+/=-]+/gi;

const API_KEY = new RegExp(
  `(?<![A-Za-z\\d])(?:${[
    'sk-[\\w-]{16,}', // OpenAI, Anthropic and others
    '[rsp]k_(?:live|test)_[A-Za-z\\d]{10,}', // Stripe
    'whsec_[A-Za-z\\d+/]{16,}',
    'gh[opsur]_[A-Za-z\\d]{20,}', // GitHub
    'github_pat_\\w{20,}',
    'glpat-[\\w-]{16,}', // GitLab
    'xox[abeoprs]-[A-Za-z\\d-]{10,}', // Slack
    'xapp-[A-Za-z\\d-]{10,}',
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z\\d]{16}(?![A-Za-z\\d])', // Amazon
    'AIza[\\w-]{35}', // Google
    'ya29\\.[\\w-]{20,}',
    'GOCSPX-[\\w-]{20,}',
    'npm_[A-Za-z\\d]{36}', // package registries
    'pypi-[\\w-]{16,}',
    'hf_[A-Za-z\\d]{30,}', // Hugging Face
    'SG\\.[\\w-]{16,}\\.[\\w-]{16,}', // SendGrid
    'dop_v1_[a-f\\d]{64}', // DigitalOcean
    'shp(?:at|ca|pa|ss)_[A-Fa-f\\d]{32}', // Shopify
  ].join('|')})`,
  'g',
);

export function redactSecrets(text: string): string {
  return text
    .replace(PRIVATE_KEY, '[key]')
    .replace(JWT, '[token]')
    .replace(BEARER, (_, scheme: string) => `${scheme}[token]`)
    .replace(CREDENTIALS, (_, scheme: string) => `${scheme}[token]`)
    .replace(API_KEY, '[key]');
}
