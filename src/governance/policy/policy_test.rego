# Run by `opa test src/policy`. Each test is named by the id of the rule that it holds.
package barewire_test

import data.barewire

call := {
	"server": {
		"name": "internal-destructive-mcp",
		"tools": {
			"jira.create": {"required_scope": "jira:write", "destructive": true, "payload_cap": 100},
			"jira.search": {"required_scope": "jira:read", "destructive": false},
		},
	},
	"tool": "jira.create",
	"token": {
		"user": "u42",
		"scopes": ["jira:write", "approved:by:human"],
		"approved_at": 1700000000,
	},
	"payload_chars": 14,
	"now": 1700000060,
	"quota": {"allow": true, "retryAfterS": 0},
}

read := json.patch(call, [
	{"op": "replace", "path": "/tool", "value": "jira.search"},
	{"op": "replace", "path": "/token/scopes", "value": ["jira:read"]},
])

all_columns := ["email", "phone", "ssn"]

# What is said of a call that differs from `base` in what one JSON Patch says.
changed(base, op, path, value) := decision if {
	patch := [{"op": op, "path": path, "value": value}]
	decision := barewire.decision with input as json.patch(base, patch)
}

without(path) := decision if decision := barewire.decision with input as json.remove(call, [path])

refused(rule, reason) := {"allow": false, "reason": reason, "rule": rule, "mask": all_columns}

test_allows_what_every_rule_lets_through if {
	allowed := {"allow": true, "reason": "ok", "mask": all_columns}
	barewire.decision == allowed with input as call
	barewire.decision == allowed with input as read
}

test_tool_known if {
	changed(call, "replace", "/tool", "jira") == refused("tool-known", "no such tool: jira")
	changed(call, "replace", "/tool", "Jira.create") == refused("tool-known", "no such tool: Jira.create")
	changed(call, "replace", "/server/tools", {}) == refused("tool-known", "no such tool: jira.create")
}

no_scopes := [
	[],
	["jira:*"],
	["jira:write "],
	["Jira:Write"],
	["jira"],
	["jira:write jira:read"],
	"jira:write",
	{"jira:write": true},
	null,
]

test_scope_held if {
	every scopes in no_scopes {
		changed(call, "replace", "/token/scopes", scopes) == refused("scope-held", "missing scope: jira:write")
	}
}

approval := refused("approval-fresh", "destructive tool requires fresh human approval (Slack card)")

test_approval_fresh_for_fifteen_minutes if {
	changed(call, "replace", "/now", 1700000900).allow
	changed(call, "replace", "/now", 1700000900.5) == approval
	changed(call, "replace", "/now", 1700000901) == approval
	changed(call, "replace", "/now", 1699999000).allow
}

test_approval_fresh_needs_the_scope_and_the_moment if {
	changed(call, "replace", "/token/scopes", ["jira:write"]) == approval
	without("/token/approved_at") == approval
	changed(call, "replace", "/token/approved_at", null) == approval
	changed(call, "replace", "/token/approved_at", "1700000000") == approval
	without("/now") == approval
}

test_approval_fresh_unless_it_is_known_that_nothing_is_destroyed if {
	changed(read, "replace", "/server/tools/jira.search", {"required_scope": "jira:read"}) == approval
	changed(read, "replace", "/server/tools/jira.search/destructive", "false") == approval
}

too_large := refused("payload-size", "payload too large (> 8 KB)")

test_payload_size if {
	changed(read, "replace", "/payload_chars", 8192).allow
	changed(read, "replace", "/payload_chars", 8193) == too_large
	every chars in [null, false, "14", [], {}] {
		changed(read, "replace", "/payload_chars", chars) == too_large
	}
	without("/payload_chars") == too_large
}

over_cap := refused("payload-cap", "payload too large for jira.create (> 100 characters)")

test_payload_cap if {
	changed(call, "replace", "/payload_chars", 100).allow
	changed(call, "replace", "/payload_chars", 101) == over_cap
	changed(read, "replace", "/payload_chars", 101).allow
	not changed(call, "replace", "/server/tools/jira.create/payload_cap", "100").allow
	not changed(call, "replace", "/server/tools/jira.create/payload_cap", null).allow
}

test_quota if {
	spent := refused("quota", "quota spent")
	changed(call, "replace", "/quota", {"allow": false, "retryAfterS": 12}) == spent
	changed(call, "replace", "/quota", {}) == spent
	changed(call, "replace", "/quota", null) == spent
	without("/quota").allow
}

test_masks_personal_columns_unless_they_may_be_read if {
	changed(read, "add", "/token/scopes/-", "pii:read") == {"allow": true, "reason": "ok", "mask": []}
	changed(read, "add", "/token/scopes/-", "pii").mask == all_columns
	changed(call, "replace", "/token/scopes", ["pii:read"]).mask == []
}

test_the_first_rule_that_does_not_pass_gives_the_reason if {
	worst := json.patch(call, [
		{"op": "replace", "path": "/token/scopes", "value": []},
		{"op": "replace", "path": "/payload_chars", "value": 9000},
		{"op": "replace", "path": "/quota/allow", "value": false},
	])
	barewire.refusing == ["scope-held", "approval-fresh", "payload-size", "payload-cap", "quota"] with input as worst
	barewire.decision == refused("scope-held", "missing scope: jira:write") with input as worst
}

test_refuses_an_input_without_anything if {
	every nothing in [{}, [], null, "", 0] {
		not barewire.decision.allow with input as nothing
	}
}
