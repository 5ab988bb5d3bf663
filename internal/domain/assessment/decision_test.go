package assessment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/assessment"
)

func TestSeverityDecided(t *testing.T) {
	const none, major, minor = assessment.None, assessment.Major, assessment.Minor
	for _, c := range []struct {
		chosen, proposed assessment.Severity
		rating           assessment.Rating
		want             assessment.Severity
	}{
		{minor, major, no, minor}, // a person decides
		{none, major, no, major},
		{none, none, co, assessment.Opportunity},
		{none, none, na, assessment.Observation},
		{none, none, nt, assessment.Observation},
	} {
		require.Equal(t, c.want, c.chosen.Or(c.proposed, c.rating))
	}
}

func TestClosable(t *testing.T) {
	for _, r := range assessment.Ratings() {
		require.Equal(t, r == co || r == nt, assessment.Closable(r, assessment.Major), r)
		require.False(t, assessment.Closable(r, assessment.Opportunity), "an opportunity is raised on what conforms")
	}
}
