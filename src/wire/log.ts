/**
 * Everything that this process logs: each event with its level and text. A name is `area.what` and never changes, so that alerts and
 * the runbook can refer to it. app/log writes the lines; with the library, `onError` does.
 */

/** From the most to the least severe. `off` is a threshold only. */
export const LEVELS = ['off', 'error', 'warn', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

export const EVENTS = {
  'process.setting-doubtful': { level: 'warn', text: 'a setting', each: true },
  /** An error that nothing catches, mostly in a tool. The process goes on. */
  'process.stray-error': { level: 'error', text: 'a stray error', stack: true, each: true },
  'process.ended': { level: 'error', text: 'the process ends', stack: true, each: true },
  /** A part that is plugged into the server (policy, audit log, approvals, tasks) threw, outside any handler. */
  'process.part-failed': { level: 'error', text: 'a part of the server failed', stack: true, each: true },

  'http.request-failed': { level: 'error', text: 'a request cannot be answered', stack: true, each: true },
  'http.not-ready': { level: 'error', text: 'not ready' },

  /** A call is logged when it is refused, and at level debug when it ends. */
  'call.refused': { level: 'info', text: 'a call was refused', each: true },
  'call.ended': { level: 'debug', text: 'a call ended' },

  /** The handler of a tool, resource or prompt threw. */
  'tool.failed': { level: 'error', text: 'a handler failed', stack: true, each: true },
  'tool.result-invalid': { level: 'error', text: 'a handler returned what cannot be sent', each: true },
  'tool.timed-out': {
    level: 'error',
    text: 'a handler took too long; it can pass context.signal on to what it waits for, or go on in a context.task',
    each: true,
  },
  'tool.task-failed': { level: 'error', text: 'a task failed', stack: true, each: true },
  'tool.name-unsuitable': { level: 'warn', text: '--tools' },
  'tool.reloaded': { level: 'info', text: 'tools reloaded', each: true },
  'tool.reload-failed': {
    level: 'error',
    text: 'the changed tools cannot be served, and the old ones go on',
    each: true,
  },

  'tls.missing': { level: 'warn', text: 'no TLS' },
  /** The client gets 400. It may have sent a token in the clear. */
  'tls.plain-http': { level: 'warn', text: 'a client spoke plain HTTP to a port that takes HTTPS' },
  /** It expires soon, is not valid yet, or does not match the public URL. */
  'tls.certificate-doubtful': { level: 'warn', text: 'the certificate', each: true },
  'tls.certificate-expired': { level: 'error', text: 'clients refuse the certificate', each: true },
  'tls.certificate-renewed': { level: 'info', text: 'the certificate was read again', each: true },
  'tls.certificate-unusable': {
    level: 'error',
    text: 'the changed certificate cannot be used, and the old one stays',
    each: true,
  },

  /** Normal: the refusal tells a client where to get a token. */
  'auth.token-missing': { level: 'info', text: 'a request without a token was refused' },
  'auth.token-refused': { level: 'warn', text: 'a token was refused', each: true },
  'auth.issuer-unreachable': { level: 'error', text: 'a token cannot be checked' },
  'auth.issuer-unlimited': { level: 'warn', text: '--issuer-rules' },
  'auth.sign-in-failed': { level: 'error', text: 'a person cannot sign in or out' },
  'auth.hook-failed': { level: 'error', text: 'the function onRefused failed', stack: true, each: true },

  'policy.unavailable': { level: 'error', text: 'the policy cannot be asked' },
  'policy.dry-run': { level: 'warn', text: 'policy dry run' },

  'approval.failed': { level: 'error', text: 'an approval cannot be kept or read' },
  'approval.row-forged': { level: 'error', text: 'an approval is not genuine', each: true },
  'approval.keys-missing': { level: 'warn', text: 'approval keys' },
  'approval.slack-failed': { level: 'error', text: 'Slack' },
  'approval.slack-unrouted': { level: 'error', text: 'Slack' },
  'approval.slack-refused': { level: 'warn', text: 'a request from Slack was refused', each: true },

  'audit.unwritable': { level: 'error', text: 'the audit log cannot be written' },
  /** The audit log records the same: a truncated line, records missing or not written, a file with a future date. */
  'audit.irregular': { level: 'error', text: 'the audit log is not in order', each: true },
  'audit.retention-failed': { level: 'error', text: 'old days of the audit log', each: true },
  'audit.failed': { level: 'error', text: 'a call cannot be recorded', stack: true, each: true },
  'audit.anchor-failed': { level: 'error', text: 'a head of the audit log cannot be anchored' },
  'audit.key-doubtful': { level: 'warn', text: '--audit-key', each: true },

  'state.unreachable': { level: 'error', text: 'the shared state cannot be reached' },
  'state.message-foreign': { level: 'warn', text: 'a message in the shared state was ignored' },
  'state.replica-failed': { level: 'error', text: 'replicas' },

  'database.preparing': { level: 'info', text: 'database' },
  'database.prepared': { level: 'info', text: 'database' },
  'database.not-cached': { level: 'warn', text: 'database' },
  'database.unreachable': { level: 'error', text: 'the database is away' },
  'database.unprepared': { level: 'error', text: 'the database is not prepared' },
  'database.failed': { level: 'error', text: 'the database fails' },
  'database.busy': { level: 'error', text: 'the database is busy' },

  'registry.failed': { level: 'error', text: 'registry' },
  'registry.request-failed': {
    level: 'error',
    text: 'the registry cannot answer a request',
    stack: true,
    each: true,
  },
  'registry.servers-unreadable': { level: 'error', text: 'the list of servers cannot be read' },
  'registry.server-not-added': { level: 'error', text: 'a server cannot be added to the registry' },
  'registry.token-withheld': { level: 'warn', text: 'registry', each: true },

  'switches.registry-unreachable': { level: 'error', text: 'the registry cannot be asked for its switches' },
  'switches.followed': { level: 'info', text: 'switches', each: true },
  /** Nobody knows what is switched off, so the server refuses every call. */
  'switches.unusable': { level: 'error', text: 'switches' },
  'switches.server-unknown': { level: 'warn', text: 'switches' },
  'switches.unanswered': { level: 'warn', text: 'switches' },
  'switches.not-stored': { level: 'error', text: 'switches' },
  'switches.unreadable': { level: 'error', text: 'the file of switches cannot be read' },
  'switches.tool-unknown': { level: 'warn', text: 'switches' },

  'authserver.failed': { level: 'error', text: 'authorization server', stack: true, each: true },
  'trace.failed': { level: 'error', text: 'the trace', stack: true, each: true },
  'lesson.failed': { level: 'error', text: 'the lesson', stack: true, each: true },
} as const satisfies {
  [name: string]: { level: Exclude<Level, 'off'>; text: string; stack?: true; each?: true };
};

export type EventName = keyof typeof EVENTS;

/** What a line says besides its event. */
export type LogContext = {
  server?: string | undefined;
  tenant?: string | undefined;
  user?: string | undefined;
  client?: string | undefined;
  method?: string | undefined;
  tool?: string | undefined;
  /** The id in the audit log. */
  callId?: string | undefined;
  traceId?: string | undefined;
  /** Why a request was refused: one of a short list, or the policy's reason with its arguments masked. */
  refusal?: string | undefined;
  durationMs?: number | undefined;
  /** What the event is about, such as a file or an address. */
  about?: string | undefined;
  /** The arguments of the call. They are never logged; if an error repeats one, it is masked. */
  args?: unknown;
};

/** Receives what no answer may carry: an error, or a sentence. */
export type OnError = (error: unknown, event: EventName, context?: LogContext) => void;
