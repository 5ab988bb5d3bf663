package layout

import (
	"github.com/a-h/templ"

	"waymark/web/component"
)

// Place is an organization or a project that the reader can go to.
type Place struct {
	Name, Href string
	Current    bool
}

// Banner is a line above everything: plain http, sample data, demonstration.
type Banner struct {
	Tone component.Tone
	Text string
	// Href and LinkLabel lead to the remedy.
	Href, LinkLabel string
}

// Tab is a view of the project.
type Tab struct {
	Label, Href string
	// Count stands behind the label, empty for none.
	Count  string
	Active bool
}

// Person is who reads. Initials only accompany the name.
type Person struct {
	Name, Initials string
}

// Page is everything that the frame shows around the content. Only Title is
// needed; what is empty is left out.
type Page struct {
	// Title is the document's title; " · Waymark" is added.
	Title  string
	Person *Person
	// Organization and Project are where the reader is; the lists fill the
	// menus. The menus' last entries are OrganizationLinks and ProjectLinks
	// (people, settings, a new project).
	Organization      *Place
	Organizations     []Place
	OrganizationLinks []component.Link
	Project           *Place
	Projects          []Place
	ProjectLinks      []component.Link
	Tabs              []Tab
	// Bottom are the first three entries of the bar on phones; "More" opens the
	// tabs and the account.
	Bottom []BottomLink
	// SearchAction is the address of the search, InboxHref of the inbox with
	// its count of unread messages.
	SearchAction string
	Query        string
	InboxHref    string
	Unread       int
	// Account are the entries of the person's menu; SignOut and ThemeAction are
	// addresses to post to; Languages are links or posts of the profile.
	Account     []component.Link
	SignOut     string
	ThemeAction string
	Languages   []component.Link
	Banners     []Banner
	// Strip stands below the tabs (component.StepStrip on the grid).
	Strip templ.Component
	// Wide leaves out the page's padding and largest width, for the grid.
	Wide bool
	// Toasts stand in the live region when the page opens.
	Toasts templ.Component
	// Foot is a line at the end of every page and of every print-out.
	Foot string
}

// BottomLink is an entry of the bar on phones.
type BottomLink struct {
	Icon        component.IconName
	Label, Href string
	Count       string
	Active      bool
}

func (p Page) documentTitle() string {
	if p.Title == "" {
		return "Waymark"
	}
	return p.Title + " · Waymark"
}

func (p Page) home() string {
	if p.Project != nil {
		return p.Project.Href
	}
	if p.Organization != nil {
		return p.Organization.Href
	}
	return "/"
}

// hasMore tells whether the phone's "More" has anything to open.
func (p Page) hasMore() bool { return len(p.Bottom) > 0 }
