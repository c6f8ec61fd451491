# An operator's own policy on top of barewire's: whoever is on leave calls nothing.
package company

import data.barewire

on_leave := {"u42"}

decision := {
	"allow": false,
	"reason": sprintf("%s is on leave", [input.token.user]),
	"rule": "on-leave",
} if {
	barewire.decision.allow
	input.token.user in on_leave
}

else := barewire.decision
