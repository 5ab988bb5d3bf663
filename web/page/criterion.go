package page

import (
	"waymark/internal/domain/certification"
	"waymark/internal/readmodel"
)

// criterionPlaces says where each criterion is met: a place on its step's own
// page, or another page of the project. A test holds it complete.
var criterionPlaces = map[certification.CriterionID]string{
	"1.1": "/people", "1.2": "#text", "1.3": "#audiences", "1.4": "#mandate",
	"2.1": "#scope", "2.2": "#items", "2.3": "#statement", "2.4": "#rules", "2.5": "#approval",
	"3.1": "#assessor", "3.2": "/assessment?rating=not_assessed", "3.3": "/assessment?lack=support", "3.4": "/assessment?lack=finding", "3.5": "#baseline",
	"4.1": "#appointments", "4.2": "#appointments", "4.3": "#appointments", "4.4": "#appointments", "4.5": "#meetings",
	"5.1": "/findings?task=none", "5.2": "/tasks?lack=owner", "5.3": "/tasks?lack=due", "5.4": "/tasks", "5.5": "#baseline",
	"6.1": "#candidates", "6.2": "#choice", "6.3": "#candidates", "6.4": "#engagements", "6.5": "#choice", "6.6": "#decision",
	"7.1": "/assessment?rating=not_assessed", "7.2": "/assessment?rating=not", "7.3": "/assessment", "7.4": "#confirmations", "7.5": "#confirmations",
	"7.6": "/steps/scope#rules", "7.7": "#internal-audit", "7.8": "#management-review", "7.9": "#confirmations", "7.10": "/steps/selection#choice", "7.11": "#go",
	"8.1": "#stage-1", "8.2": "#nonconformities", "8.3": "#stage-2", "8.4": "#nonconformities", "8.5": "#nonconformities", "8.6": "#decision",
	"9.1": "#certificate", "9.2": "#surveillance", "9.3": "#surveillance", "9.4": "#surveillance",
}

// CriterionPath is the address where a criterion is met.
func CriterionPath(c *readmodel.Caller, criterion certification.CriterionID) string {
	place := criterionPlaces[criterion]
	if place != "" && place[0] == '#' {
		return StepPath(c, criterion.Step().String()) + place
	}
	return At(c) + place
}
