# METADATA
# title: May this token call this tool, with these arguments, now?
# description: |
#   The rules of rules.ts for Open Policy Agent, under the same ids and in the same order: `opa run --server policy.rego`,
#   and ask `POST /v1/data/barewire/decision` with {"input": ...}.
#
#   The input document, as opa/ask.ts makes it:
#     server.name          the MCP server that is called
#     server.tools         an object from the name of a tool to its definition; the called tool is in it unless the
#                          server has none of that name. Others may be left out
#       .required_scope    the scope that a call needs
#       .destructive       true when a person has to approve
#       .payload_cap       the most characters of this tool's arguments; absent when it has no cap of its own
#     tool                 the name that was called
#     token.user, .issuer, .tenant
#                          the caller; no rule below reads them. Two issuers may use the same tenant name for two tenants
#     token.scopes         the scopes held, with all that follow from them by the configured hierarchy; no scope is
#                          derived here
#     token.approved_at    when a person approved, in seconds since 1970; absent when nobody did
#     payload_chars        the characters of the arguments as JSON text, as Python's json.dumps writes it. Counting stops
#                          beyond 8192, so a larger number only means: too many
#     now                  seconds since 1970
#     quota.allow          whether the bucket of calls had one left; `quota` is absent where there is no bucket
#     quota.retryAfterS    when to come back, for rules of your own
#
#   The decision:
#     allow                true or false
#     reason               "ok", or the reason of the first rule that did not pass
#     rule                 the id of that rule; absent when the call is allowed
#     mask                 the columns of the result that this caller may not read
#
#   A rule passes only where its condition is shown to hold, so that an input that lacks something, or has it in another
#   type, is refused and not let through. To add a rule, add its id to `rules`, its condition to `passes` and its reason
#   to `reasons`.
#
#   Numbers are decimal here and binary doubles in TypeScript: an approval whose age is within a millionth of a second
#   of the limit may be judged differently when `now` and `approved_at` lie on different sides of a power of two.
package barewire

rules := [
	"tool-known",
	"scope-held",
	"approval-fresh",
	"payload-size",
	"payload-cap",
	"quota",
]

payload_limit := 8192

approval_window_s := 900

personal_columns := ["email", "phone", "ssn"]

tool := input.server.tools[input.tool]

passes contains "tool-known" if is_object(tool)

passes contains "scope-held" if {
	is_array(input.token.scopes)
	tool.required_scope in input.token.scopes
}

passes contains "approval-fresh" if tool.destructive == false

passes contains "approval-fresh" if {
	"approved:by:human" in input.token.scopes
	input.now - input.token.approved_at <= approval_window_s
}

# Numbers only: in Rego null and false are less than any number.
passes contains "payload-size" if {
	is_number(input.payload_chars)
	input.payload_chars <= payload_limit
}

passes contains "payload-cap" if not "payload_cap" in object.keys(tool)

passes contains "payload-cap" if {
	is_number(input.payload_chars)
	is_number(tool.payload_cap)
	input.payload_chars <= tool.payload_cap
}

passes contains "quota" if not "quota" in object.keys(input)

passes contains "quota" if input.quota.allow == true

reasons["tool-known"] := sprintf("no such tool: %s", [input.tool])

reasons["scope-held"] := sprintf("missing scope: %s", [tool.required_scope])

reasons["approval-fresh"] := "destructive tool requires fresh human approval (Slack card)"

reasons["payload-size"] := sprintf("payload too large (> %d KB)", [payload_limit / 1024])

reasons["payload-cap"] := sprintf("payload too large for %s (> %v characters)", [input.tool, tool.payload_cap])

reasons["quota"] := "quota spent"

refusing := [rule | some rule in rules; not rule in passes]

mask := [] if "pii:read" in input.token.scopes

mask := personal_columns if not "pii:read" in input.token.scopes

decision := {"allow": true, "reason": "ok", "mask": mask} if count(refusing) == 0

decision := {"allow": false, "reason": reason, "rule": refusing[0], "mask": mask} if {
	count(refusing) > 0
	reason := object.get(reasons, refusing[0], sprintf("refused by %s", [refusing[0]]))
}
