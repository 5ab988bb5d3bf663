package walk_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/browsertest"
)

// TestWithoutScripts signs in, rates, writes a finding and a task, and is refused
// a step with its reasons, in a browser that runs no scripts.
func TestWithoutScripts(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	project := h.project(h.withSample("en"))
	bo := h.visit(t, browsertest.NoScript())
	signIn(bo, h.administrator)

	bo.Open(project + "/assessment?clause=5")
	bo.Click("#checks tr[data-row] a[data-edit]")
	row := bo.Attribute("tr.edit", "id")
	check := row[len("check-"):]
	bo.Within("tr.edit").Check("Partly")
	bo.Within("tr.edit").Fill("Comment", "Seen at one site of two.")
	bo.Within("tr.edit").ClickText("Save")
	require.Equal(t, http.StatusOK, bo.Status())
	require.Equal(t, "partly", h.rating(check))
	require.Equal(t, "Seen at one site of two.", bo.Within("tr.edit").Value("Comment"))

	// The filters are a form with a button.
	bo.Open(project + "/assessment")
	bo.Select("Rating", "Rating: Partly")
	bo.Within(".filters").ClickText("Show")
	require.Contains(t, bo.Path(), "rating=partly")

	bo.Open(project + "/tasks/new")
	bo.ClickText("Add task")
	require.Equal(t, http.StatusUnprocessableEntity, bo.Status())
	require.True(t, bo.Has("[role=alert] a[href='#f-title']"))
	bo.Fill("Title", "Train the second site")
	bo.ClickText("Add task")
	bo.See("Train the second site")
	bo.ClickText("Blocked")
	bo.Fill("Why is it blocked?", "The room is taken.")
	bo.ClickText("Cancel")
	bo.NotSee("Why is it blocked?")

	bo.Open(project + "/steps/plan")
	bo.Within(".finish").See("Not yet. This stands in the way:")
	bo.Within(".finish").ClickText("Finish step 5")
	bo.Within(".finish .reasons").See("5.5")
}
