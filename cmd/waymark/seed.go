package main

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/jackc/pgx/v5"

	"waymark/internal/password"
	"waymark/internal/postgres/seed"
)

// fillSeed is the command "seed", for measurements.
func fillSeed(ctx context.Context, p *program, args []string) error {
	set := p.flags("seed")
	organizations := set.Int("organizations", 10, "in all")
	projects := set.Int("projects", 40, "in all; a tenth of them hold half of the tasks")
	tasks := set.Int("tasks", 10_000, "in all")
	word := set.String("password", "", "of everybody; made up when not given")
	c, _, err := p.settings(set, args)
	if err != nil {
		return err
	}
	if *word == "" {
		*word = rand.Text()
	}
	hash, err := password.New(password.Options{}).Hash(ctx, *word)
	if err != nil {
		return err
	}
	pl, err := p.reach(ctx, c, p.quiet(c))
	if err != nil {
		return err
	}
	began := p.now()
	err = p.fill(ctx, pl, seed.Wish{Organizations: *organizations, Projects: *projects, Tasks: *tasks, Password: hash})
	err = errors.Join(err, p.leave(ctx, pl))
	if errors.Is(err, seed.ErrWish) {
		return &misuse{"Ask for at least one organization, as many projects as organizations or more, and no more than 100,000,000 tasks."}
	}
	if err != nil {
		return err
	}
	p.say("Made %d organizations, %d projects and %d tasks in %.1f s.", *organizations, *projects, *tasks, p.now().Sub(began).Seconds())
	p.say("Sign in as %s (owner) to %s, password %s", seed.People(1, 1), seed.People(1, 12), *word)
	return nil
}

func (p *program) fill(ctx context.Context, pl *place, w seed.Wish) error {
	if _, _, err := p.bring(ctx, pl.owner, "DATABASE_URL"); err != nil {
		return err
	}
	dsn := pl.super
	if dsn == "" {
		dsn = pl.owner
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return errors.Join(seed.Fill(ctx, conn, w, p.now()), conn.Close(context.WithoutCancel(ctx)))
}
