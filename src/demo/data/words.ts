/** The vocabulary from which the demo company's rows are drawn. All of it is made up. */

export const FIRST_NAMES =
  'Ada Amara Anders Bea Bilal Carla Chen Dara Diego Elif Emeka Farid Fiona Gita Hana Hugo Ines Ivo Jamal June Kaito Karin Lars Leila Mara Mateo Mina Nadia Noor Olu Oskar Petra Priya Quinn Rafael Rosa Sana Sven Tariq Tess Uma Viktor Wanda Xavi Yara Yuki Zane Zofia'.split(
    ' ',
  );

export const LAST_NAMES =
  'Abara Adler Banerjee Becker Castillo Cho Dahl Darzi Eklund Fontaine Garcia Haddad Hoshino Ibarra Ionescu Jansen Kaplan Kimura Kovacs Lindqvist Lopez Mbeki Moreau Nakamura Nguyen Novak Okafor Olsen Park Patel Quist Rahman Rossi Sato Schmidt Silva Tanaka Torres Ueda Vargas Virtanen Weber Yilmaz Zhang'.split(
    ' ',
  );

export const COUNTRIES = 'US US US GB DE FR JP BR IN NG SE CA MX AU KE'.split(' ');
export const MAIL_HOSTS = ['example.com', 'example.org', 'example.net'];
export const TEAMS = ['Payments', 'Platform', 'Web', 'Operations', 'Data'];
export const TITLES = [
  'Software Engineer',
  'Senior Engineer',
  'Staff Engineer',
  'Site Reliability Engineer',
  'Product Manager',
  'Data Analyst',
];

export const SERVICES: readonly (readonly [name: string, team: number, tier: number])[] = [
  ['payments-api', 0, 1],
  ['ledger', 0, 1],
  ['invoicing', 0, 2],
  ['fraud-scoring', 0, 2],
  ['identity', 1, 1],
  ['event-bus', 1, 1],
  ['config-store', 1, 2],
  ['storefront', 2, 1],
  ['checkout', 2, 1],
  ['search', 2, 2],
  ['email-sender', 3, 2],
  ['backup-runner', 3, 3],
  ['log-archive', 3, 3],
  ['warehouse', 4, 2],
  ['reports', 4, 3],
];

export const PROJECTS: readonly (readonly [key: string, name: string, team: number])[] = [
  ['PAY', 'Payments', 0],
  ['CORE', 'Core platform', 1],
  ['WEB', 'Web shop', 2],
  ['OPS', 'Operations', 3],
  ['DATA', 'Data and reports', 4],
];

export const CATEGORIES: readonly (readonly [name: string, things: string])[] = [
  ['Keyboards', 'Keyboard,Keypad,Key Caps'],
  ['Displays', 'Monitor,Portable Screen,Monitor Arm'],
  ['Audio', 'Headset,Microphone,Desk Speaker'],
  ['Cables', 'USB-C Cable,Display Cable,Network Cable'],
  ['Furniture', 'Desk,Chair,Foot Rest'],
];
export const PRODUCT_LINES = ['Birch', 'Cobalt', 'Drift', 'Ember'];

export const ISSUE_VERBS: Readonly<Record<string, string>> = {
  Bug: 'Fix,Stop,Mend',
  Task: 'Remove,Upgrade,Document,Measure',
  Story: 'Show,Allow,Add',
  Epic: 'Rework,Replace,Split',
};
export const ISSUE_THINGS = [
  'the retry of failed card payments',
  'the session timeout',
  'slow queries on the order page',
  'the search index',
  'the nightly export',
  'rounding in refunds',
  'the login form on small screens',
  'duplicate webhooks',
  'the health checks',
  'alert thresholds',
  'the backup schedule',
  'currency on invoices',
  'the audit trail',
  'rate limits for partners',
  'the address form',
  'time zones in reports',
];
export const ISSUE_REASONS = [
  'Three customers wrote to support about it this month.',
  'Found while reading the logs of the last incident.',
  'It blocks the release that is planned for next month.',
  'A small change with a large effect on the error budget.',
  'Nobody remembers why it works the way it does.',
];
export const LABELS = ['customer', 'regression', 'security', 'performance', 'tech-debt', 'quick-win', 'docs'];
export const COMMENTS = [
  'I can reproduce this on staging.',
  'Moved to the next sprint, we wait for a decision.',
  'The fix is up for review.',
  'Works for me now, please check again.',
  'Who owns this part today?',
  'The numbers look right after the change.',
];

export const INCIDENT_KINDS: readonly (readonly [title: string, summary: string])[] = [
  [
    'error rate above 5 %',
    'Requests fail with status 500. The last deployment was less than an hour before.',
  ],
  ['latency above the objective', 'The 99th percentile went over two seconds and stays there.'],
  ['queue is growing', 'Consumers are slower than producers; the oldest message is twenty minutes old.'],
  ['disk almost full', 'The volume is 94 % full and grows by one percent an hour.'],
  ['certificate expires soon', 'The certificate has less than seven days left and was not renewed.'],
  ['replica lags behind', 'The read replica is more than ninety seconds behind its primary.'],
];
export const INCIDENT_NOTES = [
  'Rolled back the last deployment.',
  'Added two instances.',
  'The provider confirms a fault on its side.',
  'Restarted the consumers one by one.',
  'Traffic is moved to the other region.',
];
