package fault_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"waymark/internal/fault"
	"waymark/internal/i18n"
)

type stepLocked struct{ step int }

func (stepLocked) Error() string { return "step locked" }
func (stepLocked) Refused()      {}

func sqlError(code string) error { return fmt.Errorf("insert: %w", &pgconn.PgError{Code: code}) }

func TestOf(t *testing.T) {
	_, missingSocket := (&net.Dialer{}).DialContext(t.Context(), "unix", filepath.Join(t.TempDir(), "none"))
	require.Error(t, missingSocket)
	_, missingFile := os.Open(filepath.Join(t.TempDir(), "none"))
	require.Error(t, missingFile)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()

	for name, c := range map[string]struct {
		err  error
		want fault.Kind
	}{
		"nothing":              {nil, fault.Unknown},
		"unknown":              {errors.New("boom"), fault.Unknown},
		"kind":                 {fault.NotFound, fault.NotFound},
		"wrapped kind":         {fmt.Errorf("load project: %w", fault.Forbidden), fault.Forbidden},
		"wrapped cause":        {fault.Wrap(fault.Unavailable, "load", errors.New("eof")), fault.Unavailable},
		"outermost wins":       {fault.Wrap(fault.NotFound, "load", fault.Wrap(fault.Forbidden, "read", errors.New("x"))), fault.NotFound},
		"kind over what shows": {fault.Wrap(fault.Duplicate, "create", sqlError("23505")), fault.Duplicate},
		"joined":               {errors.Join(errors.New("x"), fault.Busy), fault.Busy},
		"stale":                {fmt.Errorf("save: %w", fault.Stale(nil)), fault.Conflict},
		"invalid":              {fault.InvalidField("due", "form.date.no_year"), fault.Invalid},
		"refusal":              {fmt.Errorf("finish: %w", stepLocked{5}), fault.Refused},
		"disk full":            {&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, fault.Full},
		"quota":                {syscall.EDQUOT, fault.Full},
		"database full":        {sqlError("53100"), fault.Full},
		"connections":          {sqlError("53300"), fault.Unavailable},
		"starting":             {sqlError("57P03"), fault.Unavailable},
		"shut down":            {sqlError("57P01"), fault.Unavailable},
		"standby":              {sqlError("25006"), fault.Unavailable},
		"connection lost":      {sqlError("08006"), fault.Unavailable},
		"statement timeout":    {sqlError("57014"), fault.Unavailable},
		"deadlock":             {sqlError("40P01"), fault.Busy},
		"serialization":        {sqlError("40001"), fault.Busy},
		"unique":               {sqlError("23505"), fault.Exists},
		"our mistake":          {sqlError("42601"), fault.Unknown},
		"row-level security":   {sqlError("42501"), fault.Unknown},
		"no code":              {sqlError(""), fault.Unknown},
		"socket":               {missingSocket, fault.Unavailable},
		"refused":              {fmt.Errorf("dial: %w", syscall.ECONNREFUSED), fault.Unavailable},
		"file":                 {missingFile, fault.Unknown},
		"canceled":             {canceled.Err(), fault.Canceled},
		"deadline":             {expired.Err(), fault.Unavailable},
	} {
		require.Equal(t, c.want, fault.Of(c.err), name)
	}
}

func TestWrap(t *testing.T) {
	require.NoError(t, fault.Wrap(fault.Busy, "hash", nil))

	cause := sqlError("53100")
	err := fmt.Errorf("save task: %w", fault.Wrap(fault.Full, "insert row", cause))
	require.ErrorIs(t, err, fault.Full)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, fault.Busy)
	pg, ok := errors.AsType[*pgconn.PgError](err)
	require.True(t, ok)
	require.Equal(t, "53100", pg.Code)
	require.Contains(t, err.Error(), "save task: insert row: full: insert: ")
}

func TestStale(t *testing.T) {
	type task struct{ Title string }
	err := fmt.Errorf("save: %w", fault.Stale(task{"as it is now"}))
	require.ErrorIs(t, err, fault.Conflict)
	stale, ok := errors.AsType[*fault.StaleError](err)
	require.True(t, ok)
	require.Equal(t, task{"as it is now"}, stale.Current)
	require.Equal(t, "save: stale version", err.Error())
}

func TestInvalid(t *testing.T) {
	require.NoError(t, fault.InvalidFields())
	err := fault.InvalidFields(fault.Field{Name: "due", Key: "form.date.no_year"}, fault.Field{Name: "n", Key: "form.number.min", Args: []any{"min", 1}})
	require.ErrorIs(t, err, fault.Invalid)
	invalid, ok := errors.AsType[*fault.InvalidError](err)
	require.True(t, ok)
	require.Len(t, invalid.Fields, 2)
	require.Equal(t, "invalid due (form.date.no_year), n (form.number.min)", err.Error())
}

func TestRefusal(t *testing.T) {
	refusal, ok := errors.AsType[fault.Refusal](fmt.Errorf("finish: %w", stepLocked{5}))
	require.True(t, ok)
	require.Equal(t, stepLocked{5}, refusal)
}

func TestKinds(t *testing.T) {
	seen := map[string]bool{fault.Unknown.String(): true}
	for _, k := range fault.Kinds() {
		require.False(t, seen[k.String()], "%d has a name of its own", k)
		seen[k.String()] = true
		require.Equal(t, k.String(), k.Error())
	}
	require.Contains(t, fault.Kinds(), fault.Canceled)
}

func TestKindsHaveSentences(t *testing.T) {
	for _, k := range append(fault.Kinds(), fault.Unknown) {
		require.True(t, i18n.Has("fault."+k.String()+".title"), k)
		require.True(t, i18n.Has("fault."+k.String()+".text"), k)
	}
}
