/**
 * Secrets with a recognisable form: bearer tokens, JSON Web Tokens, private keys, and API keys with the prefix of their issuer.
 * Every part of a pattern is bounded, and none can begin inside itself, so the time is linear. The prefixes are those that
 * issuers document and secret scanners list, as of November 2026.
 */
import { findSpans, type Row, replaceSpans, type Span } from './spans.js';

const BEGIN_KEY = /-{4,5} ?BEGIN [A-Z\d ]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}|Private-Lines: ?\d{1,4}/g;
const END_KEY = /-{4,5} ?END [A-Z\d ]{1,45} ?-{4,5}|Private-MAC: ?[\da-f]{1,128}/g;
/** Two or more parts; the first begins with `{"` in base64url. */
const JWT = /(?<![\w-])eyJ[\w-]{1,16384}\.[\w-]{1,16384}(?:\.[\w-]{0,16384}){1,3}/g;
/** A token has a digit or is long, unlike the word in "bearer authentication". */
const BEARER = /\b(?<before>bearer[ \t]{1,8})(?=[\w.~+/=-]{0,64}\d|[\w.~+/=-]{24})[\w.~+/=-]{4,16384}/gi;
const CREDENTIALS =
  /\b(?<before>authorization["']?[ \t]{0,3}[:=][ \t]{0,3}["']?(?:basic|bearer|token)[ \t]{1,3})[\w.~+/=-]{1,16384}/gi;

const API_KEY = new RegExp(
  `(?<![A-Za-z\\d])(?:${[
    'sk-(?=[\\w-]{0,200}\\d)[\\w-]{16,512}', // OpenAI, Anthropic, OpenRouter and others
    '[rsp]k_(?:org_)?(?:live|test|prod)_[A-Za-z\\d]{10,256}', // Stripe
    'whsec_[A-Za-z\\d+/]{16,128}',
    'gh[opsur]_[A-Za-z\\d]{20,255}', // GitHub
    'github_pat_\\w{20,255}',
    'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\\w-]{16,300}(?:\\.[\\da-z]{2}\\.?[\\da-z]{7,9})?', // GitLab
    'xox[abceoprs](?:\\.xox[bp])?-[A-Za-z\\d-]{10,512}', // Slack
    'xapp-[A-Za-z\\d-]{10,256}',
    '(?:AKIA|ASIA|ABIA|ACCA)[A-Z\\d]{16}(?![A-Za-z\\d])', // Amazon
    'ABSK[A-Za-z\\d+/]{100,300}={0,2}',
    'AIza[\\w-]{35}', // Google
    'ya29\\.[\\w-]{20,2048}',
    'GOCSPX-[\\w-]{20,64}',
    '[\\w~.]{3}\\dQ~[\\w~.-]{31,34}', // Microsoft Entra
    'npm_[A-Za-z\\d]{36}', // package registries
    'pypi-[\\w-]{16,1024}',
    'rubygems_[a-f\\d]{48}',
    'dckr_[po]at_[\\w-]{20,64}',
    '(?:hf|api_org)_[A-Za-z\\d]{30,64}', // Hugging Face
    'SG\\.[\\w-]{16,64}\\.[\\w-]{16,128}', // SendGrid
    'd(?:op|oo|or)_v1_[a-f\\d]{64}', // DigitalOcean
    'shp(?:at|ca|pa|ss|tka)_[A-Fa-f\\d]{32}', // Shopify
    'dapi[a-f\\d]{32}', // Databricks
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{40,128}', // Doppler
    'dt0[a-z]\\d{2}\\.[A-Z\\d]{24}\\.[A-Z\\d]{64}', // Dynatrace
    'fo1_[\\w-]{43}', // Fly.io
    'fm[12][ar]?_[A-Za-z\\d+/]{100,2048}={0,3}',
    'glsa_[A-Za-z\\d]{32}_[A-Fa-f\\d]{8}', // Grafana
    'glc_[A-Za-z\\d+/]{32,400}={0,3}',
    'lin_(?:api|oauth)_[A-Za-z\\d]{40,64}', // Linear
    '(?:ntn_|secret_)[A-Za-z\\d]{40,64}', // Notion
    'pplx-[A-Za-z\\d]{40,64}', // Perplexity
    'pscale_(?:tkn|oauth|pw)_[\\w.=-]{32,64}', // PlanetScale
    'PMAK-[a-f\\d]{24}-[a-f\\d]{34}', // Postman
    'pul-[a-f\\d]{40}', // Pulumi
    'pnu_[A-Za-z\\d]{36}', // Prefect
    'r8_[A-Za-z\\d]{37}', // Replicate
    'gsk_[A-Za-z\\d]{50,64}', // Groq
    'xai-[A-Za-z\\d]{64,128}', // xAI
    'sntry[su]_[\\w+/=]{40,512}', // Sentry
    'sb(?:p|_secret|_publishable)_[\\w-]{20,64}', // Supabase
    'sq0(?:atp|csp|idp)-[\\w-]{22,64}', // Square
    'tskey-[a-z]{2,16}-[A-Za-z\\d-]{16,128}', // Tailscale
    '\\d{8,10}:[\\w-]{35}(?![\\w-])', // Telegram
    'SK[a-f\\d]{32}(?![A-Za-z\\d])', // Twilio
    'hv[bsr]\\.[\\w-]{24,300}', // Vault
    'vercel_blob_rw_\\w{20,128}', // Vercel
    'pat[A-Za-z\\d]{14}\\.[a-f\\d]{64}', // Airtable
    'ATATT3[\\w=-]{60,300}', // Atlassian
    'ATCTT3[\\w=-]{60,300}',
    '[A-Za-z\\d]{14}\\.atlasv1\\.[\\w=-]{60,70}', // Terraform
    'HRKU-AA[\\w-]{58}', // Heroku
    'sha256~[\\w-]{43}', // OpenShift
    'key-[a-f\\d]{32}(?![A-Za-z\\d])', // Mailgun
    'xkeysib-[a-f\\d]{64}-[A-Za-z\\d]{16}', // Brevo
    'NRAK-[A-Z\\d]{27}', // New Relic
    'ops_eyJ[A-Za-z\\d+/]{100,2048}={0,3}', // 1Password
    'AGE-SECRET-KEY-1[A-Z\\d]{58}', // age
    'EAA[A-Za-z\\d]{80,512}', // Meta
    'LTAI[A-Za-z\\d]{12,20}(?![A-Za-z\\d])', // Alibaba
  ].join('|')})`,
  'g',
);
/** The shortest key with its prefix. */
const LONG = /[\w+/.~:-]{15}/;

export const SECRETS: readonly Row[] = [
  { marker: '[key]', pattern: BEGIN_KEY, needs: /KEY|Private-Lines/, judge: privateKey },
  { marker: '[token]', pattern: BEARER },
  { marker: '[token]', pattern: CREDENTIALS, needs: /authorization/i },
  { marker: '[token]', pattern: JWT, needs: /eyJ/ },
  { marker: '[key]', pattern: API_KEY, needs: LONG },
];

export function redactSecrets(text: string): string {
  return replaceSpans(text, findSpans(text, SECRETS));
}

/** From the first line of a key to its last, or to the end of the text when it was cut off. */
function privateKey({ index, input, 0: begin }: RegExpExecArray): Partial<Span> {
  END_KEY.lastIndex = index + begin.length;
  const end = END_KEY.exec(input);
  return { end: end === null ? input.length : end.index + end[0].length };
}
