/** Cards for waiting calls in Slack. The variables have Slack's usual names. */
import { topic } from '../setting.js';
import { FILE, HTTP_URL, secret } from '../types.js';

export const slack = topic('slack', 'Approval in Slack', (setting) => ({
  slackWebhookUrl: setting(
    'slack-webhook-url',
    { ...HTTP_URL, secret: true },
    {
      variable: 'SLACK_WEBHOOK_URL',
      neededBy: ['destructive'],
      help: 'Webhook that gets a card for each waiting call: those of the one tenant in --slack-approvers, or of the tenants that --slack-routes sends here. The next two settings are required with it.',
    },
  ),
  slackSigningSecret: setting('slack-signing-secret', secret('SECRET'), {
    variable: 'SLACK_SIGNING_SECRET',
    neededBy: ['destructive'],
    help: 'Secret with which Slack signs its requests to /slack/interactions on the destructive server.',
  }),
  slackApprovers: setting('slack-approvers', FILE, {
    variable: 'SLACK_APPROVERS',
    help: 'JSON {"SLACK_USER_ID": {"issuer", "user", "tenant", "team"?}}: the Slack users who may decide, and as which account. Each issuer must match one of --issuer exactly.',
  }),
  slackRoutes: setting('slack-routes', FILE, {
    variable: 'SLACK_ROUTES',
    help: 'JSON {"routes": [{"issuer", "tenant", "webhookFile"}]}: a channel for each tenant, with its webhook URL in a file (default: SLACK_WEBHOOK_URL). The tenant "*" means every tenant without a route of its own; these tenants see each other\'s calls.',
  }),
}));
