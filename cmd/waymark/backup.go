package main

import (
	"context"
	"errors"
	"path/filepath"

	"waymark/internal/config"
	"waymark/internal/postgres/backup"
	"waymark/internal/postgres/embedded"
	"waymark/migrations"
)

// makeBackup is the command "backup".
func makeBackup(ctx context.Context, p *program, args []string) error {
	set := p.flags("backup")
	force := set.Bool("force", false, "replace the file if it is there")
	c, words, err := p.settings(set, args, "FILE")
	if err != nil {
		return err
	}
	pl, err := p.reach(ctx, c, p.quiet(c))
	if err != nil {
		return err
	}
	began := p.now()
	m, err := backup.Make(ctx, backup.Source{DSN: pl.owner, BinDir: pl.binDir, Version: version()}, words[0], *force, began)
	if err := errors.Join(err, p.leave(ctx, pl)); err != nil {
		return err
	}
	p.say("%s holds all %d rows of %d tables (schema %d, dump of %s, %.1f s).",
		words[0], m.Rows(), len(m.Tables), m.Schema, config.ByteSize(m.Dump.Size), p.now().Sub(began).Seconds())
	return nil
}

// restoreBackup is the command "restore".
func restoreBackup(ctx context.Context, p *program, args []string) error {
	c, words, err := p.settings(p.flags("restore"), args, "FILE")
	if err != nil {
		return err
	}
	began := p.now()
	archive, err := backup.Open(words[0])
	if err != nil {
		return err
	}
	defer func() { _ = archive.Close() }()
	schema, err := migrations.Version()
	if err != nil {
		return err
	}
	if err := archive.Fits(schema); err != nil {
		return err
	}
	pl := elsewhere(c)
	if c.DatabaseURL == "" {
		if attach(ctx, c.Data) != nil {
			return &told{text: "Waymark runs on the data folder " + c.Data + ", and a backup is only brought back into an empty place; nothing was changed. Set WAYMARK_DATA to a new folder."}
		}
		if pl, err = p.start(ctx, c, p.quiet(c), embedded.Options{DataDir: filepath.Join(c.Data, clusterName)}); err != nil {
			return err
		}
	}
	err = p.restoreInto(ctx, c, pl, archive, schema)
	if err := errors.Join(err, p.leave(ctx, pl)); err != nil {
		return err
	}
	p.say("All %d rows of %d tables are back and compared with the backup of %s (%.1f s).", archive.Manifest.Rows(),
		len(archive.Manifest.Tables), archive.Manifest.MadeAt.Format("2006-01-02 15:04 MST"), p.now().Sub(began).Seconds())
	return nil
}

func (p *program) restoreInto(ctx context.Context, c config.Config, pl *place, archive *backup.Archive, schema uint) error {
	conn, err := p.connect(ctx, pl.owner, ownerSetting(c)) // waits for it, and says what is wrong
	if err != nil {
		return err
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	err = archive.Restore(ctx, backup.Target{DSN: pl.owner, BinDir: pl.binDir, Schema: schema, Definer: embedded.Definer})
	if err != nil {
		return err
	}
	from, to, err := p.bring(ctx, pl.owner, ownerSetting(c))
	if err != nil {
		return err
	}
	if from != to {
		p.say("The schema was brought from %d to %d.", from, to)
	}
	return nil
}
