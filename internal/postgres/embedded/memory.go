package embedded

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

const memoryName = "conf/memory.json"

// memory is what a start leaves for the next one to be quick. Losing it costs
// a tenth of a second; it holds nothing that is believed unchecked: a version
// counts only for a program of that size and time.
type memory struct {
	Versions map[string]Version `json:"versions"` // by stamp of the program
	Roles    string             `json:"roles"`    // hash of the roles.sql that was run
}

// recall reads the memory; what cannot be read is forgotten.
func (f *folder) recall() memory {
	var m memory
	if raw, err := f.root.ReadFile(memoryName); err == nil && json.Unmarshal(raw, &m) != nil {
		m = memory{}
	}
	if m.Versions == nil {
		m.Versions = map[string]Version{}
	}
	return m
}

func (f *folder) remember(m memory) error {
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", memoryName, err)
	}
	return f.writeFile(memoryName, string(raw)+"\n")
}

// stamp changes when the program in dir is replaced.
func stamp(dir string) string {
	path := filepath.Join(dir, "postgres")
	info, err := os.Stat(path)
	if err != nil {
		return path
	}
	return fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())
}
