package server_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// The profile's language holds everywhere, also on pages of failure and in the
// parts of a sentence that name steps, whatever the browser prefers.
func TestProfileLanguageOnFailures(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE person SET language = 'zh' WHERE id = $1`, s.People["manager"])
	manager := s.as(t, "manager")
	manager.header.Set("Accept-Language", "en")

	for path, status := range map[string]int{
		"/nowhere": http.StatusNotFound, s.path("/steps/nothing"): http.StatusNotFound, s.path("/nowhere"): http.StatusNotFound,
	} {
		answer := manager.get(path).is(status)
		require.Equal(t, "zh-Hans", answer.attr("html", "lang"), path)
	}
	refused := manager.post(s.path("/steps/preparation/finish")).is(http.StatusConflict)
	require.Contains(t, refused.text(".summary"), "制定计划并分派任务")
	require.NotContains(t, refused.text(".summary"), "Plan and assign")
}

func TestFormsOfTheWrongKind(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	manager, at := s.as(t, "manager"), s.path("/steps/awareness")
	manager.do(http.MethodPost, at, nil, "application/json").is(http.StatusUnsupportedMediaType)
	manager.do(http.MethodPost, at, nil, "").is(http.StatusUnsupportedMediaType)
	require.Empty(t, s.events())
}
