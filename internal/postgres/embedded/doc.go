// Package embedded runs Waymark's private PostgreSQL: a cluster of its own
// under a data folder, served by the machine's PostgreSQL programs (15 or
// newer) and reached over a Unix socket only.
//
// Start finds the programs, takes the folder for this process alone, makes
// the cluster when there is none, recovers it when it was killed, starts the
// server, and makes sure that the roles and the database exist. The server is
// then watched: when it exits by itself it is swept up and started again, so
// that connections work again within seconds while this process keeps
// running. Stop shuts it down cleanly.
//
//	server, err := embedded.Start(ctx, embedded.Options{DataDir: dir, Logger: log})
//	if err != nil {
//		return err // a *Problem says in one sentence what to do
//	}
//	defer server.Stop(context.Background())
//	pool, err := pgxpool.New(ctx, server.DSN(embedded.App, embedded.Database))
//
// # The data folder
//
// Options.DataDir belongs to this package alone; nothing else is kept in it.
//
//	waymark.lock   held (flock) by the one process that runs the cluster
//	cluster/       PostgreSQL's data directory, mode 0700
//	conf/          configuration, written anew by every start; settings of an
//	               administrator's own go to conf/local.conf, which is read
//	               last and never written
//	log/           the server's log, at most two files of 4 MiB
//	run/           the socket, mode 0700
//
// # Who may connect
//
// Nobody has a password. The kernel tells PostgreSQL which account of the
// operating system is at the other end of the socket (peer authentication),
// and a map lets only the account of this process log in, as [Superuser],
// [Owner] or [App]. There is no TCP.
//
// # Root
//
// PostgreSQL refuses to run as root. Started as root, the server programs run
// as the account that owns the existing cluster, else as "postgres", else as
// "nobody". When that account cannot enter the data folder, the cluster is
// kept under /var/lib/waymark instead, and the log says so.
//
// # Roles
//
// roles.sql is the one place that makes [Owner], [Definer] and [App]; RolesSQL
// prints it for the administrator of another server. The definer may not
// create anything in the schema: a migration that hands a function to it
// grants CREATE ON SCHEMA public to it first and revokes it afterwards, which
// the owner of the database may do.
package embedded
