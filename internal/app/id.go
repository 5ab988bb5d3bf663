package app

import "github.com/google/uuid"

// newID makes an id: a UUID of version 7, so that rows made one after the other
// lie beside each other in an index.
func newID[T ~[16]byte]() T {
	return T(uuid.Must(uuid.NewV7())) // fails only where the system has no randomness, and then nothing may go on
}
