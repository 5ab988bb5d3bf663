package certification

// AppointmentStep gives the step that appointing somebody is a fact of: step 4.
// Process owners may be assigned from step 3 on, so while step 4 is locked
// theirs is a fact of step 3, and is refused with it.
func (p *Project) AppointmentStep(processOwner bool) Step {
	if processOwner && p.Status(Committee) == Locked {
		return Gap
	}
	return Committee
}
