// Package page holds the pages, a file a page, and the few places where a
// value of the domain becomes a sentence in the reader's language.
package page

import (
	"context"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"waymark/internal/domain/id"
	"waymark/internal/domain/permission"
	"waymark/internal/i18n"
	"waymark/internal/readmodel"
	"waymark/web/component"
	"waymark/web/layout"
)

// Tab is a view of the project, as the bar of tabs has it.
type Tab string

// The tabs of a project. NoTab is for pages beside them.
const (
	NoTab         Tab = ""
	TabPath       Tab = "path"
	TabAssessment Tab = "assessment"
	TabFindings   Tab = "findings"
	TabTasks      Tab = "tasks"
	TabCommittee  Tab = "committee"
	TabPeople     Tab = "people"
	TabHistory    Tab = "history"
	TabMine       Tab = "mine"
)

// ProjectPath is the address of a project's dashboard.
func ProjectPath(o id.Organization, p id.Project) string {
	return "/o/" + o.String() + "/p/" + p.String()
}

// At is the address of a project's dashboard for who reads it.
func At(c *readmodel.Caller) string { return ProjectPath(c.Organization, c.Project) }

// StepPath is the address of a step's page.
func StepPath(c *readmodel.Caller, slug string) string { return At(c) + "/steps/" + slug }

// Frame puts the bars around a page.
func Frame(ctx context.Context, f *readmodel.Frame, tab Tab, title string, banners []layout.Banner) layout.Page {
	c := &f.Caller
	p := layout.Page{
		Title:       title,
		Person:      &layout.Person{Name: c.Name, Initials: Initials(c.Name)},
		Account:     accountLinks(ctx, c),
		SignOut:     "/sign-out",
		ThemeAction: "/profile/theme",
		Banners:     banners,
	}
	if c.Sample && c.Member {
		p.Banners = append(p.Banners, layout.Banner{Text: i18n.T(ctx, "frame.sample"), Href: "/o/" + c.Organization.String() + "/settings", LinkLabel: i18n.T(ctx, "frame.sample_link")})
	}
	seen := map[id.Organization]bool{}
	for _, place := range f.Places {
		if !seen[place.Organization] {
			seen[place.Organization] = true
			p.Organizations = append(p.Organizations, layout.Place{
				Name: place.OrganizationName, Href: "/o/" + place.Organization.String(), Current: place.Organization == c.Organization,
			})
		}
		if place.Organization == c.Organization && place.Project != nil {
			p.Projects = append(p.Projects, layout.Place{
				Name: *place.ProjectName, Href: ProjectPath(place.Organization, *place.Project), Current: *place.Project == c.Project,
			})
		}
	}
	p.OrganizationLinks = append(p.OrganizationLinks, component.Link{Label: i18n.T(ctx, "frame.organizations"), Href: "/organizations"})
	if c.Member {
		o := "/o/" + c.Organization.String()
		p.Organization = &layout.Place{Name: c.OrganizationName, Href: o, Current: true}
		p.OrganizationLinks = append(p.OrganizationLinks,
			component.Link{Label: i18n.T(ctx, "frame.people"), Href: o + "/people"},
			component.Link{Label: i18n.T(ctx, "frame.settings"), Href: o + "/settings"})
		p.ProjectLinks = append(p.ProjectLinks, component.Link{Label: i18n.T(ctx, "frame.projects"), Href: o})
	}
	if !c.Project.IsZero() {
		projectFrame(ctx, &p, f, tab)
	}
	return p
}

func projectFrame(ctx context.Context, p *layout.Page, f *readmodel.Frame, tab Tab) {
	c := &f.Caller
	at := At(c)
	p.Project = &layout.Place{Name: c.ProjectName, Href: at, Current: true}
	p.ProjectLinks = append(p.ProjectLinks, component.Link{Label: i18n.T(ctx, "frame.project_settings"), Href: at + "/settings"})
	add := func(t Tab, path string, count int) {
		view := layout.Tab{Label: i18n.T(ctx, "frame.tab."+string(t)), Href: at + path, Active: t == tab}
		if count > 0 {
			view.Count = Capped(ctx, count)
		}
		p.Tabs = append(p.Tabs, view)
	}
	add(TabPath, "", 0)
	add(TabAssessment, "/assessment", 0)
	add(TabFindings, "/findings", f.OpenFindings)
	tasks := c.Can(permission.ReadTasks)
	if tasks {
		add(TabTasks, "/tasks", f.OpenTasks)
		add(TabMine, "/tasks/mine", f.MyTasks)
	}
	add(TabCommittee, "/steps/committee", 0)
	add(TabPeople, "/people", 0)
	add(TabHistory, "/history", 0)
	mine := ""
	if f.MyTasks > 0 {
		mine = Capped(ctx, f.MyTasks)
	}
	if tasks {
		p.Bottom = append(p.Bottom, layout.BottomLink{
			Icon: component.IconTask, Label: i18n.T(ctx, "frame.tab.mine"), Href: at + "/tasks/mine", Count: mine, Active: tab == TabMine,
		})
	}
	p.Bottom = append(p.Bottom,
		layout.BottomLink{Icon: component.IconRoute, Label: i18n.T(ctx, "frame.tab.path"), Href: at, Active: tab == TabPath},
		layout.BottomLink{Icon: component.IconPartly, Label: i18n.T(ctx, "frame.tab.assessment"), Href: at + "/assessment", Active: tab == TabAssessment})
}

// Capped shows a count that was not followed beyond a thousand.
func Capped(ctx context.Context, n int) string {
	if n >= 1000 {
		return i18n.T(ctx, "frame.many", "n", n)
	}
	return strconv.Itoa(n)
}

func accountLinks(ctx context.Context, c *readmodel.Caller) []component.Link {
	links := []component.Link{{Label: i18n.T(ctx, "frame.profile"), Href: "/profile"}}
	if c.Administrator {
		links = append(links, component.Link{Label: i18n.T(ctx, "frame.outbox"), Href: "/admin/outbox"})
	}
	return links
}

// Initials gives one or two letters for a name: of the first and last word, or
// the first two characters of a Chinese one.
func Initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return ""
	}
	first := []rune(words[0])
	if len(words) == 1 {
		if first[0] >= 0x2E80 && len(first) > 2 {
			return string(first[len(first)-2:])
		}
		return string(first[:min(2, len(first))])
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string(first[0]) + string(last))
}

// Framed is a page inside its frame.
func Framed(p layout.Page, content templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return layout.Shell(p).Render(templ.WithChildren(ctx, content), w)
	})
}
