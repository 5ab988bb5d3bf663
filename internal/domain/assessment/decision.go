package assessment

// Or gives the severity that a finding is stored with: the one that a person
// chose, else the proposal, else what fits the rating. A remark on something
// that conforms is an opportunity; where no gap is rated yet, an observation.
func (s Severity) Or(proposed Severity, r Rating) Severity {
	switch {
	case s != None:
		return s
	case proposed != None:
		return proposed
	case r == Conforms:
		return Opportunity
	}
	return Observation
}

// Closable reports whether a check's rating leaves nothing for its findings of
// a nonconformity to say: closing them is then proposed, and never done by
// itself.
func Closable(r Rating, s Severity) bool {
	return (r == Conforms || r == NotTriggered) && s != Opportunity
}
