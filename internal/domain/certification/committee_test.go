package certification_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"waymark/internal/domain/certification"
	"waymark/internal/domain/id"
)

func TestAppointmentStep(t *testing.T) {
	finished := func(n int) *certification.Project {
		var acts []certification.Act
		for _, step := range certification.Steps()[:n] {
			for _, kind := range []certification.ActKind{certification.Started, certification.Completed} {
				acts = append(acts, certification.Act{Seq: len(acts) + 1, Step: step, Kind: kind})
			}
		}
		return certification.NewProject(id.Project{1}, 1, len(acts), acts, nil, certification.Facts{})
	}
	for n, want := range map[int]struct{ owner, others error }{
		1: {
			certification.Refused{certification.StepLocked{Step: certification.Gap, After: []certification.Step{certification.Scope}}},
			certification.Refused{certification.StepLocked{Step: certification.Committee, After: []certification.Step{certification.Gap}}},
		},
		2: {nil, certification.Refused{certification.StepLocked{Step: certification.Committee, After: []certification.Step{certification.Gap}}}},
		3: {nil, nil},
		4: {nil, nil}, // the committee lives on while its step is finished
	} {
		p := finished(n)
		require.Equal(t, want.owner, p.Write(p.AppointmentStep(true), certification.Living, id.Person{1}, time.Time{}), n)
		require.Equal(t, want.others, p.Write(p.AppointmentStep(false), certification.Living, id.Person{1}, time.Time{}), n)
	}
	p := finished(3)
	require.NoError(t, p.Write(p.AppointmentStep(true), certification.Living, id.Person{1}, time.Time{}))
	require.Equal(t, certification.Committee, p.Changes().Acts[0].Step, "step 4 where it is open")
}
