package embedded

import (
	"bufio"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
)

const (
	logLimit  = 4 << 20 // bytes a file; there are two
	tailLines = 40
)

// logFile keeps what the server prints: the latest lines in memory, to say why
// it failed, and all of it in a file that is turned over at logLimit. This
// process writes it, as PostgreSQL's own collector bounds its files by time
// only. A log that cannot be written (a full disk) never stops the server.
type logFile struct {
	folder *folder
	mu     sync.Mutex
	file   *os.File
	size   int64
	tail   []string
}

func openLog(f *folder) (*logFile, error) {
	if err := f.mkdirOwned("log", 0o700, false); err != nil {
		return nil, err
	}
	l := &logFile{folder: f}
	if err := l.open(); err != nil {
		return nil, folderProblem(f.dir, err)
	}
	return l, nil
}

func (l *logFile) open() error {
	file, err := l.folder.root.OpenFile("log/server.log", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		err = l.folder.giveToFolderOwner(file)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	l.file, l.size = file, info.Size()
	return nil
}

// consume reads until the last process that holds the other end is gone.
func (l *logFile) consume(r io.ReadCloser) {
	defer func() { _ = r.Close() }()
	buffered := bufio.NewReaderSize(r, 16<<10)
	for {
		line, err := buffered.ReadSlice('\n') // a longer line comes in pieces
		if len(line) > 0 {
			l.add(line)
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func (l *logFile) add(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := strings.TrimSpace(string(line)); text != "" {
		if len(l.tail) >= tailLines {
			l.tail = slices.Delete(l.tail, 0, 1)
		}
		l.tail = append(l.tail, text)
	}
	if l.size > logLimit {
		l.turnOver()
	}
	if l.file != nil {
		n, _ := l.file.Write(line)
		l.size += int64(n)
	}
}

func (l *logFile) turnOver() {
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
	_ = l.folder.root.Rename("log/server.log", "log/server.log.1")
	l.size = 0
	_ = l.open()
}

// forget drops the lines of an earlier server.
func (l *logFile) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = nil
}

func (l *logFile) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.tail)
}

func (l *logFile) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}
