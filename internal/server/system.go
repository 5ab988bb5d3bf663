package server

import (
	"net/http"

	"waymark/internal/domain/permission"
	"waymark/web/static"
)

func systemRoutes() []Route {
	return []Route{
		get("/healthz", permission.Anybody, health),
		get("/readyz", permission.Anybody, readiness),
		get("/static/*", permission.Anybody, serveStatic),
	}
}

// health says that the process lives, whatever its database does.
func health(_ *Server, w http.ResponseWriter, _ *http.Request) error {
	return plainText(w, http.StatusOK, "ok\n")
}

// readiness says whether visitors should be sent here.
func readiness(s *Server, w http.ResponseWriter, r *http.Request) error {
	if !s.ready() || s.app.Ping(r.Context()) != nil {
		w.Header().Set("Retry-After", "2")
		return plainText(w, http.StatusServiceUnavailable, "not ready\n")
	}
	return plainText(w, http.StatusOK, "ready\n")
}

func serveStatic(_ *Server, w http.ResponseWriter, r *http.Request) error {
	static.Handler().ServeHTTP(w, r)
	return nil
}
