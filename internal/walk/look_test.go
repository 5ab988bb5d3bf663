package walk_test

import (
	"os"
	"strings"
	"testing"

	"waymark/internal/browsertest"
)

func TestLook(t *testing.T) {
	base := os.Getenv("LOOK_URL")
	if base == "" {
		return
	}
	dir := os.Getenv("LOOK_DIR")
	p := browsertest.New(t).Visit(t, base)
	p.Open("/sign-in")
	p.FillCSS("#f-email", os.Getenv("LOOK_EMAIL"))
	p.FillCSS("#f-password", os.Getenv("LOOK_PASSWORD"))
	p.Click("form.form button[type=submit]")
	if os.Getenv("LOOK_SAMPLE") == "zh" {
		p.Language("zh-CN,zh")
	}
	p.Open("/organizations")
	var all []string
	p.Eval(`[...document.querySelectorAll("main td a")].map(a => a.getAttribute("href"))`, &all)
	project := all[0]
	t.Log(all)
	for _, line := range strings.Split(os.Getenv("LOOK_PAGES"), ";") {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		// name look path [click]
		p.EmulateDark(strings.Contains(f[1], "dark"))
		if strings.Contains(f[1], "390") {
			p.Viewport(390, 844)
		} else {
			p.Viewport(1280, 900)
		}
		if strings.Contains(f[1], "zh") {
			p.Language("zh-CN,zh")
		} else {
			p.Language("en")
		}
		path := f[2]
		if !strings.HasPrefix(path, "//") {
			path = project + strings.TrimPrefix(path, ".")
		} else {
			path = path[1:]
		}
		p.Open(path)
		for _, c := range f[3:] {
			p.Click(c)
		}
		if f[0] == "readme" {
			p.Eval(`document.querySelector(".banner").remove()`, nil)
			p.Viewport(1280, 1180)
		}
		if strings.Contains(f[1], "full") {
			p.FullScreenshot(dir + "/" + f[0] + ".png")
		} else {
			p.Screenshot(dir + "/" + f[0] + ".png")
		}
	}
}
