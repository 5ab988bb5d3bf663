package walk_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTwoRateTheSameCheck has two people open the same check: the second to save
// sees both answers, and loses neither.
func TestTwoRateTheSameCheck(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	organization := h.withSample("en")
	project := h.project(organization)
	anna, carl := h.visit(t), h.visit(t)
	signIn(anna, h.administrator)
	signIn(carl, h.opensTo(organization, "consultant"))

	anna.Open(project + "/assessment?clause=6.1")
	check := anna.Attribute("#checks tr[data-row]", "id")[len("check-"):]
	anna.Open(project + "/assessment?clause=6.1&check=" + check)
	carl.Open(project + "/assessment?clause=6.1&check=" + check)

	anna.Within("tr.edit").Fill("Comment", "Seen in the register of risks.")
	anna.Press("Escape")
	anna.Within("tr.edit").See("Saved")
	if h.rating(check) == "partly" {
		anna.Press("1")
	} else {
		anna.Press("2")
	}
	anna.Within("tr.edit").See("Saved")
	rated := h.rating(check)

	carl.Within("tr.edit").Fill("Comment", "There is no such register.")
	carl.Press("Escape")
	carl.Within("tr.edit").See("Meanwhile saved by somebody else: Seen in the register of risks.")
	require.Equal(t, "There is no such register.", carl.Within("tr.edit").Value("Comment"))
	require.Equal(t, rated, h.rating(check))
	carl.Axe()

	// Having seen both, the second one decides.
	carl.Within("tr.edit").ClickText("Save")
	carl.Within("tr.edit").See("Saved")
	require.Equal(t, "There is no such register.",
		h.value(`SELECT comment FROM rating WHERE organization_id = $1 AND check_id = $2`, organization, check))
}
