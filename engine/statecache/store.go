package statecache

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"strings"
)

// A Store keeps values under names, where several processes reach them and where they outlive
// each: states, and what else whoever goes on is to find. It is safe for concurrent use.
//
// A value is read as it was put, whole, or it is not there: what was written in part, or was
// damaged, counts as lost. Any value may be lost at any time, for want of room or because it was
// of no use for as long as the store keeps one; whoever asks does without. Of values that were
// put under one name at the same time one is there.
//
// Names have 24 to 128 letters, digits, - and _. Calls end with their context.
type Store interface {
	// Put writes a value under a name, in place of what was there.
	Put(ctx context.Context, name string, value []byte) error
	// Get returns a value, which was of use then. One that is not there is an error that wraps
	// fs.ErrNotExist, one that is found damaged wraps ErrDamaged, and is removed.
	Get(ctx context.Context, name string) ([]byte, error)
	// First returns the index of the first of names that has a value, -1 where none has. There may
	// be thousands of them.
	First(ctx context.Context, names []string) (int, error)
	// Remove removes a value, and reports whether there was one.
	Remove(ctx context.Context, name string) (bool, error)
}

// ErrDamaged is what a value gets that is not as it was put.
var ErrDamaged = errors.New("a damaged value")

const nameChars = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"

// CheckName refuses a name that no store takes.
func CheckName(name string) error {
	if len(name) < 24 || len(name) > 128 || strings.Trim(name, nameChars) != "" {
		return fmt.Errorf("a value named %.150q: want 24 to 128 letters, digits, - and _", name)
	}
	return nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum is by which a store knows a value as it was put under a name: CRC-32C of the name, the value's length and
// the value.
func Checksum(name string, value []byte) uint32 {
	sum := crc32.Checksum([]byte(name), castagnoli)
	sum = crc32.Update(sum, castagnoli, binary.LittleEndian.AppendUint64(nil, uint64(len(value))))
	return crc32.Update(sum, castagnoli, value)
}

// lost reports whether an error is one of a value alone: the store is well.
func lost(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrDamaged) }
