package statecache_test

import (
	"testing"

	"falconmamba/engine/statecache"
	"falconmamba/engine/statecache/storetest"
)

func TestFolderIsAStore(t *testing.T) {
	path := t.TempDir()
	open := func() statecache.Store {
		f, err := statecache.OpenFolder(path, statecache.FolderOptions{Suffix: ".kept", Budget: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	storetest.Run(t, open(), open())
}
