package browsertest

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSaysHowToInstallABrowser(t *testing.T) {
	t.Setenv("WAYMARK_CHROMIUM", "")
	nothing := func(string) (string, error) { return "", errors.New("not found") }
	_, err := find(nothing, candidates())
	require.ErrorContains(t, err, "make test")
	require.ErrorContains(t, err, "apt-get install chromium chromium-driver fonts-noto-cjk")

	second := func(name string) (string, error) {
		if name == "chromium-browser" {
			return "/usr/bin/chromium-browser", nil
		}
		return nothing(name)
	}
	path, err := find(second, candidates())
	require.NoError(t, err)
	require.Equal(t, "/usr/bin/chromium-browser", path)

	t.Setenv("WAYMARK_CHROMIUM", "/opt/mine")
	path, err = find(func(name string) (string, error) { return name, nil }, candidates())
	require.NoError(t, err)
	require.Equal(t, "/opt/mine", path)
}

func TestKnowsKeys(t *testing.T) {
	for name, ok := range map[string]bool{"Tab": true, "Shift+Tab": true, "Control+k": true, "é": true, "Tabb": false, "Hyper+a": false} {
		_, _, err := parseKey(name)
		require.Equal(t, ok, err == nil, name)
	}
}

func TestKnowsForeignHosts(t *testing.T) {
	for url, want := range map[string]bool{
		"http://127.0.0.1:8080/a": false, "http://[::1]/": false, "http://localhost/": false, "http://waymark.localhost/": false,
		"data:image/png;base64,": false, "about:blank": false, "https://fonts.example/a.woff2": true, "http://127.0.0.1.example/": true, "http://%zz": true,
	} {
		require.Equal(t, want, foreign(url), url)
	}
}
