package falconmamba

import (
	"context"
	"fmt"
	"os"
	"strings"

	"falconmamba/checkpoint/hub"
)

// Locate returns the path of a model on this machine: name itself, unless that
// is no file but a model of the Hugging Face hub (ORG/NAME[@REVISION][:FILE]),
// which is downloaded if the cache does not have it.
func Locate(ctx context.Context, name string, o hub.Options) (string, error) {
	if strings.HasPrefix(name, "random:") {
		return name, nil
	}
	if _, err := os.Lstat(name); err == nil {
		return name, nil
	}
	if _, err := hub.Parse(name); err != nil {
		return name, nil // the error is left to whoever opens the path
	}
	path, err := hub.Fetch(ctx, name, o)
	if err != nil {
		return "", fmt.Errorf("no folder or file %s, and as a model of the hub: %w", name, err)
	}
	return path, nil
}
